"""The autoregression beside the networks."""

import numpy as np
import pytest

from memtools.exceptions import InvalidInputError
from memtools.replication import SPLITS, Experiment, autoregression


def test_against_a_plain_loop():
    x = np.random.default_rng(0).standard_normal(200).cumsum()
    rows = [[1.0, *x[t - 3 : t]] for t in range(3, 101)]
    coefficients = np.linalg.lstsq(np.array(rows), x[3:101], rcond=None)[0]
    errors = [[1.0, *x[t - 3 : t]] @ coefficients - x[t] for t in range(141, 200)]
    found = autoregression(Experiment(x, 100, 40), order=3)
    assert found["rmse"] == pytest.approx(np.sqrt(np.mean(np.square(errors))), rel=1e-10)
    assert found["mae"] == pytest.approx(np.mean(np.abs(errors)), rel=1e-10)
    assert found["mape"] == pytest.approx(np.mean(np.abs(errors / x[141:])), rel=1e-10)


@pytest.mark.parametrize(("name", "rmse"), [("arfima", 1.0190), ("tree7", 0.2777)])
def test_ar_30_beats_every_network_of_table_2(series, name, rmse):
    found = autoregression(Experiment(series(name), *SPLITS[name]))
    assert found["rmse"] == pytest.approx(rmse, abs=5e-5)


def test_refuses_too_short_a_training_part():
    with pytest.raises(InvalidInputError, match="at least 62 for order 30"):
        autoregression(Experiment(np.arange(100.0), 50, 20))

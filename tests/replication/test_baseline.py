"""The autoregression beside the networks."""

import numpy as np
import pytest

import memtools as mt
from memtools.exceptions import InvalidInputError
from memtools.replication import (
    SPLITS,
    Experiment,
    autoregression,
    baselines,
    fractional_model,
)


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


def test_fractional_model_forecasts_from_the_training_part_alone():
    x = mt.simulate(mt.ARFIMAProcess(ar=(0.5,), d=0.3), 300, rng=1)
    found = fractional_model(Experiment(x, 150, 50), order=(1, 0))
    fitted = mt.ARFIMA(x[:151], order=(1, 0)).fit(bias_correction=False)
    # One step ahead again and again, each time from all values so far.
    ahead = [fitted.apply(x[:t]).forecast(1)[0] for t in range(201, 300)]
    errors = np.array(ahead) - x[201:]
    assert found["rmse"] == pytest.approx(np.sqrt(np.mean(errors**2)), rel=1e-8)
    assert found["d"] == pytest.approx(fitted.d)
    changed = np.concatenate([x[:151], 2.0 * x[151:]])
    assert fractional_model(Experiment(changed, 150, 50), order=(1, 0))["d"] == found["d"]


def test_both_rivals_on_each_series():
    x = np.random.default_rng(0).standard_normal(300)
    table = baselines({"a": Experiment(x, 150, 50), "b": Experiment(x[50:], 120, 50)})
    rivals = ["AR(30)", "ARFIMA"]
    assert list(zip(table.dataset, table.model, strict=True)) == [
        (d, m) for d in "ab" for m in rivals
    ]
    assert (table.rmse >= table.mae).all()

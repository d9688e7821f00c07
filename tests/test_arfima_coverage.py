"""The 95% sets of an ARFIMA fit cover 95%, all parameters: a sample of benchmarks/cover_arfima."""

import numpy as np
import pytest

import memtools as mt

N_PATHS = 100


@pytest.mark.slow
@pytest.mark.parametrize("n_obs", [250, 1000])
@pytest.mark.parametrize(("ar", "ma"), [((), ()), ((0.5,), ()), ((), (0.5,))])
def test_sets_of_all_parameters_cover(ar, ma, n_obs):
    process = mt.ARFIMAProcess(ar=ar, d=0.2, ma=ma)
    truth = np.array([0.0, 0.2, *ar, *ma, 1.0])
    inside = []
    for x in mt.simulate(process, n_obs, n_paths=N_PATHS, rng=20):
        fit = mt.ARFIMA(x, (len(ar), len(ma))).fit()
        if fit.integration == 0:  # else the mean has left the model
            inside.append(np.abs(fit.uncertainty.z(truth)) <= 1.959964)
    stderr = np.sqrt(0.95 * 0.05 / len(inside))
    coverage = np.mean(inside, axis=0)
    assert np.all(coverage > 0.95 - 3.0 * stderr), coverage
    # d alone has one mode and no ARMA part to trade with: neither too short nor too long.
    if not ar and not ma:
        assert abs(coverage[1] - 0.95) < 3.0 * stderr

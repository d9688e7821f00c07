"""The 95% interval of d covers 95%: ARFIMA(1, d, 0) fitted as such."""

import numpy as np
import pytest

import memtools as mt


@pytest.mark.slow
@pytest.mark.parametrize(("n_obs", "n_paths"), [(250, 200), (1000, 60)])
@pytest.mark.parametrize("phi", [0.0, 0.5])
def test_intervals_of_d_cover(phi, n_obs, n_paths):
    process = mt.ARFIMAProcess(ar=[phi], d=0.3)
    paths = mt.simulate(process, n_obs, n_paths=n_paths, rng=20)
    covered = 0
    for x in paths:
        low, high = mt.ARFIMA(x, (1, 0)).fit().conf_int().loc["d"]
        covered += low <= 0.3 <= high
    stderr = np.sqrt(0.95 * 0.05 / n_paths)
    assert abs(covered / n_paths - 0.95) < 4 * stderr

"""Exact Gaussian log-likelihood beside Durbin-Levinson and R's SuperGauss.

    OMP_NUM_THREADS=1 python benchmarks/bench_likelihood.py [--quick]

SuperGauss is optional (R, CRAN).  All candidates get the autocovariances; SuperGauss's are
changed in the thirteenth digit from call to call, since it keeps what it computed.
"""

from __future__ import annotations

import argparse

import numpy as np
from _r_clock import r_clock
from _timing import Clock, compare, timed

import memtools as mt
from memtools import toeplitz

_SETUP = """
library(SuperGauss); d <- 0.3; n <- {n}; k <- 1:(n - 1); set.seed(1); x <- rnorm(n)
acf <- gamma(1 - 2 * d) / gamma(1 - d)^2 * cumprod(c(1, (k - 1 + d) / (k - d)))
density <- NormalToeplitz$new(n); count <- 0
"""
_WORK = "count <- count + 1; density$logdens(x, acf * (1 + 1e-13 * count))"


def durbin_levinson(x: np.ndarray, acov: np.ndarray) -> float:
    errors, variances, _ = toeplitz.innovations(acov, x)
    return -0.5 * float((np.log(2.0 * np.pi * variances) + errors**2 / variances).sum())


def bench(n_obs: int, repeats: int) -> None:
    acov = mt.ARFIMAProcess(d=0.3).autocovariance(n_obs - 1)
    x = np.random.default_rng(1).standard_normal(n_obs)
    calls = max(1, 100_000 // n_obs)
    clocks: dict[str, Clock] = {"memtools": timed(lambda: mt.gaussian_loglike(x, acov), calls)}
    peer = r_clock(_SETUP.format(n=n_obs), _WORK, calls)
    if peer:
        clocks["SuperGauss"] = peer
    if n_obs <= 10_000:
        clocks["Durbin-Levinson (numba)"] = timed(lambda: durbin_levinson(x, acov))
        fast, slow = mt.gaussian_loglike(x, acov), durbin_levinson(x, acov)
        print(f"\nn = {n_obs}: relative difference to Durbin-Levinson {abs(fast / slow - 1):.1e}")
    asked = {"SuperGauss": 1.0} if n_obs >= 10_000 else None
    compare(f"exact log-likelihood, n = {n_obs}", clocks, repeats, asked)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true")
    quick = parser.parse_args().quick
    for size in (1_000, 10_000) if quick else (1_000, 2_000, 10_000, 100_000):
        bench(size, 3 if quick else 15)

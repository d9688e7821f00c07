"""Time of fractional differencing and of the estimators, beside their peers.

    OMP_NUM_THREADS=1 python benchmarks/bench_estimators.py [--quick]

Peers are optional: pyelw and antropy (``pip install``), R's fracdiff (``apt install
r-cran-fracdiff``).
"""

from __future__ import annotations

import argparse
import warnings
from importlib.util import find_spec

import numpy as np
import scipy.fft
from _r_clock import r_clock
from _timing import compare, timed

import memtools as mt

if find_spec("pyelw"):
    import pyelw
else:
    pyelw = None


def bench_fracdiff(quick: bool) -> None:
    n_obs, d = 1_000_000, 0.4
    x = np.random.default_rng(0).standard_normal(n_obs)
    n_fft = scipy.fft.next_fast_len(2 * n_obs - 1, real=True)

    def bare_ffts() -> None:
        product = scipy.fft.rfft(x, n_fft)
        product *= scipy.fft.rfft(x, n_fft)
        scipy.fft.irfft(product, n_fft, overwrite_x=True)

    clocks = {
        "memtools.fracdiff": timed(lambda: mt.fracdiff(x, d)),
        "the three FFTs it needs": timed(bare_ffts),
    }
    if pyelw:
        clocks["pyelw.fracdiff"] = timed(lambda: pyelw.fracdiff.fracdiff(x, d))
    setup = f"library(fracdiff); set.seed(1); x <- rnorm({n_obs})"
    from_r = r_clock(setup, f"y <- diffseries(x, {d})", 1)
    if from_r:
        clocks["R fracdiff::diffseries"] = from_r
    else:
        print("without R's diffseries: no Rscript with fracdiff here")
    asked = {"the three FFTs it needs": 1.3}
    compare("fracdiff, n = 1e6", clocks, 3 if quick else 15, asked)


def bench_gph(quick: bool) -> None:
    x = np.random.default_rng(0).standard_normal(10_000)
    clocks = {
        "memtools.gph": timed(lambda: mt.gph(x), 20),
        "one rfft of the series": timed(lambda: scipy.fft.rfft(x), 20),
    }
    compare("gph, n = 1e4", clocks, 20 if quick else 300, {"one rfft of the series": 2.0})


def bench_local_whittle(quick: bool) -> None:
    n_obs = 100_000
    x = np.random.default_rng(0).standard_normal(n_obs)
    m = int(n_obs**0.65)
    clocks = {
        "memtools.local_whittle": timed(lambda: mt.local_whittle(x, m), 5),
        "one rfft of the series": timed(lambda: scipy.fft.rfft(x), 5),
    }
    if pyelw:
        clocks["pyelw.LW"] = timed(lambda: pyelw.LW().fit(x, m=m), 5)
    asked = {"one rfft of the series": 2.0, "pyelw.LW": 1 / 1.3}
    compare(f"local_whittle, n = 1e5, m = {m}", clocks, 20 if quick else 200, asked)


def bench_exact_local_whittle(quick: bool) -> None:
    n_obs = 100_000
    x = mt.fracint(np.random.default_rng(0).standard_normal(n_obs), 0.4)
    m = int(n_obs**0.65)
    clocks = {
        "memtools.exact_local_whittle": timed(lambda: mt.exact_local_whittle(x, m)),
        'memtools, mean="zero"': timed(lambda: mt.exact_local_whittle(x, m, mean="zero")),
    }
    if pyelw:
        clocks["pyelw.ELW"] = timed(lambda: pyelw.ELW().fit(x, m=m))
        clocks['pyelw.ELW, mean_est="mean"'] = timed(lambda: pyelw.ELW(mean_est="mean").fit(x, m=m))
    asked = {"pyelw.ELW": 1 / 20}
    compare(f"exact_local_whittle, n = 1e5, m = {m}", clocks, 3 if quick else 9, asked)


def bench_fluctuations(quick: bool) -> None:
    x = np.random.default_rng(0).standard_normal(10_000)
    clocks = {"memtools.detrended_fluctuation": timed(lambda: mt.detrended_fluctuation(x), 5)}
    asked = {"antropy.detrended_fluctuation": 1 / 2}
    if find_spec("antropy"):
        import antropy

        clocks["antropy.detrended_fluctuation"] = timed(lambda: antropy.detrended_fluctuation(x), 5)
    compare("detrended fluctuations, n = 1e4", clocks, 20 if quick else 100, asked)
    channels = np.random.default_rng(1).standard_normal((64, 150_000))
    works = {
        "memtools.estimate_many, detrended_fluctuation": timed(
            lambda: mt.estimate_many(channels, "detrended_fluctuation", n_jobs=1)
        )
    }
    compare("detrended fluctuations, 64 channels of 150,000", works, 2 if quick else 5)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="few rounds")
    quick = parser.parse_args().quick
    warnings.simplefilter("ignore")  # peers' own
    if pyelw is None:
        print("without pyelw: not installed")
    bench_fracdiff(quick)
    bench_gph(quick)
    bench_local_whittle(quick)
    bench_exact_local_whittle(quick)
    bench_fluctuations(quick)


if __name__ == "__main__":
    main()

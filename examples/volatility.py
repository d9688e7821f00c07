"""Long memory of volatility: S&P 500 absolute returns and the VIX, beside pyelw and R's fracdiff.

    python examples/volatility.py [--quick]

The stylised fact (Ding, Granger and Engle, 1993, Journal of Empirical Finance 1, 83-106): returns
have no memory, their absolute values have, and d does not vanish after hundreds of days.  pyelw
and Rscript with fracdiff are optional; a dash stands where one is missing.  --quick leaves out the
full reports.
"""

from __future__ import annotations

import argparse
import shutil
import subprocess
from collections.abc import Callable
from importlib.util import find_spec

import numpy as np

import memtools as mt

R_GPH = 'x <- scan("stdin", quiet = TRUE); cat(fracdiff::fdGPH(x, bandw.exp = {b})$d)'
EXPONENT = 0.6


def r_gph(x: np.ndarray, exponent: float) -> float:
    """R's fracdiff::fdGPH; NaN without R."""
    if shutil.which("Rscript") is None:
        return np.nan
    done = subprocess.run(
        ["Rscript", "-e", R_GPH.format(b=exponent)],
        input="\n".join(map(repr, x.tolist())),
        capture_output=True,
        text=True,
    )
    return float(done.stdout) if done.returncode == 0 else np.nan


def with_pyelw(estimate: Callable[[], float]) -> float:
    return estimate() if find_spec("pyelw") else np.nan


def compare(name: str) -> None:
    x = mt.datasets.load(name).to_numpy()
    m = int(len(x) ** EXPONENT)
    m -= m % 6  # the tapers' steps 2 and 3 must divide m for pyelw's numbers

    def pyelw(estimator: str, **options: object) -> float:
        def estimate() -> float:
            import pyelw

            return getattr(pyelw, estimator)(**options).fit(x - x.mean(), m=m).d_hat_

        return with_pyelw(estimate)

    rows = [
        ("gph, m = floor(n^0.6)", mt.gph(x, EXPONENT).d, "fdGPH", r_gph(x, EXPONENT)),
        ("local_whittle", mt.local_whittle(x, m).d, "LW", pyelw("LW")),
        *(
            (f"local_whittle, {t}", mt.local_whittle(x, m, t).d, "LW", pyelw("LW", taper=t))
            for t in ("cosine", "kolmogorov", "bartlett", "hc")
        ),
        (
            "exact_local_whittle, sample mean",
            mt.exact_local_whittle(x, m, mean="sample").d,
            "ELW",
            pyelw("ELW", mean_est="mean"),
        ),
        (
            "two_step_local_whittle",
            mt.two_step_local_whittle(x, m).d,
            "TwoStepELW",
            pyelw("TwoStepELW", taper="cosine"),
        ),
    ]
    print(f"{name}: {len(x)} observations, m = {m}")
    for label, ours, other, theirs in rows:
        shown = "-" if np.isnan(theirs) else f"{theirs:.6f}"
        print(f"  {label:34} {ours:.6f}   {other:10} {shown}")


def decay(lags: tuple[int, ...] = (1, 10, 100, 500)) -> None:
    """Autocorrelations of returns and of absolute returns."""
    print(f"Autocorrelation at lags {', '.join(map(str, lags))}")
    for name in ("sp500", "sp500_abs"):
        x = mt.datasets.load(name)
        correlation = mt.autocorrelation(x, max(lags))[list(lags)]
        print(f"  {name:10} {'  '.join(f'{c:6.3f}' for c in correlation)}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="leave out the full reports")
    quick = parser.parse_args().quick
    decay()
    for name in ("sp500_abs", "vix"):
        print()
        compare(name)
    for name in () if quick else ("sp500", "sp500_abs", "vix"):
        print()
        print(mt.estimate(mt.datasets.load(name)).summary())


if __name__ == "__main__":
    main()

"""Volatility by fractional models and by the field's baselines: GARCH, FIGARCH and HAR of arch.

    python examples/volatility_baselines.py [--quick]

S&P 500 log returns and the logarithm of the VIX.  Parameters are those of the first three quarters,
errors are of forecasts of the rest: |return| one day ahead, log VIX 1, 5 and 22 days ahead.
--quick forecasts log VIX from every 20th day instead of every second.

Baillie, Bollerslev and Mikkelsen (1996), Journal of Econometrics 74, 3-30 (FIGARCH); Corsi (2009),
Journal of Financial Econometrics 7, 174-196 (HAR).
"""

from __future__ import annotations

import argparse
import math

import numpy as np
from arch import arch_model
from arch.univariate import HARX

import memtools as mt

DAYS = [1, 5, 22]


def garch(returns: np.ndarray, model: str, n_test: int) -> tuple[np.ndarray, dict[str, float]]:
    """E|return| of the last days one day before, and the parameters before them."""
    options = {"mean": "Constant", "vol": model, "p": 1, "q": 1, "rescale": False}
    percent = 100.0 * returns
    params = arch_model(percent[:-n_test], **options).fit(disp="off").params
    sigma = arch_model(percent, **options).fix(params).conditional_volatility[-n_test:]
    return math.sqrt(2.0 / math.pi) * np.asarray(sigma) / 100.0, dict(params)


def har(x: np.ndarray, n_test: int, horizon: int) -> np.ndarray:
    """Forecasts of x at each step to the horizon, from each of the last days but the horizon."""
    start = len(x) - n_test - 1
    fit = HARX(x, lags=DAYS, rescale=False).fit(last_obs=start + 1, disp="off")
    return fit.forecast(horizon=horizon, start=start).mean.to_numpy()


def root_mean_square(errors: np.ndarray) -> float:
    return float(np.sqrt(np.mean(errors**2)))


def absolute_returns() -> None:
    returns = mt.datasets.load("sp500").to_numpy()
    size, n_test = np.abs(returns), len(returns) // 4
    train, test = size[:-n_test], size[-n_test:]
    fit = mt.ARFIMA(train, (0, 1)).fit("whittle")
    forecasts = {"ARFIMA(0, d, 1)": fit.apply(size).fittedvalues[-n_test:]}
    found = {name: garch(returns, name.upper(), n_test) for name in ("Garch", "Figarch")}
    forecasts |= {name.upper(): forecast for name, (forecast, _) in found.items()}
    forecasts["HAR"] = har(size, n_test, 1)[:-1, 0]
    forecasts["the mean"] = np.full(n_test, train.mean())
    print(f"|return|, {len(train)} days fitted, {n_test} forecast one day ahead")
    print(f"  d of |return|: ARFIMA {fit.d:.3f}, local Whittle {mt.local_whittle(train).d:.3f}")
    print(f"  d of the squares by FIGARCH: {found['Figarch'][1]['d']:.3f}")
    for name, forecast in forecasts.items():
        error = root_mean_square(100.0 * (test - forecast))
        print(f"  {name:16} root mean squared error {error:.4f} percent")


def log_vix(step: int) -> None:
    x = np.log(mt.datasets.load("vix").to_numpy())
    ahead, n_test = max(DAYS), len(x) // 4
    origins = np.arange(len(x) - n_test - 1, len(x) - ahead, step)
    fit = mt.ARFIMA(x[:-n_test], (1, 0)).fit("whittle")
    fractional = np.array([fit.apply(x[: t + 1]).forecast(ahead) for t in origins])
    regression = har(x, n_test, ahead)[origins - origins[0]]
    print(f"log VIX, {len(x) - n_test} days fitted, forecasts from {len(origins)} days")
    print(f"  d {fit.d:.3f}, ar.L1 {fit.ar[0]:.3f}")
    forecasts = {
        "ARFIMA(1, d, 0)": fractional,
        "HAR": regression,
        "the last value": np.tile(x[origins, None], ahead),
    }
    for name, forecast in forecasts.items():
        errors = [root_mean_square(x[origins + h] - forecast[:, h - 1]) for h in DAYS]
        shown = ", ".join(f"{error:.4f} at {h}" for h, error in zip(DAYS, errors, strict=True))
        print(f"  {name:16} root mean squared error {shown}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--quick", action="store_true", help="forecast log VIX from fewer days")
    quick = parser.parse_args().quick
    absolute_returns()
    print()
    log_vix(20 if quick else 2)


if __name__ == "__main__":
    main()

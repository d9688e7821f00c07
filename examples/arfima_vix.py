"""The VIX: an ARFIMA model of its logarithm, held against an AR(1) out of sample.

    python examples/arfima_vix.py [--quick]

Fits both models to all but the last 500 days, then forecasts 1, 5 and 20 days ahead from each later
day without refitting (``append``).  ``--quick`` takes 20 origins in place of 100.
"""

import sys

import numpy as np

import memtools as mt

HORIZONS = (1, 5, 20)


def main(quick: bool = False) -> None:
    log_vix = np.log(mt.datasets.load("vix"))
    split = len(log_vix) - 500
    fit = mt.ARFIMA(log_vix[:split], (1, 1)).fit()
    print(fit.summary())
    past = log_vix[:split].to_numpy()
    slope, intercept = np.polyfit(past[:-1], past[1:], 1)
    errors: dict[int, list[tuple[float, float]]] = {h: [] for h in HORIZONS}
    for origin in np.linspace(split, len(log_vix) - max(HORIZONS) - 1, 20 if quick else 100):
        n_obs = int(origin)
        longer = fit.append(log_vix[split:n_obs]) if n_obs > split else fit
        ours = np.asarray(longer.forecast(max(HORIZONS)))
        last = float(log_vix.iloc[n_obs - 1])
        for h in HORIZONS:
            truth = float(log_vix.iloc[n_obs + h - 1])
            mean = intercept / (1.0 - slope)
            errors[h].append((truth - ours[h - 1], truth - (mean + slope**h * (last - mean))))
    print(f"\n{'days ahead':>10}{'RMSE ARFIMA':>14}{'RMSE AR(1)':>14}")
    for h in HORIZONS:
        arfima, ar = np.sqrt(np.mean(np.square(errors[h]), axis=0))
        print(f"{h:>10}{arfima:14.4f}{ar:14.4f}")


if __name__ == "__main__":
    main("--quick" in sys.argv[1:])

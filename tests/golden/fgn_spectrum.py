"""Spectral density of fractional Gaussian noise to 17 digits, by Hurwitz's zeta function.

f(l) = sin(pi H) Gamma(2 H + 1) (1 - cos l) sum_j |l + 2 pi j|^(-2 H - 1) / pi, unit variance.
Its integral is checked against the autocovariance at lags 0, 1 and 5.
"""

import datetime
import json
from pathlib import Path

import mpmath as mp

mp.mp.dps = 40

HURSTS = [0.05, 0.2, 0.4, 0.5, 0.6, 0.75, 0.9, 0.99]
FREQUENCIES = [1e-6, 1e-3, 0.01, 0.1, 0.5, 1.0, 2.0, 3.0, 3.141592653589793]


def density(hurst, frequency):
    share = frequency / (2 * mp.pi)
    lattice = mp.zeta(2 * hurst + 1, share) + mp.zeta(2 * hurst + 1, 1 - share)
    scale = mp.sin(mp.pi * hurst) * mp.gamma(2 * hurst + 1) / mp.pi
    return scale * 2 * mp.sin(frequency / 2) ** 2 * lattice * (2 * mp.pi) ** (-2 * hurst - 1)


def check(hurst):
    power = 2 - 2 * hurst  # frequency = u^(1 / power) takes the pole at zero away
    with mp.workdps(20):
        for lag in (0, 1, 5):
            exact = (
                abs(lag + 1) ** (2 * hurst)
                - 2 * abs(lag) ** (2 * hurst)
                + abs(lag - 1) ** (2 * hurst)
            ) / 2

            def integrand(u, lag=lag):
                frequency = u ** (1 / power)
                return density(hurst, frequency) * mp.cos(lag * frequency) * frequency / (u * power)

            total = 2 * mp.quad(integrand, mp.linspace(0, mp.pi**power, 9))
            if abs(total - exact) > 1e-12:
                raise ArithmeticError(f"H = {hurst}, lag {lag}: {mp.nstr(total - exact)} apart")


def main():
    rows = []
    for value in HURSTS:
        hurst = mp.mpf(value)
        check(hurst)
        densities = [float(density(hurst, mp.mpf(frequency))) for frequency in FREQUENCIES]
        rows.append(json.dumps({"hurst": value, "spectral_density": densities}))
    golden = {
        "program": {"mpmath": mp.__version__},
        "command": "python fgn_spectrum.py",
        "date": datetime.date.today().isoformat(),
        "conventions": {
            "spectral_density": "unit variance, integrates to 1 over (-pi, pi)",
            "parameters": "the doubles printed here, taken as exact",
        },
    }
    text = (
        json.dumps(golden, indent=1)[:-2] + f',\n "frequencies": {FREQUENCIES},\n "values": [\n  '
    )
    Path(__file__).with_suffix(".json").write_text(text + ",\n  ".join(rows) + "\n ]\n}\n")


if __name__ == "__main__":
    main()

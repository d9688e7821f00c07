"""Autocovariances of ARFIMA(p, d, q): Sowell's closed form in 60-digit arithmetic.

Sowell (1992), Journal of Econometrics 53, 165-188; his hypergeometric functions are summed by a
backward recursion. Each model is checked at three lags against its spectral density's integral.
"""

import datetime
import json
from pathlib import Path

import mpmath as mp

mp.mp.dps = 60

LAGS = [*range(21), 50, 100, 500, 1000, 4000]
MODELS = [
    ((), 0.3, ()),
    ((), -0.45, ()),
    ((), 0.499, ()),
    ((), -0.7, ()),
    ((), 1e-8, ()),
    ((), 0.3, (0.4,)),
    ((0.5,), 0.3, ()),
    ((0.5,), -0.4, (-0.3,)),
    ((-0.95,), 0.4, ()),
    ((0.9,), 0.49, (0.8,)),
    ((0.95,), 0.2, (-0.949,)),
    ((0.99,), 0.1, ()),
    ((0.999,), 0.45, ()),
    ((0.999,), -0.49, ()),
    ((0.995,), -0.594, ()),
    ((1.2, -0.5), 0.3, (0.4,)),
    ((1.79, -0.8), 0.2, (0.3,)),
    ((1.98, -0.9802), 0.3, ()),
    ((0.4, -0.3, 0.2), 0.35, (0.5, -0.2, 0.1)),
]


def fractional_noise(d, n_lags):
    values = [mp.gamma(1 - 2 * d) / mp.gamma(1 - d) ** 2]
    for lag in range(n_lags):
        values.append(values[-1] * (lag + d) / (lag + 1 - d))
    return values


def filtered_sums(noise, root, n_lags):
    """G(h) = sum_n root^n gamma_d(h + n) for h = -n_lags..n_lags (Sowell's gamma_d(h) F(h))."""
    sums, total = {}, mp.mpf(0)
    for h in range(len(noise) - 1, -n_lags - 1, -1):
        total = noise[abs(h)] + root * total
        if h <= n_lags:
            sums[h] = total
    return sums


def autocovariance(ar, d, ma, lags):
    p, q = len(ar), len(ma)
    theta = [mp.mpf(1), *ma]
    weight = {
        shift: sum(theta[s] * theta[s - shift] for s in range(max(0, shift), min(q, q + shift) + 1))
        for shift in range(-q, q + 1)
    }
    reach = max(lags) + p + q
    if not ar:
        noise = fractional_noise(d, reach)
        return [sum(w * noise[abs(lag + s)] for s, w in weight.items()) for lag in lags]
    roots = mp.polyroots([1, *(-phi for phi in ar)], maxsteps=500, extraprec=500)
    tail = int(mp.ceil(-45 * mp.log(10) / mp.log(max(abs(root) for root in roots))))
    noise = fractional_noise(d, reach + tail)
    values = [mp.mpf(0)] * len(lags)
    for k, root in enumerate(roots):
        zeta = 1 / (
            root
            * mp.fprod(1 - root * other for other in roots)
            * mp.fprod(root - other for j, other in enumerate(roots) if j != k)
        )
        sums = filtered_sums(noise, root, reach)
        for i, lag in enumerate(lags):
            for shift, w in weight.items():
                h = p + shift - lag
                values[i] += w * zeta * (root ** (2 * p) * sums[h] + sums[-h] - noise[abs(h)])
    return [mp.re(value) for value in values]


def by_integral(ar, d, ma, lag):
    """The same from the spectral density; u = frequency^(1 - 2 d) removes the pole at zero."""

    def smooth(frequency):
        unit = mp.expj(-frequency)
        filtered = (1 + sum(c * unit ** (k + 1) for k, c in enumerate(ma))) / (
            1 - sum(c * unit ** (k + 1) for k, c in enumerate(ar))
        )
        ratio = 2 * mp.sin(frequency / 2) / frequency if frequency else 1
        return ratio ** (-2 * d) * abs(filtered) ** 2 * mp.cos(lag * frequency)

    start = mp.mpf(10) ** -8
    edges = [start, *(mp.mpf(10) ** k for k in range(-7, 0)), *mp.linspace("0.2", mp.pi, 40)]
    body = mp.quad(lambda frequency: smooth(frequency) * frequency ** (-2 * d), edges)
    slope = 1 - 2 * d
    head = mp.quad(lambda u: smooth(u ** (1 / slope)) / slope, [0, start**slope])
    return (head + body) / mp.pi


def model_values(ar, d, ma):
    parameters = [mp.mpf(phi) for phi in ar], mp.mpf(d), [mp.mpf(theta) for theta in ma]
    values = autocovariance(*parameters, LAGS)
    with mp.workdps(30):
        for lag in (0, 3, 20):
            error = abs(by_integral(*parameters, lag) - values[LAGS.index(lag)])
            if error > mp.mpf(10) ** -14 * values[0]:
                raise ArithmeticError(f"{ar}, {d}, {ma} at lag {lag}: {mp.nstr(error)} apart")
    return {
        "ar": list(ar),
        "d": d,
        "ma": list(ma),
        "autocovariance": [float(value) for value in values],
    }


def main():
    golden = {
        "program": {"mpmath": mp.__version__},
        "command": "python arfima_autocovariance.py",
        "date": datetime.date.today().isoformat(),
        "conventions": {
            "signs": "AR on the right-hand side, MA with plus (statsmodels)",
            "innovations": "variance 1",
            "parameters": "the doubles printed here, taken as exact",
        },
    }
    rows = ",\n  ".join(json.dumps(model_values(*model)) for model in MODELS)
    text = (
        json.dumps(golden, indent=1)[:-2] + f',\n "lags": {LAGS},\n "values": [\n  {rows}\n ]\n}}\n'
    )
    Path(__file__).with_suffix(".json").write_text(text)


if __name__ == "__main__":
    main()

"""Training worlds with short memory that does not look like long."""

import numpy as np
from blocks import (
    Worlds,
    arma,
    exponential,
    garch,
    laplace,
    normal,
    poisson_of,
    student,
    tempered,
    uniform,
    unit,
)

WORLDS = Worlds()
world, add = WORLDS.world, WORLDS.add


SHOCKS = {
    "normal": normal, "t4": student(4), "t3": student(3), "laplace": laplace,
    "exponential": exponential, "garch": garch, "uniform": uniform,
}  # fmt: skip


def complex_ar(rng, low=0.5, high=0.95):
    r, w = rng.uniform(low, high), rng.uniform(0.2, 2.8)
    return [2.0 * r * np.cos(w), -r * r]


def short(rng, n, which=None, innovations=normal):
    """A short-memory noise of a random kind."""
    which = rng.integers(9) if which is None else which
    if which == 0:
        return innovations(rng, n)
    if which == 1:
        return arma(rng, n, [rng.uniform(0.1, 0.7)], (), innovations)
    if which == 2:
        return arma(rng, n, [rng.uniform(0.7, 0.95)], (), innovations)
    if which == 3:
        return arma(rng, n, (), [rng.uniform(-0.7, 0.9)], innovations)
    if which == 4:
        return arma(rng, n, [rng.uniform(0.5, 0.95)], [rng.uniform(-0.7, 0.5)], innovations)
    if which == 5:
        return arma(rng, n, complex_ar(rng), (), innovations)
    if which == 6:
        return arma(rng, n, [rng.uniform(-0.8, -0.1)], (), innovations)
    if which == 7:
        a, b = rng.uniform(0.2, 0.9), rng.uniform(-0.6, 0.6)
        return arma(rng, n, [a + b, -a * b], (), innovations)
    return arma(rng, n, (), rng.uniform(-0.5, 0.8, size=rng.integers(2, 5)), innovations)


for shock, innovations in SHOCKS.items():
    add("short", f"noise {shock}", lambda rng, n, i=innovations: (i(rng, n), 0.0))
for low, high in ((0.1, 0.4), (0.4, 0.7), (0.7, 0.85), (0.85, 0.93), (0.93, 0.97), (0.97, 0.99)):
    add("short", f"AR(1) {low}-{high}",
        lambda rng, n, a=low, b=high: (arma(rng, n, [rng.uniform(a, b)]), 0.0))  # fmt: skip
for shock in ("t4", "garch", "exponential"):
    add("short", f"AR(1) {shock}",
        lambda rng, n, i=SHOCKS[shock]: (arma(rng, n, [rng.uniform(0.2, 0.95)], (), i), 0.0),
        )  # fmt: skip
    add("short", f"ARMA {shock}", lambda rng, n, i=SHOCKS[shock]: (short(rng, n, None, i), 0.0))
add("short", "AR(1) negative", lambda rng, n: (arma(rng, n, [rng.uniform(-0.9, -0.2)]), 0.0))
add("short", "MA(1) positive", lambda rng, n: (arma(rng, n, (), [rng.uniform(0.1, 0.95)]), 0.0))
add("short", "MA(1) mild negative",
    lambda rng, n: (arma(rng, n, (), [rng.uniform(-0.5, -0.1)]), 0.0))  # fmt: skip
add("short", "MA(1) strong negative",
    lambda rng, n: (arma(rng, n, (), [rng.uniform(-0.85, -0.5)]), 0.0))  # fmt: skip
add("short", "MA(q)",
    lambda rng, n: (arma(rng, n, (), rng.uniform(0.0, 0.9, rng.integers(3, 13))), 0.0),
    )  # fmt: skip
add("short", "moving mean",
    lambda rng, n: (arma(rng, n, (), np.ones(rng.integers(2, 16))), 0.0))  # fmt: skip
add("short", "AR(2) cycle", lambda rng, n: (arma(rng, n, complex_ar(rng, 0.6, 0.97)), 0.0))


@world("short", "AR(2) real")
def _(rng, n):
    a, b = rng.uniform(0.6, 0.97), rng.uniform(-0.5, 0.8)
    return arma(rng, n, [a + b, -a * b]), 0.0


@world("short", "AR(3)")
def _(rng, n):
    partial = np.r_[rng.uniform(0.2, 0.9), rng.uniform(-0.4, 0.5, 2)]
    phi = []
    for k in partial:
        phi = [a - k * b for a, b in zip(phi, phi[::-1], strict=True)] + [k]
    return arma(rng, n, phi), 0.0


@world("short", "AR(6)")
def _(rng, n):
    phi = []
    for k in np.r_[rng.uniform(0.2, 0.8), rng.uniform(-0.1, 0.35, 5)]:
        phi = [a - k * b for a, b in zip(phi, phi[::-1], strict=True)] + [k]
    return arma(rng, n, phi, burn=2000), 0.0


@world("short", "lags 1 and 5")
def _(rng, n):
    a, b = rng.uniform(0.2, 0.6), rng.uniform(0.15, 0.38)
    return arma(rng, n, [a, 0, 0, 0, b], burn=2000), 0.0


@world("short", "HAR 1, 5, 22")
def _(rng, n):
    total = rng.uniform(0.75, 0.96)
    parts = rng.dirichlet([2.0, 2.0, 2.0]) * total
    phi = np.full(22, parts[2] / 22)
    phi[:5] += parts[1] / 5
    phi[0] += parts[0]
    return arma(rng, n, phi, burn=3000), 0.0


@world("short", "lags 1 and k")
def _(rng, n):
    k = rng.integers(3, 12)
    phi = np.zeros(k)
    phi[0], phi[-1] = rng.uniform(0.0, 0.5), rng.uniform(0.1, 0.4)
    return arma(rng, n, phi, burn=2000), 0.0


for low, high, m_low, m_high in (
    (0.85, 0.96, -0.75, -0.4), (0.6, 0.9, -0.5, -0.1), (0.6, 0.95, 0.1, 0.8), (0.9, 0.98, -0.85, -0.6),
):  # fmt: skip
    add("short", f"ARMA({low}-{high}, {m_low}-{m_high})",
        lambda rng, n, p=(low, high), q=(m_low, m_high): (
            arma(rng, n, [rng.uniform(*p)], [rng.uniform(*q)]), 0.0))  # fmt: skip
add("short", "ARMA(1, 1) any",
    lambda rng, n: (arma(rng, n, [rng.uniform(-0.9, 0.95)], [rng.uniform(-0.9, 0.9)]), 0.0),
    )  # fmt: skip


def sum_of_ar(rng, n, slowest, number):
    times = np.geomspace(1.0, slowest, number)
    shares = rng.dirichlet(np.full(number, 2.0))
    return sum(
        np.sqrt(s) * unit(arma(rng, n, [np.exp(-1.0 / t)]))
        for s, t in zip(shares, times, strict=True)
    )


for slowest in (8, 16, 30):
    add("short", f"sum of AR(1) to {slowest}",
        lambda rng, n, s=slowest: (sum_of_ar(rng, n, s * rng.uniform(0.7, 1.3), rng.integers(2, 5)), 0.0))  # fmt: skip
add("short", "AR(1) under noise",
    lambda rng, n: (unit(arma(rng, n, [rng.uniform(0.6, 0.97)])) + rng.uniform(0.3, 1.5) * normal(rng, n), 0.0),
    )  # fmt: skip
add("short", "tempered early",
    lambda rng, n: (tempered(rng, n, rng.uniform(0.2, 0.8), rng.uniform(0.1, 0.5)), 0.0),
    )  # fmt: skip
add("short", "lognormal AR", lambda rng, n: (np.exp(rng.uniform(0.3, 1.0) * unit(arma(rng, n, [rng.uniform(0, 0.9)]))), 0.0))  # fmt: skip
add("short", "counts of AR", lambda rng, n: (poisson_of(rng, arma(rng, n, [rng.uniform(0, 0.9)]), rng.uniform(0.5, 6)), 0.0))  # fmt: skip
add(
    "short",
    "squares of garch",
    lambda rng, n: (garch(rng, n, 0.1, rng.uniform(0.5, 0.82)) ** 2, 0.0),
)
add("short", "absolute garch", lambda rng, n: (np.abs(garch(rng, n, rng.uniform(0.05, 0.15), rng.uniform(0.5, 0.82))), 0.0))  # fmt: skip


@world("short", "threshold AR")
def _(rng, n):
    a, b = rng.uniform(0.3, 0.9), rng.uniform(-0.5, 0.5)
    e, x = rng.standard_normal(n + 100), np.zeros(n + 100)
    for t in range(1, n + 100):
        x[t] = (a if x[t - 1] < 0 else b) * x[t - 1] + e[t]
    return x[100:], 0.0


@world("short", "bilinear")
def _(rng, n):
    a, b = rng.uniform(0.1, 0.7), rng.uniform(0.1, 0.4)
    e, x = rng.standard_normal(n + 100), np.zeros(n + 100)
    for t in range(1, n + 100):
        x[t] = a * x[t - 1] + b * x[t - 1] * e[t - 1] + e[t]
    return np.clip(x[100:], -20, 20), 0.0


@world("short", "season of dummies")
def _(rng, n):
    s = int(rng.choice([4, 7, 12, 24]))
    pattern = rng.standard_normal(s) * rng.uniform(0.3, 2.0)
    return np.resize(pattern, n) + unit(short(rng, n, rng.integers(5))), 0.0


@world("short", "season of a sine")
def _(rng, n):
    wave = np.cos(2 * np.pi * np.arange(n) / rng.uniform(4, 40))
    return rng.uniform(0.4, 2.0) * wave + unit(short(rng, n, rng.integers(5))), 0.0


@world("short", "seasonal AR")
def _(rng, n):
    s = int(rng.choice([4, 7, 12]))
    phi = np.zeros(s)
    phi[-1] = rng.uniform(0.2, 0.8)
    x = arma(rng, n + 500, phi, burn=50 * s)
    return arma(rng, n, [rng.uniform(0.0, 0.6)], (), lambda r, m: x[-m:] if m <= len(x) else np.r_[x, r.standard_normal(m - len(x))], burn=100), 0.0  # fmt: skip


@world("short", "sharp AR(2) cycle")
def _(rng, n):
    return arma(rng, n, complex_ar(rng, 0.95, 0.995)), 0.0


@world("short", "two AR(2) cycles")
def _(rng, n):
    return unit(arma(rng, n, complex_ar(rng))) + unit(arma(rng, n, complex_ar(rng))), 0.0


@world("short", "mixture of AR(1)")
def _(rng, n):
    parts = [unit(arma(rng, n, [a])) for a in rng.uniform(0.0, 0.9, 3)]
    return sum(rng.uniform(0.3, 1) * part for part in parts), 0.0


@world("short", "AR(1) and a negative lag")
def _(rng, n):
    k = int(rng.integers(2, 8))
    phi = np.zeros(k)
    phi[0], phi[-1] = rng.uniform(0.1, 0.6), -rng.uniform(0.1, 0.4)
    return arma(rng, n, phi, burn=1000), 0.0


@world("short", "season of dummies over AR")
def _(rng, n):
    s = int(rng.integers(2, 31))
    pattern = rng.standard_normal(s) * rng.uniform(0.3, 2.0)
    return np.resize(pattern, n) + unit(arma(rng, n, [rng.uniform(0, 0.9)])), 0.0


@world("short", "sine over AR")
def _(rng, n):
    wave = np.cos(2 * np.pi * np.arange(n) / rng.uniform(3, 60))
    return rng.uniform(0.4, 2.0) * wave + unit(arma(rng, n, [rng.uniform(0, 0.9)])), 0.0


@world("short", "stochastic volatility")
def _(rng, n):
    h = arma(rng, n, [rng.uniform(0.5, 0.95)])
    return np.exp(rng.uniform(0.3, 0.8) * unit(h)) * normal(rng, n), 0.0


@world("short", "log squares of it")
def _(rng, n):
    h = rng.uniform(0.4, 1.0) * unit(arma(rng, n, [rng.uniform(0.5, 0.95)]))
    return np.log((np.exp(h) * normal(rng, n)) ** 2 + 1e-9), 0.0


@world("short", "outliers")
def _(rng, n):
    x = unit(short(rng, n))
    hit = rng.random(n) < rng.uniform(0.005, 0.03)
    return x + hit * rng.standard_normal(n) * rng.uniform(4, 10), 0.0


@world("short", "variance changes")
def _(rng, n):
    x = short(rng, n)
    x[int(n * rng.uniform(0.2, 0.8)) :] *= rng.uniform(1.5, 4.0)
    return x, 0.0

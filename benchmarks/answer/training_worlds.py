"""The worlds on which the weights of the evidences and the thresholds are trained.

A world is a class, and a draw (rng, n) -> (series, its d or nan).  Parameters are drawn anew for
each series.  further_worlds.py and former_worlds.py hold more of them; the evaluation worlds are
another file, with other worlds.
"""

import former_worlds
import further_worlds
import numpy as np
from blocks import (
    arfima,
    arma,
    by_spectrum,
    exponential,
    fgn,
    fraction,
    garch,
    gegenbauer,
    laplace,
    markov,
    normal,
    poisson_of,
    random_shifts,
    returning,
    shifts,
    student,
    tempered,
    time,
    uniform,
    unit,
)  # fmt: skip

WORLDS = {}


def world(kind, name):
    def register(draw):
        assert name not in WORLDS, name
        WORLDS[name] = (kind, draw)
        return draw

    return register


def add(kind, name, draw):
    world(kind, name)(draw)


def sign(rng):
    return rng.choice([-1.0, 1.0])


# ------------------------------------------------------------------ short memory
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


# ------------------------------------------------------------------ mimics
def mimic(name, level, noise=None):
    @world("mimics", name)
    def _(rng, n):
        x = short(rng, n, rng.choice([0, 0, 1, 3, 6])) if noise is None else noise(rng, n)
        return unit(x) + level(rng, n), np.nan


for number in (1, 2, 3, 4, 6):
    mimic(f"{number} shifts", lambda rng, n, k=number: shifts(rng, n, k, rng.uniform(0.8, 3.0)))
mimic("3 shifts over AR", lambda rng, n: shifts(rng, n, 3, rng.uniform(1, 3)),
      lambda rng, n: arma(rng, n, [rng.uniform(0.2, 0.8)]))  # fmt: skip
mimic("1 shift over AR", lambda rng, n: shifts(rng, n, 1, rng.uniform(1, 3)),
      lambda rng, n: arma(rng, n, [rng.uniform(0.2, 0.8)]))  # fmt: skip
mimic("2 shifts over heavy tails", lambda rng, n: shifts(rng, n, 2, rng.uniform(1, 3)),
      lambda rng, n: student(4)(rng, n))  # fmt: skip
mimic("away and back", lambda rng, n: returning(rng, n, rng.integers(2, 6), rng.uniform(0.8, 3)))
mimic("random levels few", lambda rng, n: random_shifts(rng, n, rng.uniform(3, 8) / n, rng.uniform(0.7, 2)))  # fmt: skip
mimic("random levels many", lambda rng, n: random_shifts(rng, n, rng.uniform(8, 25) / n, rng.uniform(0.7, 2)))  # fmt: skip
mimic("Markov slow", lambda rng, n: markov(rng, n, 1 - rng.uniform(2, 6) / n, rng.uniform(1, 3)))
mimic(
    "Markov middling", lambda rng, n: markov(rng, n, 1 - rng.uniform(6, 20) / n, rng.uniform(1, 3))
)
mimic(
    "Markov of three",
    lambda rng, n: markov(rng, n, 1 - rng.uniform(4, 16) / n, rng.uniform(0.7, 2), 3),
)
mimic("Markov over AR", lambda rng, n: markov(rng, n, 1 - rng.uniform(3, 15) / n, rng.uniform(1, 3)),
      lambda rng, n: arma(rng, n, [rng.uniform(0.2, 0.7)]))  # fmt: skip
mimic(
    "Markov fast", lambda rng, n: markov(rng, n, 1 - rng.uniform(20, 60) / n, rng.uniform(1.5, 3))
)
mimic("random levels very many", lambda rng, n: random_shifts(rng, n, rng.uniform(25, 60) / n, rng.uniform(1, 2)))  # fmt: skip
mimic("linear trend", lambda rng, n: sign(rng) * rng.uniform(0.5, 4) * time(n) * 1.7)
mimic("linear trend over AR", lambda rng, n: sign(rng) * rng.uniform(1, 5) * time(n) * 1.7,
      lambda rng, n: arma(rng, n, [rng.uniform(0.2, 0.8)]))  # fmt: skip
mimic("quadratic trend", lambda rng, n: rng.uniform(1, 5) * (time(n) - rng.uniform(0, 1)) ** 2 * sign(rng) * 3)  # fmt: skip
mimic("hyperbolic trend", lambda rng, n: rng.uniform(2, 5) * (1 + np.arange(n) / rng.uniform(1, 20)) ** -rng.uniform(0.1, 0.5))  # fmt: skip
mimic("power trend", lambda rng, n: rng.uniform(1, 4) * time(n) ** rng.uniform(0.4, 3))
mimic("broken trend", lambda rng, n: sign(rng) * rng.uniform(2, 8) * np.maximum(time(n) - rng.uniform(0.2, 0.8), 0))  # fmt: skip
mimic("trend there and back", lambda rng, n: rng.uniform(2, 6) * np.abs(time(n) - rng.uniform(0.3, 0.7)))  # fmt: skip
mimic(
    "exponential trend",
    lambda rng, n: rng.uniform(0.5, 2) * np.exp(rng.uniform(1, 3) * time(n)) / 5,
)
mimic("logistic step", lambda rng, n: sign(rng) * rng.uniform(1, 3) / (1 + np.exp(-(time(n) - rng.uniform(0.2, 0.8)) / rng.uniform(0.02, 0.15))))  # fmt: skip
mimic("slow wave", lambda rng, n: rng.uniform(0.5, 2) * np.cos(2 * np.pi * (rng.uniform(0.5, 3) * time(n) + rng.random())))  # fmt: skip
mimic("two slow waves", lambda rng, n: rng.uniform(0.5, 1.5) * np.cos(2 * np.pi * (rng.uniform(0.5, 1.5) * time(n) + rng.random())) + rng.uniform(0.3, 1) * np.cos(2 * np.pi * (rng.uniform(1.5, 4) * time(n) + rng.random())))  # fmt: skip
mimic("trend and shift", lambda rng, n: sign(rng) * rng.uniform(1, 4) * time(n) + shifts(rng, n, 1, rng.uniform(1, 3)))  # fmt: skip
mimic("trend and two shifts", lambda rng, n: sign(rng) * rng.uniform(1, 4) * time(n) + shifts(rng, n, 2, rng.uniform(1, 2.5)))  # fmt: skip
mimic("transient", lambda rng, n: rng.uniform(3, 10) * np.exp(-time(n) / rng.uniform(0.02, 0.3)))
mimic("bump", lambda rng, n: rng.uniform(1, 4) * np.exp(-0.5 * ((time(n) - rng.uniform(0.1, 0.9)) / rng.uniform(0.03, 0.2)) ** 2))  # fmt: skip
mimic("trend over season", lambda rng, n: rng.uniform(1, 5) * time(n) + rng.uniform(0.5, 2) * np.cos(2 * np.pi * np.arange(n) / int(rng.choice([4, 7, 12]))))  # fmt: skip
mimic("shift over MA", lambda rng, n: shifts(rng, n, rng.integers(1, 4), rng.uniform(1, 3)),
      lambda rng, n: arma(rng, n, (), [rng.uniform(-0.6, 0.8)]))  # fmt: skip
mimic("wave over AR", lambda rng, n: rng.uniform(0.7, 2) * np.cos(2 * np.pi * (rng.uniform(0.5, 3) * time(n) + rng.random())),
      lambda rng, n: arma(rng, n, [rng.uniform(0.2, 0.8)]))  # fmt: skip


for number in (1, 2, 3, 5):
    mimic(
        f"{number} shifts over any",
        lambda rng, n, k=number: shifts(rng, n, k, rng.uniform(0.8, 2.5)),
        short,
    )
mimic("linear trend over any", lambda rng, n: sign(rng) * rng.uniform(0.7, 5) * time(n), short)
mimic("quadratic trend over any", lambda rng, n: sign(rng) * rng.uniform(2, 8) * (time(n) - rng.random()) ** 2, short)  # fmt: skip
mimic("broken trend over any", lambda rng, n: sign(rng) * rng.uniform(2, 8) * np.maximum(time(n) - rng.uniform(0.2, 0.8), 0), short)  # fmt: skip
mimic("random levels over any", lambda rng, n: random_shifts(rng, n, rng.uniform(3, 20) / n, rng.uniform(0.7, 2)), short)  # fmt: skip
mimic(
    "Markov over any",
    lambda rng, n: markov(rng, n, 1 - rng.uniform(3, 30) / n, rng.uniform(1, 3)),
    short,
)
mimic("season and shift", lambda rng, n: shifts(rng, n, rng.integers(1, 3), rng.uniform(1, 2.5)) + rng.uniform(0.5, 2) * np.cos(2 * np.pi * np.arange(n) / rng.uniform(4, 30)))  # fmt: skip


# ------------------------------------------------------------------ long memory
def small_arma(rng):
    ar = [rng.uniform(-0.5, 0.7)] if rng.random() < 0.5 else []
    ma = [rng.uniform(-0.4, 0.7)] if rng.random() < 0.5 else []
    return ar, ma


def draw_d(rng, low=0.1, high=0.46):
    return rng.uniform(low, high)


def long(rng, n, low=0.15, high=0.46):
    """Long memory of a random kind."""
    d = draw_d(rng, low, high)
    which = rng.integers(5)
    if which == 0:
        return fgn(rng, n, d + 0.5), d
    if which <= 2:
        return fraction(rng, n, d), d
    ar, ma = small_arma(rng)
    return arfima(rng, n, d, ar, ma), d


def add_long(name, draw, low=0.1, high=0.46):
    @world("long", name)
    def _(rng, n):
        d = draw_d(rng, low, high)
        return draw(rng, n, d), d


for low, high in ((0.06, 0.15), (0.15, 0.25), (0.25, 0.35), (0.35, 0.47)):
    add_long(f"ARFIMA(0, d, 0) {low}-{high}", fraction, low, high)
    add_long(f"fGn {low}-{high}", lambda rng, n, d: fgn(rng, n, d + 0.5), low, high)
for shock in ("t4", "exponential", "laplace", "garch"):
    add_long(f"ARFIMA(0, d, 0) {shock}", lambda rng, n, d, i=SHOCKS[shock]: fraction(rng, n, d, i))
for low, high in ((-0.8, -0.3), (-0.3, 0.0), (0.1, 0.4), (0.4, 0.7), (0.7, 0.85)):
    add_long(f"ARFIMA(1, d, 0) {low}-{high}",
             lambda rng, n, d, a=low, b=high: arfima(rng, n, d, [rng.uniform(a, b)]))  # fmt: skip
for low, high in ((-0.7, -0.4), (-0.4, -0.1), (0.1, 0.5), (0.5, 0.9)):
    add_long(f"ARFIMA(0, d, 1) {low}-{high}",
             lambda rng, n, d, a=low, b=high: arfima(rng, n, d, (), [rng.uniform(a, b)]))  # fmt: skip
add_long("ARFIMA(1, d, 1)", lambda rng, n, d: arfima(rng, n, d, [rng.uniform(-0.6, 0.7)], [rng.uniform(-0.6, 0.7)]))  # fmt: skip
add_long("ARFIMA(2, d, 0)", lambda rng, n, d: arfima(rng, n, d, complex_ar(rng, 0.3, 0.8)))
add_long("ARFIMA(0, d, q)", lambda rng, n, d: arfima(rng, n, d, (), rng.uniform(-0.3, 0.6, 4)))
add_long("ARMA any over d", lambda rng, n, d: arfima(rng, n, d, *small_arma(rng)))
add_long("fGn t4-like", lambda rng, n, d: np.arctan(fgn(rng, n, d + 0.5)), 0.15)
add_long("cubes", lambda rng, n, d: unit(fraction(rng, n, d)) ** 3, 0.25)
add_long("sum with AR(1)", lambda rng, n, d: unit(fraction(rng, n, d)) + rng.uniform(0.2, 0.6) * unit(arma(rng, n, [rng.uniform(-0.5, 0.7)])), 0.2)  # fmt: skip
add_long("smoothed", lambda rng, n, d: arfima(rng, n, d, (), np.ones(rng.integers(1, 4))), 0.2)
add_long("counts", lambda rng, n, d: poisson_of(rng, fraction(rng, n, d), rng.uniform(1, 8)), 0.25)
add_long(
    "lognormal", lambda rng, n, d: np.exp(rng.uniform(0.2, 0.8) * unit(fraction(rng, n, d))), 0.2
)
add_long("signs", lambda rng, n, d: np.sign(fraction(rng, n, d)), 0.3)
add_long("outliers over memory", lambda rng, n, d: unit(fraction(rng, n, d)) + (rng.random(n) < 0.01) * rng.standard_normal(n) * rng.uniform(3, 7))  # fmt: skip


@world("long", "squares")
def _(rng, n):
    d = rng.uniform(0.38, 0.48)
    return fraction(rng, n, d) ** 2, 2 * d - 0.5


@world("long", "many AR(1)")
def _(rng, n):
    # Granger's aggregation: squared coefficients beta distributed.
    d = draw_d(rng, 0.15, 0.45)
    phi = np.sqrt(rng.beta(rng.uniform(0.8, 1.5), 2.0 - 2.0 * d, 120))
    total = np.zeros(n)
    for value in np.minimum(phi, 0.9999):
        total += arma(rng, n, [value], burn=2000)
    return total, d


@world("long", "renewal")
def _(rng, n):
    alpha = rng.uniform(1.1, 1.7)
    lengths = np.ceil(rng.pareto(alpha, n) + 1.0)[: n // 1].astype(int)
    path = np.repeat(rng.standard_normal(n), np.minimum(lengths, n))[n // 4 : n // 4 + n]
    path = np.r_[path, np.zeros(n - len(path))] if len(path) < n else path
    return path + 0.3 * rng.standard_normal(n), 1.0 - alpha / 2.0


@world("long", "ARFIMA variance changes")
def _(rng, n):
    d = draw_d(rng)
    return fraction(rng, n, d) * np.repeat([1.0, rng.uniform(0.5, 2)], [n // 2, n - n // 2]), d


# ------------------------------------------------------------------ long memory with more
def more(name, level, low=0.15):
    @world("long with more", name)
    def _(rng, n):
        x, d = long(rng, n, low)
        return unit(x) + level(rng, n), d


more("linear trend over memory", lambda rng, n: sign(rng) * rng.uniform(0.7, 6) * time(n))
more("quadratic trend over memory", lambda rng, n: sign(rng) * rng.uniform(2, 8) * (time(n) - rng.random()) ** 2)  # fmt: skip
more("broken trend over memory", lambda rng, n: sign(rng) * rng.uniform(1, 8) * np.maximum(time(n) - rng.uniform(0.2, 0.8), 0))  # fmt: skip
more("exponential trend over memory", lambda rng, n: rng.uniform(0.5, 2) * np.exp(rng.uniform(1, 3) * time(n)) / 5)  # fmt: skip
more("1 shift over memory", lambda rng, n: shifts(rng, n, 1, rng.uniform(0.8, 3)))
more("2 shifts over memory", lambda rng, n: shifts(rng, n, 2, rng.uniform(0.8, 3)))
more("4 shifts over memory", lambda rng, n: shifts(rng, n, 4, rng.uniform(0.8, 2.5)))
more("away and back over memory", lambda rng, n: returning(rng, n, rng.integers(2, 5), rng.uniform(0.8, 2.5)))  # fmt: skip
more("trend and shift over memory", lambda rng, n: sign(rng) * rng.uniform(1, 4) * time(n) + shifts(rng, n, 1, rng.uniform(0.8, 2.5)))  # fmt: skip
more("slow wave over memory", lambda rng, n: rng.uniform(0.5, 1.5) * np.cos(2 * np.pi * (rng.uniform(0.5, 3) * time(n) + rng.random())))  # fmt: skip
more("season over memory", lambda rng, n: np.resize(rng.standard_normal(s := int(rng.choice([4, 7, 12, 24]))) * rng.uniform(0.3, 2), n) + 0 * s)  # fmt: skip
more("sine over memory", lambda rng, n: rng.uniform(0.5, 2) * np.cos(2 * np.pi * np.arange(n) / rng.uniform(4, 40)))  # fmt: skip
more("season and trend over memory", lambda rng, n: rng.uniform(1, 5) * time(n) + rng.uniform(0.5, 2) * np.cos(2 * np.pi * np.arange(n) / int(rng.choice([4, 7, 12]))))  # fmt: skip
more("3 shifts over memory", lambda rng, n: shifts(rng, n, 3, rng.uniform(0.5, 2)))
more(
    "random levels over memory",
    lambda rng, n: random_shifts(rng, n, rng.uniform(3, 15) / n, rng.uniform(0.5, 1.5)),
)
more("logistic step over memory", lambda rng, n: sign(rng) * rng.uniform(1, 3) / (1 + np.exp(-(time(n) - rng.uniform(0.2, 0.8)) / rng.uniform(0.02, 0.15))))  # fmt: skip
more("any season over memory", lambda rng, n: np.resize(rng.standard_normal(int(rng.integers(2, 31))) * rng.uniform(0.3, 2), n))  # fmt: skip
more("season and shift over memory", lambda rng, n: shifts(rng, n, 1, rng.uniform(0.8, 2)) + rng.uniform(0.5, 2) * np.cos(2 * np.pi * np.arange(n) / rng.uniform(4, 30)))  # fmt: skip
more("outliers and trend over memory", lambda rng, n: sign(rng) * rng.uniform(1, 4) * time(n) + (rng.random(n) < 0.01) * rng.standard_normal(n) * 5)  # fmt: skip
more("noise over memory", lambda rng, n: rng.uniform(0.3, 1.2) * normal(rng, n), 0.25)
more("heavy noise over memory", lambda rng, n: rng.uniform(0.3, 1.0) * student(4)(rng, n), 0.25)
more("AR noise over memory", lambda rng, n: rng.uniform(0.3, 1.0) * unit(arma(rng, n, [rng.uniform(0.2, 0.7)])), 0.25)  # fmt: skip
more("noise and trend over memory", lambda rng, n: rng.uniform(0.3, 1.0) * normal(rng, n) + sign(rng) * rng.uniform(1, 4) * time(n), 0.25)  # fmt: skip


@world("long with more", "log variance of returns")
def _(rng, n):
    d = rng.uniform(0.25, 0.46)
    h = rng.uniform(0.6, 1.2) * unit(fraction(rng, n, d))
    return np.log(np.exp(h) * rng.standard_normal(n) ** 2 + 1e-12), d


@world("long with more", "absolute returns")
def _(rng, n):
    d = rng.uniform(0.25, 0.46)
    return np.abs(np.exp(0.5 * rng.uniform(0.6, 1.2) * unit(fraction(rng, n, d))) * rng.standard_normal(n)), d  # fmt: skip


@world("long with more", "seasonal fractional")
def _(rng, n):
    s, d = int(rng.choice([4, 7, 12])), rng.uniform(0.15, 0.4)
    return by_spectrum(rng, n, lambda w: (np.abs(2 * np.sin(s * w / 2)) + 1e-6) ** (-2 * d)), d


@world("long with more", "memory and seasonal AR")
def _(rng, n):
    s, d = int(rng.choice([4, 7, 12])), draw_d(rng, 0.15)
    phi = np.zeros(s)
    phi[-1] = rng.uniform(0.2, 0.8)
    return arfima(rng, n + 20 * s, d, phi)[20 * s :], d


@world("long at a cycle", "Gegenbauer")
def _(rng, n):
    d = rng.uniform(0.2, 0.46)
    return gegenbauer(rng, n, d, rng.uniform(0.15, 2.6)), d


@world("long at a cycle", "Gegenbauer under AR")
def _(rng, n):
    d = rng.uniform(0.25, 0.46)
    x = gegenbauer(rng, n + 200, d, rng.uniform(0.2, 2.0))
    ar = [rng.uniform(-0.4, 0.6)]
    return arma(rng, n, ar, (), lambda r, m: np.resize(x, m), burn=100), d


@world("long with more", "poles at zero and at a cycle")
def _(rng, n):
    d = rng.uniform(0.2, 0.42)
    return gegenbauer(rng, n, rng.uniform(0.2, 0.4), rng.uniform(0.3, 2.0), d), d


@world("long at a cycle", "Gegenbauer under noise")
def _(rng, n):
    d = rng.uniform(0.3, 0.46)
    return unit(gegenbauer(rng, n, d, rng.uniform(0.15, 2.6))) + rng.uniform(0.2, 0.6) * normal(
        rng, n
    ), d


# ------------------------------------------------------------------ nonstationary
def walk(rng, n):
    return np.cumsum(normal(rng, n))


def add_far(name, draw, d=1.0):
    world("nonstationary", name)(lambda rng, n: (draw(rng, n), d))


for shock, innovations in SHOCKS.items():
    if shock not in ("uniform", "t3"):
        add_far(f"walk {shock}", lambda rng, n, i=innovations: np.cumsum(i(rng, n)))
add_far("walk of AR(1)", lambda rng, n: np.cumsum(arma(rng, n, [rng.uniform(-0.5, 0.7)])))
add_far("walk of MA(1)", lambda rng, n: np.cumsum(arma(rng, n, (), [rng.uniform(-0.5, 0.8)])))
add_far("walk of ARMA", lambda rng, n: np.cumsum(short(rng, n, rng.choice([1, 3, 5, 6, 7]))))
add_far("walk with drift", lambda rng, n: walk(rng, n) + sign(rng) * rng.uniform(0.03, 0.3) * np.arange(n))  # fmt: skip
add_far("walk under noise", lambda rng, n: walk(rng, n) + rng.uniform(0.3, 2) * normal(rng, n))
add_far("walk with shifts", lambda rng, n: walk(rng, n) + shifts(rng, n, 2, 0.3 * np.sqrt(n)))
add_far("walk with a season", lambda rng, n: walk(rng, n) + rng.uniform(1, 5) * np.cos(2 * np.pi * np.arange(n) / int(rng.choice([4, 7, 12]))))  # fmt: skip
add_far(
    "geometric walk", lambda rng, n: np.exp(np.cumsum(rng.uniform(0.005, 0.03) * normal(rng, n)))
)
add_far(
    "walk with trend", lambda rng, n: walk(rng, n) + rng.uniform(0.5, 3) * np.sqrt(n) * time(n) ** 2
)
add_far("seasonal walk", lambda rng, n: arma(rng, n, (), np.ones(rng.integers(2, 5)), lambda r, m: np.cumsum(normal(r, m))))  # fmt: skip
add_far("walk of garch", lambda rng, n: np.cumsum(garch(rng, n, 0.08, 0.9)))
add_far("level of martingale", lambda rng, n: np.cumsum((rng.random(n) < rng.uniform(0.01, 0.1)) * rng.standard_normal(n)) + rng.uniform(0.1, 0.4) * normal(rng, n))  # fmt: skip
add_far("integrated twice", lambda rng, n: np.cumsum(np.cumsum(normal(rng, n))), 2.0)
for low, high in ((0.55, 0.7), (0.7, 0.85), (0.85, 0.98), (1.05, 1.4)):

    @world("nonstationary", f"d {low}-{high}")
    def _(rng, n, low=low, high=high):
        d = rng.uniform(low, high)
        return fraction(rng, n, d), d


@world("nonstationary", "ARFIMA(1, d, 0) d above 1/2")
def _(rng, n):
    d = rng.uniform(0.6, 1.0)
    return arfima(rng, n, d, [rng.uniform(-0.5, 0.5)]), d


@world("nonstationary", "fractional Brownian motion")
def _(rng, n):
    hurst = rng.uniform(0.15, 0.9)
    return np.cumsum(fgn(rng, n, hurst)), hurst + 0.5


@world("nonstationary", "d above 1/2 with a trend")
def _(rng, n):
    d = rng.uniform(0.6, 1.1)
    return unit(fraction(rng, n, d)) + sign(rng) * rng.uniform(1, 5) * time(n), d


@world("nonstationary", "d above 1/2 under noise")
def _(rng, n):
    d = rng.uniform(0.65, 1.1)
    return unit(fraction(rng, n, d)) + rng.uniform(0.1, 0.5) * normal(rng, n), d


@world("nonstationary", "d above 1/2 with t4")
def _(rng, n):
    d = rng.uniform(0.6, 1.1)
    return fraction(rng, n, d, student(4)), d


# ------------------------------------------------------------------ antipersistent
def add_anti(name, draw, low=-0.48, high=-0.12):
    @world("antipersistent", name)
    def _(rng, n):
        d = rng.uniform(low, high)
        return draw(rng, n, d), d


for low, high in ((-0.15, -0.06), (-0.25, -0.15), (-0.35, -0.25), (-0.49, -0.35), (-0.8, -0.5)):
    add_anti(f"d {low}-{high}", fraction, low, high)
for low, high in ((-0.2, -0.1), (-0.35, -0.2), (-0.45, -0.35)):
    add_anti(f"fGn d {low}-{high}", lambda rng, n, d: fgn(rng, n, d + 0.5), low, high)
for shock in ("t4", "exponential", "garch"):
    add_anti(f"d {shock}", lambda rng, n, d, i=SHOCKS[shock]: fraction(rng, n, d, i))
for low, high in ((-0.7, -0.3), (-0.3, -0.1), (0.1, 0.4), (0.4, 0.7)):
    add_anti(f"AR {low}-{high} d", lambda rng, n, d, a=low, b=high: arfima(rng, n, d, [rng.uniform(a, b)]))  # fmt: skip
add_anti("MA negative d", lambda rng, n, d: arfima(rng, n, d, (), [rng.uniform(-0.5, -0.1)]))
add_anti("MA positive d", lambda rng, n, d: arfima(rng, n, d, (), [rng.uniform(0.1, 0.7)]))
add_anti("ARMA d", lambda rng, n, d: arfima(rng, n, d, [rng.uniform(-0.5, 0.6)], [rng.uniform(-0.5, 0.6)]))  # fmt: skip
add_anti("AR(2) d", lambda rng, n, d: arfima(rng, n, d, complex_ar(rng, 0.3, 0.7)))
add_anti("season over d", lambda rng, n, d: unit(fraction(rng, n, d)) + rng.uniform(0.3, 1.5) * np.cos(2 * np.pi * np.arange(n) / int(rng.choice([4, 7, 12]))))  # fmt: skip
add_anti("outliers over d", lambda rng, n, d: unit(fraction(rng, n, d)) + (rng.random(n) < 0.005) * rng.standard_normal(n) * 3)  # fmt: skip


def add_over(name, draw, d=-1.0):
    world("antipersistent", name)(lambda rng, n: (np.diff(draw(rng, n + 1)), d))


for shock, innovations in SHOCKS.items():
    if shock in ("normal", "t4", "laplace"):
        add_over(f"differenced noise {shock}", innovations)
add_over("differenced AR(1)", lambda rng, n: arma(rng, n, [rng.uniform(0.1, 0.8)]))
add_over("differenced AR(1) negative", lambda rng, n: arma(rng, n, [rng.uniform(-0.7, -0.1)]))
add_over("differenced ARMA", lambda rng, n: short(rng, n, rng.choice([1, 3, 4, 5, 7])))
add_over("differenced trend", lambda rng, n: unit(short(rng, n, rng.choice([0, 1, 3]))) + rng.uniform(1, 5) * time(n))  # fmt: skip


@world("antipersistent", "differenced memory")
def _(rng, n):
    x, d = long(rng, n + 1, 0.1, 0.45)
    return np.diff(x), d - 1.0


@world("antipersistent", "differenced d above 1/2")
def _(rng, n):
    d = rng.uniform(0.55, 0.88)
    return np.diff(fraction(rng, n + 1, d)), d - 1.0


for more_worlds in (further_worlds.WORLDS, former_worlds.WORLDS):
    for name, (kind, draw) in more_worlds.items():
        add(kind, name, draw)

"""Training worlds with long memory: pure, under other things, at a cycle."""

import numpy as np
from blocks import (
    Worlds,
    arfima,
    arma,
    by_spectrum,
    fgn,
    fraction,
    gegenbauer,
    normal,
    poisson_of,
    random_shifts,
    returning,
    shifts,
    sign,
    student,
    time,
    unit,
)
from training_short import SHOCKS, complex_ar

WORLDS = Worlds()
world, add = WORLDS.world, WORLDS.add


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

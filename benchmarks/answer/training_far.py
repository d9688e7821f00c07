"""Training worlds beyond: nonstationary and antipersistent ones."""

import numpy as np
from blocks import (
    Worlds,
    arfima,
    arma,
    fgn,
    fraction,
    garch,
    normal,
    shifts,
    sign,
    student,
    time,
    unit,
)
from training_long import long
from training_short import SHOCKS, complex_ar, short

WORLDS = Worlds()
world, add = WORLDS.world, WORLDS.add


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

"""Training worlds that were evaluation worlds until they had been looked at once.

Same form as the training worlds; other kinds, other parameters, other seeds; fourteen in each class.
Those that were looked at before are training worlds by now (former_worlds.py).
"""

import numpy as np
from blocks import arfima, arma, by_spectrum, fgn, fraction, time, unit
from scipy.special import erf
from scipy.stats import rankdata

WORLDS = {}


def add(kind, name, draw):
    assert name not in WORLDS, name
    WORLDS[name] = (kind, draw)


def u(rng, low, high):
    return rng.uniform(low, high)


def pm(rng):
    return rng.choice([-1.0, 1.0])


def gauss(rng, n):
    return rng.standard_normal(n)


def logistic(rng, n):
    return rng.logistic(size=n) * np.sqrt(3.0) / np.pi


def gumbel(rng, n):
    return (rng.gumbel(size=n) - np.euler_gamma) * np.sqrt(6.0) / np.pi


def two_scales(rng, n):
    """One shock in ten is three times as large."""
    return rng.standard_normal(n) * np.where(rng.random(n) < 0.1, 3.0, 1.0)


def asymmetric(rng, n):
    """GJR-GARCH(1, 1)."""
    x, h = np.empty(n + 100), 1.0
    for t, e in enumerate(rng.standard_normal(n + 100)):
        x[t] = np.sqrt(h) * e
        h = 0.08 + (0.04 + 0.08 * (e < 0)) * x[t] ** 2 + 0.83 * h
    return x[100:]


def wave(rng, n, period):
    return np.sin(2.0 * np.pi * (np.arange(n) / period + rng.random()))


def dummies(rng, n, period):
    return np.resize(rng.standard_normal(period), n)


# ------------------------------------------------------------------ short memory
def short(name, draw):
    add("short", name, lambda rng, n: (draw(rng, n), 0.0))


def har_like(rng, n):
    """The last value, the means of five and of twenty."""
    total = u(rng, 0.75, 0.93)
    phi = np.full(20, 0.25 * total / 20)
    phi[:5] += 0.35 * total / 5
    phi[0] += 0.4 * total
    return arma(rng, n, phi, burn=3000)


def sums_of_ar(rng, n):
    times = np.sort(u(rng, 0.0, 1.0) + np.array([0.0, 1.2, 2.4]))
    return sum(u(rng, 0.5, 1.0) * unit(arma(rng, n, [np.exp(-np.exp(-t))])) for t in times)


def random_coefficient(rng, n):
    a, s = u(rng, 0.2, 0.7), u(rng, 0.1, 0.4)
    x, path = 0.0, np.empty(n + 200)
    for t, (e, v) in enumerate(rng.standard_normal((n + 200, 2))):
        x = (a + s * v) * x + e
        path[t] = x
    return path[200:]


def regime_ar(rng, n):
    """An AR(1) whose coefficient switches often."""
    a, b = u(rng, 0.5, 0.9), u(rng, -0.3, 0.4)
    state = np.cumsum(rng.random(n + 200) < 0.08) % 2
    x, path = 0.0, np.empty(n + 200)
    for t, e in enumerate(rng.standard_normal(n + 200)):
        x = (a if state[t] else b) * x + e
        path[t] = x
    return path[200:]


short("AR(1) between 0.8 and 0.98", lambda r, n: arma(r, n, [u(r, 0.8, 0.98)]))
short("last value, week and month", har_like)
short("three AR(1), times drawn", sums_of_ar)
short("ARMA about 0.9, -0.6", lambda r, n: arma(r, n, [u(r, 0.87, 0.93)], [u(r, -0.65, -0.55)]))
short("logistic noise", logistic)
short("asymmetric volatility", asymmetric)
short("random coefficient", random_coefficient)
short("switching coefficient", regime_ar)
short("AR(1), noise of two scales", lambda r, n: arma(r, n, [u(r, 0.2, 0.9)], (), two_scales))
short("AR(3) of real roots", lambda r, n: arma(r, n, -np.poly([u(r, 0.4, 0.9), u(r, -0.5, 0.5), u(r, -0.5, 0.5)])[1:]))  # fmt: skip
short("MA(3)", lambda r, n: arma(r, n, (), r.uniform([-0.4, -0.2, -0.1], [0.9, 0.6, 0.4])))
short("ten days of dummies over AR(1)", lambda r, n: dummies(r, n, 10) + unit(arma(r, n, [u(r, 0.1, 0.8)])))  # fmt: skip
short("ranks of a cubed AR(1)", lambda r, n: rankdata(arma(r, n, [u(r, 0.2, 0.9)])) ** 2.0)
short("ARMA(2, 1) with a cycle", lambda r, n: arma(r, n, [2 * (a := u(r, 0.6, 0.92)) * np.cos(u(r, 0.3, 2)), -a * a], [u(r, -0.5, 0.5)]))  # fmt: skip


# ------------------------------------------------------------------ mimics
def mimic(name, level, noise):
    add("mimics", name, lambda rng, n: (unit(noise(rng, n)) + level(rng, n), np.nan))


def mild(rng, n):
    return arma(rng, n, [u(rng, 0.0, 0.6)])


def steps(rng, n, number, low, high):
    level = np.zeros(n)
    for at in np.linspace(0.1, 0.9, number) + rng.uniform(-0.06, 0.06, number):
        level[int(at * n) :] += pm(rng) * u(rng, low, high)
    return level


def one_step(rng, n):
    return pm(rng) * u(rng, 0.9, 2.5) * (time(n) > u(rng, 0.15, 0.85))


def two_levels(rng, n):
    """Stays of between a twentieth and a quarter of the series at either level."""
    level, at, up = np.zeros(n), 0, rng.random() < 0.5
    while at < n:
        stay = int(u(rng, 0.05, 0.25) * n)
        level[at : at + stay] = up
        at, up = at + stay, not up
    return u(rng, 1.0, 2.5) * level


def levels_renewed(rng, n):
    level, at = np.zeros(n), 0
    while at < n:
        stay = 1 + int(rng.exponential(n / u(rng, 4, 14)))
        level[at : at + stay] = rng.laplace(scale=0.9)
        at += stay
    return level


def error_step(rng, n):
    return pm(rng) * u(rng, 0.6, 1.8) * erf((time(n) - u(rng, 0.2, 0.8)) / u(rng, 0.03, 0.2))


mimic("a step", one_step, gauss)
mimic("a step over mild AR", one_step, mild)
mimic("three steps", lambda r, n: steps(r, n, 3, 0.8, 2.0), logistic)
mimic("five steps over MA(1)", lambda r, n: steps(r, n, 5, 0.8, 2.0), lambda r, n: arma(r, n, (), [u(r, -0.3, 0.7)]))  # fmt: skip
mimic("two levels", two_levels, gauss)
mimic("two levels over mild AR", two_levels, mild)
mimic("levels renewed", levels_renewed, gumbel)
mimic("a rising line", lambda r, n: u(r, 0.8, 5) * time(n), gumbel)
mimic("a line over mild AR", lambda r, n: pm(r) * u(r, 0.8, 5) * time(n), mild)
mimic("a parabola", lambda r, n: pm(r) * u(r, 3, 9) * (time(n) - u(r, 0.2, 0.8)) ** 2, two_scales)
mimic("error function", error_step, mild)
mimic("half a wave to two", lambda r, n: u(r, 0.7, 2) * wave(r, n, n / u(r, 0.5, 2)), gauss)
mimic("saturating growth", lambda r, n: u(r, 2, 5) * (1 - np.exp(-u(r, 2, 8) * time(n))), mild)
mimic("a hat", lambda r, n: u(r, 1.5, 4) * np.maximum(1 - np.abs(time(n) - u(r, 0.3, 0.7)) / u(r, 0.15, 0.4), 0), asymmetric)  # fmt: skip


# ------------------------------------------------------------------ long memory
def long(name, draw, low=0.15, high=0.45, kind="long"):
    def drawn(rng, n):
        d = u(rng, low, high)
        return draw(rng, n, d), d

    add(kind, name, drawn)


def linear_law(rng, n, d):
    """A power law that bends once in the high frequencies."""
    at, more = u(rng, 0.5, 2.0), u(rng, -0.5, 0.5)
    return by_spectrum(rng, n, lambda w: (2 * np.sin(w / 2)) ** (-2 * d) * (1 + (w / at) ** 2) ** more)  # fmt: skip


long("pure, 0.2 to 0.45", fraction, 0.2, 0.45)
long("noise of H 0.7 to 0.95", lambda r, n, d: fgn(r, n, d + 0.5), 0.2, 0.45)
long("pure, 0.3 to 0.48", fraction, 0.3, 0.48)
long("pure, 0.1 to 0.25", fraction, 0.1, 0.25)
long("logistic shocks", lambda r, n, d: fraction(r, n, d, logistic))
long("shocks of two scales", lambda r, n, d: fraction(r, n, d, two_scales))
long("asymmetric shocks", lambda r, n, d: fraction(r, n, d, asymmetric))
long("AR of -0.5 to 0.4", lambda r, n, d: arfima(r, n, d, [u(r, -0.5, 0.4)]))
long("MA of -0.3 to 0.6", lambda r, n, d: arfima(r, n, d, (), [u(r, -0.3, 0.6)]))
long("AR and MA", lambda r, n, d: arfima(r, n, d, [u(r, -0.4, 0.5)], [u(r, -0.3, 0.5)]))
long("bent power law", linear_law)
long("AR(2) of real roots", lambda r, n, d: arfima(r, n, d, -np.poly(r.uniform(-0.5, 0.5, 2))[1:]))
long("square root of a chi-square", lambda r, n, d: np.sqrt(np.abs(3.0 + fraction(r, n, d))), 0.2)
long("noise plus pure", lambda r, n, d: unit(fgn(r, n, d + 0.5)) + u(r, 0.3, 1) * unit(fraction(r, n, d)))  # fmt: skip


# ------------------------------------------------------------------ long memory with more
def memory(rng, n, d):
    which = rng.integers(3)
    if which == 0:
        return unit(fgn(rng, n, d + 0.5))
    return unit(fraction(rng, n, d) if which == 1 else arfima(rng, n, d, [u(rng, -0.4, 0.3)]))


def more(name, level, low=0.2):
    long(name, lambda r, n, d: memory(r, n, d) + level(r, n), low, 0.45, "long with more")


more("a step in it", one_step)
more("three steps in it", lambda r, n: steps(r, n, 3, 0.6, 1.6))
more("two levels in it", lambda r, n: 0.7 * two_levels(r, n))
more("a rising line in it", lambda r, n: u(r, 0.8, 5) * time(n))
more("a parabola in it", lambda r, n: pm(r) * u(r, 2, 7) * (time(n) - u(r, 0.2, 0.8)) ** 2)
more("error function in it", error_step)
more("quarters in it", lambda r, n: u(r, 0.4, 1.2) * dummies(r, n, 4))
more("weekdays in it", lambda r, n: u(r, 0.4, 1.2) * dummies(r, n, 7))
more("a year of twelve in it", lambda r, n: u(r, 0.5, 2) * wave(r, n, 12))
more("logistic noise on it", lambda r, n: u(r, 0.3, 0.8) * logistic(r, n), 0.28)
more("gumbel noise on it", lambda r, n: u(r, 0.3, 0.8) * gumbel(r, n), 0.28)
more("a line and a year in it", lambda r, n: u(r, 0.8, 4) * time(n) + u(r, 0.5, 1.5) * wave(r, n, 12))  # fmt: skip
more("a step and weekdays in it", lambda r, n: one_step(r, n) + u(r, 0.3, 1) * dummies(r, n, 7))
more("a line and noise in it", lambda r, n: pm(r) * u(r, 0.8, 3) * time(n) + u(r, 0.3, 0.7) * gauss(r, n), 0.28)  # fmt: skip


# ------------------------------------------------------------------ nonstationary
def far(name, draw):
    add("nonstationary", name, lambda rng, n: (draw(rng, n), 1.0))


def far_d(name, draw, low, high):
    long(name, draw, low, high, "nonstationary")


far("logistic walk", lambda r, n: np.cumsum(logistic(r, n)))
far("asymmetric walk", lambda r, n: np.cumsum(asymmetric(r, n)))
far("walk of AR steps", lambda r, n: np.cumsum(arma(r, n, [u(r, -0.3, 0.6)])))
far("walk of MA steps", lambda r, n: np.cumsum(arma(r, n, (), [u(r, -0.3, 0.7)])))
far("walk with drift, drawn", lambda r, n: np.cumsum(gauss(r, n) + pm(r) * u(r, 0.02, 0.2)))
far("walk seen through noise", lambda r, n: np.cumsum(gauss(r, n)) + u(r, 0.3, 1.5) * logistic(r, n))  # fmt: skip
far("walk and weekdays", lambda r, n: np.cumsum(gauss(r, n)) + u(r, 0.5, 2) * dummies(r, n, 7))
far("prices of two scales", lambda r, n: 20 * np.exp(0.01 * np.cumsum(two_scales(r, n))))
far("walk and a step", lambda r, n: np.cumsum(gauss(r, n)) + np.sqrt(n) * 0.3 * one_step(r, n))
far_d("d of 0.6 to 0.9", fraction, 0.6, 0.9)
far_d("d of 0.9 to 1.35", fraction, 0.9, 1.35)
far_d("Brownian, H of 0.2 to 0.85", lambda r, n, d: np.cumsum(fgn(r, n, d - 0.5)), 0.7, 1.35)
far_d("d of 0.65 to 1.1, AR", lambda r, n, d: arfima(r, n, d, [u(r, -0.4, 0.4)]), 0.65, 1.1)
far_d("d of 0.65 to 1.1 and a line", lambda r, n, d: unit(fraction(r, n, d)) + pm(r) * u(r, 0.5, 3) * time(n), 0.65, 1.1)  # fmt: skip


# ------------------------------------------------------------------ antipersistent
def anti(name, draw, low=-0.45, high=-0.15):
    long(name, draw, low, high, "antipersistent")


def over(name, draw):
    add("antipersistent", name, lambda rng, n: (np.diff(draw(rng, n + 1)), -1.0))


anti("pure negative d", fraction)
anti("pure, -0.25 to -0.1", fraction, -0.25, -0.1)
anti("noise of H 0.05 to 0.35", lambda r, n, d: fgn(r, n, d + 0.5))
anti("negative d, logistic", lambda r, n, d: fraction(r, n, d, logistic))
anti("negative d, asymmetric", lambda r, n, d: fraction(r, n, d, asymmetric))
anti("negative d, AR drawn", lambda r, n, d: arfima(r, n, d, [u(r, -0.5, 0.4)]))
anti("negative d, MA drawn", lambda r, n, d: arfima(r, n, d, (), [u(r, -0.3, 0.5)]))
anti("negative d, bent", linear_law)
anti("negative d and weekdays", lambda r, n, d: unit(fraction(r, n, d)) + u(r, 0.3, 1) * dummies(r, n, 7))  # fmt: skip
over("differenced gumbel noise", gumbel)
over("differenced mild AR", mild)
over("differenced MA(1), drawn", lambda r, n: arma(r, n, (), [u(r, -0.4, 0.8)]))
over("differenced line and noise", lambda r, n: two_scales(r, n) + u(r, 1, 5) * time(n))
add("antipersistent", "differenced memory, drawn", lambda r, n: (np.diff(fraction(r, n + 1, d := u(r, 0.1, 0.4))), d - 1.0))  # fmt: skip

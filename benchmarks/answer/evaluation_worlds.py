"""The worlds on which the verdict is judged: none of them was used to train or to tune it.

Same form as the training worlds; other kinds, other parameters, other seeds; fourteen in each class.
Those that were looked at before are training worlds by now (former_worlds.py, evaluated_worlds.py).
"""

import numpy as np
from blocks import Worlds, arfima, arma, by_spectrum, fgn, fraction, time, unit
from scipy.special import expit

WORLDS = Worlds()


def u(rng, low, high):
    return rng.uniform(low, high)


def either(rng):
    return rng.choice([-1.0, 1.0])


# ------------------------------------------------------------------ shocks
def gauss(rng, n):
    return rng.standard_normal(n)


def secant(rng, n):
    """Hyperbolic secant."""
    return 2.0 / np.pi * np.log(np.tan(0.5 * np.pi * rng.uniform(1e-9, 1 - 1e-9, n)))


def weibull(rng, n):
    x = rng.weibull(1.5, n)
    return (x - 0.9027) / 0.6129


def skew(rng, n):
    """Skew normal."""
    x = 0.9 * np.abs(rng.standard_normal(n)) + np.sqrt(0.19) * rng.standard_normal(n)
    return (x - 0.9 * np.sqrt(2 / np.pi)) / np.sqrt(1 - 0.81 * 2 / np.pi)


def laplace_mixture(rng, n):
    return np.where(rng.random(n) < 0.5, rng.laplace(size=n) / np.sqrt(2), rng.standard_normal(n))


def egarch(rng, n):
    """Log variance an AR(1) of signed shocks."""
    x, h = np.empty(n + 200), 0.0
    for t, e in enumerate(rng.standard_normal(n + 200)):
        x[t] = np.exp(0.5 * h) * e
        h = 0.9 * h - 0.06 * e + 0.15 * (abs(e) - 0.798)
    return x[200:]


# ------------------------------------------------------------------ short memory
def short(name, draw):
    WORLDS.add("short", name, lambda rng, n: (draw(rng, n), 0.0))


def mean_of_lags(rng, n):
    """The last value, the means of five and of twenty-one."""
    phi, total = np.zeros(21), u(rng, 0.7, 0.92)
    for lag, share in zip((1, 5, 21), rng.dirichlet([4.0, 3.0, 2.0]), strict=True):
        phi[:lag] += total * share / lag
    return arma(rng, n, phi, burn=3000)


def added_up(rng, n):
    """Two to four AR(1), evenly spaced in log time, the slowest of 9 to 18."""
    times = np.geomspace(u(rng, 0.7, 2.5), u(rng, 9, 18), rng.integers(2, 5))
    return sum(u(rng, 0.6, 1.2) * unit(arma(rng, n, [np.exp(-1.0 / t)])) for t in times)


def sign_dependent(rng, n):
    """Falls back faster than it rises."""
    up, down = u(rng, 0.5, 0.9), u(rng, 0.0, 0.5)
    x, path = 0.0, np.empty(n + 200)
    for t, e in enumerate(rng.standard_normal(n + 200)):
        x = (up if e > 0 else down) * x + e
        path[t] = x
    return path[200:]


def limited(rng, n):
    """A tanh of the last value."""
    x, path, a = 0.0, np.empty(n + 200), u(rng, 0.5, 1.5)
    for t, e in enumerate(rng.standard_normal(n + 200)):
        x = a * np.tanh(x) + e
        path[t] = x
    return path[200:]


short("AR(1), anywhere from 0.8 to 0.98", lambda r, n: arma(r, n, [u(r, 0.8, 0.98)], (), secant))
short(
    "yesterday and five days ago",
    lambda r, n: arma(r, n, [u(r, 0.3, 0.55), 0, 0, 0, u(r, 0.2, 0.36)], burn=2000),
)
short("day, week, month of 21", mean_of_lags)
short("AR(1) added up", added_up)
short(
    "ARMA, 0.9 and -0.6 within 0.03",
    lambda r, n: arma(r, n, [u(r, 0.87, 0.93)], [u(r, -0.63, -0.57)]),
)
short("weibull noise", weibull)
short("egarch", egarch)
short("AR(1) of either sign, skew", lambda r, n: arma(r, n, [u(r, -0.7, 0.75)], (), skew))
short("MA(2) of either sign", lambda r, n: arma(r, n, (), r.uniform(-0.4, 0.8, 2)))
short("rising fast, falling slowly", sign_dependent)
short("tanh of the last value", limited)
short(
    "AR(2), damped cycle",
    lambda r, n: arma(
        r, n, [2 * (a := u(r, 0.5, 0.88)) * np.cos(u(r, 0.4, 2.4)), -a * a], (), laplace_mixture
    ),
)
short(
    "quarterly pattern over MA(1)",
    lambda r, n: np.resize(r.standard_normal(4), n) + arma(r, n, (), [u(r, -0.4, 0.7)]),
)
short(
    "binomial of AR(1)",
    lambda r, n: 1.0 * r.binomial(12, expit(unit(arma(r, n, [u(r, 0.1, 0.85)])))),
)


# ------------------------------------------------------------------ mimics
def mimic(name, level, noise):
    WORLDS.add("mimics", name, lambda rng, n: (unit(noise(rng, n)) + level(rng, n), np.nan))


def weak_ar(rng, n):
    return arma(rng, n, [u(rng, -0.2, 0.6)])


def jump(rng, n):
    return either(rng) * u(rng, 0.9, 2.2) * (time(n) > u(rng, 0.2, 0.8))


def jumps(rng, n, number):
    edges = np.sort(rng.dirichlet(np.full(number + 1, 4.0)).cumsum()[:-1])
    sizes = either(rng) * u(rng, 0.8, 1.8) * rng.choice([-1, 1], number)
    return (sizes[:, None] * (time(n) > edges[:, None])).sum(axis=0)


def three_regimes(rng, n):
    """Levels -1, 0, 1 in stays of gamma distributed length."""
    level, at, state = np.zeros(n), 0, int(rng.integers(3))
    while at < n:
        stay = 1 + int(rng.gamma(3.0, n / u(rng, 20, 45)))
        level[at : at + stay] = state - 1
        at, state = at + stay, int((state + rng.integers(1, 3)) % 3)
    return u(rng, 0.9, 1.8) * level


def spline(rng, n):
    """A smooth curve through five random heights."""
    knots, heights = np.linspace(0, 1, 5), rng.standard_normal(5)
    return u(rng, 0.9, 1.8) * np.polyval(np.polyfit(knots, heights, 4), time(n))


mimic("a jump", jump, weibull)
mimic("a jump over weak AR", jump, weak_ar)
mimic("two jumps", lambda r, n: jumps(r, n, 2), secant)
mimic("four jumps over weak AR", lambda r, n: jumps(r, n, 4), weak_ar)
mimic(
    "two regimes, either way",
    lambda r, n: u(r, 0.9, 2.2) * (np.cumsum(r.random(n) < u(r, 5, 14) / n) % 2),
    skew,
)
mimic("three regimes", three_regimes, gauss)
mimic(
    "levels of uniform height",
    lambda r, n: np.repeat(r.uniform(-2, 2, k := int(r.integers(5, 15))), -(-n // k))[:n],
    laplace_mixture,
)
mimic("a straight line", lambda r, n: either(r) * u(r, 0.7, 4) * time(n), skew)
mimic(
    "a straight line over AR",
    lambda r, n: either(r) * u(r, 1.2, 5) * time(n),
    lambda r, n: arma(r, n, [u(r, 0.2, 0.7)]),
)
mimic("a hump", lambda r, n: u(r, 4, 9) * time(n) * (1 - time(n)), weak_ar)
mimic("a curve through five heights", spline, gauss)
mimic(
    "a logistic climb over MA(1)",
    lambda r, n: either(r) * u(r, 1, 2.8) * expit((time(n) - u(r, 0.3, 0.7)) / u(r, 0.03, 0.12)),
    lambda r, n: arma(r, n, (), [u(r, -0.3, 0.8)]),
)
mimic(
    "three quarters to three waves",
    lambda r, n: u(r, 0.7, 1.8) * np.sin(2 * np.pi * (u(r, 0.75, 3) * time(n) + r.random())),
    egarch,
)
mimic("decay to a level", lambda r, n: u(r, 2, 6) * np.exp(-time(n) / u(r, 0.08, 0.3)), weak_ar)


# ------------------------------------------------------------------ long memory
def long(name, draw, low=0.16, high=0.45, kind="long"):
    def drawn(rng, n):
        d = u(rng, low, high)
        return draw(rng, n, d), d

    WORLDS.add(kind, name, drawn)


def two_waves(rng, n, d):
    """Log spectrum: a power law and two cosines."""
    a, b = rng.uniform(-0.4, 0.4, 2)
    return by_spectrum(
        rng,
        n,
        lambda w: (2 * np.sin(w / 2)) ** (-2 * d) * np.exp(a * np.cos(w) + b * np.cos(3 * w)),
    )


long("ARFIMA(0, d, 0)", fraction, 0.2, 0.47)
long("fGn", lambda r, n, d: fgn(r, n, d + 0.5), 0.2, 0.46)
long("ARFIMA(0, d, 0), strong", fraction, 0.3, 0.46)
long("fGn, weak", lambda r, n, d: fgn(r, n, d + 0.5), 0.12, 0.25)
long("secant shocks", lambda r, n, d: fraction(r, n, d, secant))
long("weibull shocks", lambda r, n, d: fraction(r, n, d, weibull))
long("egarch shocks", lambda r, n, d: fraction(r, n, d, egarch))
long("ARFIMA(1, d, 0), either sign", lambda r, n, d: arfima(r, n, d, [u(r, -0.6, 0.35)]))
long("ARFIMA(0, d, 1), either sign", lambda r, n, d: arfima(r, n, d, (), [u(r, -0.25, 0.7)]))
long(
    "ARFIMA(1, d, 1), skew",
    lambda r, n, d: arfima(r, n, d, [u(r, -0.3, 0.4)], [u(r, -0.2, 0.6)], skew),
)
long("two waves over it", two_waves)
long(
    "MA(1) of fGn",
    lambda r, n, d: arma(r, n, (), [u(r, -0.2, 0.7)], lambda q, m: fgn(q, m, d + 0.5)),
)
long("asinh of it", lambda r, n, d: np.arcsinh(2 * unit(fraction(r, n, d))))
long("means of pairs", lambda r, n, d: fraction(r, 2 * n, d).reshape(n, 2).mean(axis=1))


# ------------------------------------------------------------------ long memory with more
def memory(rng, n, d):
    if rng.random() < 0.5:
        return unit(fraction(rng, n, d, secant))
    return unit(
        fgn(rng, n, d + 0.5) if rng.random() < 0.6 else arfima(rng, n, d, (), [u(rng, -0.2, 0.5)])
    )


def more(name, level, low=0.2):
    long(name, lambda r, n, d: memory(r, n, d) + level(r, n), low, 0.45, "long with more")


def wave(rng, n, period):
    return np.cos(2 * np.pi * (np.arange(n) / period + rng.random()))


more("a jump too", jump)
more("two jumps too", lambda r, n: 0.8 * jumps(r, n, 2))
more("five jumps too", lambda r, n: 0.7 * jumps(r, n, 5))
more("a straight line too", lambda r, n: either(r) * u(r, 0.7, 4.5) * time(n))
more("a hump too", lambda r, n: u(r, 3, 8) * time(n) * (1 - time(n)))
more(
    "a logistic climb too",
    lambda r, n: either(r) * u(r, 0.8, 2.5) * expit((time(n) - u(r, 0.3, 0.7)) / 0.06),
)
more("a month of dummies too", lambda r, n: u(r, 0.4, 1.2) * np.resize(r.standard_normal(12), n))
more("a day of 24 too", lambda r, n: u(r, 0.5, 1.8) * wave(r, n, 24))
more("five weekdays too", lambda r, n: u(r, 0.4, 1.2) * np.resize(r.standard_normal(5), n))
more("weibull noise too", lambda r, n: u(r, 0.3, 0.7) * weibull(r, n), 0.28)
more("skew noise too", lambda r, n: u(r, 0.3, 0.7) * skew(r, n), 0.28)
more(
    "a line and weekdays too",
    lambda r, n: u(r, 0.8, 4) * time(n) + u(r, 0.4, 1) * np.resize(r.standard_normal(7), n),
)
more("a jump and a year too", lambda r, n: jump(r, n) + u(r, 0.4, 1.5) * wave(r, n, 12))
more(
    "a line and noise too",
    lambda r, n: either(r) * u(r, 0.8, 3) * time(n) + u(r, 0.3, 0.6) * secant(r, n),
    0.28,
)


# ------------------------------------------------------------------ nonstationary
def far(name, draw):
    WORLDS.add("nonstationary", name, lambda rng, n: (draw(rng, n), 1.0))


def far_d(name, draw, low, high):
    long(name, draw, low, high, "nonstationary")


far("weibull walk", lambda r, n: np.cumsum(weibull(r, n)))
far("egarch walk", lambda r, n: np.cumsum(egarch(r, n)))
far("walk of secant AR steps", lambda r, n: np.cumsum(arma(r, n, [u(r, -0.4, 0.6)], (), secant)))
far("walk of MA(2) steps", lambda r, n: np.cumsum(arma(r, n, (), r.uniform(-0.2, 0.6, 2))))
far(
    "walk and a slope",
    lambda r, n: np.cumsum(skew(r, n)) + either(r) * u(r, 0.02, 0.15) * np.arange(n),
)
far("walk under skew noise", lambda r, n: np.cumsum(gauss(r, n)) + u(r, 0.2, 1.2) * skew(r, n))
far(
    "walk and a month of dummies",
    lambda r, n: np.cumsum(gauss(r, n)) + u(r, 0.5, 2) * np.resize(r.standard_normal(12), n),
)
far("log of a price", lambda r, n: np.cumsum(0.01 * laplace_mixture(r, n) + 0.0003))
far(
    "ARIMA(1, 1, 1), drawn",
    lambda r, n: np.cumsum(arma(r, n, [u(r, -0.3, 0.5)], [u(r, -0.4, 0.5)])),
)
far_d("d from 0.6 to 0.85", fraction, 0.6, 0.85)
far_d("d from 0.85 to 1.3, secant", lambda r, n, d: fraction(r, n, d, secant), 0.85, 1.3)
far_d("Brownian, H from 0.25 to 0.8", lambda r, n, d: np.cumsum(fgn(r, n, d - 0.5)), 0.75, 1.3)
far_d(
    "d from 0.65 to 1.05 and MA", lambda r, n, d: arfima(r, n, d, (), [u(r, -0.2, 0.6)]), 0.65, 1.05
)
far_d(
    "d from 0.7 to 1.1 and a jump",
    lambda r, n, d: unit(fraction(r, n, d)) + 0.5 * jump(r, n),
    0.7,
    1.1,
)


# ------------------------------------------------------------------ antipersistent
def anti(name, draw, low=-0.45, high=-0.15):
    long(name, draw, low, high, "antipersistent")


def over(name, draw):
    WORLDS.add("antipersistent", name, lambda rng, n: (np.diff(draw(rng, n + 1)), -1.0))


anti("negative d, drawn", fraction)
anti("negative d, weak", fraction, -0.25, -0.12)
anti("fGn, H from 0.06 to 0.34", lambda r, n, d: fgn(r, n, d + 0.5), -0.44, -0.16)
anti("negative d, weibull", lambda r, n, d: fraction(r, n, d, weibull))
anti("negative d, egarch", lambda r, n, d: fraction(r, n, d, egarch))
anti("negative d, secant AR", lambda r, n, d: arfima(r, n, d, [u(r, -0.4, 0.4)], (), secant))
anti("negative d, MA of either sign", lambda r, n, d: arfima(r, n, d, (), [u(r, -0.25, 0.6)]))
anti("negative d, two waves", two_waves)
anti(
    "negative d and a day of 24",
    lambda r, n, d: unit(fraction(r, n, d)) + u(r, 0.3, 1.2) * wave(r, n, 24),
)
over("differenced weibull noise", weibull)
over("differenced secant AR", lambda r, n: arma(r, n, [u(r, -0.3, 0.7)], (), secant))
over("differenced MA(2)", lambda r, n: arma(r, n, (), r.uniform(-0.3, 0.7, 2)))
over("differenced hump and noise", lambda r, n: skew(r, n) + u(r, 3, 8) * time(n) * (1 - time(n)))
WORLDS.add(
    "antipersistent",
    "differenced fGn",
    lambda r, n: (np.diff(fgn(r, n + 1, 0.5 + (d := u(r, 0.1, 0.4)))), d - 1.0),
)

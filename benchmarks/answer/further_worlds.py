"""Training worlds beyond linear ones: thresholds, volatility, tails, rounding, gaps filled in."""

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
    markov,
    normal,
    random_shifts,
    shifts,
    student,
    time,
    unit,
)  # fmt: skip

WORLDS = {}


def add(kind, name, draw):
    assert name not in WORLDS, name
    WORLDS[name] = (kind, draw)


def u(rng, low, high):
    return rng.uniform(low, high)


def sign(rng):
    return rng.choice([-1.0, 1.0])


def recursion(rng, n, step, burn=200):
    """x_t = step(x_{t-1}, e_t)."""
    x, path = 0.0, np.empty(n + burn)
    for t, e in enumerate(rng.standard_normal(n + burn)):
        x = step(x, e)
        path[t] = x
    return path[burn:]


def filled(rng, x):
    """A part missing at random, filled in along a line or by the last value."""
    n = len(x)
    seen = np.flatnonzero(rng.random(n) > u(rng, 0.05, 0.3))
    if rng.random() < 0.5:
        return np.interp(np.arange(n), seen, x[seen])
    return x[seen][np.maximum(np.searchsorted(seen, np.arange(n), "right") - 1, 0)]


def spoiled(rng, x):
    """Outliers, rounding, censoring, gaps or a changing variance, as files have them."""
    x, n = unit(x), len(x)
    which = rng.integers(6)
    if which == 0:
        return x + (rng.random(n) < u(rng, 0.003, 0.02)) * rng.standard_normal(n) * u(rng, 4, 10)
    if which == 1:
        return np.round(x / (step := u(rng, 0.3, 1.2))) * step
    if which == 2:
        return np.maximum(x, u(rng, -1.0, 0.2))
    if which == 3:
        return filled(rng, x)
    if which == 4:
        return x * np.where(time(n) < u(rng, 0.2, 0.8), 1.0, u(rng, 0.4, 2.5))
    return x * np.exp(markov(rng, n, 1.0 - u(rng, 4, 30) / n, u(rng, 0.5, 1.2)))


def partial_ar(partial):
    phi = []
    for k in partial:
        phi = [a - k * b for a, b in zip(phi, phi[::-1], strict=True)] + [k]
    return phi


def har(rng, n, lags=(1, 5, 22), innovations=normal, low=0.7, high=0.96):
    parts = rng.dirichlet(np.full(len(lags), 2.0)) * u(rng, low, high)
    phi = np.zeros(lags[-1])
    for lag, part in zip(lags, parts, strict=True):
        phi[:lag] += part / lag
    return arma(rng, n, phi, (), innovations, burn=3000)


def volatile(rng, n, low=0.9, high=0.985):
    """Log volatility an AR(1)."""
    return u(rng, 0.4, 1.0) * unit(arma(rng, n, [u(rng, low, high)]))


# ------------------------------------------------------------------ short memory
def short(name, draw):
    add("short", name, lambda rng, n: (draw(rng, n), 0.0))


def smooth_transition(rng, n):
    a, b, c = u(rng, 0.3, 0.9), u(rng, -0.4, 0.6), u(rng, 0.5, 3)
    return recursion(rng, n, lambda x, e: (a + (b - a) / (1.0 + np.exp(-c * x))) * x + e)


def three_regimes(rng, n):
    a, band = u(rng, 0.2, 0.9), u(rng, 0.5, 2.0)
    return recursion(rng, n, lambda x, e: (0.97 if abs(x) < band else a) * x + e)


def durations(rng, n):
    """Autoregressive conditional durations."""
    a, b = u(rng, 0.05, 0.25), u(rng, 0.4, 0.7)
    psi, path = 1.0, np.empty(n + 100)
    for t, e in enumerate(rng.exponential(size=n + 100)):
        path[t] = psi * e
        psi = 1.0 - a - b + a * path[t] + b * psi
    return path[100:]


def ou(rng, n):
    return arma(rng, n, [np.exp(-1.0 / u(rng, 8, 0.06 * n + 9))])


short("smooth transition", smooth_transition)
short("nearly a walk within a band", three_regimes)
short("durations", durations)
short("time constant up to n / 16", ou)
short("GARCH in the shocks of AR", lambda r, n: arma(r, n, [u(r, 0.7, 0.97)], (), garch))
short("log volatility of AR, squared", lambda r, n: np.log((np.exp(volatile(r, n)) * normal(r, n)) ** 2 + 1e-9))  # fmt: skip
short("absolute returns of AR volatility", lambda r, n: np.abs(np.exp(volatile(r, n, 0.7, 0.97)) * normal(r, n)))  # fmt: skip
short("log of realised variance, AR", lambda r, n: volatile(r, n) + u(r, 0.2, 0.8) * np.log(r.gamma(5.0, 0.2, n)))  # fmt: skip
short("volatility in regimes", lambda r, n: np.exp(markov(r, n, 1 - u(r, 5, 40) / n, u(r, 0.7, 2))) * arma(r, n, [u(r, -0.3, 0.8)]))  # fmt: skip
short("squares in regimes", lambda r, n: np.abs(np.exp(markov(r, n, 1 - u(r, 0.03, 0.15), u(r, 0.3, 1))) * normal(r, n)))  # fmt: skip
short("spoiled noise", lambda r, n: spoiled(r, normal(r, n)))
short("spoiled AR(1)", lambda r, n: spoiled(r, arma(r, n, [u(r, 0.3, 0.95)])))
short("spoiled AR(1), slow", lambda r, n: spoiled(r, arma(r, n, [u(r, 0.85, 0.98)])))
short("spoiled ARMA", lambda r, n: spoiled(r, arma(r, n, [u(r, 0.5, 0.95)], [u(r, -0.6, 0.6)])))
short("t2.5 AR", lambda r, n: arma(r, n, [u(r, 0, 0.95)], (), lambda q, m: q.standard_t(2.5, m)))
short("sign of AR", lambda r, n: np.sign(arma(r, n, [u(r, 0.3, 0.97)]) + 1e-9))
short("cube of AR", lambda r, n: arma(r, n, [u(r, 0.3, 0.97)]) ** 3)
short("exponential of AR", lambda r, n: np.exp(u(r, 0.3, 1.2) * unit(arma(r, n, [u(r, 0.7, 0.97)]))))  # fmt: skip
short("negative binomial of AR", lambda r, n: r.poisson(r.gamma(2.0, np.exp(0.5 * unit(arma(r, n, [u(r, 0.4, 0.95)])))))*1.0)  # fmt: skip
short("ARMA(2, 1)", lambda r, n: arma(r, n, partial_ar(r.uniform([0.3, -0.4], [0.95, 0.5])), [u(r, -0.7, 0.7)]))  # fmt: skip
short("ARMA(1, 2)", lambda r, n: arma(r, n, [u(r, 0.5, 0.96)], r.uniform([-0.7, -0.3], [0.5, 0.4])))
short("ARMA(3, 1)", lambda r, n: arma(r, n, partial_ar(r.uniform([0.3, -0.4, -0.4], [0.9, 0.4, 0.4])), [u(r, -0.6, 0.6)]))  # fmt: skip
short("ARMA(3, 2), all positive", lambda r, n: arma(r, n, partial_ar(r.uniform(0.1, 0.6, 3)), r.uniform(-0.2, 0.6, 2), burn=3000))  # fmt: skip
short("two AR(1) and noise", lambda r, n: unit(arma(r, n, [u(r, 0.85, 0.975)])) + u(r, 0.5, 2) * unit(arma(r, n, [u(r, 0.3, 0.8)])) + u(r, 0.0, 1.5) * normal(r, n))  # fmt: skip
short("HAR with GARCH", lambda r, n: har(r, n, innovations=garch))
short("HAR 1, 7, 30", lambda r, n: har(r, n, (1, 7, 30)))
short("HAR 1, 4, 12", lambda r, n: har(r, n, (1, 4, 12)))
short("HAR of logs", lambda r, n: np.exp(0.6 * unit(har(r, n))))
short("lags 1, 2 and s", lambda r, n: arma(r, n, np.r_[u(r, 0.1, 0.4), u(r, -0.1, 0.25), np.zeros(r.integers(2, 10)), u(r, 0.1, 0.3)], burn=2000))  # fmt: skip
short("declining AR(10)", lambda r, n: arma(r, n, (w := u(r, 0.6, 0.85) ** np.arange(10)) / w.sum() * u(r, 0.5, 0.93), burn=3000))  # fmt: skip
short("AR(12) of any partials", lambda r, n: arma(r, n, partial_ar(np.r_[u(r, 0.1, 0.8), r.normal(0, 0.15, 11).clip(-0.6, 0.6)]), burn=3000))  # fmt: skip
short("MA of declining weights", lambda r, n: arma(r, n, (), np.linspace(u(r, 0.3, 1), 0, r.integers(4, 25))))  # fmt: skip
short("MA of geometric weights", lambda r, n: arma(r, n, (), u(r, 0.4, 1.0) * u(r, 0.6, 0.9) ** np.arange(r.integers(5, 20))))  # fmt: skip
short("means of k of AR(1)", lambda r, n: arma(r, n * (k := int(r.integers(2, 6))), [u(r, 0.6, 0.98)]).reshape(n, k).mean(axis=1))  # fmt: skip
short("every k-th of AR(1)", lambda r, n: arma(r, n * (k := int(r.integers(2, 6))), [u(r, 0.8, 0.99)])[::k])  # fmt: skip
short("MA(2) pulling back", lambda r, n: arma(r, n, (), -r.dirichlet([1, 1]) * u(r, 0.3, 0.85)))
short("AR pulling back", lambda r, n: arma(r, n, -r.dirichlet([1, 1, 1]) * u(r, 0.3, 1.5), burn=500))  # fmt: skip
short("ARMA pulling back", lambda r, n: arma(r, n, [u(r, -0.6, 0.6)], [u(r, -0.85, -0.4)]))
short("differenced walk under noise", lambda r, n: np.diff(np.cumsum(normal(r, n + 1)) + u(r, 0.4, 1.5) * normal(r, n + 1)))  # fmt: skip
short("less a part of its moving mean", lambda r, n: (e := normal(r, n)) - u(r, 0.3, 0.8) * arma(np.random.default_rng(0), n, [a := u(r, 0.5, 0.9)], (), lambda q, m: (1 - a) * np.r_[np.zeros(m - n), e]))  # fmt: skip
short("multiplicative season of AR", lambda r, n: (1.0 + u(r, 0.2, 0.8) * np.cos(2 * np.pi * np.arange(n) / r.integers(4, 25))) * (2.0 + unit(arma(r, n, [u(r, 0, 0.8)]))))  # fmt: skip
short("season in the variance", lambda r, n: np.exp(u(r, 0.3, 1) * np.cos(2 * np.pi * np.arange(n) / r.integers(4, 30))) * arma(r, n, [u(r, 0, 0.8)]))  # fmt: skip
short("airline season, stationary", lambda r, n: arma(r, n, [u(r, 0.2, 0.7)], np.r_[np.zeros(11), u(r, 0.2, 0.8)]))  # fmt: skip


# ------------------------------------------------------------------ mimics
def mimic(name, level, noise):
    add("mimics", name, lambda rng, n: (unit(noise(rng, n)) + level(rng, n), np.nan))


def ar(rng, n, low=0.0, high=0.7):
    return arma(rng, n, [u(rng, low, high)])


def slopes(rng, n):
    """Straight pieces that meet."""
    knots = np.r_[0, np.sort(rng.random(rng.integers(1, 4))), 1]
    return u(rng, 1.0, 2.5) * np.interp(time(n), knots, rng.standard_normal(len(knots)))


def smooth(rng, n):
    """A smooth random curve."""
    k = np.arange(1, rng.integers(3, 7))
    parts = rng.standard_normal(len(k))[:, None] * np.sin(np.pi * k[:, None] * time(n) + 6.3 * rng.random(len(k))[:, None])  # fmt: skip
    return u(rng, 0.5, 1.5) * parts.sum(axis=0)


mimic("straight pieces", slopes, normal)
mimic("straight pieces over AR", slopes, ar)
mimic("smooth curve", smooth, normal)
mimic("smooth curve over AR", smooth, lambda r, n: ar(r, n, 0.2, 0.8))
mimic("logarithmic trend", lambda r, n: sign(r) * u(r, 0.4, 1.5) * np.log1p(np.arange(n)), ar)
mimic("line and GARCH", lambda r, n: sign(r) * u(r, 1, 5) * time(n), garch)
mimic("shifts and GARCH", lambda r, n: shifts(r, n, r.integers(1, 5), u(r, 0.8, 2.5)), garch)
mimic("shifts and t3", lambda r, n: shifts(r, n, r.integers(1, 4), u(r, 0.8, 2.5)), student(3))
mimic("shifts and skewed noise", lambda r, n: shifts(r, n, r.integers(1, 4), u(r, 0.8, 2.5)), exponential)  # fmt: skip
mimic("shifts and spoiled noise", lambda r, n: shifts(r, n, r.integers(1, 4), u(r, 1, 3)), lambda r, n: spoiled(r, ar(r, n)))  # fmt: skip
mimic("line and spoiled noise", lambda r, n: sign(r) * u(r, 1, 5) * time(n), lambda r, n: spoiled(r, ar(r, n)))  # fmt: skip
mimic("five shifts over AR", lambda r, n: shifts(r, n, 5, u(r, 1, 2.5)), lambda r, n: ar(r, n, 0.3, 0.8))  # fmt: skip
mimic("levels over MA", lambda r, n: random_shifts(r, n, u(r, 4, 20) / n, u(r, 0.7, 2)), lambda r, n: arma(r, n, (), r.uniform(-0.3, 0.8, 3)))  # fmt: skip
mimic("switching over MA", lambda r, n: markov(r, n, 1 - u(r, 4, 25) / n, u(r, 1, 3)), lambda r, n: arma(r, n, (), [u(r, -0.5, 0.8)]))  # fmt: skip
mimic("three states over AR", lambda r, n: markov(r, n, 1 - u(r, 4, 20) / n, u(r, 0.7, 2), 3), ar)
mimic("four states", lambda r, n: markov(r, n, 1 - u(r, 4, 25) / n, u(r, 0.6, 1.5), 4), normal)
mimic("line and slow AR", lambda r, n: sign(r) * u(r, 3, 8) * time(n), lambda r, n: ar(r, n, 0.6, 0.9))  # fmt: skip
mimic("line and ARMA(1, 1)", lambda r, n: sign(r) * u(r, 1, 5) * time(n), lambda r, n: arma(r, n, [u(r, 0.4, 0.9)], [u(r, -0.6, 0.5)]))  # fmt: skip
mimic("steps and season", lambda r, n: shifts(r, n, r.integers(2, 5), u(r, 1, 2)) + np.resize(r.standard_normal(r.integers(3, 13)), n), normal)  # fmt: skip
mimic("a growing wave", lambda r, n: u(r, 1, 3) * time(n) * np.sin(u(r, 5, 25) * time(n)), normal)
add("mimics", "counts of a changing mean", lambda r, n: (1.0 * r.poisson(np.exp(u(r, 0, 2) + shifts(r, n, r.integers(1, 4), u(r, 0.3, 0.9)))), np.nan))  # fmt: skip
add("mimics", "counts that grow", lambda r, n: (1.0 * r.poisson(np.exp(u(r, 0, 2) + u(r, 0.5, 2) * time(n))), np.nan))  # fmt: skip
add("mimics", "lognormal over a line", lambda r, n: (np.exp(u(r, 0.2, 0.7) * ar(r, n) + u(r, 0.5, 2) * time(n)), np.nan))  # fmt: skip
add("mimics", "level and variance change", lambda r, n: (unit(ar(r, n)) * np.where(w := time(n) > u(r, 0.2, 0.8), u(r, 1, 3), 1.0) + u(r, 1, 3) * w, np.nan))  # fmt: skip


# ------------------------------------------------------------------ long memory
def long(name, draw, low=0.12, high=0.46, kind="long"):
    def drawn(rng, n):
        d = u(rng, low, high)
        return draw(rng, n, d), d

    add(kind, name, drawn)


def memory(rng, n, d):
    which = rng.integers(4)
    if which == 0:
        return unit(fgn(rng, n, d + 0.5))
    if which == 1:
        return unit(arfima(rng, n, d, [u(rng, -0.4, 0.5)]))
    return unit(fraction(rng, n, d))


def fexp(rng, n, d, terms=4, spread=0.3):
    c = rng.normal(0, spread, terms)
    waves = np.arange(1, terms + 1)[:, None]
    return by_spectrum(rng, n, lambda w: (2 * np.sin(w / 2)) ** (-2 * d) * np.exp(c @ np.cos(waves * w)))  # fmt: skip


long("waves over d", fexp)
long("many waves over d", lambda r, n, d: fexp(r, n, d, 8, 0.2))
long("MA(q) positive over d", lambda r, n, d: arfima(r, n, d, (), r.uniform(0.1, 0.7, r.integers(2, 6))))  # fmt: skip
long("moving mean of d", lambda r, n, d: arfima(r, n, d, (), np.ones(r.integers(1, 7))))
long("AR(3) over d", lambda r, n, d: arfima(r, n, d, partial_ar(r.uniform([-0.2, -0.3, -0.3], [0.6, 0.4, 0.4]))))  # fmt: skip
long("ARMA(1, 1) of one sign over d", lambda r, n, d: arfima(r, n, d, [u(r, 0.1, 0.6)], [u(r, 0.1, 0.6)]))  # fmt: skip
long("lags 1 and 5 over d", lambda r, n, d: arfima(r, n, d, [u(r, 0, 0.3), 0, 0, 0, u(r, 0.1, 0.3)]))  # fmt: skip
long("AR filter of fGn", lambda r, n, d: arma(r, n, [u(r, -0.5, 0.6)], (), lambda q, m: fgn(q, m, d + 0.5)))  # fmt: skip
long("spoiled memory", lambda r, n, d: spoiled(r, memory(r, n, d)), 0.2)
long("spoiled pure memory", lambda r, n, d: spoiled(r, fraction(r, n, d)), 0.15)
long("gaps filled in memory", lambda r, n, d: filled(r, memory(r, n, d)), 0.15)
long("t3 shocks, d", lambda r, n, d: fraction(r, n, d, student(3)))
long("AR and GARCH over d", lambda r, n, d: arfima(r, n, d, [u(r, -0.4, 0.6)], (), garch))
long("means of k of d", lambda r, n, d: memory(r, n * (k := int(r.integers(2, 6))), d).reshape(n, k).mean(axis=1))  # fmt: skip
long("every k-th of d", lambda r, n, d: memory(r, 3 * n, d)[::3], 0.2)
long("exponential of memory", lambda r, n, d: np.exp(u(r, 0.3, 0.9) * memory(r, n, d)), 0.2)
long("negative binomial of memory", lambda r, n, d: 1.0 * r.poisson(r.gamma(3.0, np.exp(0.7 * memory(r, n, d)))), 0.25)  # fmt: skip
long("two memories", lambda r, n, d: memory(r, n, d) + u(r, 0.3, 1) * memory(r, n, 0.5 * d))
long("AR(2) cycle over d", lambda r, n, d: arfima(r, n, d, [2 * (a := u(r, 0.5, 0.8)) * np.cos(u(r, 0.5, 2.5)), -a * a]))  # fmt: skip


def more(name, level, low=0.18):
    long(name, lambda r, n, d: memory(r, n, d) + level(r, n), low, 0.46, "long with more")


more("straight pieces over memory", slopes)
more("smooth curve over memory", smooth)
more("five shifts over memory", lambda r, n: shifts(r, n, 5, u(r, 0.6, 1.5)))
more("line, season and shift over memory", lambda r, n: sign(r) * u(r, 0.5, 3) * time(n) + shifts(r, n, 1, u(r, 0.5, 1.5)) + np.resize(r.standard_normal(7), n))  # fmt: skip
more("switching over memory", lambda r, n: markov(r, n, 1 - u(r, 3, 12) / n, u(r, 0.5, 1.5)))
more("GARCH noise over memory", lambda r, n: u(r, 0.3, 1) * garch(r, n), 0.25)
more("logarithmic trend over memory", lambda r, n: sign(r) * u(r, 0.3, 0.8) * np.log1p(np.arange(n)))  # fmt: skip
more("square-root line and outliers over memory", lambda r, n: u(r, 1, 3) * np.sqrt(time(n)) + (r.random(n) < 0.01) * 4 * normal(r, n))  # fmt: skip
more("two seasons over memory", lambda r, n: np.resize(r.standard_normal(7), n) + u(r, 0.3, 1) * np.cos(2 * np.pi * np.arange(n) / u(r, 20, 50)))  # fmt: skip
long("log squares of long volatility, t", lambda r, n, d: np.log((np.exp(u(r, 0.5, 1) * memory(r, n, d)) * student(5)(r, n)) ** 2 + 1e-9), 0.25, 0.46, "long with more")  # fmt: skip
long("spoiled memory over a line", lambda r, n, d: spoiled(r, memory(r, n, d)) + sign(r) * u(r, 1, 4) * time(n), 0.2, 0.46, "long with more")  # fmt: skip
long("seasonal fractional and AR", lambda r, n, d: arma(r, n, [u(r, -0.3, 0.5)], (), lambda q, m: by_spectrum(q, m, lambda w: (np.abs(2 * np.sin(6 * w)) + 1e-6) ** (-2 * d))), 0.15, 0.4, "long with more")  # fmt: skip
long("pole at a slow cycle", lambda r, n, d: gegenbauer(r, n, d, u(r, 0.05, 0.3)), 0.25, 0.46, "long at a cycle")  # fmt: skip
long("two poles", lambda r, n, d: unit(gegenbauer(r, n, d, u(r, 0.2, 1))) + unit(gegenbauer(r, n, d, u(r, 1.2, 2.6))), 0.25, 0.46, "long at a cycle")  # fmt: skip
long("pole and a line", lambda r, n, d: unit(gegenbauer(r, n, d, u(r, 0.2, 2))) + u(r, 1, 4) * time(n), 0.25, 0.46, "long at a cycle")  # fmt: skip
long("pole under ARMA", lambda r, n, d: arma(r, n, [u(r, -0.5, 0.5)], [u(r, -0.4, 0.6)], lambda q, m: gegenbauer(q, m, d, u(r, 0.3, 2))), 0.25, 0.46, "long at a cycle")  # fmt: skip


# ------------------------------------------------------------------ nonstationary
def far(name, draw):
    add("nonstationary", name, lambda rng, n: (draw(rng, n), 1.0))


def walk(rng, n):
    return np.cumsum(normal(rng, n))


far("spoiled walk", lambda r, n: spoiled(r, walk(r, n)))
far("walk of t3", lambda r, n: np.cumsum(student(3)(r, n)))
far("walk of HAR", lambda r, n: np.cumsum(har(r, n, low=0.2, high=0.6)))
far("walk under AR noise", lambda r, n: walk(r, n) + u(r, 0.5, 2) * arma(r, n, [u(r, 0.2, 0.7)]))
far("ARIMA(0, 1, 1)", lambda r, n: np.cumsum(arma(r, n, (), [u(r, -0.7, -0.3)])))
far("ARIMA(1, 1, 1)", lambda r, n: np.cumsum(arma(r, n, [u(r, 0.1, 0.6)], [u(r, -0.6, 0.5)])))
far("walk of volatile steps", lambda r, n: np.cumsum(np.exp(volatile(r, n)) * normal(r, n)))
far("walk with a switching drift", lambda r, n: np.cumsum(normal(r, n) + markov(r, n, 1 - u(r, 3, 10) / n, u(r, 0.1, 0.5))))  # fmt: skip
far("walk over twelve seasons", lambda r, n: np.cumsum(normal(r, (n // 12 + 1) * 12).reshape(-1, 12), axis=0).ravel()[:n] + np.resize(r.standard_normal(12), n))  # fmt: skip
far("prices with outliers", lambda r, n: np.exp(0.01 * walk(r, n)) + (r.random(n) < 0.005) * 0.05 * normal(r, n))  # fmt: skip
long("fBm under noise", lambda r, n, d: unit(np.cumsum(fgn(r, n, d - 0.5))) + u(r, 0.1, 0.4) * normal(r, n), 0.8, 1.4, "nonstationary")  # fmt: skip
long("spoiled d above 1/2", lambda r, n, d: spoiled(r, fraction(r, n, d)), 0.7, 1.1, "nonstationary")  # fmt: skip
long("ARFIMA(0, d, 1) above 1/2", lambda r, n, d: arfima(r, n, d, (), [u(r, -0.4, 0.6)]), 0.65, 1.1, "nonstationary")  # fmt: skip
long("d above 1/2 and a season", lambda r, n, d: unit(fraction(r, n, d)) + np.resize(r.standard_normal(int(r.integers(3, 25))), n) * u(r, 0.2, 0.6), 0.65, 1.1, "nonstationary")  # fmt: skip
long("d above 1/2 and shifts", lambda r, n, d: unit(fraction(r, n, d)) + shifts(r, n, 2, u(r, 0.5, 1.2)), 0.65, 1.1, "nonstationary")  # fmt: skip


# ------------------------------------------------------------------ antipersistent
def anti(name, draw, low=-0.46, high=-0.12):
    long(name, draw, low, high, "antipersistent")


def over(name, draw, lag=1):
    add("antipersistent", name, lambda rng, n: ((x := draw(rng, n + lag))[lag:] - x[:-lag], -1.0))


anti("negative waves", fexp)
anti("spoiled negative d", lambda r, n, d: spoiled(r, fraction(r, n, d)), -0.46, -0.2)
anti("negative d, t3", lambda r, n, d: fraction(r, n, d, student(3)))
anti("negative fGn under AR", lambda r, n, d: arma(r, n, [u(r, -0.5, 0.5)], (), lambda q, m: fgn(q, m, d + 0.5)))  # fmt: skip
anti("negative d, MA(2)", lambda r, n, d: arfima(r, n, d, (), r.uniform(-0.3, 0.5, 2)))
anti("negative d and a cycle", lambda r, n, d: arfima(r, n, d, [2 * (a := u(r, 0.4, 0.8)) * np.cos(u(r, 0.5, 2.5)), -a * a]))  # fmt: skip
anti("negative d and a wave", lambda r, n, d: unit(fraction(r, n, d)) + u(r, 0.4, 1.5) * np.cos(2 * np.pi * np.arange(n) / u(r, 4, 40)))  # fmt: skip
over("differenced skewed noise", exponential)
over("differenced HAR", lambda r, n: har(r, n, low=0.3, high=0.8))
over("differenced shifts", lambda r, n: normal(r, n) + shifts(r, n, 2, u(r, 1, 3)))
over("differenced season", lambda r, n: normal(r, n) + np.resize(r.standard_normal(7), n))
over("differenced spoiled AR", lambda r, n: spoiled(r, arma(r, n, [u(r, 0, 0.7)])))
over("differenced over a season", lambda r, n: arma(r, n, [u(r, 0, 0.5)]), 12)
over("differenced MA(q)", lambda r, n: arma(r, n, (), r.uniform(-0.2, 0.8, 3)))
add("antipersistent", "noise differenced twice", lambda r, n: (np.diff(normal(r, n + 2), 2), -2.0))

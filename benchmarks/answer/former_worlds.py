"""Training worlds that were evaluation worlds until they had been looked at three times."""

import numpy as np
from blocks import arfima, arma, by_spectrum, fgn, fraction, gegenbauer, time, unit
from scipy.special import ndtr
from scipy.stats import rankdata

WORLDS = {}


def add(kind, name, draw):
    assert name not in WORLDS, name
    WORLDS[name] = (kind, draw)


def gauss(rng, n):
    return rng.standard_normal(n)


def gamma_shocks(rng, n):
    return (rng.gamma(2.0, size=n) - 2.0) / np.sqrt(2.0)


def student5(rng, n):
    return rng.standard_t(5, n)


def arch(rng, n):
    """ARCH(2)."""
    e, x = rng.standard_normal(n + 50), np.zeros(n + 50)
    for t in range(2, n + 50):
        x[t] = np.sqrt(0.5 + 0.25 * x[t - 1] ** 2 + 0.25 * x[t - 2] ** 2) * e[t]
    return x[50:]


def u(rng, low, high):
    return rng.uniform(low, high)


def pm(rng):
    return rng.choice([-1.0, 1.0])


# ------------------------------------------------------------------ short memory
def short(name, draw):
    add("short", name, lambda rng, n: (draw(rng, n), 0.0))


def inar(rng, n):
    alpha, x = u(rng, 0.3, 0.85), np.zeros(n + 100, dtype=int)
    arrivals = rng.poisson(2.0, n + 100)
    for t in range(1, n + 100):
        x[t] = rng.binomial(x[t - 1], alpha) + arrivals[t]
    return x[100:].astype(float)


def exponential_ar(rng, n):
    a, b = u(rng, 0.2, 0.7), u(rng, -0.8, 0.3)
    e, x = rng.standard_normal(n + 100), np.zeros(n + 100)
    for t in range(1, n + 100):
        x[t] = (a + b * np.exp(-(x[t - 1] ** 2))) * x[t - 1] + e[t]
    return x[100:]


def three_times(rng, n):
    parts = (1.6, 5.0, 16.0)
    return sum(unit(arma(rng, n, [np.exp(-1.0 / s)])) for s in parts)


def weekly(rng, n):
    pattern = np.r_[np.zeros(5), u(rng, 0.5, 2.0) * np.ones(2)]
    return np.resize(pattern, n) + arma(rng, n, [u(rng, 0.1, 0.6)])


short("autoregression 0.8 to 0.98", lambda rng, n: arma(rng, n, [u(rng, 0.8, 0.98)]))
short("lags 1 and 5, HAR-like", lambda rng, n: arma(rng, n, [0.45, 0, 0, 0, 0.35], burn=2000))
short("three time constants to 16", three_times)
short("ARMA 0.9, -0.6", lambda rng, n: arma(rng, n, [0.9], [-0.6]))
short("ARMA(2, 2)", lambda rng, n: arma(rng, n, [1.1, -0.35], [u(rng, -0.4, 0.4), 0.25]))
short("AR(4) of one sign", lambda rng, n: arma(rng, n, [0.35, 0.2, 0.12, 0.08], burn=2000))
short("gamma noise", gamma_shocks)
short("ARCH(2) noise", arch)
short("MA(1) -0.6 to 0.8", lambda rng, n: arma(rng, n, (), [u(rng, -0.6, 0.8)]))
short("MA(8) declining", lambda rng, n: arma(rng, n, (), 0.8 * 0.75 ** np.arange(8)))
short("thinned counts", inar)
short("exponential autoregression", exponential_ar)
short("weekend effect over AR", weekly)
short("AR(2) slow cycle", lambda rng, n: arma(rng, n, [2 * 0.9 * np.cos(0.25), -0.81]))
short("rounded AR(1)", lambda rng, n: np.round(arma(rng, n, [u(rng, 0.3, 0.9)])))
short("squared AR(1)", lambda rng, n: arma(rng, n, [u(rng, 0.3, 0.9)]) ** 2)


# ------------------------------------------------------------------ mimics
def mimic(name, draw):
    add("mimics", name, lambda rng, n: (draw(rng, n), np.nan))


def middle_shift(rng, n):
    x = gauss(rng, n)
    x[int(u(rng, 0.35, 0.65) * n) :] += u(rng, 0.8, 2.0)
    return x


def staircase(rng, n):
    k = rng.integers(3, 7)
    return u(rng, 0.6, 1.4) * np.floor(k * time(n)) + student5(rng, n)


def shift_in_ar(rng, n):
    x = unit(arma(rng, n, [0.5]))
    at, to = sorted(rng.choice(np.arange(n // 10, 9 * n // 10), 2, replace=False))
    x[at:to] += u(rng, 1.2, 2.5)
    return x


def switching(rng, n):
    """A mean that switches with a probability of 1 in 100 a step."""
    state = np.cumsum(rng.random(n) < 0.01) % 2
    return u(rng, 1.0, 2.5) * state + gauss(rng, n)


def ramp(rng, n):
    a, b = sorted(rng.random(2))
    return u(rng, 1.5, 4.0) * np.clip((time(n) - a) / max(b - a, 0.05), 0, 1) + gamma_shocks(rng, n)


def sawtooth(rng, n):
    return u(rng, 1.0, 3.0) * ((rng.integers(1, 4) * time(n) + rng.random()) % 1) + gauss(rng, n)


def levels_of_t(rng, n):
    """Levels drawn anew at geometric times, heavy-tailed."""
    dates = np.flatnonzero(rng.random(n) < 7.0 / n)
    lengths = np.diff(np.r_[0, dates, n])
    return np.repeat(rng.standard_t(5, len(lengths)), lengths) + gauss(rng, n)


mimic("one shift about the middle", middle_shift)
mimic("staircase", staircase)
mimic("an episode over AR(1) 0.5", shift_in_ar)
mimic("switching mean", switching)
mimic("ramp", ramp)
mimic("sawtooth", sawtooth)
mimic("levels drawn anew", levels_of_t)
mimic("square-root trend", lambda rng, n: pm(rng) * u(rng, 1, 4) * np.sqrt(time(n)) + gauss(rng, n))
mimic("cubic trend", lambda rng, n: u(rng, 8, 25) * (time(n) - 0.5) ** 3 + gauss(rng, n))
mimic("arctangent trend", lambda rng, n: u(rng, 0.6, 1.5) * np.arctan(12 * (time(n) - u(rng, 0.3, 0.7))) + gauss(rng, n))  # fmt: skip
mimic("trend of half a deviation", lambda rng, n: 1.73 * time(n) + gauss(rng, n))
mimic("slow damped wave", lambda rng, n: u(rng, 1.5, 4) * np.exp(-2.5 * time(n)) * np.cos(u(rng, 6, 16) * time(n)) + gauss(rng, n))  # fmt: skip
mimic("trend over MA(1)", lambda rng, n: u(rng, 1, 4) * time(n) + arma(rng, n, (), [0.5]))
mimic("two shifts over ARCH", lambda rng, n: arch(rng, n) + 1.5 * ((time(n) > 0.3) & (time(n) < u(rng, 0.5, 0.9))))  # fmt: skip


# ------------------------------------------------------------------ long memory
def long(name, draw, low=0.15, high=0.45, kind="long"):
    def drawn(rng, n):
        d = u(rng, low, high)
        return draw(rng, n, d), d

    add(kind, name, drawn)


def fexp(rng, n, d):
    c = rng.normal(0, 0.25, 3)

    def density(w):
        short = sum(c[k] * np.cos((k + 1) * w) for k in range(3))
        return (2 * np.sin(w / 2)) ** (-2 * d) * np.exp(short)

    return by_spectrum(rng, n, density)


def on_off(rng, n, d):
    """Twelve sources with Pareto on and off times."""
    alpha, total = 2.0 - 2.0 * d, np.zeros(n)
    for _ in range(12):
        lengths = np.ceil(rng.pareto(alpha, 2 * n) + 1).astype(int)
        lengths = lengths[: int(np.searchsorted(np.cumsum(np.minimum(lengths, 4 * n)), 2 * n)) + 2]
        state = np.repeat(np.arange(len(lengths)) % 2, np.minimum(lengths, 4 * n))
        start = rng.integers(0, max(1, len(state) - n))
        total += state[start : start + n]
    return total


long("fractional noise", lambda rng, n, d: fgn(rng, n, d + 0.5))
long("fractional noise, strong", lambda rng, n, d: fgn(rng, n, d + 0.5), 0.35, 0.47)
long("pure fraction, d 0.2 to 0.45", fraction, 0.2, 0.45)
long("pure fraction, d 0.1 to 0.2", fraction, 0.1, 0.2)
long("gamma shocks", lambda rng, n, d: fraction(rng, n, d, gamma_shocks))
long("t5 shocks under AR 0.3", lambda rng, n, d: arfima(rng, n, d, [0.3], (), student5))
long("AR -0.4", lambda rng, n, d: arfima(rng, n, d, [-0.4]))
long("MA 0.3", lambda rng, n, d: arfima(rng, n, d, (), [0.3]))
long("AR 0.5", lambda rng, n, d: arfima(rng, n, d, [0.5]))
long("ARFIMA(2, d, 1)", lambda rng, n, d: arfima(rng, n, d, [0.3, -0.2], [0.4]))
long("exponential model", fexp)
long("sum of two", lambda rng, n, d: fraction(rng, n, d) + fgn(rng, n, 0.5 + 0.6 * d))
long("uniform margins", lambda rng, n, d: ndtr(unit(fraction(rng, n, d))))
long("on and off", on_off, 0.2, 0.42)
long("ranks of a lognormal", lambda rng, n, d: rankdata(np.exp(fraction(rng, n, d))))


# ------------------------------------------------------------------ long memory with more
def more(name, draw, low=0.2, high=0.45):
    long(name, draw, low, high, "long with more")


def memory(rng, n, d):
    return unit(fraction(rng, n, d) if rng.random() < 0.5 else fgn(rng, n, d + 0.5))


def anomalies(rng, n, d):
    return unit(fraction(rng, n, 0.35)) + u(rng, 1, 4) * time(n) ** 1.5


more("warming", anomalies, 0.35, 0.350001)
more("steps of three over it", lambda rng, n, d: memory(rng, n, d) + u(rng, 0.7, 1.5) * np.floor(3 * time(n)))  # fmt: skip
more("a shift about the middle of it", lambda rng, n, d: memory(rng, n, d) + u(rng, 0.8, 2.5) * (time(n) > u(rng, 0.35, 0.65)))  # fmt: skip
more("an episode in it", lambda rng, n, d: memory(rng, n, d) + u(rng, 1, 2.5) * ((time(n) > 0.3) & (time(n) < u(rng, 0.45, 0.8))))  # fmt: skip
more("a falling line under it", lambda rng, n, d: memory(rng, n, d) - u(rng, 1, 4) * time(n))
more("arctangent under it", lambda rng, n, d: memory(rng, n, d) + u(rng, 0.6, 1.5) * np.arctan(12 * (time(n) - 0.5)))  # fmt: skip
more("a weekend in it", lambda rng, n, d: memory(rng, n, d) + np.resize(np.r_[np.zeros(5), u(rng, 0.5, 2) * np.ones(2)], n))  # fmt: skip
more("a year of 52 weeks in it", lambda rng, n, d: memory(rng, n, d) + u(rng, 0.5, 2) * np.sin(2 * np.pi * np.arange(n) / 52))  # fmt: skip
more("half of it noise", lambda rng, n, d: memory(rng, n, d) + 0.7 * gauss(rng, n), 0.3)
more("noise of t5 over it", lambda rng, n, d: memory(rng, n, d) + 0.5 * student5(rng, n), 0.3)
more("log of squared returns", lambda rng, n, d: np.log((np.exp(0.5 * memory(rng, n, d)) * gauss(rng, n)) ** 2 + 1e-9), 0.3)  # fmt: skip
more("season and falling line", lambda rng, n, d: memory(rng, n, d) - u(rng, 1, 3) * time(n) + np.sin(2 * np.pi * np.arange(n) / 12))  # fmt: skip
more("AR 0.4 in the noise over it", lambda rng, n, d: memory(rng, n, d) + 0.5 * unit(arma(rng, n, [0.4])), 0.3)  # fmt: skip
more("pole at a cycle", lambda rng, n, d: gegenbauer(rng, n, d, u(rng, 0.3, 1.2)), 0.25)


# ------------------------------------------------------------------ nonstationary
def far(name, draw, d=1.0):
    add("nonstationary", name, lambda rng, n: (draw(rng, n), d))


def far_d(name, draw, low, high):
    long(name, draw, low, high, "nonstationary")


far("gamma walk", lambda rng, n: np.cumsum(gamma_shocks(rng, n)))
far("walk of AR(2)", lambda rng, n: np.cumsum(arma(rng, n, [0.3, 0.2])))
far("ARCH walk", lambda rng, n: np.cumsum(arch(rng, n)))
far("walk observed with error", lambda rng, n: np.cumsum(gauss(rng, n)) + student5(rng, n))
far("prices", lambda rng, n: 50 * np.exp(np.cumsum(0.012 * student5(rng, n) + 0.0004)))
far("walk and a falling line", lambda rng, n: np.cumsum(gauss(rng, n)) - 0.1 * np.arange(n))
far("walk with a weekend", lambda rng, n: np.cumsum(gauss(rng, n)) + np.resize(np.r_[np.zeros(5), 2 * np.ones(2)], n))  # fmt: skip
far("walk of MA 0.4", lambda rng, n: np.cumsum(arma(rng, n, (), [0.4])))
far_d("d 0.6 to 0.95", fraction, 0.6, 0.95)
far_d("d 1.05 to 1.3, gamma", lambda rng, n, d: fraction(rng, n, d, gamma_shocks), 1.05, 1.3)
far_d("summed fractional noise", lambda rng, n, d: np.cumsum(fgn(rng, n, d - 0.5)), 0.7, 1.35)
far_d("d above 1/2 and AR 0.3", lambda rng, n, d: arfima(rng, n, d, [0.3]), 0.65, 1.0)
far_d("d above 1/2 and a shift", lambda rng, n, d: unit(fraction(rng, n, d)) + 1.0 * (time(n) > 0.5), 0.65, 1.1)  # fmt: skip


# ------------------------------------------------------------------ antipersistent
def anti(name, draw, low=-0.45, high=-0.15):
    long(name, draw, low, high, "antipersistent")


def over(name, draw):
    add("antipersistent", name, lambda rng, n: (np.diff(draw(rng, n + 1)), -1.0))


anti("rough fractional noise", lambda rng, n, d: fgn(rng, n, d + 0.5))
anti("pure negative fraction", fraction)
anti("weak negative fraction", fraction, -0.2, -0.1)
anti("negative fraction, gamma", lambda rng, n, d: fraction(rng, n, d, gamma_shocks))
anti("negative fraction, AR 0.3", lambda rng, n, d: arfima(rng, n, d, [0.3]))
anti("negative fraction, MA -0.3", lambda rng, n, d: arfima(rng, n, d, (), [-0.3]))
anti("negative fraction, AR -0.5", lambda rng, n, d: arfima(rng, n, d, [-0.5]))
anti("negative exponential model", fexp)
anti("negative fraction and a weekend", lambda rng, n, d: unit(fraction(rng, n, d)) + np.resize(np.r_[np.zeros(5), np.ones(2)], n))  # fmt: skip
over("differenced gamma noise", gamma_shocks)
over("differenced AR(1) 0.6", lambda rng, n: arma(rng, n, [0.6]))
over("differenced ARCH", arch)
over("differenced line", lambda rng, n: gauss(rng, n) + 4 * time(n))
add("antipersistent", "differenced d 0.6 to 0.8", lambda rng, n: (np.diff(fraction(rng, n + 1, d := u(rng, 0.6, 0.8))), d - 1))  # fmt: skip

"""What the training and the evaluation worlds are built of: fast draws of processes and levels."""

import itertools

import numpy as np
import scipy.fft
from scipy.signal import lfilter
from scipy.special import gammaln

CLASSES = ("short", "mimics", "long", "long with more", "nonstationary", "antipersistent")


def normal(rng, n):
    return rng.standard_normal(n)


def student(df):
    return lambda rng, n: rng.standard_t(df, n) / np.sqrt(df / (df - 2.0))


def laplace(rng, n):
    return rng.laplace(size=n) / np.sqrt(2.0)


def exponential(rng, n):
    return rng.exponential(size=n) - 1.0


def uniform(rng, n):
    return np.sqrt(12.0) * (rng.random(n) - 0.5)


def garch(rng, n, alpha=0.1, beta=0.85):
    e = rng.standard_normal(n + 200)
    shocks, h = np.empty(n + 200), 1.0
    for t, value in enumerate(e):
        shocks[t] = np.sqrt(h) * value
        h = 1.0 - alpha - beta + alpha * shocks[t] ** 2 + beta * h
    return shocks[200:]


def arma(rng, n, ar=(), ma=(), innovations=normal, burn=None):
    roots = np.abs(np.roots(np.r_[1.0, -np.asarray(ar)])) if len(ar) else np.zeros(1)
    slow = float(roots.max())
    burn = burn or int(min(20_000, 100 + (8.0 / (1.0 - slow) if slow < 1.0 else 0)))
    e = innovations(rng, n + burn)
    return lfilter(np.r_[1.0, ma], np.r_[1.0, -np.asarray(ar)], e)[burn:]


def fraction(rng, n, d, innovations=None):
    """ARFIMA(0, d, 0): exact for Gaussian -1 < d < 1/2, else sums, or a long moving average."""
    if d >= 0.5:
        return np.cumsum(fraction(rng, n, d - 1.0, innovations))
    if d <= -1.0:
        return np.diff(fraction(rng, n + 1, d + 1.0, innovations))
    if innovations is not None:
        burn = n + 500
        e = innovations(rng, n + burn)
        k = np.arange(1.0, n + burn)
        weights = np.r_[1.0, np.cumprod((k - 1.0 + d) / k)]
        size = scipy.fft.next_fast_len(2 * (n + burn), real=True)
        full = scipy.fft.irfft(scipy.fft.rfft(e, size) * scipy.fft.rfft(weights, size), size)
        return full[burn : burn + n]
    half = scipy.fft.next_fast_len(n, real=True)
    k = np.arange(1.0, half + 1.0)
    rho = np.r_[1.0, np.cumprod((k - 1.0 + d) / (k - d))]
    return circulant(rng, n, np.exp(gammaln(1.0 - 2.0 * d) - 2.0 * gammaln(1.0 - d)) * rho)


def circulant(rng, n, covariances):
    eigenvalues = np.maximum(scipy.fft.dct(covariances, type=1), 0.0)
    size = 2 * (len(covariances) - 1)
    z = rng.standard_normal(len(covariances)) + 1j * rng.standard_normal(len(covariances))
    z[0], z[-1] = z[0].real * np.sqrt(2.0), z[-1].real * np.sqrt(2.0)
    return scipy.fft.irfft(z * np.sqrt(0.5 * size * eigenvalues), size)[:n]


def arfima(rng, n, d, ar=(), ma=(), innovations=None):
    burn = 300 if len(ar) or len(ma) else 0
    x = fraction(rng, n + burn, d, innovations)
    return lfilter(np.r_[1.0, ma], np.r_[1.0, -np.asarray(ar)], x)[burn:]


def fgn(rng, n, hurst):
    k = np.arange(scipy.fft.next_fast_len(n, real=True) + 1.0)
    h = 2.0 * hurst
    gamma = 0.5 * ((k + 1.0) ** h - 2.0 * k**h + np.abs(k - 1.0) ** h)
    return circulant(rng, n, gamma)


def by_spectrum(rng, n, density):
    """Gaussian draw of a spectral density on a grid sixteen times as fine as n's."""
    size = scipy.fft.next_fast_len(16 * n, real=True)
    w = 2.0 * np.pi * np.arange(1, size // 2 + 1) / size
    z = rng.standard_normal(len(w)) + 1j * rng.standard_normal(len(w))
    spectrum = np.r_[0.0, z * np.sqrt(density(w))]
    return scipy.fft.irfft(spectrum, size)[:n] * np.sqrt(size)


def tempered(rng, n, d, rate):
    m = min(max(int(12.0 / rate), 100), 40_000)
    k = np.arange(1.0, m)
    weights = np.r_[1.0, np.cumprod((k - 1.0 + d) / k)] * np.exp(-rate * np.arange(m))
    e = rng.standard_normal(n + m)
    size = scipy.fft.next_fast_len(n + 2 * m, real=True)
    return scipy.fft.irfft(scipy.fft.rfft(e, size) * scipy.fft.rfft(weights, size), size)[m : m + n]


def gegenbauer(rng, n, d, frequency, extra=0.0):
    def density(w):
        pole = np.maximum(np.abs(2.0 * (np.cos(w) - np.cos(frequency))), 1e-7)
        return pole ** (-2.0 * d) * (2.0 * np.sin(w / 2.0)) ** (-2.0 * extra)

    return by_spectrum(rng, n, density)


def unit(x):
    return (x - x.mean()) / x.std()


def time(n):
    return np.arange(n) / n


def shifts(rng, n, number, size):
    dates = np.sort(rng.choice(np.arange(int(0.05 * n), int(0.95 * n)), number, replace=False))
    signs = rng.choice([-1.0, 1.0], number)
    level = np.zeros(n)
    for date, sign in zip(dates, signs, strict=True):
        level[date:] += sign * size * rng.uniform(0.7, 1.3)
    return level


def returning(rng, n, number, size):
    """Shifts away from a level and back."""
    dates = np.r_[0, np.sort(rng.choice(np.arange(int(0.05 * n), int(0.95 * n)), number)), n]
    level = np.zeros(n)
    for k, (a, b) in enumerate(itertools.pairwise(dates)):
        level[a:b] = size * (k % 2)
    return level


def random_shifts(rng, n, rate, size):
    """Independent normal levels (mean-returning), each lasting geometrically long."""
    dates = np.flatnonzero(rng.random(n) < rate)
    lengths = np.diff(np.r_[0, dates, n])
    return np.repeat(size * rng.standard_normal(len(lengths)), lengths)


def markov(rng, n, stay, size, n_states=2):
    state, path = rng.integers(n_states), np.empty(n)
    at = 0
    while at < n:
        length = int(rng.geometric(1.0 - stay))
        path[at : at + length] = state
        at += length
        state = (state + rng.integers(1, n_states)) % n_states if n_states > 1 else 0
    return size * (path - path.mean())


def poisson_of(rng, x, mean=2.0, spread=0.6):
    return rng.poisson(mean * np.exp(spread * unit(x))).astype(float)


def sign(rng):
    return rng.choice([-1.0, 1.0])


class Worlds(dict):
    """By name: a class, and a draw (rng, n) -> (series, its d or nan)."""

    def add(self, kind, name, draw):
        assert name not in self, name
        self[name] = (kind, draw)

    def world(self, kind, name):
        """The same, as a decorator of the draw."""

        def register(draw):
            self.add(kind, name, draw)
            return draw

        return register

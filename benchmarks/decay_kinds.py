"""Weights whose law is known: every kind over its whole range of parameters.

A kind is a function of (rng, n_lags) that returns weights at lags 0..n_lags and what is true of
them: the verdict, and rate, frequency, delay or end where the law has one.
"""

from __future__ import annotations

import numpy as np

import memtools as mt


def _lags(n_lags):
    return np.arange(n_lags + 1.0)


def _sign(rng):
    return rng.choice([-1.0, 1.0]) * np.exp(rng.normal())


def power(rng, n_lags):
    a, shift, k = (
        rng.uniform(0.1, 4.0),
        rng.choice([0.0, 1.0, rng.uniform(0.2, 3.0)]),
        _lags(n_lags),
    )
    w = _sign(rng) * np.maximum(k + shift, 1.0 if shift == 0.0 else 0.0) ** -a
    return w, {"verdict": "polynomial", "rate": a}


def corrected_power(rng, n_lags):
    a, k = rng.uniform(0.1, 3.0), _lags(n_lags) + 1.0
    w = k**-a * (1.0 + rng.uniform(-0.8, 2.0) / k)
    return _sign(rng) * w, {"verdict": "polynomial", "rate": a}


def fractional(rng, n_lags):
    d = rng.choice([-1.0, 1.0]) * rng.uniform(0.05, 0.48)
    return mt.fracdiff_weights(d, n_lags), {"verdict": "polynomial", "rate": 1.0 + d}


def arfima(rng, n_lags):
    d, phi = rng.choice([-1.0, 1.0]) * rng.uniform(0.05, 0.45), rng.uniform(-0.7, 0.7)
    w = np.convolve(mt.fracdiff_weights(d, n_lags), phi ** _lags(n_lags))[: n_lags + 1]
    return w, {"verdict": "polynomial", "rate": 1.0 + d, "loose": 0.1}


def cyclic(rng, n_lags):
    a, k = rng.uniform(0.1, 2.5), _lags(n_lags)
    frequency = rng.uniform(max(0.05, 16.0 / n_lags), np.pi - 0.05)
    w = (k + 1.0) ** -a * np.cos(frequency * k + rng.uniform(0.0, 6.28))
    return w, {"verdict": "polynomial", "rate": a, "frequency": frequency}


def gegenbauer(rng, n_lags):
    d, frequency = rng.uniform(0.1, 0.45), rng.uniform(0.2, 2.9)
    c, eta = np.zeros(n_lags + 1), np.cos(frequency)
    c[0], c[1] = 1.0, 2.0 * d * eta
    for j in range(2, n_lags + 1):
        c[j] = 2.0 * eta * (d - 1.0 + j) / j * c[j - 1] - (2.0 * d - 2.0 + j) / j * c[j - 2]
    return c, {"verdict": "polynomial", "rate": 1.0 - d, "frequency": frequency, "loose": 0.1}


def alternating_power(rng, n_lags):
    a, k = rng.uniform(0.1, 3.0), _lags(n_lags)
    return (-1.0) ** k * (k + 1.0) ** -a, {"verdict": "polynomial", "rate": a}


def delayed(rng, n_lags):
    delay = int(rng.integers(2, n_lags // 4))
    kind = [power, fractional, one_mode][rng.integers(3)]
    w, truth = kind(rng, n_lags - delay)
    return np.concatenate([np.zeros(delay), w]), {**truth, "delay": delay}


def floored(rng, n_lags):
    a, k = rng.uniform(0.3, 2.5), _lags(n_lags)
    floor = rng.choice([-1.0, 1.0]) * rng.uniform(0.01, 0.4)
    return (k + 1.0) ** -a + floor, {
        "verdict": "polynomial",
        "rate": a,
        "floor": floor,
        "loose": 0.1,
    }


def logarithmic(rng, n_lags):
    return 1.0 / np.log(_lags(n_lags) + rng.uniform(1.5, 6.0)), {"verdict": "polynomial"}


def cut_power(rng, n_lags):
    end, d = int(rng.integers(25, n_lags - 20)), rng.choice([-1, 1]) * rng.uniform(0.05, 0.45)
    w = np.where(_lags(n_lags) <= end, mt.fracdiff_weights(d, n_lags), 0.0)
    if rng.random() < 0.5:
        w = np.convolve(w, rng.uniform(-0.6, 0.6) ** _lags(n_lags))[: n_lags + 1]
    return w, {"verdict": "polynomial", "rate": 1.0 + d, "crossover_lag": end, "loose": 0.15}


def one_mode(rng, n_lags):
    rho = rng.choice([-1.0, 1.0]) * np.exp(-np.exp(rng.uniform(np.log(1.0 / n_lags), 0.5)))
    return _sign(rng) * rho ** _lags(n_lags), {"verdict": "exponential", "rate": -np.log(abs(rho))}


def _modes(rng, z, n_lags):
    c = rng.standard_normal(len(z)) + (
        1j * rng.standard_normal(len(z)) if np.iscomplexobj(z) else 0
    )
    return (c * z ** _lags(n_lags)[:, np.newaxis]).sum(axis=1).real


def real_modes(rng, n_lags):
    return _modes(rng, rng.uniform(-0.97, 0.98, rng.integers(2, 9)), n_lags), EXPONENTIAL


def damped_waves(rng, n_lags):
    n = rng.integers(1, 6)
    z = rng.uniform(0.5, 0.985, n) * np.exp(1j * rng.uniform(0.05, 3.1, n))
    return _modes(rng, z, n_lags), EXPONENTIAL


def slow_mode(rng, n_lags):
    z = np.append(rng.uniform(-0.9, 0.9, rng.integers(0, 6)), np.exp(-rng.uniform(0.1, 4) / n_lags))
    return _modes(rng, z, n_lags), EXPONENTIAL


def slow_wave(rng, n_lags):
    size = np.append(
        rng.uniform(0.3, 0.9, rng.integers(0, 4)), np.exp(-rng.uniform(0.2, 5) / n_lags)
    )
    return _modes(rng, size * np.exp(1j * rng.uniform(0.02, 3.0, len(size))), n_lags), EXPONENTIAL


def jordan(rng, n_lags):
    k, m = _lags(n_lags) + rng.choice([0.0, 1.0]), rng.integers(1, 5)
    rho = np.exp(-rng.uniform(4.0 * m, 60.0) / n_lags)
    return k**m * rho**k, {"verdict": "exponential", "rate": -np.log(rho)}


def jordan_block(rng, n_lags):
    k, r = _lags(n_lags), rng.integers(2, 5)
    rho = np.exp(-rng.uniform(4.0 * r, 100.0) / n_lags)
    return ((1.0 + k[:, np.newaxis]) ** np.arange(r) @ rng.standard_normal(r)) * rho**k, EXPONENTIAL


def tempered(rng, n_lags):
    a, r = rng.uniform(0.2, 2.0), rng.uniform(3.0, 30.0) / n_lags
    return (_lags(n_lags) + 1.0) ** -a * np.exp(-r * _lags(n_lags)), {
        "verdict": "exponential",
        "rate": r,
    }


def stretched(rng, n_lags):
    b = rng.uniform(0.4, 0.85)
    return np.exp(-rng.uniform(3.0, 12.0) * (_lags(n_lags) / n_lags) ** b), EXPONENTIAL


def mode_on_floor(rng, n_lags):
    w = np.exp(-rng.uniform(4.0, 60.0) * _lags(n_lags) / n_lags) + rng.uniform(0.02, 0.4)
    return w, EXPONENTIAL


def full_matrix(rng, n_lags):
    n = rng.integers(4, 40)
    w = rng.standard_normal((n, n))
    w *= rng.uniform(0.6, 0.99) / np.abs(np.linalg.eigvals(w)).max()
    return _linear(rng, w, n_lags), EXPONENTIAL


def fifty_units(rng, n_lags):
    w = rng.uniform(-1.0, 1.0, (50, 50)) / np.sqrt(50)
    w *= rng.uniform(0.5, 0.99) / np.abs(np.linalg.eigvals(w)).max()
    return _linear(rng, w, n_lags), EXPONENTIAL


def nearly_orthogonal(rng, n_lags):
    n = int(rng.integers(4, 65))
    q = np.linalg.qr(rng.standard_normal((n, n)))[0]
    return _linear(rng, rng.uniform(0.96, 0.99) * q, n_lags), EXPONENTIAL


def _linear(rng, w, n_lags):
    x, read, out = rng.standard_normal(len(w)), rng.standard_normal(len(w)), []
    for _ in range(n_lags + 1):
        out.append(read @ x)
        x = w @ x
    return np.array(out)


def random_factors(rng, n_lags):
    step = -rng.uniform(3.0, 40.0) / n_lags + rng.uniform(0.002, 0.03) * rng.standard_normal(n_lags)
    return np.exp(np.concatenate([[0.0], np.cumsum(step)])), EXPONENTIAL


def growing(rng, n_lags):
    r, w = rng.uniform(0.5, 30.0) / n_lags, 0.0
    if rng.random() < 0.5:
        w = _modes(rng, rng.uniform(-0.9, 0.9, 3), n_lags)
    return np.exp(r * _lags(n_lags)) + w, {"verdict": "growing", "rate": -r, "loose": 0.01}


def growing_power(rng, n_lags):
    a = rng.uniform(0.3, 3.0)
    return _lags(n_lags) ** a, {"verdict": "growing", "rate": -a}


def growing_wave(rng, n_lags):
    r = rng.uniform(0.5, 20.0) / n_lags
    return np.exp(r * _lags(n_lags)) * np.cos(rng.uniform(0.1, 3.0) * _lags(n_lags)), {
        "verdict": "growing"
    }


def constant(rng, n_lags):
    w = np.full(n_lags + 1, _sign(rng))
    return w + (
        _modes(rng, rng.uniform(-0.9, 0.9, 2), n_lags) * 0.3 * abs(w[0])
        if rng.random() < 0.5
        else 0.0
    ), {"verdict": "persistent"}


def waves(rng, n_lags):
    return _modes(rng, np.exp(1j * rng.uniform(0.1, 3.0, rng.integers(1, 4))), n_lags), {
        "verdict": "persistent"
    }


def periodic(rng, n_lags):
    pattern = rng.standard_normal(rng.integers(2, 25))
    return pattern[np.arange(n_lags + 1) % len(pattern)], {"verdict": "persistent"}


def rotation(rng, n_lags):
    angle = rng.uniform(0.1, 3.0)
    z = np.exp(1j * angle) * (1.0 + 1e-16 * rng.standard_normal())
    return (rng.standard_normal() * z ** _lags(n_lags)).real, {"verdict": "persistent"}


def finite(rng, n_lags):
    end = int(rng.integers(1, n_lags // 2))
    w = np.zeros(n_lags + 1)
    kind = rng.integers(4)
    if kind == 0:
        w[end] = _sign(rng)
    elif kind == 1:
        w[: end + 1] = rng.standard_normal(end + 1)
    elif kind == 2:
        w[: end + 1] = 1.0
    else:
        w[: end + 1] = np.hanning(end + 3)[1:-1]
    return w, {"verdict": "finite", "crossover_lag": end}


def noise(rng, n_lags):
    return rng.standard_normal(n_lags + 1), {"verdict": "undecided"}


EXPONENTIAL = {"verdict": "exponential"}
KINDS = (
    power, corrected_power, fractional, arfima, cyclic, gegenbauer, alternating_power, delayed,
    floored, logarithmic, cut_power, one_mode, real_modes, damped_waves, slow_mode, slow_wave,
    jordan, jordan_block, tempered, stretched, mode_on_floor, full_matrix, fifty_units,
    nearly_orthogonal, random_factors, growing, growing_power, growing_wave, constant, waves,
    periodic, rotation, finite, noise,
)  # fmt: skip

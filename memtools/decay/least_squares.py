"""Least squares for many rows and many designs at once."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache

import numpy as np

from memtools._validate import FloatArray

Basis = Callable[[FloatArray, FloatArray], FloatArray]  # (rows, q), (n,) -> (rows, n, p)

_STEP = 1e-5  # of the slopes by central differences
_RIDGE = 1e-13
_SHARES = (1.0, 0.25)  # of a step, tried one after the other
_GAIN = 1e-3  # of the residual sum: less ends the steps
_EXACT = 1e-4  # mean squared residual that needs no further steps


def grid_sums(
    values: FloatArray, sigma: FloatArray, designs: FloatArray, products: FloatArray
) -> FloatArray:
    """Residual sums of every design of a grid on every row: (rows, designs, p), nested.

    The designs are the same for all rows, so the normal equations of all are two products of
    matrices; entry [..., j] is of the first j + 1 columns.
    """
    n_designs, n, p = designs.shape
    weight = 1.0 / sigma**2
    gram = (weight @ products).reshape(len(values), n_designs, -1)
    moment = (weight * values) @ designs.transpose(1, 0, 2).reshape(n, -1)
    moment = moment.reshape(len(values), n_designs, p)
    left = np.repeat((weight * values**2).sum(axis=1)[:, np.newaxis], n_designs, axis=1)
    index = {pair: i for i, pair in enumerate(_pairs(p))}
    a = {pair: gram[..., i].copy() for pair, i in index.items()}
    b = [moment[..., i].copy() for i in range(p)]
    sums = np.empty((len(values), n_designs, p))
    for i in range(p):
        whole = gram[..., index[i, i]]
        sound = a[i, i] > 1e-11 * whole
        inverse = np.divide(1.0, a[i, i], out=np.zeros_like(whole), where=sound)
        left = left - b[i] ** 2 * inverse
        sums[..., i] = left
        for j in range(i + 1, p):
            share = a[i, j] * inverse
            b[j] -= share * b[i]
            for m in range(j, p):
                a[j, m] -= share * a[i, m]
    return np.maximum(sums, 0.0)


@lru_cache
def _pairs(p: int) -> tuple[tuple[int, int], ...]:
    return tuple((i, j) for i in range(p) for j in range(i, p))


def column_products(designs: FloatArray) -> FloatArray:
    """Products of the columns of each design, for `grid_sums`: (n, designs times pairs)."""
    pairs = _pairs(designs.shape[2])
    products = np.stack([designs[..., i] * designs[..., j] for i, j in pairs], axis=-1)
    return np.ascontiguousarray(products.transpose(1, 0, 2).reshape(designs.shape[1], -1))


def solve(columns: FloatArray, target: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Coefficients and residual sums of (rows, n, p) designs, columns brought to one size."""
    size = np.sqrt(np.einsum("rnp,rnp->rp", columns, columns))
    size = np.where(size > 0.0, size, 1.0)
    scaled = columns / size[:, np.newaxis]
    q, r = np.linalg.qr(scaled)
    moment = (q.transpose(0, 2, 1) @ target[..., np.newaxis])[..., 0]
    residual = target - (q @ moment[..., np.newaxis])[..., 0]
    p = columns.shape[2]
    diagonal = np.einsum("rii->ri", r)
    diagonal[np.abs(diagonal) < _RIDGE] = np.inf  # a column that the others hold gets nothing
    coefficients = np.empty_like(moment)
    for i in range(p - 1, -1, -1):
        rest = moment[:, i] - np.einsum("rj,rj->r", r[:, i, i + 1 :], coefficients[:, i + 1 :])
        coefficients[:, i] = rest / r[:, i, i]
    return coefficients / size, (residual**2).sum(axis=1)


def refine(
    basis: Basis,
    theta: FloatArray,
    k: FloatArray,
    values: FloatArray,
    sigma: FloatArray,
    low: FloatArray,
    high: FloatArray,
    n_steps: int = 6,
) -> tuple[FloatArray, FloatArray, FloatArray, FloatArray]:
    """Gauss-Newton on the nonlinear parameters, the linear ones solved for: variable projection.

    Returns theta (rows, q), coefficients (rows, p), residual sums (rows,) and the diagonal of the
    inverse normal equations at theta (rows, q).
    """
    target, theta = values / sigma, theta.copy()
    columns = basis(theta, k) / sigma[..., np.newaxis]
    found, sums = solve(columns, target)
    variance, active = np.full(theta.shape, np.inf), np.arange(len(theta))
    for _ in range(n_steps):
        part = theta[active], k, sigma[active], columns[active], found[active], target[active]
        step, variance[active] = _newton_step(basis, *part)
        moving, before = active, sums[active]
        for share in _SHARES:
            at = np.searchsorted(active, moving)
            trial = np.clip(theta[moving] + share * step[at], low, high)
            tried = basis(trial, k) / sigma[moving, :, np.newaxis]
            coefficients, now = solve(tried, target[moving])
            better = now < sums[moving]
            won = moving[better]
            theta[won], found[won], sums[won] = trial[better], coefficients[better], now[better]
            columns[won] = tried[better]
            moving = moving[~better]
            if not len(moving):
                break
        active = active[(before - sums[active] > _GAIN * before) & (sums[active] > _EXACT * len(k))]
        if not len(active):
            break
    return theta, found, sums, variance


def _newton_step(
    basis: Basis,
    theta: FloatArray,
    k: FloatArray,
    sigma: FloatArray,
    columns: FloatArray,
    found: FloatArray,
    target: FloatArray,
) -> tuple[FloatArray, FloatArray]:
    """Step of theta, and the diagonal of the inverse of its normal equations."""
    slopes = []
    for i in range(theta.shape[1]):
        h = np.zeros(theta.shape[1])
        h[i] = _STEP
        change = basis(theta + h, k) - basis(theta - h, k)
        slopes.append((change @ found[..., np.newaxis])[..., 0] / (2.0 * _STEP * sigma))
    joint = np.concatenate([columns, np.stack(slopes, axis=-1)], axis=-1)
    size = np.sqrt(np.einsum("rnp,rnp->rp", joint, joint))
    size = np.where(size > 0.0, size, 1.0)
    joint = joint / size[:, np.newaxis]
    gram = joint.transpose(0, 2, 1) @ joint + 1e-10 * np.eye(joint.shape[2])
    inverse = np.linalg.inv(gram)
    moment = joint.transpose(0, 2, 1) @ target[..., np.newaxis]
    step = (inverse @ moment)[..., 0]
    p = columns.shape[2]
    variance = np.einsum("rii->ri", inverse)[:, p:] / size[:, p:] ** 2
    return step[:, p:] / size[:, p:], np.maximum(variance, 0.0)

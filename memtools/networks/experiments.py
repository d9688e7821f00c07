"""Impulse weights by experiment: a function is run, and what its outputs do is compared."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from memtools._validate import FloatArray
from memtools.exceptions import InvalidInputError
from memtools.networks.callables import BlackBox
from memtools.results.networks import ImpulseWeights


def require_steady(function: Callable[[FloatArray], FloatArray], n_input: int) -> None:
    """A function that draws numbers, or sees what comes later, has no weights to see."""
    x = np.random.default_rng(0).standard_normal((8, n_input))
    first, second = function(x), function(x)
    if not np.allclose(first, second, rtol=1e-5, atol=1e-9):
        got = "random outputs: dropout? call eval() on the model first"
        raise InvalidInputError("network", "a function that answers the same twice", got)
    # a state handed on from a whole sequence fades over long ones: the last step of a short one
    x[-1] += 1.0
    _require_no_foresight(function(x) - first, 7)


def _require_no_foresight(change: FloatArray, t: int) -> None:
    """An input at step t changes no output before it."""
    if t and np.abs(change[:t]).max() > 1e-4 * max(np.abs(change).max(), 1e-300):
        raise InvalidInputError("network", "causal", "outputs that see later inputs")


def perturbation_weights(
    function: Callable[[FloatArray], FloatArray], x: FloatArray, n_lags: int
) -> ImpulseWeights:
    """Central differences: two runs an anchor and input, alike but for one step."""
    anchors = _anchors(x, n_lags)
    # rounding of float32 outputs and curvature of the function are about even there
    size = 1e-2 * np.where(x.std(axis=0) > 0.0, x.std(axis=0), 1.0)
    each = []
    for t in anchors:
        pairs = np.repeat(x[: t + n_lags + 1, np.newaxis], 2 * x.shape[1], axis=1)
        for i in range(x.shape[1]):
            pairs[t, 2 * i : 2 * i + 2, i] += (size[i], -size[i])
        y = _of_each(function, pairs)
        change = y[:, ::2] - y[:, 1::2]
        _require_no_foresight(change, t)
        each.append((change[t:] / (2.0 * size[:, np.newaxis])).swapaxes(1, 2))
    return _averaged(each, f"mean of {len(each)} paired perturbations")


def _anchors(x: FloatArray, n_lags: int) -> Any:
    """Up to 16 steps with all lags behind them, late in the data, where a start is forgotten."""
    room = len(x) - n_lags
    return np.unique(np.linspace(min(n_lags, room - 1), room - 1, min(16, room)).astype(int))


def _averaged(each: list[FloatArray], method: str) -> ImpulseWeights:
    stacked = np.stack(each)
    spread = stacked.std(axis=0, ddof=1) if len(each) > 1 else np.zeros_like(stacked[0])
    stderr = spread / math.sqrt(len(each))
    return ImpulseWeights(values=stacked.mean(axis=0), stderr=stderr, method=method)


def step_response(
    function: Callable[[FloatArray], FloatArray], x: FloatArray, n_lags: int
) -> ImpulseWeights:
    """What an input that is one larger from some step on adds to the outputs."""
    at_rest = not x.any()
    each = []
    for t in [len(x) - n_lags - 1] if at_rest else _anchors(x, n_lags):
        path = x[: t + n_lags + 1]
        before = function(path)[t:]
        columns = []
        for i in range(x.shape[1]):
            stepped = path.copy()
            stepped[t:, i] += 1.0
            columns.append(function(stepped)[t:] - before)
        each.append(np.stack(columns, axis=-1))
    where = "at rest" if at_rest else f"mean of {len(each)} along the data"
    return _averaged(each, f"step response, {where}")


def _of_each(function: Callable[[FloatArray], FloatArray], x: FloatArray) -> FloatArray:
    """Outputs for a batch of sequences, together where the function takes batches."""
    if isinstance(function, BlackBox) and not function.couples:
        return function.causal(x)
    return np.stack([function(x[:, i]) for i in range(x.shape[1])], axis=1)


def regression_weights(
    function: Callable[[FloatArray], FloatArray], n_input: int, n_lags: int, rng: Any
) -> ImpulseWeights:
    """Least squares of the outputs on white noise of all lags at once."""
    n_columns = (n_lags + 1) * n_input
    n_steps = 20 * n_columns + n_lags
    u = rng.standard_normal((n_steps, n_input))
    y = function(u)[n_lags:]
    windows = np.lib.stride_tricks.sliding_window_view(u, n_lags + 1, axis=0)[..., ::-1]
    design = windows.transpose(0, 2, 1).reshape(len(y), n_columns)
    design = np.column_stack([np.ones(len(y)), design])
    inverse = np.linalg.inv(design.T @ design)
    coefficients = inverse @ (design.T @ y)
    residual = y - design @ coefficients
    variance = (residual**2).sum(axis=0) / (len(y) - design.shape[1])
    stderr = np.sqrt(np.outer(np.diag(inverse), variance))
    shape = (n_lags + 1, n_input, y.shape[1])
    return ImpulseWeights(
        values=coefficients[1:].reshape(shape).transpose(0, 2, 1),
        stderr=stderr[1:].reshape(shape).transpose(0, 2, 1),
        method=f"regression on {n_steps} steps of white noise",
    )

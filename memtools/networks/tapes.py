"""A network's run with what its backward pass needs: the tape, how cells fill it in, states."""

from __future__ import annotations

from collections.abc import Callable, Container, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import numpy as np
import scipy.fft
from numpy.typing import NDArray

from memtools import _validate
from memtools._validate import FloatArray
from memtools.exceptions import InvalidInputError
from memtools.networks.activations import OUTPUT_ACTIVATIONS, activation_slope

# Arrays of shape (n_batch, ...), or tuples of such states (one a layer).
State = tuple[Any, ...]
Array = NDArray[Any]  # of float32 or float64
Gradient = dict[str, FloatArray]
# dL/dz of the first steps -> the gradient by parameter, and a function that gives dL/dx
Backward = Callable[[FloatArray], tuple[Gradient, Callable[[], FloatArray]]]


@dataclass(slots=True)
class Tape:
    """What a network did along a sequence.

    Attributes
    ----------
    outputs : ndarray, shape (n_steps, n_batch, n_output)
    end : tuple
        State after the last step.
    backward : callable
        Once only: the adjoints are written over what was kept.  It takes dL/dz of the first
        len(dz) steps and gives the gradient and a function that gives dL/dx of these steps.
    gates : dict of str to ndarray
        Values of each gate, steps first, until `backward` is called.
    between : callable or None
        In place of `backward`, of a part of a sequence: it also takes the adjoints of the last
        state and gives the gradient and those of the first.
    """

    outputs: FloatArray
    end: State
    backward: Backward
    gates: dict[str, FloatArray] = field(default_factory=dict)
    between: Callable[[FloatArray, State], tuple[Gradient, State]] | None = None


class Run(NamedTuple):
    """What a recurrence did: its states before and after each step, and the way back.

    `back` takes dL/dh of the first steps and gives the adjoints of what the inputs added; it may
    write over what the recurrence kept.
    """

    before: Array
    after: Array
    end: State
    back: Callable[[Array], Array]


def run_lane(v: FloatArray, weight: FloatArray, first: FloatArray, code: int) -> Run:
    """h_t = sigma(v_t + W h_{t-1})."""
    from memtools.networks import gated_kernels as kernels

    hidden, one = with_first(first, len(v)), first.size == 1
    kernels.rnn_forward(*lower(one, v, contiguous(weight.T), hidden), code)

    def back(dh: FloatArray) -> FloatArray:
        dv = np.ascontiguousarray(dh)
        kernels.rnn_backward(*lower(one, dv, contiguous(weight), hidden), code)
        return dv

    return Run(hidden[:-1], hidden[1:], (hidden[-1].copy(),), back)


def rows(array: FloatArray) -> FloatArray:
    """Steps and batch as one axis."""
    return array.reshape(-1, array.shape[-1])


def times(x: FloatArray, weight: FloatArray) -> FloatArray:
    """W x; a complex x by its parts, since NumPy would make W complex at every step."""
    if np.iscomplexobj(x):
        return np.asarray(x.real @ weight.T + 1j * (x.imag @ weight.T))
    return x @ weight.T


def affine(x: FloatArray, weight: FloatArray, bias: FloatArray | None = None) -> FloatArray:
    """W x + b of each step and sequence."""
    if weight.shape[1] == 1:  # a product of columns, which BLAS is slow at
        v = x * weight[:, 0]
    else:
        v = (rows(x) @ weight.T).reshape(*x.shape[:-1], len(weight))
    if bias is not None:
        v += bias
    return v


def gates_of(x: FloatArray, weight: FloatArray, bias: FloatArray, n_gates: int) -> FloatArray:
    """W x + b, a block of rows of W each, (n_gates, n_steps, n_batch, n)."""
    size = len(weight) // n_gates
    if weight.shape[1] == size == 1:
        v = np.multiply.outer(weight[:, 0], x.ravel())
        v += bias[:, np.newaxis]
    else:
        v = np.matmul(rows(x), weight.reshape(n_gates, size, -1).transpose(0, 2, 1))
        v += bias.reshape(n_gates, 1, size)
    return v.reshape(n_gates, *x.shape[:-1], size)


def product(left: FloatArray, right: FloatArray) -> FloatArray:
    """sum over steps and batch of left_i right_j: the gradient of a weight matrix.

    Of gates, one below the other, as in the matrix.
    """
    if left.ndim == 3:
        return rows(left).T @ rows(right)
    stacked = np.matmul(left.reshape(len(left), -1, left.shape[-1]).transpose(0, 2, 1), rows(right))
    return stacked.reshape(-1, right.shape[-1])


def total(adjoint: FloatArray) -> FloatArray:
    """Sum over steps and batch: the gradient of a bias."""
    return adjoint.reshape(*adjoint.shape[:-3], -1, adjoint.shape[-1]).sum(axis=-2).ravel()


def owed(dv: FloatArray, weight: FloatArray) -> FloatArray:
    """dL/dx of v = W x + b, given dL/dv; of gates, the sum."""
    if dv.ndim == 3:
        return affine(dv, weight.T)
    blocks = weight.reshape(len(dv), dv.shape[-1], -1)
    flat = dv.reshape(len(dv), -1, dv.shape[-1])
    return np.matmul(flat, blocks).sum(axis=0).reshape(*dv.shape[1:-1], -1)


def owed_inputs(params: Mapping[str, FloatArray], adjoints: Mapping[str, FloatArray]) -> FloatArray:
    """dL/dx of all products weight_xk x, given the adjoints by k."""
    return np.sum([owed(dv, params[f"weight_x{k}"]) for k, dv in adjoints.items()], axis=0)


def named_gradient(
    names: Container[str], adjoints: Mapping[str, FloatArray], read: Mapping[str, FloatArray]
) -> Gradient:
    """The gradient of weights weight_ij, which take what is read as i to j, and of biases bias_j.

    `adjoints` are dL/dv by j, (..., n_steps, n_batch, n); names of other parts are passed over.
    """
    gradient: Gradient = {}
    for j, dv in adjoints.items():
        if (bias := f"bias_{j}") in names:
            gradient[bias] = total(dv)
        for i, values in read.items():
            if (weight := f"weight_{i}{j}") in names:
                gradient[weight] = product(dv, values[: dv.shape[-3]])
    return gradient


def with_read_out(
    tape: Tape, params: Mapping[str, FloatArray], activation: str, weight: str, bias: str
) -> Tape:
    """The tape of g(W h + b), h the outputs of a tape."""
    hidden, w = tape.outputs, params[weight]
    z = OUTPUT_ACTIVATIONS[activation](affine(hidden, w, params[bias]))

    def through(dz: FloatArray, of_hidden: Callable[..., Any], *after: Any) -> tuple[Gradient, Any]:
        n = len(dz)
        dv = activation_slope(activation, z[:n], dz)
        gradient, before = of_hidden(owed(dv, w), *after)
        return gradient | {weight: product(dv, hidden[:n]), bias: total(dv)}, before

    inner = tape.between
    between = inner and (lambda dz, after: through(dz, inner, after))
    return Tape(z, tape.end, lambda dz: through(dz, tape.backward), tape.gates, between)


def blocks_of(weight: FloatArray, n_gates: int, transpose: bool) -> FloatArray:
    """Recurrent weights (n_gates, n, n), as the forward (transposed) or backward pass takes them.

    A writeable C-ordered copy: kernels are compiled for that layout only.
    """
    stacked = weight.reshape(n_gates, len(weight) // n_gates, -1)
    return np.array(stacked.transpose(0, 2, 1) if transpose else stacked, order="C")


def contiguous(array: FloatArray) -> FloatArray:
    """A writeable C-ordered copy, likewise."""
    return np.array(array, order="C")


def with_first(first: FloatArray, n_steps: int) -> FloatArray:
    """Room for a sequence of states behind the state before its first step."""
    states = np.empty((n_steps + 1, *first.shape))
    states[0] = first
    return states


def lower(one: bool, *arrays: FloatArray) -> list[Any]:
    """Arguments of a kernel: arrays (..., n_batch, n), or numbers a step for one unit.

    The latter are views, so that kernels fill in the arrays either way.
    """
    if not one:
        return list(arrays)
    return [a.reshape(a.shape[:-2]) if a.ndim > 2 else a.item() for a in arrays]


def lower_series(one: bool, *arrays: FloatArray) -> list[Any]:
    """As `lower`, of arrays (..., n_steps) or (n, K)."""
    return [a.reshape(-1) for a in arrays] if one else list(arrays)


# -- the past that some cells carry in their state: newest first, (n_batch, n_lags, n) -------------

FilterBackward = Callable[[FloatArray], tuple[FloatArray, Callable[[], FloatArray]]]


def extend(past: FloatArray, n_steps: int) -> FloatArray:
    """Past, newest first (n_batch, K, n), in order of time with room for the steps to come."""
    n_batch, n_lags, n = past.shape
    series = np.empty((n_lags + n_steps, n_batch, n))
    series[:n_lags] = past[:, ::-1].transpose(1, 0, 2)
    return series


def newest(series: FloatArray, n_lags: int) -> FloatArray:
    """The last values of a series in order of time as a past, newest first."""
    return series[len(series) - n_lags :][::-1].transpose(1, 0, 2).copy()


def filter_sequence(series: FloatArray, w: FloatArray) -> tuple[FloatArray, FilterBackward]:
    """sum_j w_{j,i} series_{t-j,i} for each t with all w (K, n) in the series, by FFT.

    The function takes the adjoints of the first values, gives that of `w` and a function of that
    of the newest of the entries that each value is a sum of.
    """
    if series[0].size == 1:
        return _filter_one(series.ravel(), w[:, 0])
    size, first = scipy.fft.next_fast_len(len(series) + len(w), True), len(w) - 1
    s = scipy.fft.rfft(series, size, axis=0)
    v = scipy.fft.rfft(w, size, axis=0)[:, np.newaxis]

    def backward(adjoint: FloatArray) -> tuple[FloatArray, Callable[[], FloatArray]]:
        end = first + len(adjoint)
        padded = np.zeros((end, *adjoint.shape[1:]), adjoint.dtype)
        padded[first:] = adjoint
        e = scipy.fft.rfft(padded, size, axis=0)
        d_w = scipy.fft.irfft((e * s.conj()).sum(axis=1), size, axis=0)[: len(w)]
        return d_w, lambda: scipy.fft.irfft(e * v.conj(), size, axis=0)[first:end]

    return scipy.fft.irfft(s * v, size, axis=0)[first : len(series)], backward


def _filter_one(series: FloatArray, w: FloatArray) -> tuple[FloatArray, FilterBackward]:
    """Likewise for one sequence of one channel, whose plain sums are twice as fast."""

    def backward(adjoint: FloatArray) -> tuple[FloatArray, Callable[[], FloatArray]]:
        a, first = adjoint.ravel(), len(w) - 1
        d_w = np.correlate(series[: first + len(a)], a, "valid")[::-1, np.newaxis]
        padded = np.concatenate([a, np.zeros(first)])
        return d_w, lambda: np.correlate(padded, w, "valid").reshape(adjoint.shape)

    return np.convolve(series, w, "valid").reshape(-1, 1, 1), backward


def owed_weights(series: FloatArray, adjoint: FloatArray, n_lags: int) -> FloatArray:
    """sum_t of adjoint_t series_{K + t - j}, j = 1..K: the adjoints (K, n) of constant weights.

    The series is (n_batch, n, n_steps) with K steps of past, the adjoint has its steps first.
    """
    rows = series.reshape(-1, series.shape[2])[:, : n_lags + len(adjoint) - 1]
    columns = adjoint.reshape(len(adjoint), -1).T
    each = [np.correlate(s, a, "valid")[::-1] for s, a in zip(rows, columns, strict=True)]
    return np.array(each).reshape(*series.shape[:2], n_lags).sum(axis=0).T


def by_channel(series: FloatArray) -> FloatArray:
    """(n_batch, n, n_steps), as the kernels filter it."""
    return np.ascontiguousarray(series.transpose(1, 2, 0))


# -- states: nested tuples of arrays (n_batch, ...) -----------------------------------------------


def without_batch(state: State) -> State:
    """The state of the first of the batch."""
    return tuple(without_batch(part) if isinstance(part, tuple) else part[0] for part in state)


def checked_state(state: Any, like: State, batched: bool, name: str = "state") -> State:
    """The user's state with a batch axis, of the shapes of `like`."""
    if not isinstance(state, tuple | list) or len(state) != len(like):
        got = f"{type(state).__name__}" + (f" of {len(state)}" if hasattr(state, "__len__") else "")
        raise InvalidInputError(name, f"a tuple of {len(like)} (or None)", got)
    parts: list[Any] = []
    for i, (part, wanted) in enumerate(zip(state, like, strict=True)):
        if isinstance(wanted, tuple):
            parts.append(checked_state(part, wanted, batched, f"{name}[{i}]"))
            continue
        array = _validate.as_array(part, f"{name}[{i}]")
        array = array if batched else array[np.newaxis]
        if array.shape != wanted.shape:
            shape = wanted.shape if batched else wanted.shape[1:]
            raise InvalidInputError(f"{name}[{i}]", f"of shape {shape}", f"shape {np.shape(part)}")
        parts.append(np.array(array, order="C"))
    return tuple(parts)


def leaves(state: State) -> list[NDArray[Any]]:
    """The arrays of a nested state, in order."""
    found: list[NDArray[Any]] = []
    for part in state:
        found.extend(leaves(part) if isinstance(part, tuple) else [part])
    return found


def flatten(state: State) -> NDArray[Any]:
    """A state as (n_batch, size)."""
    arrays = leaves(state)
    if not arrays:
        return np.zeros((1, 0))
    return np.concatenate([array.reshape(len(array), -1) for array in arrays], axis=1)


def unflatten(flat: NDArray[Any], like: State) -> State:
    """The state of the shape of `like`, of any batch size, that `flatten` turned into `flat`."""
    arrays, position = [], 0
    for array in leaves(like):
        size = int(np.prod(array.shape[1:]))
        shape = (len(flat), *array.shape[1:])
        arrays.append(flat[:, position : position + size].reshape(shape))
        position += size
    return _nest(iter(arrays), like)


def _nest(arrays: Any, like: State) -> State:
    return tuple(_nest(arrays, p) if isinstance(p, tuple) else next(arrays) for p in like)

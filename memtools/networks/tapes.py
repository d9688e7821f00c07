"""A network's run with what its backward pass needs: the tape, and how cells fill it in."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from memtools._validate import FloatArray

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
    """

    outputs: FloatArray
    end: State
    backward: Backward
    gates: dict[str, FloatArray] = field(default_factory=dict)


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


def owed_by_all(dvs: Iterable[FloatArray], weights: Iterable[FloatArray]) -> FloatArray:
    """dL/dx of several products of the same inputs."""
    return np.sum([owed(dv, weight) for dv, weight in zip(dvs, weights, strict=True)], axis=0)


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

"""Recurrences that are linear in their state, h_t = a_t h_{t-1} + b_t, entry by entry."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from memtools._validate import FloatArray
from memtools.networks import tapes
from memtools.networks.activations import sigmoid
from memtools.networks.network import State
from memtools.networks.pointwise import POINTWISE
from memtools.networks.released_layer import ReleasedLayer
from memtools.networks.tapes import Array, Tape, rows
from memtools.results.networks import Condition, ErgodicityReport

_STRETCH = 1 << 20  # numbers of state kept at once
EMPTY = -1e38  # logarithm of nothing: the scale of an exponential gate before the first step
_ROUNDING = 1e-7  # time constants beyond ten million steps count as for ever

silu = POINTWISE["silu"]


@dataclass(slots=True)
class Entered:
    """What a stretch of inputs does to the state; arrays (n_steps or 1, n_batch or 1, ...).

    Attributes
    ----------
    log_decay : ndarray
        log a_t, broadcast to the state.
    drive : ndarray
        b_t, or b_t / exp(log_scale) where there is one.
    kept : tuple
        What the outputs need besides the state.
    past : ndarray or None
        Inputs that the convolution or the shift in front keeps.
    log_scale : ndarray or None
        Logarithm of an exponential input gate: then the state is kept divided by its largest.
    """

    log_decay: Array
    drive: Array
    kept: tuple[Any, ...]
    past: Array | None = None
    log_scale: Array | None = None


class LinearRecurrence(ReleasedLayer):
    """A layer whose state obeys h_t = a_t h_{t-1} + b_t, a_t and b_t functions of its inputs.

    Notes
    -----
    The state is (h, scale, past): `scale` where the input gate is exponential, `past` where a
    convolution or a shift of the inputs stands in front.
    """

    selective = True
    exponential_gate = False

    def initial_state(self, n_batch: int) -> State:
        h = np.zeros((n_batch, *self._state_shape()))
        scale = (np.full((n_batch, *self._scale_shape()), EMPTY),) if self.exponential_gate else ()
        n_kept, width = self._past_shape()
        return (h, *scale, *([np.zeros((n_batch, n_kept, width))] if n_kept else []))

    def step(self, x: FloatArray, state: State) -> tuple[FloatArray, State]:
        outputs, after = self._stretch(x[np.newaxis], state)
        return outputs[0], after

    def record(self, x: FloatArray, state: State) -> Tape:
        n = max(_STRETCH // max(self.n_state * x.shape[1], 1), 1)
        outputs: list[FloatArray] = []
        gates: list[FloatArray] = []
        for start in range(0, len(x), n):
            z, state = self._stretch(x[start : start + n], state, gates)
            outputs.append(z)
        kept = {"decay": np.concatenate(gates)} if gates else {}
        return Tape(np.concatenate(outputs), state, self._no_backward, kept)

    def _stretch(
        self, x: Array, state: State, gates: list[FloatArray] | None = None
    ) -> tuple[Array, State]:
        h, *rest = state
        scale = rest.pop(0) if self.exponential_gate else None
        entered = self._enter(x, rest[0] if rest else None)
        if gates is not None and self.selective:
            slowest = entered.log_decay.max(axis=tuple(range(3, entered.log_decay.ndim)))
            gates.append(np.exp(slowest))
        path, scales = self._scan(entered, h, scale, len(x))
        outputs = self._leave(path, scales, entered.kept)
        ends = [path[-1]] + ([] if scales is None else [scales[-1]])
        return outputs, (*ends, *([] if entered.past is None else [entered.past]))

    def _scan(
        self, entered: Entered, h: Array, scale: Array | None, n_steps: int
    ) -> tuple[Array, Array | None]:
        """States before the first and after each step, and their scales."""
        kinds = (h, entered.drive, entered.log_decay)
        path = np.empty((n_steps + 1, *h.shape), np.result_type(*kinds))
        path[0] = h
        if scale is None or entered.log_scale is None:
            decay = _every_step(np.exp(entered.log_decay), n_steps)
            drive = _every_step(entered.drive, n_steps)
            for t in range(n_steps):
                path[t + 1] = decay[t] * path[t] + drive[t]
            return path, None
        scales = np.empty((n_steps + 1, *scale.shape), np.result_type(scale, *kinds))
        scales[0] = scale
        log_decay = _every_step(entered.log_decay, n_steps)
        for t in range(n_steps):
            carried = log_decay[t] + scales[t]
            top = scales[t + 1] = np.maximum(carried, entered.log_scale[t])
            path[t + 1] = np.exp(carried - top) * path[t]
            path[t + 1] += np.exp(entered.log_scale[t] - top) * entered.drive[t]
        return path, scales

    # -- what a cell is ---------------------------------------------------------------------------

    def _state_shape(self) -> tuple[int, ...]:
        raise NotImplementedError

    def _scale_shape(self) -> tuple[int, ...]:
        """Of the logarithm of the scale; broadcast to the state."""
        return self._state_shape()

    def _linear(self, x: Array, name: str) -> Array:
        """The linear layer of that name, with its bias if it has one."""
        return times(x, self.params[f"{name}.weight"], self.params.get(f"{name}.bias", 0.0))

    def _past_shape(self) -> tuple[int, int]:
        """(number of steps, width) of the inputs that are kept."""
        return 0, 0

    def _enter(self, x: Array, past: Array | None) -> Entered:
        """What inputs (n_steps, n_batch, n_input) do."""
        raise NotImplementedError

    def _leave(self, path: Array, scales: Array | None, kept: tuple[Any, ...]) -> Array:
        """Outputs of the states path[0], before the first step, to path[-1]."""
        raise NotImplementedError

    def _base_log_decay(self) -> FloatArray:
        """log |a| of each mode, gates at their biases."""
        raise NotImplementedError

    def _largest_log_decay(self, input_bound: float) -> FloatArray:
        """Upper bound of log |a| for inputs within the bound."""
        return self._base_log_decay()

    # -- what is said of it -----------------------------------------------------------------------

    @property
    def n_state(self) -> int:
        return math.prod(self._state_shape())

    def rates(self) -> FloatArray:
        return -self.log_decays()

    def log_modes(self, x: FloatArray | None = None) -> NDArray[np.complex128]:
        return self.log_decays(x).astype(complex)

    def log_decays(self, x: FloatArray | None = None) -> FloatArray:
        """log |a| of the modes of the recurrence: its Lyapunov exponents.

        Parameters
        ----------
        x : ndarray, shape (n_steps, n_input), optional
            Data along which the mean over steps is taken; without, gates are at their biases.

        Returns
        -------
        ndarray, shape (n_modes,)
        """
        if x is None or not self.selective:
            return np.asarray(self._base_log_decay()).ravel()
        total, state = 0.0, self.initial_state(1)
        n = max(_STRETCH // max(self.n_state, 1), 1)
        for start in range(0, len(x), n):
            part = x[start : start + n, np.newaxis]
            entered = self._enter(part, state[-1] if self._past_shape()[0] else None)
            total = total + _every_step(entered.log_decay, len(part)).sum(axis=0)
            state = () if entered.past is None else (entered.past,)
        return np.asarray(total / len(x)).ravel()

    def theorem(self, input_bound: float, feedback: bool) -> ErgodicityReport:
        """Theorem 2; of decays that move, its product form.

        h_t = a_t h_{t-1} + b_t has h_t = sum_k a_t ... a_{t-k+1} b_{t-k}: with constant a this is
        theorem 2.  Else sup |a_t| < 1 over inputs within the bound makes it forget uniformly;
        and along any stationary inputs E log |a_t| < 0 does (Brandt 1986), as it is where
        |a_t| < 1 throughout.
        """
        with np.errstate(over="ignore", under="ignore"):
            largest = float(np.max(self._largest_log_decay(input_bound)))
        name, theorem = "largest modulus of the eigenvalues", "Theorem 2"
        reasons = ["The recurrence is linear in its state, entry by entry."]
        if self.selective:
            name, theorem = (
                f"largest |a_t|, inputs within {input_bound:g}",
                f"{theorem}, product form",
            )
            if largest >= -_ROUNDING:
                reasons.append(
                    f"Inputs within {input_bound:g} might hold |a_t| at 1 to rounding; along "
                    "stationary inputs |a_t| < 1 suffices."
                )
                largest = float(np.max(self._base_log_decay()))
                name = "largest |a_t|, gates at their biases"
        proved = largest < -_ROUNDING
        if not proved:
            side = "above 1" if largest > _ROUNDING else "1 to rounding"
            reasons.append(f"It is {side}: on the border nothing is decided.")
        reasons.append("Of the state along its inputs: other layers stand around this one.")
        value = math.exp(min(largest, 700.0))
        verdict = "geometrically ergodic" if proved else "undecided"
        return ErgodicityReport(
            verdict="not ergodic" if largest > _ROUNDING else verdict,
            theorem=theorem,
            bound=value,
            conditions=(Condition(name=name, value=value),),
            reasons=tuple(reasons),
        )


def _every_step(array: Array, n_steps: int) -> Array:
    return np.broadcast_to(array, (n_steps, *array.shape[1:]))


# -- what stands around recurrences ---------------------------------------------------------------


def times(x: Array, weight: FloatArray, bias: FloatArray | float = 0.0) -> Array:
    """W x + b of each step and sequence: one product, W real also where x is complex."""
    return np.asarray(tapes.times(rows(x), weight).reshape(*x.shape[:-1], len(weight)) + bias)


def convolved(
    u: Array, past: Array, weight: FloatArray, bias: FloatArray | None
) -> tuple[Array, Array]:
    """A causal convolution of each channel, weight (channels, width), and the new past.

    The newest input has the last weight, as in PyTorch's Conv1d with zeros in front.
    """
    width, n = weight.shape[1], len(u)
    whole = np.concatenate([past.swapaxes(0, 1), u])
    total = 0.0 if bias is None else bias
    for j in range(width):
        total = total + whole[j : j + n] * weight[:, j]
    return np.asarray(total), whole[len(whole) - (width - 1) :].swapaxes(0, 1)


def shifted(x: Array, past: Array) -> tuple[Array, Array]:
    """The inputs of one step before, and the new past."""
    whole = np.concatenate([past.swapaxes(0, 1), x])
    return whole[:-1], whole[-1:].swapaxes(0, 1)


def normalised(v: Array, epsilon: float, centred: bool) -> Array:
    """Over the last axis: layer normalisation if centred, else by the root mean square."""
    if centred:
        v = v - v.mean(axis=-1, keepdims=True)
    # no np.var: of complex steps it takes the modulus
    return v / np.sqrt((v * v).mean(axis=-1, keepdims=True) + epsilon)


def reach(weight: FloatArray, bound: FloatArray | float) -> FloatArray:
    """Largest modulus of W x for |x| within the bound."""
    return np.asarray((np.abs(weight) * bound).sum(axis=-1))


def softplus(v: Array) -> Array:
    """log(1 + exp v), exact for small values; of complex steps to first order."""
    if not np.iscomplexobj(v):
        return np.logaddexp(0.0, v)
    return np.logaddexp(0.0, v.real) + 1j * sigmoid(v.real) * v.imag


def log_sigmoid(v: Array) -> Array:
    return -softplus(-v)


def in_blocks(x: Array, weight: FloatArray) -> Array:
    """W x with W block-diagonal, weight (n_blocks, out, in)."""
    parts = x.reshape(*x.shape[:-1], len(weight), -1)
    y = np.einsum("...pi,poi->...po", parts, weight)
    return np.asarray(y.reshape(*x.shape[:-1], -1))


def uniform(rng: np.random.Generator, shape: Sequence[int], fan_in: int) -> FloatArray:
    """PyTorch's initial values of linear layers and convolutions."""
    bound = 1.0 / math.sqrt(fan_in)
    return rng.uniform(-bound, bound, tuple(shape))

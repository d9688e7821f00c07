"""Layers that look along time without gates: windows of inputs, pools, what runs from the end."""

from __future__ import annotations

import math
from abc import abstractmethod
from collections.abc import Callable, Sequence
from typing import Self

import numpy as np

from memtools import _validate
from memtools._validate import FloatArray
from memtools.exceptions import InvalidInputError
from memtools.networks.network import Fixed, Network, State
from memtools.networks.pointwise import Affine
from memtools.networks.stacks import Compound, Linear, Sequential
from memtools.networks.tapes import Tape

Run = Callable[[FloatArray, State], tuple[FloatArray, State]]


class Window(Fixed):
    """Inputs of several lags side by side, [x_{t-l} for l in lags]; zeros before the start.

    A Linear layer behind it makes it a convolution.

    Parameters
    ----------
    lags : sequence of int
        A negative lag looks ahead: such a layer has no `step`.
    size : int
        Number of inputs.
    """

    def __init__(self, lags: Sequence[int], size: int) -> None:
        if not len(lags) or not all(isinstance(lag, int | np.integer) for lag in lags):
            raise InvalidInputError("lags", "at least one integer", repr(lags))
        self.lags = tuple(int(lag) for lag in lags)
        self.n_input = _validate.as_integer(size, "size", 1)
        self.n_output = self.n_input * len(self.lags)

    is_linear = True

    @property
    def causal(self) -> bool:  # type: ignore[override]
        return min(self.lags) >= 0

    def _seeing_the_past(self) -> Network:
        seen = np.repeat([float(lag >= 0) for lag in self.lags], self.n_input)
        kept = Affine({"scale": seen, "shift": np.zeros(len(seen))})
        return Sequential([Window([max(lag, 0) for lag in self.lags], self.n_input), kept])

    def output_bound(self, input_bound: float) -> float:
        return input_bound

    def initial_state(self, n_batch: int) -> State:
        return (np.zeros((n_batch, max(0, *self.lags), self.n_input)),)

    def step(self, x: FloatArray, state: State) -> tuple[FloatArray, State]:
        if min(self.lags) < 0:
            allowed = "causal (its convolution looks ahead: the whole sequence is needed)"
            raise InvalidInputError("network", allowed, repr(self))
        seen = np.concatenate([state[0], x[:, np.newaxis]], axis=1)  # the oldest first
        newest = seen.shape[1] - 1
        parts = [seen[:, newest - lag] for lag in self.lags]
        return np.concatenate(parts, axis=-1), (seen[:, 1:],)

    def _run_steps(self, x: FloatArray, state: State) -> tuple[FloatArray, State]:
        before, ahead = np.moveaxis(state[0], 1, 0), max(0, *(-lag for lag in self.lags))
        padded = np.concatenate([before, x, np.zeros((ahead, *x.shape[1:]))])
        start = [len(before) - lag for lag in self.lags]
        outputs = np.concatenate([padded[s : s + len(x)] for s in start], axis=-1)
        return outputs, (np.moveaxis(padded[len(x) : len(x) + len(before)], 0, 1),)

    def __repr__(self) -> str:
        shown = ", ".join(map(str, self.lags[:6])) + (", ..." if len(self.lags) > 6 else "")
        return f"Window(lags=({shown}), n_input={self.n_input})"


class Pool(Fixed):
    """Mean, largest or sum of all inputs up to now; "first": the first input.

    Parameters
    ----------
    kind : {"mean", "maximum", "sum", "first"}
    size : int
        Number of inputs.
    """

    def __init__(self, kind: str, size: int) -> None:
        self.kind: str = _validate.as_choice(kind, "kind", ["mean", "maximum", "sum", "first"])
        self.n_input = self.n_output = _validate.as_integer(size, "size", 1)

    def initial_state(self, n_batch: int) -> State:
        return np.zeros((n_batch, self.n_input)), np.zeros((n_batch, 1))

    def step(self, x: FloatArray, state: State) -> tuple[FloatArray, State]:
        so_far, count = state
        begun = count.real > 0.0
        if self.kind == "maximum":
            pooled = np.where(begun, np.where(so_far.real >= x.real, so_far, x), x)
        elif self.kind == "first":
            pooled = np.where(begun, so_far, x)
        else:
            pooled = so_far + x
        count = count.real + 1.0  # a clock, no memory: no direction passes through it
        return pooled / count if self.kind == "mean" else pooled, (pooled, count)

    def output_bound(self, input_bound: float) -> float:
        return math.inf if self.kind == "sum" else input_bound

    def __repr__(self) -> str:
        return f"Pool({self.kind!r}, {self.n_output})"


class _Wrapper(Compound):
    """A network with one part."""

    layer: Network

    def _run_steps(self, x: FloatArray, state: State) -> tuple[FloatArray, State]:
        return self._through(x, state, self.layer._run_steps)

    def record(self, x: FloatArray, state: State) -> Tape:
        outputs, end = self._through(x, state, self.layer.run)
        return Tape(outputs, end, self._no_backward)

    @abstractmethod
    def _through(self, x: FloatArray, state: State, run: Run) -> tuple[FloatArray, State]:
        """Along a sequence, the inner network run by `run`."""


class Reversed(_Wrapper):
    """A network run from the last step to the first; it sees the future and has no `step`.

    Parameters
    ----------
    layer : Network
    ends : bool
        True gives at every step what it has at the end of its run (the first step's output);
        False turns its outputs round, each at the step of its input.
    """

    def __init__(self, layer: Network, *, ends: bool = False) -> None:
        if not isinstance(layer, Network):
            raise InvalidInputError("layer", "a network", type(layer).__name__)
        self.layer, self.ends = layer, _validate.as_flag(ends, "ends")
        self.parts = {"layer": layer}
        self.n_input, self.n_output = layer.n_input, layer.n_output

    causal = False

    def _of(self, parts: Sequence[Network]) -> Self:
        return type(self)(parts[0], ends=self.ends)

    def _seeing_the_past(self) -> Network:
        n = self.n_output
        return Linear({"weight": np.zeros((n, self.n_input)), "bias": np.zeros(n)})

    def step(self, x: FloatArray, state: State) -> tuple[FloatArray, State]:
        allowed = "causal (a backward layer needs the whole sequence)"
        raise InvalidInputError("network", allowed, repr(self))

    def _through(self, x: FloatArray, state: State, run: Run) -> tuple[FloatArray, State]:
        y, after = run(np.ascontiguousarray(x[::-1]), state[0])
        y = np.broadcast_to(y[-1], y.shape) if self.ends else y[::-1]
        return np.ascontiguousarray(y), (after,)


class Late(_Wrapper):
    """A network that sleeps for the first steps: its outputs are zero then, its state waits.

    What stands behind a convolution without padding starts so many steps late.

    Parameters
    ----------
    layer : Network
    n_steps : int
    """

    def __init__(self, layer: Network, n_steps: int) -> None:
        self.layer, self.n_steps = layer, _validate.as_integer(n_steps, "n_steps", 1)
        self.parts = {"layer": layer}
        self.n_input, self.n_output = layer.n_input, layer.n_output

    def _of(self, parts: Sequence[Network]) -> Self:
        return type(self)(parts[0], self.n_steps)

    def initial_state(self, n_batch: int) -> State:
        return (*super().initial_state(n_batch), np.zeros((n_batch, 1)))

    def step(self, x: FloatArray, state: State) -> tuple[FloatArray, State]:
        inner, count = state
        count = count.real + 1.0  # a clock, no memory: no direction passes through it
        if count[0, 0] <= self.n_steps:
            return np.zeros((len(x), self.n_output), dtype=x.dtype), (inner, count)
        y, inner = self.layer.step(x, inner)
        return y, (inner, count)

    def _through(self, x: FloatArray, state: State, run: Run) -> tuple[FloatArray, State]:
        inner, count = state
        asleep = min(max(self.n_steps - int(count[0, 0]), 0), len(x))
        y = np.zeros((*x.shape[:2], self.n_output))
        if asleep < len(x):
            y[asleep:], inner = run(np.ascontiguousarray(x[asleep:]), inner)
        return y, (inner, count + float(len(x)))


class Repeated(_Wrapper):
    """A decoder: at each step it runs a network for some steps on that one input.

    Parameters
    ----------
    layer : Network
        Run from its zero state on `n_steps` copies of the input; its outputs side by side.
    n_steps : int
    last : bool
        True gives its last output alone.
    """

    def __init__(self, layer: Network, n_steps: int, *, last: bool = False) -> None:
        self.layer, self.n_steps = layer, _validate.as_integer(n_steps, "n_steps", 1)
        self.last = _validate.as_flag(last, "last")
        self.parts = {"layer": layer}
        self.n_input = layer.n_input
        self.n_output = layer.n_output * (1 if last else n_steps)

    def _of(self, parts: Sequence[Network]) -> Self:
        return type(self)(parts[0], self.n_steps, last=self.last)

    def initial_state(self, n_batch: int) -> State:
        return ()

    def step(self, x: FloatArray, state: State) -> tuple[FloatArray, State]:
        inner, outputs = self.layer.initial_state(len(x)), []
        for _ in range(self.n_steps):
            y, inner = self.layer.step(x, inner)
            outputs.append(y)
        return outputs[-1] if self.last else np.concatenate(outputs, axis=-1), state

    def _through(self, x: FloatArray, state: State, run: Run) -> tuple[FloatArray, State]:
        flat = x.reshape(1, -1, self.n_input)
        given = np.repeat(flat, self.n_steps, axis=0)
        y = run(given, self.layer.initial_state(flat.shape[1]))[0]
        y = y[-1] if self.last else np.moveaxis(y, 0, 1).reshape(flat.shape[1], -1)
        return np.ascontiguousarray(y.reshape(*x.shape[:2], -1)), state

"""What every network answers: forward, step, state, parameters."""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Mapping
from types import MappingProxyType
from typing import Any, ClassVar, NoReturn, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray

from memtools import _validate
from memtools._validate import FloatArray
from memtools.exceptions import InvalidInputError
from memtools.networks.packing import Packing
from memtools.networks.tapes import Array, State, Tape, checked_state, leaves, without_batch
from memtools.results.networks import ErgodicityReport

__all__ = ["Network", "State"]

# (theta, x, code) -> (v, tape) and (theta, x, tape, dL/dv, code) -> gradient
KernelsOfOne = tuple[Callable[..., Any], Callable[..., Any]]

FORWARD_NOTE = (
    "the network has layers that run backward: its output at a step depends on later inputs too, "
    "so that weights of past inputs do not describe it alone; what is said here is of its forward "
    "part, the outputs of the backward layers set to zero"
)


class Network(ABC):
    """A recurrent network: a step, a state, parameters.

    Attributes
    ----------
    n_input, n_output : int
    params : dict of str to ndarray
        Read-only arrays, in a fixed order.
    notes : tuple of str
        What a reader left aside or assumed.
    scale : tuple of float or None
        (low, high) of a series whose values the network takes as (x - low) / (high - low).
    protocol : mapping
        How it was trained, where `memtools train` did it: "n_train" pairs first, and so on.
    """

    n_input: int
    n_output: int
    params: dict[str, FloatArray]
    notes: tuple[str, ...] = ()
    scale: tuple[float, float] | None = None
    protocol: Mapping[str, Any] = MappingProxyType({})

    @abstractmethod
    def initial_state(self, n_batch: int) -> State:
        """Zeros: arrays of shape (n_batch, ...)."""

    @abstractmethod
    def step(self, x: FloatArray, state: State) -> tuple[FloatArray, State]:
        """One step, unchecked: x (n_batch, n_input) -> outputs (n_batch, n_output), new state."""

    @abstractmethod
    def replace(self, params: Mapping[str, Any]) -> Self:
        """The same network with other values of its parameters."""

    def forward(
        self, x: ArrayLike, state: State | None = None, *, compiled: bool = True
    ) -> tuple[FloatArray, State]:
        """Run the network along a sequence.

        Parameters
        ----------
        x : array_like, shape (n_steps, n_input) or (n_steps, n_batch, n_input)
            Inputs, finite.
        state : tuple or None
            State to start from, as an earlier call returned it; None starts from zeros.
        compiled : bool
            False runs `step` in NumPy, the definition of the network; the compiled recurrence
            agrees with it to rounding.

        Returns
        -------
        outputs : ndarray, shape (n_steps, n_output) or (n_steps, n_batch, n_output)
        state : tuple
            State after the last step; without the batch axis if `x` has none.

        Raises
        ------
        InvalidInputError
            Where `x` or `state` does not fit the network.
        """
        values = _validate.as_array(x)
        if values.ndim not in (2, 3) or values.shape[-1] != self.n_input:
            allowed = f"(n_steps, {self.n_input}) or (n_steps, n_batch, {self.n_input})"
            raise InvalidInputError("x", f"of shape {allowed}", f"shape {values.shape}")
        if 0 in values.shape:
            raise InvalidInputError("x", "at least one step long", f"shape {values.shape}")
        batched = values.ndim == 3
        values = np.ascontiguousarray(values if batched else values[:, np.newaxis])
        start = self.initial_state(values.shape[1])
        if state is not None:
            start = checked_state(state, start, batched)
        outputs, end = (self.run if compiled else self._run_steps)(values, start)
        return (outputs, end) if batched else (outputs[:, 0], without_batch(end))

    def _run_steps(self, x: FloatArray, state: State) -> tuple[FloatArray, State]:
        outputs = np.empty((*x.shape[:2], self.n_output))
        for t in range(len(x)):
            outputs[t], state = self.step(x[t], state)
        return outputs, state

    def record(self, x: FloatArray, state: State) -> Tape:
        """Run along a sequence (n_steps, n_batch, n_input), unchecked, and keep the tape.

        What is trained overrides this; what only has a `step` runs, without a backward pass.
        """
        outputs, end = self._run_steps(x, state)
        return Tape(outputs, end, self._no_backward)

    def run(self, x: FloatArray, state: State) -> tuple[FloatArray, State]:
        """Outputs and last state along checked inputs, compiled."""
        tape = self.record(x, state)
        return tape.outputs, tape.end

    # For a cell of one unit, one input and one output: passes in one compiled call each.
    kernels_of_one: KernelsOfOne | None = None

    # Whether its tapes have `between`: what runs long sequences a part at a time.
    in_segments: bool = False

    # Whether `record_packed` is there, for training of wide layers in either precision.
    packs: bool = False

    def record_packed(self, x: Array, packing: Packing) -> Tape:
        """As `record`, of the rows (n_rows, 1, n_input) of sequences from the zero state."""
        raise NotImplementedError

    def _no_backward(self, dz: FloatArray) -> NoReturn:
        raise InvalidInputError("network", "made of the cells and layers of memtools", repr(self))

    def with_values(self, params: dict[str, FloatArray]) -> Self:
        """As `replace`, unchecked: what training does at every step."""
        other = object.__new__(type(self))
        other.__dict__ = {**self.__dict__, "params": params}
        return other

    def cells(self) -> Iterator[Network]:
        """What it is made of, in order: itself where it has no parts."""
        yield self

    def mapped(self, change: Callable[[Network], Network]) -> Network:
        """The same network of other cells, each as `change` gives it."""
        return change(self)

    def forward_part(self) -> Network:
        """The network with nothing of what looks ahead: outputs of backward layers are zeros."""
        if self.causal:
            return self
        part = self._seeing_the_past()
        part.notes = (*self.notes, FORWARD_NOTE)
        return part

    def _seeing_the_past(self) -> Network:
        raise NotImplementedError

    # -- what theory asks ------------------------------------------------------------------------

    causal: ClassVar[bool] = True
    # Its output may be its next input: a process of its own.
    own_process: ClassVar[bool] = True
    # Inputs of zero leave its gates where they are of use.
    speaks_at_rest: bool = True
    # Has its memory from a filter of (1 - B)^d.
    has_filter: bool = False
    # The largest lag up to which a filter or delays of its own leave the weights free.
    free_lags: int | None = None
    # Its state is a running mean of all that was.
    averages: ClassVar[bool] = False
    # Its inputs move the modes of its recurrence.
    selective: ClassVar[bool] = False
    # Its states are bounded, whatever the weights.
    bounded: bool = False

    @property
    def last_lag(self) -> float:
        """The largest lag at which an input can still matter; infinite for recurrences."""
        return math.inf if leaves(self.initial_state(1)) else 0.0

    def shortened(self, length: int) -> Network:
        """The same, its filter of (1 - B)^d cut at `length` lags if it has a longer one."""
        return self

    def kernel(self, n_lags: int) -> FloatArray | None:
        """Impulse weights (n_lags + 1, n_output, n_input) by a formula, None where none is known.

        What follows the recurrence is left out: they are the layer's own where it is linear.
        """
        return None

    def log_modes(self, x: FloatArray | None = None) -> NDArray[np.complex128] | None:
        """Logarithms of the modes of a recurrence that is diagonal, None for others.

        Their mean along data x (n_steps, n_input) where these move them.
        """
        return None

    @property
    def is_linear(self) -> bool:
        """True if outputs are an affine function of the inputs, for any values of these.

        So are cells without activation whose gates, if they have any, are constant in time.
        """
        return False

    def theorem(self, input_bound: float, feedback: bool) -> ErgodicityReport | None:
        """What a theorem says of this network in particular; None where the general ones rule."""
        return None

    def rates(self) -> FloatArray | None:
        """1 / T of each unit at the bias of its gate, T the steps it keeps; None where not told."""
        return None

    def absolute_twin(self) -> Network | None:
        """A linear network of the moduli that dominates this one, entry by entry."""
        return None

    def output_bound(self, input_bound: float) -> float:
        """Largest modulus of the outputs."""
        return math.inf


class Fixed(Network):
    """A layer without parameters."""

    @property
    def params(self) -> dict[str, FloatArray]:  # type: ignore[override]
        """None."""
        return {}

    def replace(self, params: Mapping[str, Any]) -> Self:
        return self

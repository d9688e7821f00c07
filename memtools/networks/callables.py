"""Any model as a function of a sequence: a plain callable, a session, a module of other layers."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from memtools import _validate
from memtools._validate import FloatArray
from memtools.exceptions import InvalidInputError, MemtoolsError

_TYPES = {"tensor(float)": np.float32, "tensor(double)": np.float64, "tensor(float16)": np.float16}
# Lengths of two runs that show which axis of the outputs is time; longer for wide windows.
PROBE_LENGTHS = ((8, 11), (40, 51))
_ROUNDING = 1e-5  # of single precision, over the largest output
BLACK_BOX = "theorems do not apply to a black box: its memory is measured on its outputs"
# A batch of sequences, (n_steps, n_batch, n_input), to whatever the model gives.
Run = Callable[[FloatArray], NDArray[Any]]


class BlackBox:
    """A model of unknown layers as a causal function of a sequence.

    Parameters
    ----------
    run : callable
        From a batch of sequences, (n_steps, n_batch, n_input), to what the model gives.
    n_input : int
    n_batch : int or None
        Of the batches that it takes; None for any.
    n_least : int
        Steps that it takes at least, as far as that is known.

    Attributes
    ----------
    n_output : int
    n_batch : int or None
        Of the batches that it takes; None for any.
    sees_ahead : bool
        Whether the model's own outputs change with later inputs.
    couples : bool
        Whether sequences of a batch change each other's outputs.
    by_beginnings : bool
        Whether it is run anew for every beginning of a sequence.
    arrangement : str
        Of the axes of its inputs, in words.
    notes : tuple of str
        What was found out about its outputs.

    Raises
    ------
    InvalidInputError
        Where it gives no outputs for sequences of any length.

    Notes
    -----
    Which axis of the outputs is time and which the batch is seen from runs of several sizes.  A
    model that gives its last output alone, fewer outputs than steps, or outputs that see later
    inputs, is run on every beginning of a sequence: at each step what it gives where that ends.
    """

    def __init__(
        self, run: Run, n_input: int, n_batch: int | None = None, n_least: int = 1
    ) -> None:
        self.n_input, self.n_batch = n_input, n_batch
        self._run = run
        self.notes: tuple[str, ...] = ()
        self.arrangement = ""
        self._time, self._batch, self._every = self._layout()
        self.n_least = 1
        probe = self._probe()
        self.sees_ahead = self._every and self._sees_ahead(probe)
        if self.sees_ahead:
            self._note(
                "its outputs depend on later inputs too (it is not causal): its weights are those "
                "of what it gives at each step where the sequence ends there"
            )
        elif self._time is None:
            self._note(
                "it gives its last output only; here at each step what it gives where the "
                "sequence ends there"
            )
        elif not self._every:
            self._note(
                "it gives fewer outputs than steps; here at each step its last for the sequence "
                "up to it"
            )
        self.by_beginnings = not self._every or self.sees_ahead
        if self.by_beginnings:
            first = max(n_least, self._first)  # engines may die of what has no step left
            self.n_least = next(n for n in range(first, len(probe) + 1) if self._takes(probe[:n]))
        if self.n_least > 1:
            self._note(f"it takes at least {self.n_least} steps: before that the outputs are 0")
        self.n_output = self(probe[:, 0]).shape[-1]
        self.couples = self._couples(probe)
        if self.couples:
            self._note("the sequences of a batch depend on each other: each is run alone here")

    def _note(self, text: str) -> None:
        self.notes = (*self.notes, text)

    def _probe(self) -> FloatArray:
        """A batch of noise of the shorter length."""
        shape = self._lengths[0], self.n_batch or 1, self.n_input
        return np.random.default_rng(0).standard_normal(shape)

    def _layout(self) -> tuple[int | None, int | None, bool]:
        """Axes of time and batch of the outputs; whether there is one at every step."""
        for self._lengths in PROBE_LENGTHS:
            try:
                return self._layout_of(*self._lengths)
            except InvalidInputError as error:
                failed = error
        raise failed

    def _layout_of(self, short: int, long: int) -> tuple[int | None, int | None, bool]:
        if self.n_batch is None:
            try:
                wider = self._shape(short, 3)
                first = self._shape(short, 2)
            except InvalidInputError:
                self.n_batch = 1
        n = self.n_batch or 2
        if self.n_batch is not None:
            first = wider = self._shape(short, n)
        longer = self._shape(long, n)
        if not len(first) == len(longer) == len(wider):
            got = f"shapes {first}, {longer} and {wider}"
            raise InvalidInputError("network", "a model of outputs of one form", got)
        grows = [axis for axis, size in enumerate(first) if size != longer[axis]]
        if len(grows) > 1:
            raise InvalidInputError("network", "a model of one axis of time", f"shape {first}")
        time = grows[0] if grows else None
        rest = [axis for axis in range(len(first)) if axis != time]
        joint = [axis for axis in rest if first[axis] != wider[axis]]
        if self.n_batch is not None:
            joint = [axis for axis in rest if first[axis] == n]
        every = time is not None and (first[time], longer[time]) == (short, long)
        self._first = 1  # the least steps of which an output is left
        if time is not None:
            slope = (longer[time] - first[time]) / (long - short)
            self._first = max(1, math.floor(short - (first[time] - 1) / slope))
        return time, (joint[0] if joint else None), every

    def _shape(self, n_steps: int, n_batch: int) -> tuple[int, ...]:
        x = np.random.default_rng(0).standard_normal((n_steps, n_batch, self.n_input))
        return np.shape(self.raw(x))

    def raw(self, x: FloatArray) -> FloatArray:
        """What the model itself gives for a batch, in double precision."""
        try:
            return np.asarray(self._run(x), dtype=np.float64)
        except MemtoolsError:
            raise
        except Exception as error:  # whatever the model's own code raises
            got = f"{type(error).__name__}: {error}".splitlines()[0][:200]
            allowed = f"sequences of shape {x.shape} that the model takes"
            raise InvalidInputError("network", allowed, got) from error

    def own(self, x: FloatArray) -> FloatArray:
        """What the model itself gives, ([n_steps,] [n_batch,] n_output), for a batch."""
        y = self.raw(x)
        if not y.size:
            raise InvalidInputError("network", "a model that gives outputs", f"shape {y.shape}")
        axes = [axis for axis in (self._time, self._batch) if axis is not None]
        moved = np.moveaxis(y, axes, range(len(axes)))
        return moved.reshape(*moved.shape[: len(axes)], math.prod(moved.shape[len(axes) :]))

    def _takes(self, x: FloatArray) -> bool:
        try:
            return self.own(x).size > 0
        except InvalidInputError:
            return False

    def _sees_ahead(self, x: FloatArray) -> bool:
        """Whether the last input changes an output before it."""
        other = x.copy()
        other[-1] += 1.0
        y, changed = self.own(x), self.own(other)
        return bool(np.abs(changed - y)[:-1].max() > _ROUNDING * max(np.abs(y).max(), 1e-300))

    def _couples(self, x: FloatArray) -> bool:
        """Whether sequences of a batch change each other's outputs."""
        if self.n_batch is not None:
            return False
        both = np.repeat(x, 2, axis=1)
        other = both.copy()
        other[:, 1] += 1.0
        y, changed = self.own(both), self.own(other)
        if self._batch is None:
            return True
        mine = np.take(changed - y, 0, axis=0 if self._time is None else 1)
        return bool(np.abs(mine).max() > _ROUNDING * max(np.abs(y).max(), 1e-300))

    def forward(self, x: FloatArray) -> tuple[FloatArray, tuple[()]]:
        """Outputs, as a network gives them, and no state; those of a model that sees ahead too."""
        return self._of(np.asarray(x, dtype=float), self._every), ()

    def causal(self, x: FloatArray) -> FloatArray:
        """Outputs at each step for a sequence, or a batch, that ends there."""
        return self._of(np.asarray(x, dtype=float), self._every and not self.sees_ahead)

    def _of(self, x: FloatArray, every: bool) -> FloatArray:
        """Outputs for (n_steps, [n_batch,] n_input): those given, or the last of each beginning."""
        batch = x[:, np.newaxis] if x.ndim == 2 else x
        if self.n_batch not in (None, batch.shape[1]):
            each = [self._alike(batch[:, i], every) for i in range(batch.shape[1])]
            return each[0] if x.ndim == 2 else np.stack(each, axis=1)
        y = self.own(batch) if every else self._ends(batch)
        return y[:, 0] if x.ndim == 2 and self._batch is not None else y

    def _alike(self, x: FloatArray, every: bool) -> FloatArray:
        """The outputs for a sequence, repeated to fill the batch that the model takes."""
        batch = np.repeat(x[:, np.newaxis], self.n_batch or 1, axis=1)
        y = self.own(batch) if every else self._ends(batch)
        if self._batch is None:
            return y
        if not np.allclose(y, y[:, :1], rtol=1e-3, atol=1e-6):
            wanted = "alike for every sequence of its fixed batch"
            got = "different outputs for equal sequences (if that axis is time, export it free)"
            raise InvalidInputError("network", wanted, got)
        return y[:, 0]

    def _ends(self, x: FloatArray) -> FloatArray:
        """The last output for every beginning of the sequences."""
        ends = [self.own(x[: t + 1]) for t in range(self.n_least - 1, len(x))]
        if self._time is not None:
            ends = [y[-1] for y in ends]
        before = [np.zeros_like(ends[0])] * (self.n_least - 1) if ends else []
        return np.stack([*before, *ends]) if ends else np.zeros((len(x), x.shape[1], self.n_output))

    def __call__(self, x: FloatArray) -> FloatArray:
        """Outputs (n_steps, n_output) for inputs (n_steps, n_input), none of which sees ahead."""
        return self.causal(x)

    def has_memory(self) -> bool:
        """Whether an input matters at a later step."""
        x = np.random.default_rng(0).standard_normal((self._lengths[0], self.n_input))
        other = x.copy()
        other[self.n_least - 1] += 1.0
        return bool(np.any(self(x)[self.n_least :] != self(other)[self.n_least :]))

    def __repr__(self) -> str:
        return f"BlackBox(n_input={self.n_input}, n_output={self.n_output})"


def box_along_time(
    runs: Mapping[str, tuple[Run, int | None]],
    n_input: int,
    told: str | None = None,
    n_least: int = 1,
) -> BlackBox:
    """The black box of a model whose axis of time is to be found.

    Parameters
    ----------
    runs : mapping of str to (Run, n_batch)
        By the words for the arrangement of the inputs, the likeliest first.
    n_input : int
    told : str or None
        The arrangement, where the model itself tells it.
    n_least : int
        Steps that it takes at least, as far as that is known.

    Raises
    ------
    InvalidInputError
        Where none gives outputs, or several do and none or more than one is causal.
    """
    boxes: dict[str, BlackBox] = {}
    failed = None
    for words, (run, n_batch) in runs.items():
        if told in (None, words):
            try:
                boxes[words] = BlackBox(run, n_input, n_batch, n_least)
            except InvalidInputError as error:
                failed = failed or error
    if not boxes:
        assert failed is not None
        raise failed
    if len(boxes) > 1:
        boxes = {words: box for words, box in boxes.items() if box.has_memory()}
    if len(boxes) > 1:
        causal = {words: box for words, box in boxes.items() if not box.sees_ahead}
        boxes = causal if len(causal) == 1 else boxes
    if len(boxes) != 1:
        allowed = "a model with memory along one axis (or a function of one sequence)"
        got = f"memory along both ({' and '.join(boxes)})" if boxes else "no memory"
        raise InvalidInputError("network", allowed, got)
    ((words, box),) = boxes.items()
    box.arrangement = words
    if len(runs) > 1:
        box.notes = (f"its inputs are taken as {words}", *box.notes)
    return box


def as_function(network: Any) -> tuple[Callable[[FloatArray], FloatArray], int | None]:
    """(function from (n_steps, n_input) to (n_steps, n_output), n_input if it is known)."""
    if hasattr(network, "get_inputs") and hasattr(network, "run"):
        box = of_session(network)
        return box, box.n_input
    if isinstance(network, BlackBox):
        return network, network.n_input
    if not callable(network):
        allowed = "a network or a callable"
        raise InvalidInputError("network", allowed, type(network).__name__)

    def call(x: FloatArray) -> FloatArray:
        y = _validate.as_array(network(x), "network(x)")
        if y.ndim == 1:
            y = y[:, np.newaxis]
        if y.ndim != 2 or len(y) != len(x):
            raise InvalidInputError("network(x)", f"of shape ({len(x)}, n_output)", f"{y.shape}")
        return y

    return call, getattr(network, "n_input", None)


def of_session(session: Any, time_axis: int | None = None, n_least: int = 1) -> BlackBox:
    """A session with one input: (time, input), (time, batch, input) or (batch, time, input).

    Parameters
    ----------
    session : object
        With `get_inputs` and `run`, as ONNX Runtime's have them.
    time_axis : int or None
        Where it is known.
    n_least : int
        Steps that it takes at least, as far as that is known.
    """
    entries = session.get_inputs()
    if len(entries) != 1:
        names = ", ".join(entry.name for entry in entries) or "none"
        raise InvalidInputError("network", "a session of one input", f"inputs {names}")
    entry = entries[0]
    shape = list(entry.shape)
    if entry.type not in _TYPES or len(shape) not in (2, 3) or not isinstance(shape[-1], int):
        allowed = "a session whose input is float, (time, input) or (time, batch, input)"
        raise InvalidInputError("network", allowed, f"{entry.name}: {entry.type} of shape {shape}")
    axes = [axis for axis in range(len(shape) - 1) if not isinstance(shape[axis], int)]
    if not axes or (time_axis is not None and time_axis not in axes):
        allowed = "a session whose time axis is dynamic (export it so, with dynamic_axes)"
        raise InvalidInputError("network", allowed, f"{entry.name} of fixed shape {shape}")
    runs = {_words(shape, axis): _along(session, entry, shape, axis) for axis in axes}
    told = None if time_axis is None else _words(shape, time_axis)
    box = box_along_time(runs, shape[-1], told, n_least)
    other = next((n for axis, n in enumerate(shape[:-1]) if axis not in axes), 1)
    if other != 1 and time_axis is None and not box.has_memory():
        allowed = "a session with memory along its axis of free length"
        got = f"{entry.name} of shape {shape} without (if the other axis is time, export it free)"
        raise InvalidInputError("network", allowed, got)
    return box


def _words(shape: Sequence[Any], axis: int) -> str:
    if len(shape) == 2:
        return "(time, input)"
    return "(time, batch, input)" if axis == 0 else "(batch, time, input)"


def _along(session: Any, entry: Any, shape: list[Any], axis: int) -> tuple[Run, int | None]:
    """Runs of the session with time along one axis, and the batch that it takes."""
    n_batch = next((size for i, size in enumerate(shape[:-1]) if i != axis), 1)

    def run(x: FloatArray) -> NDArray[Any]:
        fed: NDArray[Any] = x.astype(_TYPES[entry.type])
        fed = fed[:, 0] if len(shape) == 2 else fed if axis == 0 else fed.swapaxes(0, 1)
        return np.asarray(session.run(None, {entry.name: np.ascontiguousarray(fed)})[0])

    return run, n_batch if isinstance(n_batch, int) else None

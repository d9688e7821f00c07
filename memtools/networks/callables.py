"""Any model as a function of a sequence: a plain callable or an ONNX Runtime session."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from memtools import _validate
from memtools._validate import FloatArray
from memtools.exceptions import InvalidInputError

_TYPES = {"tensor(float)": np.float32, "tensor(double)": np.float64, "tensor(float16)": np.float16}
_PROBE_STEPS = 8
BLACK_BOX = "theorems do not apply to a black box: its memory is measured on its outputs"


def as_function(network: Any) -> tuple[Callable[[FloatArray], FloatArray], int | None]:
    """(function from (n_steps, n_input) to (n_steps, n_output), n_input if it is known)."""
    if hasattr(network, "get_inputs") and hasattr(network, "run"):
        return _of_session(network)
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


def _of_session(session: Any) -> tuple[Callable[[FloatArray], FloatArray], int]:
    """A session with one input: (time, input), (time, batch, input) or (batch, time, input)."""
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
    if not axes:
        allowed = "a session whose time axis is dynamic (export it so)"
        raise InvalidInputError("network", allowed, f"{entry.name} of fixed shape {shape}")
    # both orders may run: time is the axis along which an input matters later
    kept, failed = [], None
    for axis in axes:
        run = _along(session, entry, shape, axis)
        try:
            if _has_memory(run, shape[-1]) or len(axes) == 1:
                kept.append(run)
        except InvalidInputError as error:
            failed = error
    if len(kept) != 1:
        if failed is not None and not kept:
            raise failed
        got = f"{entry.name} of shape {shape}, {len(kept)} axes of memory"
        raise InvalidInputError("network", "a session with memory along one axis", got)
    return kept[0], shape[-1]


def _along(
    session: Any, entry: Any, shape: list[Any], axis: int
) -> Callable[[FloatArray], FloatArray]:
    """Run the session with time along one axis; the batch is the sequence, as often as asked."""
    n_batch = next((size for i, size in enumerate(shape[:-1]) if i != axis), 1)
    n_batch = n_batch if isinstance(n_batch, int) else 1

    def run(x: FloatArray) -> FloatArray:
        fed: NDArray[Any] = x.astype(_TYPES[entry.type])
        if len(shape) == 3:
            fed = np.repeat(np.expand_dims(fed, 1 - axis), n_batch, axis=1 - axis)
        y = np.asarray(session.run(None, {entry.name: fed})[0], dtype=np.float64)
        if len(shape) == 3 and y.ndim == 2 and len(y) == n_batch != len(x):
            # one output a sequence: that of every beginning of it
            starts = [np.take(fed, range(t + 1), axis=axis) for t in range(len(x))]
            given = [session.run(None, {entry.name: start})[0] for start in starts]
            y = np.asarray(given, dtype=np.float64)
            return _outputs(y if axis == 0 else y.swapaxes(0, 1), len(x), axis, True)
        return _outputs(y, len(x), axis, len(shape) == 3)

    return run


def _outputs(y: FloatArray, n_steps: int, axis: int, batched: bool) -> FloatArray:
    """(n_steps, n_output) of the first of the batch; ONNX's own LSTM has (time, direction, batch,
    hidden)."""
    wanted = f"an output at every step ({n_steps} along axis {axis})"
    if y.ndim <= axis or y.shape[axis] != n_steps or y.ndim > 4:
        raise InvalidInputError("network", wanted, f"shape {y.shape}")
    if y.ndim == 4 and batched:
        y = y[:, :, 0]
    elif y.ndim == 3 and batched:
        y = np.moveaxis(y, 1 - axis, 0)
        if not np.allclose(y, y[0], rtol=1e-3, atol=1e-6):
            wanted = "alike for every sequence of its fixed batch"
            raise InvalidInputError("network", wanted, "different outputs for equal sequences")
        y = y[0]
    return np.ascontiguousarray(y.reshape(n_steps, -1))


def _has_memory(run: Callable[[FloatArray], FloatArray], n_input: int) -> bool:
    x = np.random.default_rng(0).standard_normal((_PROBE_STEPS, n_input))
    other = x.copy()
    other[0] += 1.0
    return bool(np.any(run(x)[1:] != run(other)[1:]))

"""What the user says about a file, and whether the network that was read gives what its framework
gave.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from memtools import _validate
from memtools._validate import FloatArray
from memtools.exceptions import InvalidInputError, ModelFileError
from memtools.networks.callables import BlackBox
from memtools.networks.network import Network

# Of the comparison with y: single precision over long sequences errs by less, a wrong order of
# gates by far more.
TOLERANCE = 1e-4


class SelfCheck:
    """Inputs, and the outputs that the framework gave for them.

    Parameters
    ----------
    x : array_like, shape (n_steps, n_input), (n_steps, n_batch, n_input) or batch first
    y : array_like
        The outputs at every step, or the last.
    compiled : bool
        False runs our networks by their definition: no kernel is loaded for a few steps.
    """

    def __init__(self, x: ArrayLike | None, y: ArrayLike | None, compiled: bool = True) -> None:
        self._options = {} if compiled else {"compiled": False}
        if x is None or y is None:
            raise InvalidInputError("y" if y is None else "x", "given with the other", "None")
        self.x, self.y = _validate.as_array(x), _validate.as_array(y, "y")

    def error(self, network: Any) -> float:
        """Largest difference, over the largest output (at least 1); infinite where sizes differ.

        Raises
        ------
        InvalidInputError
            Where x does not fit the network.
        """
        errors = []
        # (n_batch, n_steps, n_input) too, as Keras and batch_first have it
        for swapped in (False, True) if self.x.ndim == 3 else (False,):
            x = self.x.swapaxes(0, 1) if swapped else self.x
            try:
                errors.append(self._error(self._outputs(network, x), swapped))
                if isinstance(network, BlackBox) and x.ndim == 3:
                    errors.append(self._error(network.raw(x)[np.newaxis], swapped=False))
            except InvalidInputError as error:
                failed = error
        if not errors:
            raise failed
        return min(errors)

    def _outputs(self, network: Any, x: FloatArray) -> FloatArray:
        if isinstance(network, BlackBox):  # as the model gives them, of fewer steps too
            return network.own(x[:, np.newaxis] if x.ndim == 2 else x)
        return np.asarray(network.forward(x, **self._options)[0])

    def _error(self, outputs: FloatArray, swapped: bool) -> float:
        every = outputs.swapaxes(0, 1) if swapped and outputs.ndim == 3 else outputs
        scale = max(1.0, float(np.abs(self.y).max()))
        found = [np.inf]
        for given in (every, outputs[-1]):
            # a framework may keep or drop axes of length 1, and join those of its output
            if self.y.size == given.size and _alike(self.y.shape, given.shape):
                found.append(float(np.abs(given.reshape(self.y.shape) - self.y).max()) / scale)
        return min(found)

    def reproduces(self, network: Any) -> bool:
        """True if the outputs agree."""
        return self.error(network) <= TOLERANCE

    def require(self, network: Any) -> None:
        """Refuse a network that gives something else."""
        error = self.error(network)
        if error == np.inf:
            shape = self._outputs(network, self.x).shape
            allowed = f"of shape {shape} (every step) or {shape[1:]} (the last)"
            raise InvalidInputError("y", allowed, f"shape {self.y.shape}")
        if error > TOLERANCE:
            raise ModelFileError(
                f"the network read does not reproduce y: they differ by up to {error:.3g} of its "
                f"largest value; what the file does not tell may be wrong (read as {network!r}): "
                "give the model itself in place of its file, an ONNX file of it, or a function of "
                "a sequence"
            )


def _alike(a: tuple[int, ...], b: tuple[int, ...]) -> bool:
    """The same axes, but for those of length 1 and one that joins the last two."""
    left, right = ([n for n in shape if n != 1] for shape in (a, b))
    if left == right:
        return True
    long, short = (left, right) if len(left) > len(right) else (right, left)
    return len(long) == len(short) + 1 and [*long[:-2], long[-2] * long[-1]] == short


# What a file or a model in memory is read as.
Model = Network | BlackBox


@dataclass(frozen=True, kw_only=True)
class Request:
    """The arguments of `load`.

    Attributes
    ----------
    cells : tuple of type or None
        Classes of the recurrent layers in order, or of the first.
    options : mapping
        Keyword arguments of the cells; `prefix` and `read_out` where they were given.
    template : object
        What tells the order of arrays without names.
    check : SelfCheck or None
    """

    cells: tuple[type[Network] | None, ...] = (None,)
    options: Mapping[str, Any] = field(default_factory=dict)
    template: Any = None
    check: SelfCheck | None = None

    def refuse(self, *names: str) -> None:
        """Refuse these options: they choose among named tensors, and the file tells its layers."""
        for name in names:
            if name in self.options:
                raise ModelFileError(
                    f"{name}= chooses among named tensors; this file tells its layers"
                )

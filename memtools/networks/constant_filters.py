"""What cells with a memory filter that does not move share: its weights, its way along a series."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from memtools._validate import FloatArray
from memtools.exceptions import InvalidInputError
from memtools.networks.filter_cells import FilterCell
from memtools.networks.filter_patterns import memory_parameter
from memtools.networks.memory_filters import modes_along, tables
from memtools.networks.tapes import Gradient, extend, filter_sequence, newest

_STEP = 1e-20
# Adjoints of the filter's values -> gradient of its parameters, and a function that gives dL/dx.
Back = Callable[[FloatArray], tuple[Gradient, Callable[[], FloatArray]]]


class ConstantFilterCell(FilterCell):
    """A cell whose filter is constant in time: K weights, or those of the modes."""

    packs = False

    def __init__(self, params: Any, *, fixed_d: bool = True, **options: Any) -> None:
        if fixed_d is not True:
            allowed = "True (a d that moves with the state is in MRNN and MLSTM)"
            raise InvalidInputError("fixed_d", allowed, repr(fixed_d))
        super().__init__(params, fixed_d=True, **options)

    @classmethod
    def _shapes_for(cls, options: Any) -> Any:
        return super()._shapes_for({**options, "fixed_d": True})

    @classmethod
    def _initialised(cls, params: Any, sizes: Any, options: dict[str, Any]) -> Any:
        return super()._initialised(params, sizes, {"fixed_d": True, **options})

    def torch_names(self) -> dict[str, FloatArray]:
        return dict(self.params)

    @property
    def whole(self) -> bool:
        """The filter has the whole past."""
        return math.isinf(self.filter_length)

    def _weights(self) -> FloatArray:
        """Of lags 1..K, (n, K); of the whole past those of its modes, (n, n_modes)."""
        return self._of_modes(self.d) if self.whole else self._lags()

    def _of_modes(self, d: Any) -> Any:
        size = len(tables()[1])
        each = np.broadcast_to(np.eye(size)[..., np.newaxis], (size, size, len(d)))
        return np.ascontiguousarray(self._past.value(each, d).T)

    def _filter_gradient(self, d_w: FloatArray) -> Gradient:
        """From the adjoints of the weights, (K, n) or (n_modes, n)."""
        if not self.whole:
            return self._pattern.gradient(self.params, d_w)
        logit: Any = self.params["bias_d"] + 1j * _STEP
        moved = memory_parameter(logit)
        return {"bias_d": np.einsum("mn,nm->n", d_w, self._of_modes(moved).imag) / _STEP}

    def _along(self, x: FloatArray, past: FloatArray) -> tuple[FloatArray, FloatArray, Back]:
        """The filter of a series known beforehand: its values, the past left, the way back."""
        w = self._weights()
        if self.whole:
            return self._along_whole(x, past, w)
        series = extend(past, len(x))
        series[past.shape[1] :] = x
        filtered, filter_back = filter_sequence(series, w.T)

        def back(adjoint: FloatArray) -> tuple[Gradient, Callable[[], FloatArray]]:
            d_w, dx = filter_back(adjoint)
            return self._filter_gradient(d_w), dx

        return filtered, newest(series, past.shape[1]), back

    def _along_whole(
        self, x: FloatArray, past: FloatArray, w: FloatArray
    ) -> tuple[FloatArray, FloatArray, Back]:
        table, room_of, left = modes_along(x, past)
        filtered = np.ascontiguousarray(np.einsum("bntm,nm->tbn", table, w))

        def back(adjoint: FloatArray) -> tuple[Gradient, Callable[[], FloatArray]]:
            n = len(adjoint)

            def dx() -> FloatArray:
                room, of_series = room_of(n)
                room[...] = np.einsum("tbn,nm->bntm", adjoint, w)
                return of_series()

            d_w = np.einsum("bntm,tbn->mn", table[:, :, :n], adjoint)
            return self._filter_gradient(d_w), dx

        return filtered, left, back

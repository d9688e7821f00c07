"""What MRNN and MLSTM share: a filter of K lags or of the whole past."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any, ClassVar, Self

import numpy as np

from memtools import _validate
from memtools._validate import FloatArray
from memtools.exceptions import InvalidInputError
from memtools.networks._parameters import Shapes
from memtools.networks.filter_patterns import PATTERNS, PREFIX, Law, as_pattern
from memtools.networks.memory_filters import MemoryFilter, as_filter_length, filter_of, weighted
from memtools.networks.recurrent_cell import Cell


class FilterCell(Cell):
    """A cell with a filter of K lags or of the whole past; d constant or moving with the state."""

    # Symbol of the number filtered, fan-in of the filter's parameters.
    _filtered: ClassVar[tuple[str, str]]
    # The filter is of the inputs (theorem 3), not of the cell (theorem 4).
    reads_inputs: ClassVar[bool]
    _past: MemoryFilter
    has_filter = True

    @property
    def feeds_back(self) -> bool:
        """What the filter integrates sees what it has integrated, besides by the filter."""
        return not self.reads_inputs and bool(self.params["weight_hh"].any())

    def __init__(
        self,
        params: Mapping[str, Any],
        *,
        filter_length: float | None = None,
        filter: str = "fractional",
        fixed_d: bool = False,
        **options: Any,
    ) -> None:
        if filter_length is None:
            allowed = "an integer (the number K of lags; the parameters do not tell it) or math.inf"
            raise InvalidInputError("filter_length", allowed, "None")
        self.filter_length = as_filter_length(filter_length)
        self.fixed_d = _validate.as_flag(fixed_d, "fixed_d")
        self.filter = as_pattern(filter, self.fixed_d, self.filter_length)
        self._past, self._pattern = self._filter_of(self.filter_length), PATTERNS[self.filter]
        super().__init__(params, **options)

    @staticmethod
    def _filter_of(length: float) -> MemoryFilter:
        return filter_of(length)

    @classmethod
    def option_names(cls) -> tuple[str, ...]:
        return *super().option_names(), "filter_length", "filter", "fixed_d"

    @property
    def may_be_linear(self) -> bool:
        return self.fixed_d

    @property
    def _constant(self) -> bool:
        """The filter is K weights that do not move."""
        return self.fixed_d and math.isfinite(self.filter_length)

    @property
    def packs(self) -> bool:  # type: ignore[override]
        return self._constant

    @property
    def d(self) -> FloatArray:
        """Constant memory parameter, one a filtered dimension, 0 < d < 1/2 for (1 - B)^d.

        Where d moves with the state, its value at d = 0, h = 0, x = 0.
        """
        return self._pattern.d(self.params)

    def shortened(self, length: int) -> Self:
        options = {**self.options, "filter_length": int(min(length, self.filter_length))}
        return type(self)(self.params, **options)

    @property
    def law(self) -> Law:
        """How the weights of the filter decay."""
        return self._pattern.law(self.params)

    def _lags(self) -> FloatArray:
        """Constant weights of lags 1..K, (n, K)."""
        p = {name: self.params[name] for name in self._pattern.shapes}
        w = self._pattern.weights(p, int(self.filter_length))
        return w.astype(np.result_type(*p.values()), copy=False)

    def _moving(self, *names: str) -> list[FloatArray]:
        """Weights that move d: zeros where it is constant."""
        p, n = self.params, len(self.params["bias_d"])
        width = {"h": self.n_hidden, "m": self.n_hidden, "d": n, "x": self.n_input}
        return [p[name] if name in p else np.zeros((n, width[name[7]])) for name in names]

    def _value(self, window: FloatArray, d: FloatArray | None) -> FloatArray:
        """The filter of what it reads; d None where it is constant."""
        if d is None and self._constant:
            return weighted(window, self._lags())
        return self._past.value(window, self.d if d is None else d)

    def torch_names(self) -> dict[str, FloatArray]:
        """As the authors' modules name them, a constant d beside the cell."""
        p = dict(self.params)
        own = {f"{PREFIX}{k}": p.pop(k) for k in self._pattern.shapes if k != "bias_d"}
        return self._authors_names(p) | own

    def _authors_names(self, p: dict[str, FloatArray]) -> dict[str, FloatArray]:
        raise NotImplementedError

    @classmethod
    def _shapes_for(cls, options: Mapping[str, Any]) -> Shapes:
        fixed_d, (symbol, fan_in) = bool(options.get("fixed_d", False)), cls._filtered
        name = _validate.as_choice(options.get("filter", "fractional"), "filter", [*PATTERNS])
        shapes = PATTERNS[name if fixed_d else "fractional"].shapes
        own = {name: (shape.replace("n", symbol), fan_in) for name, shape in shapes.items()}
        return cls._shapes_around(own, fixed_d)

    @classmethod
    def _shapes_around(cls, own: Shapes, fixed_d: bool) -> Shapes:
        """All shapes, given those of the filter's parameters."""
        raise NotImplementedError

    @classmethod
    def _initialised(
        cls, params: dict[str, FloatArray], sizes: Mapping[str, int], options: dict[str, Any]
    ) -> Self:
        length = sizes["K"] or math.inf
        if options.get("fixed_d", False):
            pattern = PATTERNS[as_pattern(options.get("filter", "fractional"), True, length)]
            params |= pattern.start(params, max(sizes["K"], 1))
        return cls(params, filter_length=length, **options)

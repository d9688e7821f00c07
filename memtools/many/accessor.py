"""``da.memory.estimate(dim="time")`` on xarray's objects, once this module is imported."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import xarray

from memtools.many.door import estimate_many


@xarray.register_dataset_accessor("memory")
@xarray.register_dataarray_accessor("memory")
class MemoryAccessor:
    """:func:`memtools.estimate_many` as a method; ``import memtools.many.accessor`` brings it."""

    def __init__(self, data: Any) -> None:
        self._data = data

    def estimate(
        self,
        estimator: str | Callable[..., Any] = "local_whittle",
        dim: str | None = None,
        **options: Any,
    ) -> Any:
        """A Dataset over the other dimensions; arguments are those of `estimate_many`."""
        return estimate_many(self._data, estimator, dim, **options)

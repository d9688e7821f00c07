"""d of thousands to a billion series: arrays, frames, grids, files, on threads or Dask."""

from memtools.many.door import estimate_many
from memtools.many.engines import engine_at
from memtools.many.stores import estimate_grid

__all__ = ["engine_at", "estimate_grid", "estimate_many"]

"""d of thousands to a billion series: arrays, frames, grids, files, on threads or Dask."""

from memtools.many.door import estimate_many

__all__ = ["estimate_many"]

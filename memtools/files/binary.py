"""Files of numbers that are no text: NumPy, Parquet, Excel, MATLAB, NetCDF and others."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from memtools import _labels
from memtools.exceptions import DataFileError, MissingDependencyError
from memtools.files.columns import listed
from memtools.files.options import ReadOptions
from memtools.files.table import Table, numbers_column, table_of


def _row(position: int) -> str:
    return f"row {position}"


def _array_table(array: Any, path: Path, options: ReadOptions) -> Table:
    """A 1-D array, or a 2-D array with a series a column."""
    import pandas as pd

    array = np.asarray(array)
    if array.dtype.names:
        frame = pd.DataFrame(array)
        return table_of(frame, str(path), True, _row, options)
    if array.ndim == 2 and 1 in array.shape:
        array = array.ravel()
    if array.dtype.kind not in "iuf" or array.ndim not in (1, 2):
        got = f"{array.dtype} of shape {array.shape}"
        raise DataFileError(f"{path} must hold a 1-D or 2-D array of real numbers; it holds {got}")
    if array.ndim == 1:
        table = Table(str(path), [], True, _row)
        series = pd.Series(array, copy=False)
        table.columns.append(numbers_column(table, series, path.stem, options))
        return table
    if array.shape[1] > array.shape[0] and options.orient is None:
        raise DataFileError(
            f"{path} holds an array of shape {array.shape}: is a series a row or a column? say "
            "--orient rows or --orient columns"
        )
    frame = pd.DataFrame(array, columns=[str(i) for i in range(array.shape[1])])
    return table_of(frame, str(path), False, _row, options)


def _npy(path: Path, options: ReadOptions) -> Table:
    try:
        array = np.load(path, allow_pickle=False)
    except (ValueError, EOFError) as error:
        raise DataFileError(f"{path} is not a NumPy array file of numbers: {error}") from None
    return _array_table(array, path, options)


def _npz(path: Path, options: ReadOptions) -> Table:
    with np.load(path, allow_pickle=False) as archive:
        return _one_of({name: archive[name] for name in archive.files}, path, options)


def _one_of(arrays: dict[str, Any], path: Path, options: ReadOptions) -> Table:
    """The variable asked for, or the only series, with a variable of its length that is time."""
    import pandas as pd

    flat = {name: np.squeeze(array) for name, array in arrays.items()}
    times = {
        name: array
        for name, array in flat.items()
        if array.ndim == 1 and (array.dtype.kind == "M" or _labels.named_like_time(name))
    }
    others = [name for name in arrays if name not in times]
    wanted = options.variable is None and len(others) == 1
    name = others[0] if wanted else _variable([*arrays], path, options)
    beside = {k: v for k, v in times.items() if k != name and len(v) == flat[name].size}
    if not beside or flat[name].ndim != 1 or name in times:
        return _array_table(arrays[name], path.with_name(name), options)
    frame = pd.DataFrame({**beside, name: flat[name]})
    return table_of(frame, str(path), True, _row, options)


def _variable(names: list[str], path: Path, options: ReadOptions) -> str:
    """The variable asked for, or the only one."""
    if options.variable is not None:
        if options.variable in names:
            return options.variable
        raise DataFileError(f"{path} has no variable {options.variable!r}; it has: {listed(names)}")
    if len(names) != 1:
        raise DataFileError(f"{path} holds {listed(names)}; choose one with --variable")
    return names[0]


def _frame_table(frame: Any, path: Path, options: ReadOptions) -> Table:
    """A frame with the labels of its rows as a first column where they say something."""
    import pandas as pd

    index = frame.index
    counts = isinstance(index, pd.RangeIndex) and index.name is None
    if not counts:
        names = [n if n is not None else f"level {i}" for i, n in enumerate(index.names)]
        names = ["index"] if index.nlevels == 1 and index.name is None else names
        names = [n if n not in frame.columns else f"{n} (index)" for n in names]
        frame = frame.reset_index(names=names)
    if isinstance(frame.columns, pd.MultiIndex):
        frame.columns = [" ".join(str(p) for p in name if str(p)) for name in frame.columns]
    return table_of(frame, str(path), True, _row, options)


def _columnar(kind: str, path: Path, options: ReadOptions) -> Table:
    import pandas as pd

    try:
        import pyarrow  # noqa: F401
    except ImportError:
        raise MissingDependencyError("pyarrow", f"reading {kind} files") from None
    try:
        frame = pd.read_parquet(path) if kind == "Parquet" else pd.read_feather(path)
    except (OSError, ValueError) as error:
        raise DataFileError(f"{path} is not a {kind} file: {error}") from None
    return _frame_table(frame, path, options)


def _excel(path: Path, options: ReadOptions) -> Table:
    """A sheet as text, cell by cell: titles, units and headers are found as in any text."""
    import pandas as pd

    from memtools.files.delimited import delimited_table

    try:
        import openpyxl  # noqa: F401
    except ImportError:
        raise MissingDependencyError("openpyxl", "reading Excel files") from None
    sheets = pd.read_excel(path, sheet_name=None, header=None, engine="openpyxl")
    filled = {name: frame for name, frame in sheets.items() if frame.size}
    wanted = options.sheet
    if wanted is None:
        if len(filled) != 1:
            raise DataFileError(f"{path} has the sheets {listed([*filled])}; say --sheet")
        wanted = next(iter(filled))
    if wanted not in sheets:
        raise DataFileError(f"{path} has no sheet {wanted!r}; it has: {listed([*sheets])}")
    text = io.StringIO()
    writer = csv.writer(text, delimiter="\t", lineterminator="\n")
    for row in sheets[wanted].itertuples(index=False, name=None):
        writer.writerow([_shown(cell) for cell in row])
    told = replace(options, separator="\t", blank_is_gap=False)
    return delimited_table(text.getvalue().encode(), ".tsv", str(path), told, row="row")


def _shown(cell: Any) -> str:
    """A cell as text that reads back to the last digit."""
    import pandas as pd

    if cell is None or cell is pd.NaT or cell != cell:
        return ""
    if hasattr(cell, "isoformat"):
        return str(cell.isoformat(" ") if hasattr(cell, "hour") and hasattr(cell, "year") else cell)
    return " ".join(str(cell).split()) if isinstance(cell, str) else str(cell)


def _mat(path: Path, options: ReadOptions) -> Table:
    from scipy.io import loadmat

    try:
        found = loadmat(path)
    except NotImplementedError:
        raise DataFileError(
            f"{path} is a MATLAB 7.3 file, which is HDF5: save it with -v7, or rename it to .h5"
        ) from None
    arrays = {
        name: value
        for name, value in found.items()
        if not name.startswith("__") and isinstance(value, np.ndarray) and value.dtype.kind in "iuf"
    }
    return _one_of(arrays, path, options)


def _opened(path: Path) -> Any:
    """An xarray Dataset; classic NetCDF is read by SciPy, NetCDF 4 and Zarr by their libraries."""
    try:
        import xarray as xr
    except ImportError:
        raise MissingDependencyError("xarray", f"reading {path.suffix} files") from None
    if path.suffix == ".zarr":
        try:
            import zarr  # noqa: F401
        except ImportError:
            raise MissingDependencyError("zarr", "reading Zarr stores") from None
        return xr.open_zarr(path, consolidated=False)
    with open(path, "rb") as file:
        classic = file.read(3) == b"CDF"
    if classic:
        return xr.open_dataset(path, engine="scipy")
    try:
        import netCDF4  # noqa: F401
    except ImportError:
        raise MissingDependencyError("netCDF4", "reading NetCDF 4 files") from None
    return xr.open_dataset(path, engine="netcdf4")


def _netcdf(path: Path, options: ReadOptions) -> Table:
    opened = _opened(path)
    with opened as dataset:
        long = {str(n): v for n, v in dataset.data_vars.items() if v.squeeze(drop=True).ndim == 1}
        wide = [str(n) for n, v in dataset.data_vars.items() if v.squeeze().ndim > 1]
        if not long and wide:
            raise DataFileError(
                f"{path}: {listed(wide)} have several dimensions; choose one series first "
                "(xarray's isel, or mt.estimate_many for all)"
            )
        name = _variable([*long], path, options)
        series = long[name].squeeze(drop=True).to_series()
        return _frame_table(series.to_frame(name), path, options)


def _hdf(path: Path, options: ReadOptions) -> Table:
    import pandas as pd

    try:
        import tables  # noqa: F401
    except ImportError:
        raise MissingDependencyError("tables", "reading HDF5 tables") from None
    with pd.HDFStore(path, "r") as store:
        key = _variable([k.lstrip("/") for k in store], path, options)
        found = store[key]
    if isinstance(found, pd.Series):
        found = found.to_frame(found.name if found.name is not None else key)
    return _frame_table(found, path, options)


def _edf(path: Path, options: ReadOptions) -> Table:
    try:
        import edfio
    except ImportError:
        raise MissingDependencyError("edfio", "reading EDF files") from None
    recording = edfio.read_edf(path)
    name = _variable([signal.label for signal in recording.signals], path, options)
    return _array_table(recording.get_signal(name).data, path.with_name(name), options)


READERS: dict[str, Callable[[Path, ReadOptions], Table]] = {
    ".npy": _npy,
    ".npz": _npz,
    ".parquet": partial(_columnar, "Parquet"),
    ".pq": partial(_columnar, "Parquet"),
    ".feather": partial(_columnar, "Feather"),
    ".arrow": partial(_columnar, "Feather"),
    ".xlsx": _excel,
    ".xlsm": _excel,
    ".mat": _mat,
    ".nc": _netcdf,
    ".nc4": _netcdf,
    ".zarr": _netcdf,
    ".h5": _hdf,
    ".hdf5": _hdf,
    ".hdf": _hdf,
    ".edf": _edf,
}

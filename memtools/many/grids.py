"""Series in xarray's objects: results over the other dimensions, with their coordinates."""

from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np

from memtools.exceptions import InvalidInputError
from memtools.many.arrays import as_result, of_array, warn_of_failures
from memtools.many.blocks import Plan
from memtools.many.engines import columns_of
from memtools.many.lazy import of_dask
from memtools.many.regions import as_dim, of_unread
from memtools.results import ManyEstimates
from memtools.results.many import CODES
from memtools.results.report import VERDICTS

_LONG_NAMES = {
    "d": "memory parameter",
    "stderr": "standard error of d",
    "bandwidth": "number of Fourier ordinates",
    "statistic": "test statistic",
    "pvalue": "p-value adjusted for the false discovery rate",
    "single_pvalue": "p-value of the series alone",
    "code": "how the estimate ended",
    "low": "lower end of the 95% interval of d",
    "high": "upper end of the 95% interval of d",
    "evidence": "weight of explanations with long memory",
    "verdict": "verdict on the memory",
}


def of_xarray(data: Any, plan: Plan, dim: str | None, work: dict[str, Any]) -> Any:
    """A Dataset over the other dimensions of a DataArray or Dataset."""
    if not hasattr(data, "data_vars"):
        return _of_variable(data, plan, dim, work)
    import xarray

    dim = as_dim(data, dim)
    names = [name for name, values in data.data_vars.items() if dim in values.dims]
    if not names:
        raise InvalidInputError("data", f"variables along {dim!r}", "none")
    if len({data[name].dims for name in names}) > 1:
        allowed = f"variables over the same dimensions (choose one, as data[{names[0]!r}])"
        raise InvalidInputError("data", allowed, ", ".join(map(repr, names[:10])))
    found = [_of_variable(data[name], plan, dim, work) for name in names]
    if len(found) == 1:
        return found[0]
    index = xarray.Variable("variable", names)
    return xarray.concat(found, dim=index, combine_attrs="drop_conflicts")


def _of_variable(values: Any, plan: Plan, dim: str | None, work: dict[str, Any]) -> Any:
    import xarray

    dim = as_dim(values, dim)
    ordered = values.transpose(..., dim)
    dims = ordered.dims[:-1]
    if ordered.chunks is not None:
        lazy = ordered.data if dims else ordered.data[None]
        columns = of_dask(lazy, plan, ordered if dims else None)
        if not dims:
            columns = {name: column[0] for name, column in columns.items()}
    else:
        if dims and not ordered.variable._in_memory and ordered.dtype.kind in "iuf":
            estimated = partial(columns_of, plan=plan, **work)
            found = as_result(of_unread(ordered, estimated, plan), ordered.shape, plan)
            warn_of_failures(found.code, stacklevel=6)
        else:
            found = of_array(ordered.values if dims else ordered.values[np.newaxis], plan, work)
        columns = as_columns(found)
        if not dims:
            columns = {name: column[0] for name, column in columns.items()}
    kept = {name: c for name, c in ordered.coords.items() if dim not in c.dims}
    attributes = attributes_of(plan.columns)
    variables = {
        name: xarray.Variable(dims, column, attributes[name]) for name, column in columns.items()
    }
    about = {"estimator": plan.name, "n_obs": ordered.sizes[dim], "dim": dim}
    if values.name is not None:
        about["variable"] = str(values.name)
    return xarray.Dataset(variables, coords=kept, attrs=about)


def as_columns(found: ManyEstimates) -> dict[str, Any]:
    """The arrays by name, the verdict as a number."""
    columns = found.columns()
    if "verdict" in columns:
        numbers = {word: k for k, word in enumerate(VERDICTS)}
        places = [numbers.get(word, -1) for word in columns["verdict"].ravel()]
        columns["verdict"] = np.array(places, dtype=np.int8).reshape(columns["verdict"].shape)
    return columns


def attributes_of(names: tuple[str, ...]) -> dict[str, dict[str, Any]]:
    """Long names and, of numbers that stand for words, the words, as CF writes them."""
    attributes: dict[str, dict[str, Any]] = {
        name: {"long_name": _LONG_NAMES[name]} for name in (*names, "pvalue")
    }
    attributes["code"] |= _flags(CODES)
    if "verdict" in attributes:
        attributes["verdict"] |= _flags(dict(enumerate(VERDICTS)))
    return attributes


def _flags(words: dict[int, str]) -> dict[str, Any]:
    meanings = " ".join(word.replace(" ", "_") for word in words.values())
    return {"flag_values": np.array(list(words), dtype=np.int8), "flag_meanings": meanings}

"""Which tests take many rows at once, and with which options."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from memtools.inference import short_laws
from memtools.inference.short_memory import (
    kpss_test,
    lobato_robinson,
    modified_rescaled_range,
    phillips_perron_test,
    robinson_lm,
    vs_test,
)

_ROWS: dict[Callable[..., Any], Callable[..., short_laws.ShortTests]] = {
    modified_rescaled_range: short_laws.range_rows,
    vs_test: short_laws.vs_rows,
    kpss_test: short_laws.kpss_rows,
    phillips_perron_test: short_laws.phillips_perron_rows,
    robinson_lm: short_laws.robinson_lm_rows,
    lobato_robinson: short_laws.lobato_robinson_rows,
}
NAMES = tuple(function.__name__ for function in _ROWS)


def rows_of(
    function: Callable[..., Any], options: Mapping[str, Any]
) -> Callable[..., short_laws.ShortTests] | None:
    """The function of many rows that finds what `function` finds of each, if there is one."""
    return _ROWS.get(function)

"""The option of a memory filter's length."""

from __future__ import annotations

import math

import click


class FilterLength(click.ParamType):
    """A number of lags, or "all": the whole past."""

    name = "K|all"

    def convert(
        self, value: object, param: click.Parameter | None, ctx: click.Context | None
    ) -> float:
        if value == "all":
            return math.inf
        if isinstance(value, float):
            return value
        try:
            n_lags = int(str(value))
        except ValueError:
            n_lags = 0
        if n_lags < 1:
            self.fail(f"must be a number of lags, or all for the whole past; got {value!r}", param)
        return n_lags

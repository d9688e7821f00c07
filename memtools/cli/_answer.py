"""The options of commands that ask whether a series has long memory."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import click

from memtools.memory import TRENDS


def answer_options(command: Callable[..., None]) -> Callable[..., None]:
    """Give a command --trend, --season, --breaks, --smallest-d, as `answer` for `estimate`."""

    @click.option("--trend", type=click.Choice(TRENDS), default="auto", help=_TREND)
    @click.option("--season", default="auto", metavar="auto|none|PERIOD", help=_SEASON)
    @click.option("--breaks", default="auto", metavar="auto|none|AT,AT,...", help=_BREAKS)
    @click.option("--smallest-d", type=float, default=0.1, show_default=True, help=_SMALLEST)
    @functools.wraps(command)
    def wrapped(
        *args: Any, trend: str, season: str, breaks: str, smallest_d: float, **options: Any
    ) -> None:
        answer = {
            "trend": trend,
            "season": _as_season(season),
            "breaks": _as_breaks(breaks),
            "smallest_d": smallest_d,
        }
        command(*args, answer=answer, **options)

    return wrapped


_TREND = "Trends may lie under the noise; there is none; or it is known and taken out first."
_SEASON = "A season is looked for; there is none; or its period in observations."
_BREAKS = "Shifts of the level are looked for; there are none; or where new levels begin."
_SMALLEST = "The least d that matters: short memory is sure where it is excluded."


def _as_season(text: str) -> str | float:
    if text in ("auto", "none"):
        return text
    try:
        return float(text)
    except ValueError:
        allowed = "auto, none or a period in observations"
        raise click.BadParameter(f"--season must be {allowed}; got {text!r}") from None


def _as_breaks(text: str) -> str | list[Any]:
    if text in ("auto", "none"):
        return text
    parts = [part.strip() for part in text.split(",") if part.strip()]
    return [int(part) if part.isdigit() else part for part in parts]

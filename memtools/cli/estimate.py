"""memtools estimate: d of a series, with intervals and a verdict."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import click

from memtools import inference, memory
from memtools._validate import Bandwidth
from memtools.cli._many import many_options, of_all_columns
from memtools.cli._series import (
    print_json,
    refuse_given,
    series_with_gaps_argument,
    show,
    window,
    without_gaps,
)
from memtools.estimators.multifractal import mfdfa, wavelet_leaders
from memtools.estimators.multivariate import multivariate_local_whittle
from memtools.estimators.scaling.cross import dcca
from memtools.exceptions import InvalidInputError
from memtools.results import Result
from memtools.results.report import HEADLINE

if TYPE_CHECKING:
    from pandas import DataFrame, Series

    from memtools.results import MemoryReport

_RULES = ("plug-in", "adaptive", "bootstrap")


def _of_two(x: DataFrame, _bandwidth: Bandwidth) -> Result:
    """Two series by scale, which has no number of Fourier ordinates."""
    if x.shape[1] != 2:
        raise InvalidInputError("FILE", "two columns for dcca", f"{x.shape[1]}")
    refuse_given(click.get_current_context(), "with dcca", "bandwidth")
    return dcca(x.iloc[:, 0], x.iloc[:, 1])


# Of one series, answers that are no d.
_SPECTRA: dict[str, Callable[..., Result]] = {"mfdfa": mfdfa, "wavelet_leaders": wavelet_leaders}
# Of all columns of a file, some of them regressions of the first on the others.
_OF_SEVERAL: dict[str, Callable[..., Result]] = {
    "multivariate_local_whittle": multivariate_local_whittle,
    "dcca": _of_two,
    "narrow_band_least_squares": lambda x, m: inference.narrow_band_least_squares(
        x.iloc[:, 0], x.iloc[:, 1:], m
    ),
    "fully_modified_least_squares": lambda x, m: inference.fully_modified_least_squares(
        x.iloc[:, 0], x.iloc[:, 1:], m
    ),
}
_METHODS = (*memory.ESTIMATORS, *_SPECTRA, *_OF_SEVERAL)
_OF_ANSWERS = ("trend", "season", "breaks", "smallest_d")
_TREND = "Trends may lie under the noise; there is none; or it is known and taken out first."
_SEASON = "A season is looked for; there is none; or its period in observations."
_BREAKS = "Shifts of the level are looked for; there are none; or where new levels begin."
_SMALLEST = "The least d that matters: short memory is sure where it is excluded."


def answer_options(command: Callable[..., None]) -> Callable[..., None]:
    """Give a command --trend, --season, --breaks, --smallest-d, as `answer` for `estimate`."""

    @click.option("--trend", type=click.Choice(memory.TRENDS), default="auto", help=_TREND)
    @click.option("--season", default="auto", metavar="auto|none|PERIOD", help=_SEASON)
    @click.option("--breaks", default="auto", metavar="auto|none|AT,AT,...", help=_BREAKS)
    @click.option("--smallest-d", type=float, default=0.1, show_default=True, help=_SMALLEST)
    @functools.wraps(command)
    def wrapped(
        *args: Any, trend: str, season: str, breaks: str, smallest_d: float, **options: Any
    ) -> None:
        answer = _as_answer(trend, season, breaks, smallest_d)
        command(*args, answer=answer, **options)

    return wrapped


def _as_answer(trend: str, season: str, breaks: str, smallest_d: float) -> dict[str, Any]:
    return {
        "trend": trend,
        "season": _as_season(season),
        "breaks": _as_breaks(breaks),
        "smallest_d": smallest_d,
    }


def _of_many(method: str, given: dict[str, Any]) -> tuple[str, dict[str, Any]]:
    """The estimator of many series and its options."""
    bandwidth = _as_bandwidth(given["bandwidth"])
    chosen: dict[str, Any] = {} if bandwidth is None else {"bandwidth": bandwidth}
    if method != "all":
        return method, chosen
    words = (given[name] for name in ("trend", "season", "breaks", "smallest_d"))
    return "estimate", chosen | _as_answer(*words)


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


def _of_all_columns(name: str, x: DataFrame, options: dict[str, Any]) -> Result:
    """An estimate of several series; the options of the answer have no meaning for it."""
    refuse_given(click.get_current_context(), f"with {name}", *_OF_ANSWERS)
    return _OF_SEVERAL[name](x, _as_bandwidth(options["bandwidth"]))


@click.command("estimate")
@many_options(_of_many)
@of_all_columns("method", _OF_SEVERAL, _of_all_columns)
@series_with_gaps_argument
@click.option(
    "--method",
    default="all",
    metavar="all|NAME",
    shell_complete=lambda *typed: [
        name for name in ("all", *_METHODS) if name.startswith(typed[-1])
    ],
    help=f"One estimator instead of all: {', '.join(memory.ESTIMATORS)}; multifractal spectra "
    f"{', '.join(_SPECTRA)}; of all columns of FILE at once (two for dcca, regressions of the "
    f"first on the others) {', '.join(_OF_SEVERAL)}; with -o also a test.",
)
@click.option(
    "--bandwidth",
    metavar="M|EXPONENT|RULE",
    help="Fourier ordinates: a number, an exponent of the series' length, or plug-in, adaptive, "
    "bootstrap.",
)
@answer_options
@click.option("--json", "as_json", is_flag=True, help="Print JSON for programs.")
def command(
    name: str,
    values: Series,
    missing: str,
    method: str,
    bandwidth: str | None,
    answer: dict[str, Any],
    as_json: bool,
) -> None:
    """Has this series long memory?  Estimate the memory parameter d of a series.

    FILE is CSV, Excel, Parquet, JSON, NPY or another table of numbers; "-" is standard input; or
    the name of a bundled series (see "memtools datasets").  Returns, not prices: for prices add
    --log --difference.  With -o every series of a grid or a table is estimated.
    """
    if method in _SPECTRA:
        _spectrum(name, without_gaps(values, missing), method, as_json)
        return
    if method != "all" and method not in memory.ESTIMATORS:
        known = ", ".join(_METHODS)
        raise click.BadParameter(f"--method must be all or one of {known}; got {method!r}")
    report = memory.estimate(
        values,
        bandwidth=_as_bandwidth(bandwidth),
        methods=None if method == "all" else [method],
        name=name,
        missing=missing,
        **answer,
    )
    if as_json:
        print_json(_shown(report, method))
    else:
        _print(report)


def _spectrum(name: str, values: Series, method: str, as_json: bool) -> None:
    """A spectrum of exponents of one series."""
    refuse_given(click.get_current_context(), f"with {method}", "bandwidth", *_OF_ANSWERS)
    found = _SPECTRA[method](values)
    if as_json:
        print_json({"name": name} | found.to_dict())
    else:
        show(found, f"{name}\n")


def _shown(report: MemoryReport, method: str) -> dict[str, Any]:
    """The report in plain types; the numbers are those of the one estimator asked for."""
    shown = report.to_dict()
    if method == "all":
        return shown
    alone = report.estimates[method].to_dict()
    return shown | {key: alone[key] for key in ("d", "stderr", "low", "high", "hurst")}


def _as_bandwidth(text: str | None) -> Bandwidth:
    if text is None or text in _RULES:
        return text
    try:
        return int(text)
    except ValueError:
        pass
    try:
        return float(text)
    except ValueError:
        allowed = f"a number, an exponent in (0, 1), or {', '.join(_RULES)}"
        raise click.BadParameter(f"--bandwidth must be {allowed}; got {text!r}") from None


def _print(report: MemoryReport) -> None:
    for line in report.summary(window()).splitlines():
        strong = line.startswith(("Verdict: ", f"{report.name}: ", HEADLINE))
        click.echo(click.style(line, bold=True) if strong else line)

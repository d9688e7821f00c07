"""The reports of one series, and of many."""

from __future__ import annotations

from functools import partial

import numpy as np

from memtools import _labels, plotting
from memtools.reports.page import TONES, Note, Page, Picture, Section, meaning, method_notes
from memtools.results import Correlogram, MemoryReport, PanelReport, SeriesPortrait, TestTable
from memtools.results._base import number
from memtools.results.panels import PanelRow

_WIDTH, _HEIGHT = 96.0, 24.0  # of a sparkline
_ROWS_A_HEIGHT = 16  # series that a figure of the usual height has room for
_SCALING = {
    "aggregated_variance": "Variance of block means",
    "rescaled_range": "Rescaled range (R/S)",
    "detrended_fluctuation": "Detrended fluctuation (DFA)",
}


_NOT_TESTED = Section(
    title="Tests of memory",
    text="Not run for a report on a series with gaps, of fewer than 50 observations or of more "
    "than 50,000: memtools test FILE runs them on long series as well.",
)


def series_page(portrait: SeriesPortrait, command: str | None = None) -> Page:
    """Verdict and reasons, eleven figures or so, the table, the notes."""
    report = portrait.report
    low, high = report.confidence_interval()
    facts = [
        ("d", number(report.d, 3)),
        ("95% interval", f"{number(low, 3)} to {number(high, 3)}"),
        ("observations", f"{report.n_obs:,}{_step(portrait)}"),
    ]
    period = _labels.period_shown(portrait.index)
    if period is not None:
        facts.append(("period", period))
    return Page(
        kind="Does this series have long memory?",
        title=portrait.name,
        verdict=report.verdict,
        tone=TONES[report.verdict],
        facts=facts,
        reasons=[report.answer, *report.reasons, *_sure(report)],
        meaning=meaning("series", report.verdict),
        sections=[
            _worlds(portrait),
            _in_time(portrait),
            _in_frequency(portrait),
            _estimates(portrait),
            _NOT_TESTED if portrait.tests is None else _tested(portrait.tests, portrait),
            *([_scaling(portrait)] if portrait.scaling else []),
        ],
        notes=_notes(portrait),
        command=command,
    )


def _step(portrait: SeriesPortrait) -> str:
    """What lies between two observations, where their dates tell."""
    if not _labels.holds_time(portrait.index):
        return ""
    step = _labels.calendar_of(portrait.index).step
    return "" if step is None else f", a {step} apart"


def _sure(report: MemoryReport) -> list[str]:
    return [] if report.verdict == "undecided" else [report.how_sure()]


def _worlds(portrait: SeriesPortrait) -> Section:
    report = portrait.report
    worlds, _ = report.tables()
    return Section(
        title="Rival explanations",
        text="The verdict is read from these: models of the series held against each other.",
        pictures=[
            Picture(
                "Weights of the explanations",
                f"Explanations with long memory hold {100.0 * report.evidence:.0f}% of the weight.",
                partial(plotting.plot_worlds, report),
                wide=True,
            )
        ],
        tables=[worlds],
    )


def _in_time(portrait: SeriesPortrait) -> Section:
    pictures = [
        Picture(
            "The series",
            f"{len(portrait.values):,} observations and their mean over "
            f"{portrait.mean_window} of them. A level that wanders for long is what long memory "
            "looks like, and also what a trend or a shift looks like.",
            partial(plotting.plot_series, portrait),
            wide=True,
        ),
        *_correlations(portrait.correlogram),
    ]
    if portrait.rolling is not None:
        alarms = int(portrait.rolling.alarms.sum())
        pictures.append(
            Picture(
                "d over time",
                f"d in windows of {portrait.rolling.window:,} observations; {alarms} of "
                f"{len(portrait.rolling.d)} lie further from the d of the whole series than one "
                "constant d allows.",
                partial(plotting.plot_rolling_memory, portrait.rolling, index=portrait.index),
                wide=True,
            )
        )
    return Section(title="In time", pictures=pictures, tables=portrait.correlogram.tables())


def _correlations(shown: Correlogram) -> list[Picture]:
    level = f"{100.0 * shown.level:g}%"
    acf = number(float(shown.values[1]), 2)
    return [
        Picture(
            "Autocorrelations",
            f"{acf} at lag 1. Bars beyond the {level} bands are more than the hypothesis of the "
            "band allows. The curves are what the best long- and the best short-memory model let "
            "one expect of a sample of this length.",
            partial(plotting.plot_acf, shown),
        ),
        Picture(
            "Autocorrelations on logarithmic scales",
            "A power law, the mark of long memory, is a straight line here for a long series; the "
            "curves are what the rival models let one expect at this length.",
            partial(plotting.plot_log_acf, shown),
        ),
        Picture(
            "Sums of absolute autocorrelations",
            f"The sum over lags 0 to {shown.n_lags} is {number(float(shown.absolute_sums[-1]), 1)}."
            " It stays bounded under short memory and grows without end under long memory.",
            partial(plotting.plot_absolute_sums, shown),
        ),
        Picture(
            "Partial autocorrelations",
            "What a lag adds to the shorter ones. A cut after few lags speaks for a short "
            "autoregression.",
            partial(plotting.plot_pacf, shown),
        ),
    ]


def _in_frequency(portrait: SeriesPortrait) -> Section:
    gph, whittle = portrait.log_periodogram, portrait.local_whittle
    model = "" if portrait.model is None else f" Model: {portrait.model.method}."
    return Section(
        title="In frequency",
        pictures=[
            Picture(
                "Log periodogram",
                f"Near frequency 0 the slope is -2 d: GPH d = {number(gph.d, 2)}, local Whittle "
                f"d = {number(whittle.d, 2)}. The marked frequencies are those they use.",
                partial(plotting.plot_log_periodogram, portrait),
            ),
            Picture(
                "Spectral density",
                "Periodogram, smoothed periodogram and the density of the fitted model. Under "
                f"long memory the density has a pole at 0.{model}",
                partial(plotting.plot_spectrum, portrait),
            ),
        ],
    )


def _estimates(portrait: SeriesPortrait) -> Section:
    report, curve = portrait.report, portrait.bandwidth_curve
    return Section(
        title="Estimates of d",
        pictures=[
            Picture(
                "All estimators",
                f"Estimates and 95% intervals; headline d = {number(report.d, 2)}.",
                partial(plotting.plot_estimates, report),
            ),
            Picture(
                "d over the bandwidth",
                f"{curve.method}: with m from {curve.bandwidths[0]} to {curve.bandwidths[-1]} "
                f"ordinates d runs from {number(float(curve.d.min()), 2)} to "
                f"{number(float(curve.d.max()), 2)}. A plateau is trustworthy; a slope says that "
                "short-run dynamics leak in.",
                partial(plotting.plot_bandwidth_curve, curve),
            ),
        ],
        tables=report.tables()[1:],
        remarks=report.remarks(),
    )


def _tested(tests: TestTable, portrait: SeriesPortrait) -> Section:
    shift = tests.results.get("mean_shift_test")
    told = "not tested" if shift is None else f"p-value {shift.pvalue:.3f}"
    return Section(
        title="Tests of memory",
        text="One question a test, beside the verdict and not part of it. A p-value is the "
        "probability of a statistic as far from the null as this one if the null is true: of many "
        "tests of true nulls one in twenty is below 5%.",
        pictures=[
            Picture(
                "P-values",
                "Small ones, to the right, speak against the null of their test.",
                partial(plotting.plot_tests, tests),
            ),
            Picture(
                "Breaks and their dates",
                f"The most likely shift in the mean ({told}) and change of d: with the interval of "
                "its date where the test finds it at 5%, faintly where it does not.",
                partial(plotting.plot_breaks, portrait),
            ),
        ],
        tables=tests.tables(),
        remarks=[
            *tests.notes,
            *(f"{key} was not run: {why}" for key, why in tests.skipped.items()),
        ],
    )


def _scaling(portrait: SeriesPortrait) -> Section:
    pictures = [
        Picture(
            _SCALING.get(name, name),
            f"Slope {number(result.slope, 2)} on logarithmic scales, d = {number(result.d, 2)}.",
            partial(plotting.plot_scaling, result),
        )
        for name, result in portrait.scaling.items()
    ]
    return Section(
        title="Over scales",
        text="Older ways to see the same thing: descriptive, not part of the verdict.",
        pictures=pictures,
    )


def _notes(portrait: SeriesPortrait) -> list[Note]:
    told = {note.term: note for note in method_notes("estimators")}
    used = [told[name] for name in portrait.report.estimates if name in told]
    return [*used, *method_notes("worlds"), *method_notes("series")]


def panel_page(report: PanelReport, command: str | None = None) -> Page:
    """Counts of the verdicts, then a row a series."""
    counts = report.counts()
    first, count = next(iter(counts.items()))
    verdict = f"{first}: {count:,} of {len(report.rows):,}"
    found = sum(row.qvalue < 0.05 for row in report.rows)
    rest = [(verdict, f"{count:,}") for verdict, count in list(counts.items())[1:]]
    periods = {row.period for row in report.rows if row.period}
    rest += [("period", period) for period in periods if len(periods) == 1]
    return Page(
        kind="Which of these series have long memory?",
        title=report.name,
        verdict=verdict,
        tone=TONES.get(first, "care"),
        facts=[("series", f"{len(report.rows):,}"), *rest],
        reasons=[
            "Each verdict is of one series by itself. Over the whole panel, d is above 0 in "
            f"{found:,} series at a false discovery rate of 5% (Benjamini and Hochberg).",
        ],
        meaning=meaning("panel", first),
        sections=[_side_by_side(report)],
        panel=report,
        notes=method_notes("worlds"),
        command=command,
    )


def _side_by_side(report: PanelReport) -> Section:
    """d and its interval over the series."""
    n_drawn = sum(bool(np.isfinite(row.d)) for row in report.rows)
    if not n_drawn:
        return Section(title="d of the series", text="No series could be estimated.")
    left_out = len(report.rows) - n_drawn
    more = f" {left_out:,} could not be estimated and are not drawn." if left_out else ""
    picture = Picture(
        "d of each series, with 95% intervals",
        "In the order of d. Filled: d above 0 at a false discovery rate of 5% over the panel. "
        f"From the dashed line at 1/2 on a series has no constant mean.{more}",
        partial(plotting.plot_panel, report),
        wide=True,
        tall=min(max(n_drawn / _ROWS_A_HEIGHT, 1.0), 2.5),
    )
    return Section(title="d of the series", pictures=[picture])


def sparkline(row: PanelRow, top: float = 1.0) -> str:
    """The path of the autocorrelations from lag 1 on, in a box of 96 by 24 units.

    The upper edge of the box is `top`, the lower -`top` / 3.
    """
    values = np.clip(row.autocorrelations[1:] / top, -1.0, 1.0)
    if not len(values):
        return ""
    x = np.linspace(0.0, _WIDTH, len(values) + 1)[:-1] + 0.5 * _WIDTH / len(values)
    y = zero_line() - values * 0.75 * _HEIGHT
    points = zip(x, np.minimum(y, _HEIGHT), strict=True)
    return "".join(f"M{a:.4g} {zero_line():g}V{b:.4g}" for a, b in points)


def sparkline_top(report: PanelReport) -> float:
    """The largest autocorrelation of the panel, up to a tenth: the scale of its sparklines."""
    largest = [row.autocorrelations[1:].max(initial=0.0) for row in report.rows]
    return max(float(np.ceil(10.0 * max(largest)) / 10.0), 0.1)


def zero_line() -> float:
    """Where correlation 0 lies in the box: three quarters down."""
    return 0.75 * _HEIGHT

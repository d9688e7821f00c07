"""The report of many series."""

from __future__ import annotations

import numpy as np

from memtools.reports import notes
from memtools.reports.page import TONES, Page
from memtools.results import PanelReport
from memtools.results.panels import PanelRow

_WIDTH, _HEIGHT = 96.0, 24.0


def panel_page(report: PanelReport, command: str | None = None) -> Page:
    """Counts of the verdicts, then a row a series."""
    counts = report.counts()
    first, count = next(iter(counts.items()))
    verdict = f"{first}: {count:,} of {len(report.rows):,}"
    found = sum(row.qvalue < 0.05 for row in report.rows)
    rest = [(verdict, f"{count:,}") for verdict, count in list(counts.items())[1:]]
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
        panel=report,
        notes=[*notes.ESTIMATORS.values(), notes.WORLDS],
        command=command,
    )


def sparkline(row: PanelRow) -> str:
    """The path of the autocorrelations from lag 1 on, in a box of 96 by 24 units."""
    values = np.clip(row.autocorrelations[1:], -1.0, 1.0)
    if not len(values):
        return ""
    x = np.linspace(0.0, _WIDTH, len(values) + 1)[:-1] + 0.5 * _WIDTH / len(values)
    y = zero_line() - values * 0.75 * _HEIGHT
    points = zip(x, np.minimum(y, _HEIGHT), strict=True)
    return "".join(f"M{a:.4g} {zero_line():g}V{b:.4g}" for a, b in points)


def zero_line() -> float:
    """Where correlation 0 lies in the box: one is at its top, -1/3 at its bottom."""
    return 0.75 * _HEIGHT

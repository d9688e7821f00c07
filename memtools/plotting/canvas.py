"""What every figure shares: Axes, what is drawn on them, literal text, legends."""

from __future__ import annotations

import re
from typing import Any, TypeVar

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.axis import Axis
from matplotlib.figure import FigureBase
from matplotlib.font_manager import FontProperties
from matplotlib.ticker import (
    LogLocator,
    MaxNLocator,
    NullFormatter,
    NullLocator,
    StrMethodFormatter,
)

from memtools.exceptions import InvalidInputError
from memtools.plotting.palette import BLUE, DASHED

# Names of series and models are anybody's text: a dollar in them is a dollar.
LITERAL: dict[str, Any] = {"parse_math": False, "usetex": False}
_LONGEST_NAME = 24
_UNIT = re.compile(r"[(\[]([^()\[\]]+)[)\]]\s*$")
# From here a line or cloud goes into a vector file as a picture: it would be megabytes of paths.
_MANY_POINTS = 5000

T = TypeVar("T")


def as_result(value: Any, kind: type[T], name: str) -> T:
    """The value, if it is a result of the right class."""
    if not isinstance(value, kind):
        raise InvalidInputError(name, f"a {kind.__name__}", type(value).__name__)
    return value


def as_panels(fig: FigureBase | None, n_rows: int, n_columns: int) -> Any:
    """Axes, shape (n_rows, n_columns), in the user's figure or a new one of pyplot."""
    if fig is None:
        import matplotlib.pyplot as plt

        size = (4.8 * n_columns, 3.6 * n_rows)
        fig = plt.figure(figsize=size, layout="constrained")
    elif not isinstance(fig, FigureBase):
        raise InvalidInputError("fig", "a matplotlib Figure or None", type(fig).__name__)
    return fig.subplots(n_rows, n_columns, squeeze=False)


class Canvas:
    """The user's Axes, or those of a new pyplot figure, and how we draw on them."""

    def __init__(self, ax: Axes | None) -> None:
        if ax is None:
            import matplotlib.pyplot as plt

            ax = plt.subplots(layout="constrained")[1]
        if not isinstance(ax, Axes):
            raise InvalidInputError("ax", "a matplotlib Axes or None", type(ax).__name__)
        self.ax = ax
        # Of lines that belong to the frame, not the data: legible on the user's background.
        self.ink: Any = mpl.rcParams["axes.labelcolor"]

    @classmethod
    def of(cls, value: Any, kind: type, name: str, ax: Axes | None) -> Canvas:
        """For a result of the right class."""
        as_result(value, kind, name)
        return cls(ax)

    def line(self, x: Any, y: Any, **style: Any) -> None:
        """A line; one of very many points is a picture in vector files."""
        self.ax.plot(x, y, rasterized=len(x) > _MANY_POINTS, **style)

    def points(self, x: Any, y: Any, **style: Any) -> None:
        """Markers without a line."""
        self.line(x, y, **({"marker": "o", "linestyle": "none"} | style))

    def area(self, x: Any, low: Any, high: Any, **style: Any) -> None:
        """A tinted band."""
        self.ax.fill_between(x, low, high, **({"alpha": 0.3, "linewidth": 0.0} | style))

    def edges(self, x: Any, low: Any, high: Any, label: str, **style: Any) -> None:
        """A band by its two ends, one entry of the legend."""
        self.ax.plot(x, high, label=label, **({"linewidth": 1.0} | style))
        self.ax.plot(x, low, **({"linewidth": 1.0} | style))

    def white_noise(self, lags: Any, low: Any, high: Any, level: float) -> None:
        """The band of autocorrelations of white noise."""
        label = f"white noise {percent(level)}"
        self.edges(lags, low, high, label, color=self.ink, linestyle=DASHED)

    def bars(self, lags: Any, values: Any, label: str) -> None:
        """A vertical line a lag, with a dot where they are few, and the zero line."""
        width = min(2.0, max(0.7, 120.0 / max(len(lags), 1)))
        self.ax.axhline(0.0, color=self.ink, linewidth=0.8)
        self.whole_ticks()
        self.ax.vlines(lags, 0.0, values, color=BLUE, linewidth=width, label=label)
        if len(lags) <= 60:
            self.points(lags, values, color=BLUE, markersize=3.0)

    def message(self, text: str) -> None:
        """Say in the middle of empty Axes why they are empty."""
        self.ax.text(0.5, 0.5, text, ha="center", va="center", transform=self.ax.transAxes)

    def whole_ticks(self) -> None:
        """Ticks of the x axis at whole numbers only."""
        self.ax.xaxis.set_major_locator(MaxNLocator(integer=True))

    def finished(self, title: str, x: str, y: str) -> Axes:
        """Title, taken literally, labels and the legend below."""
        self.ax.set_title(title, **LITERAL)
        self.ax.set_xlabel(x)
        self.ax.set_ylabel(y, **LITERAL)
        legend_below(self.ax)
        return self.ax


def percent(level: float) -> str:
    """A coverage probability as people write it."""
    return f"{100.0 * level:g}%"


def shown_name(name: Any, longest: int = _LONGEST_NAME) -> str:
    """A name on one line, printable, short enough for a title."""
    text = "".join(c if c.isprintable() or c.isspace() else "?" for c in str(name))
    text = " ".join(text.split())
    return text if len(text) <= longest else f"{text[: longest - 3]}..."


def unit_of(name: Any) -> str:
    """What stands in brackets at the end of a name: "level (m)" is in m."""
    found = _UNIT.search(shown_name(name, 200))
    return found[1].strip() if found and len(found[1]) <= _LONGEST_NAME else "units of the series"


def plain_log_ticks(axis: Axis, whole: bool = False) -> None:
    """Round ticks in plain numbers on a logarithmic axis of few decades; `whole` ones only."""
    low, high = axis.get_view_interval()
    if high < 8.0 * low:
        axis.set_major_locator(MaxNLocator(6, integer=whole))
    elif high < 100.0 * low:
        axis.set_major_locator(LogLocator(subs=(1.0, 2.0, 5.0)))
    if high < 100.0 * low:
        axis.set_minor_locator(NullLocator())
    if high < 1e4 * low:
        axis.set_major_formatter(StrMethodFormatter("{x:g}"))
    axis.set_minor_formatter(NullFormatter())


def _points(size: Any) -> float:
    return FontProperties(size=size).get_size_in_points()


def _legend_width(labels: list[str], n_columns: int) -> float:
    """Width of a legend in font sizes: of each column's longest label, handles and gaps."""
    columns = np.array_split([len(label) for label in labels], n_columns)
    return sum(0.56 * int(column.max()) + 2.8 for column in columns) + 1.4 * (n_columns - 1)


def legend_below(ax: Axes) -> None:
    """A legend under the label of the x axis, in as many columns as the width holds."""
    labels = ax.get_legend_handles_labels()[1]
    if not labels:
        return
    size = _points("small")
    figure = ax.get_figure(root=True)
    assert figure is not None
    room = 1.25 * 72.0 * ax.bbox.width / figure.dpi / size
    n_columns = len(labels)
    while n_columns > 1 and _legend_width(labels, n_columns) > room:
        n_columns -= 1
    below_label = (
        1.3 * _points(mpl.rcParams["xtick.labelsize"])
        + 1.3 * _points(mpl.rcParams["axes.labelsize"])
        + mpl.rcParams["axes.labelpad"]
        + mpl.rcParams["xtick.major.size"]
        + mpl.rcParams["xtick.major.pad"]
    )
    ax.legend(
        loc="upper center",
        bbox_to_anchor=(0.5, 0.0),
        borderaxespad=below_label / size,
        ncols=n_columns,
        columnspacing=1.4,
        fontsize="small",
        frameon=False,
    )

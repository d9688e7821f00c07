"""Figures as text for pages (SVG), and as sheets for paper (PDF) and pictures (PNG)."""

from __future__ import annotations

import io
import re
import warnings
import xml.etree.ElementTree as ET
import zlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from typing import Any, NamedTuple

import matplotlib as mpl
import matplotlib.style
import numpy as np
from matplotlib.figure import Figure
from matplotlib.transforms import Bbox

from memtools.plotting.canvas import LITERAL
from memtools.plotting.palette import BLUE, GREEN, ORANGE, PURPLE, VERMILLION

Draw = Callable[..., Any]

# Stands for the colour of text until the file is written: the page decides what it is.
_INK = "#010203"
_VARIABLES = {
    _INK: "currentColor",
    **{
        colour.lower(): f"var(--{name}, {colour.lower()})"
        for name, colour in [
            ("blue", BLUE),
            ("vermillion", VERMILLION),
            ("green", GREEN),
            ("orange", ORANGE),
            ("purple", PURPLE),
        ]
    },
}
_COLOUR = re.compile("|".join(_VARIABLES))
_LONG_NUMBER = re.compile(r"(\d+\.\d\d)\d+")
_REFERENCE = re.compile(r"#([\w.:-]+)")
_SVG, _XLINK = "http://www.w3.org/2000/svg", "http://www.w3.org/1999/xlink"
_PAINTED = ("style", "fill", "stroke")
_MEASURED = ("d", "transform", "points", "x", "y")

_FACE = (5.2, 3.7)  # inches of a figure in a notebook

_HOUSE = {
    "axes.axisbelow": True,
    "axes.spines.right": False,
    "axes.spines.top": False,
    "axes.titlesize": 10.0,
    "axes.titleweight": "bold",
    "figure.dpi": 100.0,
    "font.size": 9.0,
    "legend.fontsize": 8.0,
    "pdf.fonttype": 42,
    "savefig.dpi": 160.0,
    "svg.fonttype": "none",
    "svg.hashsalt": "memtools",
    "xtick.labelsize": 8.0,
    "ytick.labelsize": 8.0,
}
_TRANSPARENT = {
    **dict.fromkeys(("figure.facecolor", "axes.facecolor", "savefig.facecolor"), "none"),
    **dict.fromkeys(
        ("text.color", "axes.labelcolor", "axes.edgecolor", "xtick.color", "ytick.color"), _INK
    ),
}


@contextmanager
def house_style(transparent: bool = False) -> Iterator[None]:
    """The look of reports, whatever the user's own; letters the font lacks become boxes."""
    own = _HOUSE | (_TRANSPARENT if transparent else {})
    with mpl.style.context(["default", own]), warnings.catch_warnings():
        warnings.filterwarnings("ignore", "Glyph .* missing from", UserWarning)
        warnings.filterwarnings("ignore", "Matplotlib currently does not support", UserWarning)
        yield


def draw_svg(draw: Draw, size: tuple[float, float], title: str, text: str, prefix: str) -> str:
    """A figure as an SVG element for an HTML page.

    Parameters
    ----------
    draw : callable
        Draws into the Axes it is called with.
    size : (width, height)
        In inches.
    title, text : str
        What a screen reader says in place of the figure.
    prefix : str
        Of the figure's identifiers, which are to be unique on the page.
    """
    buffer = io.StringIO()
    with house_style(transparent=True):
        figure = Figure(figsize=size, layout="constrained")
        draw(ax=figure.subplots())
        _settle(figure)
        nothing = dict.fromkeys(("Date", "Creator", "Format", "Type"))
        figure.savefig(buffer, format="svg", metadata=nothing)
    return _for_page(buffer.getvalue(), title, text, prefix)


def notebook_figures(result: Any, names: Sequence[str]) -> str:
    """Figures of a result side by side, in the colours of the notebook around them.

    `names` are those of functions of memtools.plotting.
    """
    from memtools import plotting

    cells = []
    for i, name in enumerate(names):
        prefix = f"face-{zlib.crc32(f'{result!r}'.encode()):x}-{i}"
        draw = partial(getattr(plotting, name), result)
        svg = draw_svg(draw, _FACE, name.removeprefix("plot_"), str(result).split("\n")[0], prefix)
        cells.append(f'<div style="flex:1 1 24em;max-width:36em">{svg}</div>')
    return f'<div style="display:flex;flex-wrap:wrap">{"".join(cells)}</div>'


def draw_png(draw: Draw, size: tuple[float, float]) -> bytes:
    """A figure of `size` inches as a picture file."""
    with house_style():
        figure = Figure(figsize=size, layout="constrained")
        draw(ax=figure.subplots())
        return save_png(figure, {})


def _for_page(svg: str, title: str, text: str, prefix: str) -> str:
    """Without what leaks into the page: style sheets, identifiers, sizes, colours of text."""
    root = ET.fromstring(svg[svg.index("<svg") :])
    for parent in root.iter():
        for child in [c for c in parent if c.tag in (f"{{{_SVG}}}metadata", f"{{{_SVG}}}style")]:
            parent.remove(child)
    used = {name for element in root.iter() for name in _references(element)}
    for element in root.iter():
        _rewrite(element, used, prefix)
        _lift_style(element)
    for name in ("width", "height", "version"):
        root.attrib.pop(name, None)
    root.attrib |= {"role": "img", "aria-labelledby": f"{prefix}-title {prefix}-text"}
    for i, (tag, words) in enumerate([("title", title), ("desc", text)]):
        element = ET.Element(f"{{{_SVG}}}{tag}", id=f"{prefix}-{'text' if i else tag}")
        element.text = words
        root.insert(i, element)
    ET.register_namespace("", _SVG)
    ET.register_namespace("xlink", _XLINK)
    return ET.tostring(root, encoding="unicode")


def _references(element: ET.Element) -> Iterator[str]:
    for key, value in element.attrib.items():
        if "url(#" in value or key.endswith("href"):
            yield from _REFERENCE.findall(value)


def _rewrite(element: ET.Element, used: set[str], prefix: str) -> None:
    for key, value in list(element.attrib.items()):
        if key == "id":
            del element.attrib[key]
            if value in used:
                element.attrib[key] = f"{prefix}-{value}"
        elif "url(#" in value:
            element.attrib[key] = value.replace("url(#", f"url(#{prefix}-")
        elif key.endswith("href") and value.startswith("#"):
            element.attrib[key] = f"#{prefix}-{value[1:]}"
        elif key in _PAINTED:
            element.attrib[key] = _COLOUR.sub(lambda found: _VARIABLES[found[0]], value)
        elif key in _MEASURED:
            element.attrib[key] = _LONG_NUMBER.sub(r"\1", value)


def _lift_style(group: ET.Element) -> None:
    """The style of a cloud of equal markers once, on its group: most of the bytes otherwise."""
    markers = [child for child in group if child.tag == f"{{{_SVG}}}use"]
    styles = {child.get("style") for child in markers}
    if len(markers) < 2 or len(markers) < len(group) or len(styles) > 1 or "style" in group.attrib:
        return
    style = styles.pop()
    if style and not style.startswith("opacity") and "; opacity" not in style:
        group.set("style", style)
        for child in markers:
            del child.attrib["style"]


class Words(NamedTuple):
    """Lines of (style, text) side by side in columns.

    Styles: "title", "verdict", "head", "text", "small", "mono", "fine", "finest".
    """

    columns: Sequence[Sequence[tuple[str, str]]]
    joined: bool = False  # to what comes next, on the same sheet

    @property
    def height(self) -> float:
        """Inches."""
        return max(sum(line_height(style) for style, _ in column) for column in self.columns)


class Drawings(NamedTuple):
    """One drawing over the whole width, or up to two side by side, `height` inches high."""

    draws: Sequence[Draw]
    alone: bool
    height: float
    joined: bool = False


Block = Words | Drawings


_TEXTS = {
    "title": (15.0, "bold", 0.0),
    "verdict": (12.0, "bold", 0.1),
    "head": (10.5, "bold", 0.7),
    "text": (9.0, "normal", 0.0),
    "small": (7.5, "normal", 0.0),
    "mono": (7.5, "normal", 0.0),
    "fine": (6.0, "normal", 0.0),
    "finest": (4.8, "normal", 0.0),
}
_MONOSPACED = ("mono", "fine", "finest")


def line_height(style: str) -> float:
    """Inches that a line takes."""
    size, _, skip = _TEXTS[style]
    return (1.0 + skip) * 1.45 * size / 72.0


def sheet(blocks: Sequence[Block], size: tuple[float, float], margin: float) -> Figure:
    """A sheet of `size` inches with the blocks one under the other."""
    width, height = size
    figure = Figure(figsize=size, layout="constrained")
    engine = figure.get_layout_engine()
    assert engine is not None
    engine.set(h_pad=0.06, w_pad=0.06, hspace=0.0, wspace=0.0)  # type: ignore[call-arg]
    inner = width - 2 * margin
    top = height - margin
    heights, rows = [margin], []  # of the grid: drawings have rows of their own, words lie between
    for block in blocks:
        if isinstance(block, Words):
            for j, column in enumerate(block.columns):
                _write_text(figure, column, top, margin + j * inner / len(block.columns))
            heights[-1] += block.height
        else:
            rows.append((len(heights), block))
            heights += [block.height, 0.0]
        top -= block.height
    heights[-1] += max(height - sum(heights), 0.0)
    grid = figure.add_gridspec(len(heights), 1, height_ratios=np.maximum(heights, 1e-6))
    for place, block in rows:
        _draw_row(figure.add_subfigure(grid[place, 0]), block, margin, inner)
    return figure


def _write_text(figure: Figure, lines: Sequence[tuple[str, str]], top: float, left: float) -> None:
    width, height = figure.get_size_inches()
    for style, text in lines:
        size, weight, skip = _TEXTS[style]
        top -= skip * 1.45 * size / 72.0
        family = "monospace" if style in _MONOSPACED else "sans-serif"
        look = {"fontsize": size, "fontweight": weight, "family": family, **LITERAL}
        figure.text(left / width, top / height, text, va="top", **look)
        top -= 1.45 * size / 72.0


def _draw_row(part: Any, row: Drawings, margin: float, inner: float) -> None:
    # Parts of their own, so that long labels in one take no room from the others.
    n = 1 if row.alone else 2
    ratios = [margin / 2, *[(inner + margin) / n] * n, margin / 2]
    cells = part.subfigures(1, n + 2, width_ratios=ratios, squeeze=False)[0][1:-1]
    for cell, draw in zip(cells, row.draws, strict=False):
        draw(ax=cell.subplots())


def _settle(figure: Figure) -> None:
    """Lay out once, then round: the solver's last digits depend on addresses in memory."""
    figure.draw_without_rendering()
    figure.set_layout_engine("none")
    parts = list(figure.subfigs)
    for part in parts:
        part.bbox_relative.set_points(part.bbox_relative.get_points().round(6))
        parts += part.subfigs
    for ax in figure.axes:
        ax.set_position(Bbox(ax.get_position().get_points().round(6)))


def save_png(figure: Figure, metadata: dict[str, str]) -> bytes:
    """The picture."""
    _settle(figure)
    buffer = io.BytesIO()
    figure.savefig(buffer, format="png", metadata=metadata)
    return buffer.getvalue()


def save_pdf(figures: Iterator[Figure], metadata: dict[str, str]) -> bytes:
    """A page a figure; the same bytes for the same figures."""
    from matplotlib.backends.backend_pdf import PdfPages

    buffer = io.BytesIO()
    with PdfPages(buffer, metadata={**metadata, "CreationDate": None}) as pages:
        for figure in figures:
            _settle(figure)
            pages.savefig(figure)
    return buffer.getvalue()

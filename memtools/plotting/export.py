"""Figures as text for pages (SVG), and as sheets for paper (PDF) and pictures (PNG)."""

from __future__ import annotations

import io
import re
import warnings
import xml.etree.ElementTree as ET
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import matplotlib as mpl
import matplotlib.style
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


def write_text(
    figure: Any, lines: Sequence[tuple[str, str]], top: float, left: float, height: float
) -> float:
    """Lines of (style, text) from `top` down, lengths in inches; where the next would begin.

    Styles: "title", "verdict", "head", "text", "small", "mono".
    """
    width = figure.get_figwidth()
    y = top
    for style, text in lines:
        size, weight, skip = _TEXTS[style]
        step = 1.45 * size / 72.0
        y -= skip * step
        family = "monospace" if style == "mono" else "sans-serif"
        figure.text(
            left / width,
            y / height,
            text,
            va="top",
            fontsize=size,
            fontweight=weight,
            family=family,
            **LITERAL,
        )
        y -= step
    return y


_TEXTS = {
    "title": (15.0, "bold", 0.0),
    "verdict": (12.0, "bold", 0.1),
    "head": (10.5, "bold", 0.7),
    "text": (9.0, "normal", 0.0),
    "small": (7.5, "normal", 0.0),
    "mono": (7.5, "normal", 0.0),
}


def draw_grid(
    figure: Figure,
    rows: Sequence[Sequence[tuple[Draw, bool]]],
    rectangle: tuple[float, float, float, float],
) -> None:
    """Rows of one or two drawings inside a rectangle (left, bottom, width, height) of a figure."""
    figure.set_layout_engine("constrained", rect=rectangle, h_pad=0.1, w_pad=0.1)
    # Parts of their own, so that long labels in one take no room from the others.
    parts = figure.subfigures(len(rows), 1, squeeze=False)[:, 0]
    for part, row in zip(parts, rows, strict=True):
        wide = any(alone for _, alone in row)
        cells = part.subfigures(1, 1 if wide else 2, squeeze=False)[0]
        for cell, (draw, _) in zip(cells, row, strict=False):
            draw(ax=cell.subplots())


def line_height(style: str) -> float:
    """Inches that a line takes."""
    size, _, skip = _TEXTS[style]
    return (1.0 + skip) * 1.45 * size / 72.0


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

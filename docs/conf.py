"""Sphinx configuration, and directives that keep the pages true.

``{public} MODULE`` documents every public name of a module; ``{terminal} COMMAND`` shows a command
line and what it prints today; ``{drawn} CAPTION`` shows code and the figure it draws.
"""

from __future__ import annotations

import io
import os
import shlex
import subprocess
import sys
from contextlib import redirect_stdout
from operator import attrgetter
from pathlib import Path
from typing import Any

import matplotlib as mpl
import numpy as np
from docutils import nodes
from docutils.parsers.rst import Directive
from latex2mathml.converter import convert as latex_to_mathml
from sphinx.application import Sphinx

import memtools
from memtools.cli import main

mpl.use("Agg")
from matplotlib import pyplot as plt

GALLERY = Path(__file__).parent / "generated" / "gallery"
DRAWN = Path(__file__).parent / "generated" / "drawn"

SITE = os.environ.get("MEMTOOLS_SITE")  # the address at which all versions lie

project = "memtools"
author = copyright = "The memtools developers"
version = release = memtools.__version__
extensions = [
    "myst_parser",
    "numpydoc",
    "sphinx.ext.autodoc",
    "sphinx.ext.doctest",
    "sphinx.ext.viewcode",
    "sphinx_copybutton",
    "sphinx_design",
]
exclude_patterns = ["_build"]
myst_enable_extensions = ["amsmath", "colon_fence", "dollarmath"]
myst_heading_anchors = 3
numpydoc_show_class_members = False
autodoc_typehints = "none"
html_theme = "pydata_sphinx_theme"
html_title = f"memtools {release}"
html_context = {"default_mode": "auto"}
html_theme_options = {
    "navbar_align": "left",
    "header_links_before_dropdown": 4,
    "show_toc_level": 2,
    "secondary_sidebar_items": ["page-toc"],
    "footer_start": ["copyright"],
    "footer_end": [],
}
if SITE:  # .ci/site: one version beside others, with links into other projects' pages
    extensions.append("sphinx.ext.intersphinx")
    intersphinx_mapping = {
        "numpy": ("https://numpy.org/doc/stable", None),
        "scipy": ("https://docs.scipy.org/doc/scipy", None),
        "pandas": ("https://pandas.pydata.org/docs", None),
        "matplotlib": ("https://matplotlib.org/stable", None),
        "statsmodels": ("https://www.statsmodels.org/stable", None),
    }
    html_theme_options |= {
        "switcher": {"json_url": f"{SITE}/switcher.json", "version_match": release},
        "check_switcher": False,
        "navbar_end": ["version-switcher", "theme-switcher", "navbar-icon-links"],
    }
html_sidebars = {"**": []}
html_show_sourcelink = False
html_math_renderer = "mathml"
copybutton_prompt_text = r">>> |\.\.\. |\$ "
copybutton_prompt_is_regexp = True
doctest_global_setup = "import numpy as np\nimport memtools as mt"


class Public(Directive):
    """Every public name that a module of memtools defines, or is the home of."""

    required_arguments = 1

    def run(self) -> list[nodes.Node]:
        module = self.arguments[0]
        names = [
            name
            for name, home in memtools._HOMES.items()
            if home == module or getattr(memtools, name).__module__ == f"memtools.{module}"
        ]
        if module in ("networks", "montecarlo"):  # their names that are not on the top level
            own = getattr(memtools, module).__all__
            names = [f"{module}.{n}" for n in own if n not in memtools._HOMES]
        lines = [".. py:currentmodule:: memtools", ""]
        for name in names:
            is_class = isinstance(attrgetter(name)(memtools), type)
            lines.append(f".. auto{'class' if is_class else 'function'}:: memtools.{name}")
            if is_class:
                lines += ["   :members:", ""]
        section = nodes.section()
        section.document = self.state.document
        text = ["```{eval-rst}", *lines, "```"]
        self.state.nested_parse(_string_list(text, module), self.content_offset, section)
        return section.children


class Terminal(Directive):
    """A call of the command line and its output."""

    required_arguments = 1
    final_argument_whitespace = True

    def run(self) -> list[nodes.Node]:
        command = self.arguments[0]
        program, *arguments = shlex.split(command)
        assert program == "memtools"
        printed = io.StringIO()
        with redirect_stdout(printed):
            main(arguments)
        lines = [f"$ {command}", *(line.rstrip() for line in printed.getvalue().splitlines())]
        text = "\n".join(lines)
        return [nodes.literal_block(text, text, language="console")]


class Drawn(Directive):
    """A figure, and under it the code that has just drawn it."""

    required_arguments = 1
    final_argument_whitespace = True
    has_content = True

    def run(self) -> list[nodes.Node]:
        page = Path(self.state.document.current_source).stem
        DRAWN.mkdir(parents=True, exist_ok=True)
        name = f"{page}-{self.lineno}.png"
        code, caption = "\n".join(self.content), self.arguments[0]
        with mpl.rc_context({"figure.dpi": 110}):
            exec(code, {"mt": memtools, "np": np, "plt": plt})
            plt.gcf().savefig(DRAWN / name)
        plt.close("all")
        picture = nodes.image(uri=f"/generated/drawn/{name}", alt=caption)
        text = nodes.caption(caption, caption)
        return [nodes.figure("", picture, text), nodes.literal_block(code, code, language="python")]


class Picture(Directive):
    """A picture of the gallery, or a line where its data are not here."""

    required_arguments = 1

    def run(self) -> list[nodes.Node]:
        name = self.arguments[0]
        if not (GALLERY / f"{name}.png").is_file():
            return [nodes.paragraph(text="Not drawn: the data were not there.")]
        address = f"generated/gallery/{name}.png"
        return [nodes.image(uri=address, alt=f"Figures of {name}")]


def _draw_gallery(app: Sphinx) -> None:
    root = Path(__file__).parents[1]
    environment = os.environ | {"PYTHONPATH": str(root)}
    for name, *arguments in (
        ("gallery", GALLERY, "--quick"),
        ("whole_past", "--quick", "--figure", GALLERY / "whole_past.png"),
        ("filter_patterns", "--quick", "--figure", GALLERY / "filter_patterns.png"),
        ("other_networks", "--quick", "--figure", GALLERY / "other_networks.png"),
    ):
        program = root / "examples" / f"{name}.py"
        subprocess.run([sys.executable, program, *arguments], check=True, env=environment)


def _draw_pictures(app: Sphinx) -> None:
    root = Path(__file__).parent
    (root / "generated").mkdir(exist_ok=True)
    for name in ("house", "performance", "referee"):
        program, picture = root / f"draw_{name}.py", root / "generated" / f"{name}.svg"
        subprocess.run([sys.executable, program, picture], check=True)


def _string_list(lines: list[str], source: str) -> Any:
    from docutils.statemachine import StringList

    return StringList(lines, source=source)


def _escape_bars(
    app: Sphinx, what: str, name: str, obj: object, options: Any, lines: list[str]
) -> None:
    """|x| is an absolute value in our docstrings, never a substitution."""
    for i, line in enumerate(lines):
        if not line.lstrip().startswith((">>>", "...")):
            parts = line.split("``")
            parts[::2] = [part.replace("|", r"\|") for part in parts[::2]]
            lines[i] = "``".join(parts)


def _inline_math(writer: Any, node: nodes.math) -> None:
    writer.body.append(latex_to_mathml(node.astext()))
    raise nodes.SkipNode


def _block_math(writer: Any, node: nodes.math_block) -> None:
    writer.body.append(f"<div>{latex_to_mathml(node.astext(), display='block')}</div>")
    raise nodes.SkipNode


def setup(app: Sphinx) -> None:
    # Browsers read MathML themselves: formulas need no script and no network.
    app.add_html_math_renderer("mathml", (_inline_math, None), (_block_math, None))
    os.environ["COLUMNS"] = "88"
    app.add_directive("public", Public)
    app.add_directive("terminal", Terminal)
    app.add_directive("picture", Picture)
    app.add_directive("drawn", Drawn)
    app.connect("builder-inited", _draw_gallery)
    app.connect("builder-inited", _draw_pictures)
    app.connect("autodoc-process-docstring", _escape_bars, priority=900)

"""Sphinx configuration, and directives that keep the pages true.

``{public} MODULE`` documents every public name of a module; ``{terminal} COMMAND`` shows a command
line and what it prints today.  Figures are drawn by Matplotlib's ``plot`` and by sphinx-gallery.
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

from docutils import nodes
from docutils.parsers.rst import Directive
from latex2mathml.converter import convert as latex_to_mathml
from sphinx.application import Sphinx

import memtools
from memtools.cli import main

SITE = os.environ.get("MEMTOOLS_SITE")  # the address at which all versions lie

project = "memtools"
author = copyright = "The memtools developers"
version = release = memtools.__version__
extensions = [
    "matplotlib.sphinxext.plot_directive",
    "myst_parser",
    "numpydoc",
    "sphinx.ext.autodoc",
    "sphinx.ext.doctest",
    "sphinx.ext.viewcode",
    "sphinx_copybutton",
    "sphinx_design",
    "sphinx_gallery.gen_gallery",
]
exclude_patterns = ["_build"]
myst_enable_extensions = ["amsmath", "colon_fence", "dollarmath"]
myst_heading_anchors = 3
numpydoc_show_class_members = False
autodoc_typehints = "none"
html_theme = "pydata_sphinx_theme"
html_title = f"memtools {release}"
html_static_path = ["_static"]
html_css_files = ["house.css"]
html_favicon = "_static/favicon.svg"
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
plot_pre_code = f"{doctest_global_setup}\nfrom matplotlib import pyplot as plt"
plot_include_source = True
plot_html_show_source_link = plot_html_show_formats = False
plot_formats = [("png", 110)]
sphinx_gallery_conf = {
    "examples_dirs": "../examples/gallery",
    "gallery_dirs": "generated/gallery",
    "filename_pattern": "/",  # every one is run
    "within_subsection_order": "FileNameSortKey",
    "capture_repr": (),
    "download_all_examples": False,
    "show_signature": False,
    "write_computation_times": False,
    "min_reported_time": 3600,
}


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


def _draw_pictures(app: Sphinx) -> None:
    """What programs draw that do more than a page shows."""
    docs = Path(__file__).parent
    examples, generated = docs.parent / "examples", docs / "generated"
    environment = os.environ | {"PYTHONPATH": str(docs.parent)}
    generated.mkdir(exist_ok=True)
    for name in ("house", "performance", "referee"):
        command = [sys.executable, docs / f"draw_{name}.py", generated / f"{name}.svg"]
        subprocess.run(command, check=True)
    for name in ("whole_past", "filter_patterns", "other_networks"):
        options = "--quick", "--figure", generated / f"{name}.png"
        command = [sys.executable, examples / f"{name}.py", *options]
        subprocess.run(command, check=True, env=environment, stdout=subprocess.DEVNULL)


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
    app.connect("builder-inited", _draw_pictures)
    app.connect("autodoc-process-docstring", _escape_bars, priority=900)

"""What type checkers and editors see: stubs equal to the lazy tables, and a user's script."""

import ast
import json
import os
import runpy
import subprocess
import sys
from pathlib import Path

import pytest

import memtools
from memtools import networks
from memtools.networks import registry

PACKAGE = Path(memtools.__file__).parent
SCRIPT = Path(__file__).with_name("users_script.py")
# Our own files count as an installed package: what they import is not the user's to stub.
CHECKERS = {
    "mypy": [sys.executable, "-m", "mypy", "--no-error-summary", "--follow-imports=silent"],
    "basedpyright": [sys.executable, "-m", "basedpyright", "--level", "error"],
}


def stubbed(path):
    """Name -> module it is imported from, of a stub."""
    body = ast.parse(path.read_text()).body
    imports = [node for node in body if isinstance(node, ast.ImportFrom)]
    homes = {a.name: node.module.removeprefix("memtools.") for node in imports for a in node.names}
    (listed,) = (ast.literal_eval(n.value) for n in body if ast.unparse(n).startswith("__all__"))
    return {name: homes[name] for name in listed}


def test_the_stub_of_the_top_level_is_the_table():
    rooms = dict.fromkeys(memtools._MODULES, "memtools")
    assert stubbed(PACKAGE / "__init__.pyi") == memtools._HOMES | rooms


def test_the_stub_of_the_networks_is_their_tables():
    cells = {
        name: kind.__module__.removeprefix("memtools.") for name, kind in registry.CLASSES.items()
    }
    assert stubbed(PACKAGE / "networks" / "__init__.pyi") == networks._HOMES | cells


@pytest.mark.slow
def test_the_script_runs():
    assert runpy.run_path(str(SCRIPT))["verdict"] in memtools.results.report.VERDICTS


@pytest.mark.slow
@pytest.mark.parametrize("checker", CHECKERS)
def test_a_users_script_is_checked_and_two_mistakes_are_found(checker, tmp_path):
    good, keyword, name = (tmp_path / f"script_{kind}.py" for kind in ("good", "keyword", "name"))
    text = SCRIPT.read_text()
    good.write_text(text)
    keyword.write_text(text.replace("mt.gph(x)", "mt.gph(x, bandwith=30)"))
    name.write_text(text.replace("mt.gph(x)", "mt.gphh(x)"))
    settings = {"typeCheckingMode": "standard", "extraPaths": [str(PACKAGE.parent)]}
    (tmp_path / "pyrightconfig.json").write_text(json.dumps(settings))
    done = {
        path: subprocess.run(
            [*CHECKERS[checker], str(path)],
            capture_output=True,
            text=True,
            cwd=tmp_path,
            env=os.environ | {"MYPYPATH": str(PACKAGE.parent)},
            check=False,
        )
        for path in (good, keyword, name)
    }
    assert done[good].returncode == 0, done[good].stdout
    assert "bandwith" in done[keyword].stdout
    assert done[keyword].returncode == 1
    assert "gphh" in done[name].stdout
    assert done[name].returncode == 1

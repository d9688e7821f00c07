"""What type checkers and editors see: the stubs that are the lazy tables, and a user's script."""

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


@pytest.mark.parametrize("module", [memtools, networks])
def test_a_stub_exports_all_that_it_imports(module):
    """The lazy tables are read from these imports, type checkers heed ``__all__``."""
    body = ast.parse(Path(f"{module.__file__}i").read_text()).body
    imports = [node for node in body if isinstance(node, ast.ImportFrom)]
    ours = {a.name for node in imports if node.module != "typing" for a in node.names}
    (listed,) = (ast.literal_eval(n.value) for n in body if ast.unparse(n).startswith("__all__"))
    assert set(listed) == ours == set(module.__all__)
    assert len(listed) == len(ours)


def test_the_networks_hold_every_cell():
    assert set(registry.CLASSES) <= set(networks.__all__)


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

"""Every example runs in its quick mode."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import data_folder

EXAMPLES = Path(__file__).parents[1] / "examples"
# These need peers or data that are not installed with the tests.
PEERS = {"arfima_compared_with_r"}
NEED_DATA = {"arfima_paper_series", "trained_networks"}
NAMES = sorted(path.stem for path in EXAMPLES.glob("*.py"))


@pytest.mark.slow
@pytest.mark.parametrize("name", [name for name in NAMES if name not in PEERS])
def test_example_runs(name, tmp_path):
    folder = data_folder()
    if name in NEED_DATA and folder is None:
        pytest.skip("the paper's series are not here: set MEMTOOLS_DATA to their folder")
    environment = os.environ | ({} if folder is None else {"MEMTOOLS_DATA": str(folder)})
    done = subprocess.run(
        [sys.executable, str(EXAMPLES / f"{name}.py"), "--quick"],
        capture_output=True,
        text=True,
        cwd=tmp_path,
        env=environment | {"PYTHONPATH": str(EXAMPLES.parent)},
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout

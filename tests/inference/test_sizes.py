"""The table of sizes and powers in the docs: a tenth of its cells again, another one each day."""

import argparse
import datetime
import importlib.util
from pathlib import Path

import pytest

SCRIPT = Path(__file__).parents[2] / "benchmarks" / "measure_tests.py"


@pytest.fixture(scope="module")
def script():
    spec = importlib.util.spec_from_file_location("measure_tests", SCRIPT)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.slow
@pytest.mark.filterwarnings(
    "ignore::memtools.ConvergenceWarning"
)  # a path in thousands ends at an edge
def test_a_tenth_of_the_table_is_found_again(script):
    tenth = datetime.date.today().toordinal() % 10
    assert script.compare(argparse.Namespace(tenth=tenth, paths=50, jobs=1, out=None)) == 0


@pytest.mark.parametrize(("rejected", "status"), [(0.05, 0), (0.4, 1)])
def test_a_wrong_share_is_seen(script, monkeypatch, rejected, status):
    cells = [c for c in script.cells() if c[0] == "vs_test" and c[2] == "AR 0.5"][:1]
    monkeypatch.setattr(script, "cells", lambda: cells)
    row = {"paths": "4000", "rejected": str(rejected)}
    monkeypatch.setattr(script, "table", lambda: {script.cell_key(cells[0]): row})
    assert script.compare(argparse.Namespace(tenth=0, paths=100, jobs=1, out=None)) == status


def test_every_test_of_one_series_is_in_the_table(script):
    from memtools.inference import TESTS

    measured = {row[0].split()[0] for row in script.table()}
    assert set(TESTS) <= measured
    assert set(script.table()) <= {script.cell_key(cell) for cell in script.cells()}

"""The page of equivalents: each row gives the same number in the other program and here."""

import importlib.util
import sys
import warnings
from pathlib import Path

import numpy as np
import pytest

ROOT = Path(__file__).parents[1]


def loaded(path):
    spec = importlib.util.spec_from_file_location(path.stem, path)
    module = sys.modules[path.stem] = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


table = loaded(ROOT / "benchmarks" / "equivalents.py")
EQUAL = [row for row in table.ROWS if row.ours]
DISTRIBUTIONS = {"fracdiff (Python)": "fracdiff", "mlfinlab": "mlfinpy"}


def module(program):
    """The other program, or a skip that says what is not installed."""
    name = DISTRIBUTIONS.get(program, program)
    if importlib.util.find_spec(name) is None:
        pytest.skip(f"{name} is not installed")
    if name == "nolds":  # its package does not start on every Python
        found = importlib.util.find_spec(name)
        return loaded(Path(found.submodule_search_locations[0]) / "measures.py")
    return importlib.import_module(name)


def ffd(values, d, least):
    """mlfinlab's frac_diff_ffd of one column, without the observations that it leaves out."""
    import pandas as pd
    from mlfinpy.util.frac_diff import frac_diff_ffd

    found = frac_diff_ffd(pd.DataFrame({"x": values}), d, least)
    return found["x"].dropna().to_numpy()


def theirs(row):
    if row.program in table.IN_R:
        return table.golden()["values"][f"{row.program}: {row.theirs}"]
    name = DISTRIBUTIONS.get(row.program, row.program)
    names = {name: module(row.program), "np": np, "ffd": ffd}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return eval(row.theirs, names | table.series())


@pytest.mark.parametrize("row", EQUAL, ids=lambda row: f"{row.program}: {row.theirs[:40]}")
def test_both_give_the_same_number(row):
    expected = np.asarray(theirs(row), dtype=float)
    found = table.ours(row)
    assert found.size == expected.size
    np.testing.assert_allclose(found.ravel(), expected.ravel(), rtol=0.0, atol=row.within)


def test_what_has_no_equal_says_why():
    for row in table.ROWS:
        assert row.ours or row.remark, row


def test_the_page_is_the_table():
    text = table.PAGE.read_text()
    assert table.page(text) == text
    for row in table.ROWS:
        assert f"<!-- equivalents: {row.program} -->" in text
        assert f"| `{row.theirs}` |" in text


def test_the_numbers_of_r_carry_their_birth_certificate():
    golden = table.golden()
    assert {"program", "command", "date", "conventions", "values"} == set(golden)
    asked = {f"{row.program}: {row.theirs}" for row in EQUAL if row.program in table.IN_R}
    assert set(golden["values"]) == asked

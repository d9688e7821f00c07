"""Everyday files are read to the last digit, or refused with the reason and the option."""

import json
import re

import numpy as np
import pytest

import memtools as mt
from memtools.cli import main
from memtools.exceptions import DataFileError
from memtools.files import read_series
from tests.everyday import FILES


def written(tmp_path, case):
    path = tmp_path / case.name
    path.write_bytes(case.data.encode() if isinstance(case.data, str) else case.data)
    return str(path)


def test_there_are_a_hundred():
    assert len(FILES) >= 100


@pytest.mark.parametrize("kind", [kind for kind, case in FILES.items() if case.error is None])
def test_is_read_to_the_last_digit(tmp_path, kind):
    case = FILES[kind]
    series = read_series(written(tmp_path, case), case.column, **case.options)
    np.testing.assert_array_equal(series, case.values)
    if case.ends is not None:
        shown = [
            str(series.index[i]).removesuffix("+00:00").removesuffix(" 00:00:00") for i in (0, -1)
        ]
        assert tuple(shown) == case.ends
    if case.note is not None:
        assert re.search(case.note, "; ".join(series.attrs["notes"]))


@pytest.mark.parametrize("kind", [kind for kind, case in FILES.items() if case.error is not None])
def test_is_refused_with_the_reason(tmp_path, kind):
    case = FILES[kind]
    with pytest.raises(DataFileError, match=case.error):
        read_series(written(tmp_path, case), case.column, **case.options)


@pytest.mark.parametrize("kind", list(FILES))
def test_the_command_line_gives_the_number_of_python(tmp_path, capsys, kind):
    case = FILES[kind]
    options = [] if case.column is None else ["--column", case.column]
    for name, value in case.options.items():
        for one in value if isinstance(value, list) else [value]:
            options += [f"--{name}", one]
    # A test is ten times as fast, yet wants 50 observations without a gap.
    tested = "missing" not in case.options and (case.error is not None or len(case.values) >= 50)
    command = ["test", "--test", "vs_test"] if tested else ["estimate", "--method", "gph"]
    arguments = [*command, written(tmp_path, case), "--json", *options]
    if case.error is not None:
        with pytest.raises(SystemExit) as caught:
            main(arguments)
        out, err = capsys.readouterr()
        assert (caught.value.code, out, err.count("\n")) == (2, "", 1)
        return
    main(arguments)
    shown = json.loads(capsys.readouterr().out)
    if tested:
        assert shown["results"]["vs_test"]["statistic"] == mt.vs_test(case.values).statistic
    else:
        missing = case.options.get("missing", "raise")
        found = mt.estimate(case.values, methods="gph", missing=missing).estimates["gph"]
        assert shown["d"] == found.d

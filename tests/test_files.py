"""One series out of a file, or an error that says where the file is wrong."""

import io
import json
import sys
from types import SimpleNamespace

import numpy as np
import pytest

from memtools.exceptions import DataFileError
from memtools.files import read_panel, read_series

VALUES = [1.5, -2.0, 3e-3, 4.0]


@pytest.fixture
def write(tmp_path):
    def write(name, text):
        path = tmp_path / name
        path.write_bytes(text.encode() if isinstance(text, str) else text)
        return str(path)

    return write


@pytest.mark.parametrize(
    ("name", "text", "column"),
    [
        ("a.csv", "x\n1.5\n-2\n3e-3\n4\n", "x"),
        ("a.csv", "1.5\n-2\n3e-3\n4\n", "a"),
        ("a.csv", '"x"\r\n1.5\r\n-2\r\n3e-3\r\n4', "x"),
        ("a.csv", "\ufeffx\n1.5\n-2\n3e-3\n4\n", "x"),
        ("a.csv", "year,flow\n1,1.5\n2,-2\n3,3e-3\n4,4\n", "flow"),
        (
            "a.csv",
            "date,flow\n2020-01-01,1.5\n2020-01-02,-2\n2020-01-03,3e-3\n2020-01-04,4\n",
            "flow",
        ),
        ("a.csv", "date;flow\na;1.5\nb;-2\nc;3e-3\nd;4\n", "flow"),
        ("a.tsv", "date\tflow\na\t1.5\nb\t-2\nc\t3e-3\nd\t4\n", "flow"),
        ("a.dat", "  1 1.5\n  2 -2\n  3 3e-3\n  4 4\n", "a"),
        ("a.txt", "x\n\n1.5\n\n-2\n3e-3\n4\n\n", "x"),
        ("a.csv", '"x"\n"1",1.5\n"2",-2\n"3",3e-3\n"4",4\n', "x"),
        ("a.jsonl", '{"x": 1.5}\n{"x": -2}\n{"x": 0.003}\n{"x": 4}\n', "x"),
        ("a.ndjson", "1.5\n-2\n0.003\n4\n", "value"),
    ],
)
def test_text_formats(write, name, text, column):
    series = read_series(write(name, text))
    assert series.name == column
    np.testing.assert_array_equal(series, VALUES)


def test_column_by_name_and_by_number(write):
    path = write("a.csv", "a,b,c\n1,2,x\n3,4,y\n")
    assert read_series(path, "b").tolist() == [2.0, 4.0]
    assert read_series(write("b.csv", "1,2,9\n3,4,7\n"), "2").tolist() == [9.0, 7.0]


def test_npy(tmp_path):
    np.save(tmp_path / "a.npy", np.array(VALUES, dtype=np.float32))
    np.testing.assert_allclose(read_series(str(tmp_path / "a.npy")), VALUES, rtol=1e-6)
    np.save(tmp_path / "b.npy", np.arange(6).reshape(3, 2))
    assert read_series(str(tmp_path / "b.npy"), "1").tolist() == [1.0, 3.0, 5.0]


def test_npy_with_objects_runs_no_code(tmp_path):
    np.save(tmp_path / "a.npy", np.array([print], dtype=object), allow_pickle=True)
    with pytest.raises(DataFileError, match="not a NumPy array file"):
        read_series(str(tmp_path / "a.npy"))


def test_parquet(tmp_path):
    pa = pytest.importorskip("pyarrow")
    import pyarrow.parquet as parquet

    table = pa.table({"when": ["a", "b"], "x": [1.0, 2.0], "y": [3, 4]})
    parquet.write_table(table, tmp_path / "a.parquet")
    assert list(read_panel(str(tmp_path / "a.parquet"))) == ["x", "y"]
    assert read_series(str(tmp_path / "a.parquet"), "y").tolist() == [3.0, 4.0]


@pytest.mark.parametrize(
    ("text", "name"),
    [(b"x\n1\n2\n", "x"), (b'{"z": 1}\n{"z": 2}\n', "z"), (b"1\n2\n", "standard input")],
)
def test_standard_input(monkeypatch, text, name):
    monkeypatch.setattr(sys, "stdin", SimpleNamespace(buffer=io.BytesIO(text)))
    series = read_series("-")
    assert series.name == name
    assert series.tolist() == [1.0, 2.0]


@pytest.mark.parametrize(
    ("name", "text", "match"),
    [
        ("a.csv", "", "is empty"),
        ("a.csv", "x\n", "header and no data"),
        ("a.csv", "x\n1\n2\noops\n4\n", "line 4, column x: 'oops' is no number"),
        ("a.csv", "x,y\n1,2\n3\n4,5\n", "line 3: 1 cells, not 2"),
        ("a.csv", "day,y\n1,2\n2,\n3,5\n", "line 3, column y: an empty cell"),
        ("a.csv", "x\n1\nnan\n2\n3\n", "line 3, column x: 'nan' is no number"),
        ("a.csv", "x\n1\n2\ninf\n3\n", "line 4, column x: 'inf'"),
        ("a.csv", "x\n1\n2\nNA\n3\n", "line 4, column x: 'NA'"),
        ("a.csv", "day;x\n1;1,500\n2;2,500\n3;3,250\n", "line 2, column x: '1,500' may be"),
        ("a.csv", "x\n1,5\n2,5\n3,5\n", "line 2: 2 cells, not 1"),
        ("a.csv", "x,x\n1,2\n3,5\n4,4\n", r"choose one of: x \(1\), x \(2\) with --column"),
        ("a.csv", "a,b\n1,2\n3,5\n4,4\n", "several numeric columns; choose one of: a, b"),
        ("a.csv", "a,b\nu,v\nw,z\n", "no numeric column"),
        ("a.csv", b"x\n1\n2\n\x81\xfe\n", "not UTF-8 text .line 4."),
        ("a.jsonl", '{"x": 1}\n{"x": \n', "line 2: not JSON"),
        ("a.jsonl", '{"x": 1}\n{"y": 2}\n', "line 2: keys"),
        ("a.jsonl", '{"x": 1}\n{"x": null}\n{"x": 2}\n', "line 2, column x: an empty cell"),
        ("a.npy", b"not numpy", "not a NumPy array file"),
        ("a.docx", b"PK", "must end in .csv"),
    ],
)
def test_bad_files(write, name, text, match):
    with pytest.raises(DataFileError, match=match):
        read_series(write(name, text))


def test_names_that_stand_several_times_are_numbered(write):
    file = write("a.csv", "day,t,flag,rain,flag\n1,7,ok,0.1,ok\n2,9,ok,0.5,bad\n3,8,ok,0.2,ok\n")
    assert read_series(file, "rain").tolist() == [0.1, 0.5, 0.2]
    file = write("b.csv", "x,x\n1,2\n3,5\n4,4\n")
    assert read_series(file, "x (2)").tolist() == [2.0, 5.0, 4.0]
    with pytest.raises(DataFileError, match=r"--column x may be any of x \(1\), x \(2\)"):
        read_series(file, "x")


def test_of_several_columns_of_dates_the_first_in_order_is_told(write):
    rows = ("2020-03-01,2020-01-01,1", "2020-02-01,2020-01-02,2", "2020-03-05,2020-01-03,4")
    series = read_series(write("a.csv", "changed,day,x\n" + "\n".join(rows)))
    assert str(series.index[0].date()) == "2020-01-01"
    assert series.attrs["notes"] == ("day is taken for the time, not changed",)


def test_missing_file_names_the_bundled(tmp_path):
    with pytest.raises(DataFileError, match=r"no file, nor one of the bundled series \(nile"):
        read_series(str(tmp_path / "nile.csv"))


def test_folder(tmp_path):
    with pytest.raises(DataFileError, match="is a folder"):
        read_series(str(tmp_path))


def test_wrong_column_lists_the_columns(write):
    with pytest.raises(DataFileError, match=r"no numeric column 'z'; it has: a, b"):
        read_series(write("a.csv", "a,b\n1,2\n3,4\n"), "z")


def test_json_numbers_are_exact(write):
    values = np.random.default_rng(0).standard_normal(50)
    text = "\n".join(json.dumps({"x": v}) for v in values.tolist())
    np.testing.assert_array_equal(read_series(write("a.jsonl", text)), values)


def test_gaps_are_read_only_where_asked_for(tmp_path):
    path = tmp_path / "flow.csv"
    path.write_text(
        "date,flow,note\n2001-01,1.5,NA\n2001-02,,NA\n2001-03,NA,NA\n2001-04,2.5,x\n2001-05,3,NA\n"
    )
    with pytest.raises(DataFileError, match="line 3, column flow: an empty cell is no number"):
        read_series(str(path))
    values = read_series(str(path), "flow", "gaps")
    assert values.name == "flow"
    np.testing.assert_array_equal(values, [1.5, np.nan, np.nan, 2.5, 3.0])
    path.write_text("flow\n1\n2\nbroken\n4\n")
    with pytest.raises(DataFileError, match="line 4, column flow: 'broken' is no number"):
        read_series(str(path), missing="gaps")
    lines = tmp_path / "flow.jsonl"
    lines.write_text('{"flow": 1.0}\n{"flow": null}\n{"flow": 3.0}\n{"flow": 4.0}\n')
    np.testing.assert_array_equal(read_series(str(lines), missing="gaps"), [1, np.nan, 3, 4])


def test_a_blank_line_in_one_column_is_a_gap_where_gaps_are_asked_for(tmp_path):
    path = tmp_path / "flow.csv"
    path.write_text("\nflow\n1\n2\n\n4\n5\n\n")
    assert len(read_series(str(path))) == 4
    np.testing.assert_array_equal(read_series(str(path), missing="gaps"), [1, 2, np.nan, 4, 5])
    path.write_text("day,flow\n1,1.5\n\n2,2.5\n3,1\n")
    np.testing.assert_array_equal(read_series(str(path)), [1.5, 2.5, 1.0])


def test_columns_without_a_header_stay_apart(tmp_path):
    """Each under its number; they all once had the file's name, and the last one won."""
    values = np.random.default_rng(1).standard_normal((40, 5))
    np.savetxt(tmp_path / "panel.csv", values, delimiter=",")
    found = read_panel(str(tmp_path / "panel.csv"))
    assert list(found) == ["0", "1", "2", "3", "4"]
    np.testing.assert_array_equal(np.column_stack(list(found.values())), values)


def test_a_header_of_several_lines_takes_no_row(tmp_path):
    path = tmp_path / "flow.csv"
    path.write_text('date,"flow\n(m3/s)"\n2001-01-01,5.5\n2001-01-02,6.5\n2001-01-03,4.5\n')
    assert read_series(str(path)).tolist() == [5.5, 6.5, 4.5]
    path.write_text('"date","a\nb","c\nd"\n2001-01-01,5.5,1\n2001-01-02,6.5,2\n2001-01-03,4.5,3\n')
    assert next(iter(read_panel(str(path)).values())).tolist() == [5.5, 6.5, 4.5]

"""Damaged files: a series of numbers or one clear error, never anything else."""

import io
import signal

import numpy as np
import pandas as pd
import pytest

from memtools.exceptions import MemtoolsError
from memtools.files import read_panel, read_series
from tests.everyday import FILES

N_FILES = 10_000
LONGEST = 5  # seconds
TEXTS = [
    (case.name, case.data.encode() if isinstance(case.data, str) else case.data)
    for case in FILES.values()
]


def flipped(rng, data):
    out = bytearray(data)
    for place in rng.integers(0, len(out), rng.integers(1, 6)):
        out[place] = rng.integers(0, 256)
    return bytes(out)


def cut(rng, data):
    return data[: rng.integers(0, len(data))]


def holed(rng, data):
    first, last = sorted(rng.integers(0, len(data), 2))
    return data[:first] + data[last:]


def doubled(rng, data):
    first, last = sorted(rng.integers(0, len(data), 2))
    return data[:last] + data[first:]


def mixed(rng, data):
    place = rng.integers(0, len(data))
    encoding = rng.choice(["utf-16", "cp1252", "utf-8-sig", "utf-32"])
    return data[:place] + "Größe;1,5\n".encode(encoding) + data[place:]


def shuffled(rng, data):
    rows = data.split(b"\n")
    for i in range(len(rows)):
        cells = rows[i].split(b",")
        rng.shuffle(cells)
        rows[i] = b",".join(cells)
    return b"\n".join(rows)


def swapped(rng, data):
    old, new = rng.choice([b",", b";", b".", b"\t", b" ", b'"', b"-", b"\n", b"\r\n"], 2)
    return data.replace(bytes(old), bytes(new))


DAMAGES = [flipped, cut, holed, doubled, mixed, shuffled, swapped]


def too_long(*_):
    raise TimeoutError


def look(path, seed):
    """Read what a seed damages; what comes is a finite series, a gap in it, or our error."""
    rng = np.random.default_rng(seed)
    name, data = TEXTS[rng.integers(len(TEXTS))]
    for damage in rng.choice(DAMAGES, rng.integers(1, 3)):
        data = damage(rng, data) if data else data
    target = path / name
    target.write_bytes(data)
    signal.alarm(LONGEST)
    try:
        read = rng.choice([read_series, read_panel])
        found = read(str(target), missing=str(rng.choice(["raise", "gaps"])))
        for series in found.values() if isinstance(found, dict) else [found]:
            assert isinstance(series, pd.Series)
            assert series.dtype == np.float64
            assert not np.isinf(series).any()
    except MemtoolsError as error:
        told = str(error).strip()
    else:
        told = "a series of numbers"
    finally:
        signal.alarm(0)
    assert "\n" not in told
    assert 10 < len(told) < 1500


@pytest.fixture
def alarm():
    before = signal.signal(signal.SIGALRM, too_long)
    yield
    signal.signal(signal.SIGALRM, before)


def test_some_damaged_files(tmp_path, alarm):
    for seed in range(300):
        look(tmp_path, seed)


@pytest.mark.slow
def test_damaged_files(tmp_path, alarm):
    for seed in range(300, N_FILES):
        look(tmp_path, seed)


def test_columns_in_any_order_give_the_same_series(tmp_path):
    rng = np.random.default_rng(2)
    days = pd.date_range("2001-01-01", periods=40).strftime("%Y-%m-%d")
    frame = pd.DataFrame({"date": days, "note": "a", "flow": rng.standard_normal(40)})
    for columns in (["flow", "date", "note"], ["note", "flow", "date"], ["date", "flow", "note"]):
        text = io.StringIO()
        frame[columns].to_csv(text, index=False)
        (tmp_path / "a.csv").write_text(text.getvalue())
        series = read_series(str(tmp_path / "a.csv"))
        np.testing.assert_array_equal(series, frame["flow"])
        assert str(series.index[0]).startswith("2001-01-01")


def test_a_file_cut_between_lines_is_the_beginning_of_the_series(tmp_path):
    rng = np.random.default_rng(3)
    x = rng.standard_normal(60)
    lines = [
        "date,flow",
        *(
            f"{d:%Y-%m-%d},{v!r}"
            for d, v in zip(pd.date_range("2001-01-01", periods=60), x.tolist(), strict=True)
        ),
    ]
    for kept in (10, 25, 61):
        (tmp_path / "a.csv").write_text("\n".join(lines[:kept]) + "\n")
        np.testing.assert_array_equal(read_series(str(tmp_path / "a.csv")), x[: kept - 1])

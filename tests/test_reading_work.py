"""How much work reading is: pandas reads once, and nothing is looked at line by line."""

import builtins
import tracemalloc

import numpy as np
import pandas as pd
import pytest

from memtools.files import delimited, layout, read_series

N_OBS = 200_000


@pytest.fixture
def dated(tmp_path):
    path = tmp_path / "a.csv"
    days = pd.date_range("1900-01-01", periods=N_OBS, freq="h", name="time")
    values = np.random.default_rng(1).standard_normal(N_OBS)
    pd.Series(values, days, name="x").to_csv(path)
    return path, values


def test_a_long_file_is_read_once_and_by_pandas(dated, monkeypatch):
    path, values = dated
    read, looked = [], []
    whole, rows = pd.read_csv, layout.rows_of

    def read_csv(*given, **options):
        read.append(options)
        return whole(*given, **options)

    def rows_of(*given):
        for row in rows(*given):
            looked.append(row[0])
            yield row

    monkeypatch.setattr(pd, "read_csv", read_csv)
    monkeypatch.setattr(layout, "rows_of", rows_of)
    monkeypatch.setattr(delimited, "rows_of", rows_of)
    series = read_series(str(path))
    np.testing.assert_array_equal(series, values)
    assert isinstance(series.index, pd.DatetimeIndex)
    assert len(read) == 1
    # The layout is seen in the first rows: a few hundred for each separator that is tried.
    assert len(looked) < 3000


def test_memory_is_at_most_three_times_the_file(dated):
    path, _ = dated
    read_series(str(path))
    tracemalloc.start()
    read_series(str(path))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 3 * path.stat().st_size


def test_the_file_is_opened_once(dated, monkeypatch):
    path, _ = dated
    opened = []
    whole = builtins.open

    def counted(file, *given, **options):
        if str(file) == str(path):
            opened.append(file)
        return whole(file, *given, **options)

    monkeypatch.setattr(builtins, "open", counted)
    read_series(str(path))
    assert len(opened) <= 1

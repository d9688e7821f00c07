"""Chunks that cannot be read: told by their coordinates, and none but their own series lost."""

import shutil
import warnings

import numpy as np
import pytest
import xarray as xr

import memtools as mt
from memtools.exceptions import MemtoolsWarning
from tests.many.conftest import N_OBS, assert_same

for needed in ("dask", "h5py", "zarr"):
    pytest.importorskip(needed)
pytestmark = pytest.mark.filterwarnings(
    "ignore::zarr.errors.ZarrUserWarning", "ignore::ResourceWarning", "ignore::DeprecationWarning"
)


def spoilt_zarr(source, folder):
    """A copy of the store, one chunk of which is no chunk, and what mends it."""
    bad = folder / "bad.zarr"
    shutil.copytree(source, bad)
    chunk = bad / "t2m" / "c" / "2" / "1" / "0"
    good = chunk.read_bytes()
    chunk.write_bytes(b"not what it was")
    return bad, lambda: chunk.write_bytes(good)


def spoilt_netcdf(source, folder):
    """The same as a compressed NetCDF file, some bytes of that chunk overwritten."""
    import h5py

    bad = folder / "bad.nc"
    with xr.open_zarr(source, chunks=None, consolidated=False) as data:
        how = {"zlib": True, "chunksizes": (2, 5, N_OBS)}
        data.to_netcdf(bad, encoding={"t2m": how}, engine="netcdf4")
    with h5py.File(bad) as file:
        chunk = file["t2m"].id.get_chunk_info_by_coord((4, 5, 0))
    whole = bytearray(bad.read_bytes())
    good = bytes(whole)
    whole[chunk.byte_offset : chunk.byte_offset + 64] = bytes(64)
    bad.write_bytes(whole)
    return bad, lambda: bad.write_bytes(good)


SPOILT = pytest.mark.parametrize("spoilt", [spoilt_zarr, spoilt_netcdf])


def told_words(told):
    return [str(w.message) for w in told if issubclass(w.category, MemtoolsWarning)]


def assert_one_chunk_lost(found, expected):
    lost = found["code"].values == 8
    assert lost[4:6, 5:10].all()
    assert lost.sum() == 10
    assert np.isnan(found["d"].values[lost]).all()
    np.testing.assert_array_equal(found["d"].values[~lost], expected["d"].values[~lost])


@SPOILT
def test_a_corrupt_chunk_is_told_by_its_coordinates(source, expected, tmp_path, spoilt):
    bad, mend = spoilt(source, tmp_path)
    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always")
        found = mt.estimate_grid(bad, tmp_path / "d.nc")
    words = told_words(told)
    assert any("lat 4.0..5.0, lon 50.0..90.0" in w and "reads them again" in w for w in words)
    assert_one_chunk_lost(found, expected)
    found.close()
    mend()
    assert_same(mt.estimate_grid(bad, tmp_path / "d.nc"), expected)
    assert not list(tmp_path.glob("d.nc.*"))


@SPOILT
@pytest.mark.parametrize("chunks", [None, {}], ids=["by xarray", "by dask"])
def test_a_corrupt_chunk_of_what_is_lazy_stops_no_other(source, expected, tmp_path, spoilt, chunks):
    bad, _ = spoilt(source, tmp_path)
    how = {"engine": "zarr", "consolidated": False} if bad.suffix == ".zarr" else {}
    with (
        warnings.catch_warnings(record=True) as told,
        xr.open_dataset(bad, chunks=chunks, **how) as data,
    ):
        warnings.simplefilter("always")
        found = mt.estimate_many(data["t2m"]).compute()
    assert any("lat 4.0..5.0, lon 50.0..90.0" in words for words in told_words(told))
    assert_one_chunk_lost(found, expected)


def test_the_command_line_tells_a_corrupt_chunk(source, expected, tmp_path, capsys):
    from memtools.cli import main

    bad, _ = spoilt_netcdf(source, tmp_path)
    out = tmp_path / "d.nc"
    main(["estimate", str(bad), "--dim", "time", "--method", "local_whittle", "-o", str(out)])
    assert "1 chunks could not be read: lat 4.0..5.0, lon 50.0..90.0" in capsys.readouterr().err
    with xr.open_dataset(out) as found:
        assert_one_chunk_lost(found, expected)

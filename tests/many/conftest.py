"""A grid of short series in a Zarr store, and what is estimated of it."""

import numpy as np
import pytest
import xarray as xr

import memtools as mt

N_OBS = 100


@pytest.fixture(scope="session")
def source(tmp_path_factory):
    """A Zarr store of 24 chunks."""
    x = mt.simulate(mt.ARFIMAProcess(d=0.3), N_OBS, n_paths=240, rng=1).astype(np.float32)
    grid = xr.DataArray(
        x.reshape(12, 20, N_OBS),
        dims=("lat", "lon", "time"),
        coords={"lat": np.arange(12.0), "lon": 10.0 * np.arange(20)},
        name="t2m",
    )
    path = tmp_path_factory.mktemp("grid") / "t2m.zarr"
    grid.chunk(lat=2, lon=5).to_zarr(path, consolidated=False)
    return path


@pytest.fixture(scope="session")
def expected(source):
    with xr.open_zarr(source, chunks=None, consolidated=False) as data:
        return mt.estimate_many(data["t2m"].load())


@pytest.fixture
def small_regions(monkeypatch):
    """A region a chunk: the grid of the tests is tiny."""
    monkeypatch.setattr("memtools.many.regions._REGION_VALUES", 1)


def assert_same(found, expected):
    for name, values in expected.data_vars.items():
        np.testing.assert_array_equal(found[name].values, values.values, err_msg=name)
    found.close()

"""estimate_many: every series as alone, failures coded, whatever holds the series."""

import tracemalloc
import warnings

import numpy as np
import pandas as pd
import pytest
import xarray as xr
from scipy.stats import false_discovery_control

import memtools as mt
from memtools.exceptions import MemtoolsWarning

N_OBS = 200
# Estimators that take many rows at once, and options that their rows know.
IN_ROWS = [
    ("gph", {}),
    ("gph", {"bandwidth": "square-root", "stderr": "asymptotic"}),
    ("bias_reduced_gph", {"order": 2, "bandwidth": 0.8}),
    ("local_whittle", {}),
    *[("local_whittle", {"taper": t}) for t in ("hc", "cosine", "kolmogorov", "bartlett")],
    ("exact_local_whittle", {}),
    ("exact_local_whittle", {"mean": "weighted"}),
    ("exact_local_whittle", {"mean": "zero", "bandwidth": 20}),
    ("exact_local_whittle", {"mean": "first", "stderr": "asymptotic"}),
    ("exact_local_whittle", {"centring": "difference", "bandwidth": 0.8}),
    ("two_step_local_whittle", {}),
    ("fgn_whittle", {}),
    ("fexp", {"order": 0}),
    ("rescaled_range", {}),
    ("rescaled_range", {"correction": False}),
    ("detrended_fluctuation", {}),
    ("detrending_moving_average", {}),
    ("aggregated_variance", {}),
    ("absolute_moments", {}),
    ("residual_variance", {}),
    ("generalised_hurst", {}),
    ("variogram", {}),
    ("higuchi", {}),
    ("detrended_fluctuation", {"order": 2}),
]
TESTS_IN_ROWS = [
    ("modified_rescaled_range", {}),
    ("modified_rescaled_range", {"n_lags": 20}),
    ("vs_test", {}),
    ("kpss_test", {}),
    ("kpss_test", {"trend": "ct"}),
    ("phillips_perron_test", {}),
    ("phillips_perron_test", {"trend": "ct", "n_lags": 3}),
    ("robinson_lm", {}),
    ("robinson_lm", {"order": 2}),
    ("lobato_robinson", {}),
    ("lobato_robinson", {"bandwidth": 0.6}),
]
ONE_BY_ONE = [
    ("gph", {"bandwidth": "plug-in"}),
    ("smoothed_gph", {}),
    ("fully_extended_local_whittle", {}),
    ("two_step_local_whittle", {"trend_order": 1}),
    ("fexp", {"order": 1}),
    ("detrended_fluctuation", {"scales": [4, 8, 16, 32]}),
    ("qu_test", {}),
    ("trend_test", {}),
]


@pytest.fixture(scope="module")
def rows():
    """Stationary and not, short of power, in odd units, and some that are no series."""
    x = mt.simulate(mt.ARFIMAProcess(d=0.3), N_OBS, n_paths=24, rng=1)
    x[1] = np.cumsum(x[1])
    x[2] = np.cumsum(np.cumsum(x[2]))
    x[3, 17] = np.nan
    x[4] = np.nan
    x[5] = 7.0
    x[6] = np.arange(N_OBS)
    x[7] *= 1e200
    x[8] *= 1e-200
    x[9] += 1e8
    x[10, 3] = np.inf
    x[11] = np.sin(np.arange(N_OBS) * 2.0 * np.pi / 20.0)
    x[12] = -np.diff(x[12], prepend=0.0)
    return x


def quietly(*arguments, **options):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", mt.MemtoolsWarning)
        return mt.estimate_many(*arguments, **options)


@pytest.mark.parametrize(("name", "options"), IN_ROWS + TESTS_IN_ROWS + ONE_BY_ONE, ids=str)
def test_each_series_is_estimated_as_alone(rows, name, options):
    many = quietly(rows, name, n_jobs=1, **options)
    function = getattr(mt, name)
    for i, row in enumerate(rows):
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore", mt.ConvergenceWarning)
                alone = function(row, **options)
        except mt.InvalidInputError:
            assert many.code[i] in range(1, 10), i
            assert np.isnan([many.d[i], many.stderr[i], many.single_pvalue[i]]).all()
            continue
        found = [many.statistic[i], many.single_pvalue[i]]
        if hasattr(alone, "statistic"):
            expected = [alone.statistic, alone.pvalue]
            assert many.bandwidth[i] == alone.details.get("bandwidth", 0)
        else:
            test = alone.test()
            expected = [test.statistic, test.pvalue, alone.d, alone.stderr]
            found += [many.d[i], many.stderr[i]]
            assert many.bandwidth[i] == (alone.bandwidth or 0)
            assert many.code[i] == (0 if alone.converged else 10), i
        np.testing.assert_allclose(found, expected, rtol=1e-12, atol=1e-12)


def test_the_list_of_those_in_rows_is_whole():
    from memtools.estimators import rows as batched
    from memtools.inference import rows as tests
    from memtools.many.blocks import as_plan

    in_rows = IN_ROWS + TESTS_IN_ROWS
    assert {*batched.NAMES, *tests.NAMES} == {name for name, _ in in_rows}
    assert all(as_plan(name, options).rows for name, options in in_rows)
    assert not any(as_plan(name, options).rows for name, options in ONE_BY_ONE)


def test_codes_tell_why(rows):
    with pytest.warns(MemtoolsWarning, match=r"4 of 24 .*1 no values, 2 missing.* \(see code\)"):
        many = mt.estimate_many(rows, "detrended_fluctuation")
    words = [many.codes[int(many.code[i])] for i in (0, 3, 4, 5, 10)]
    missing = "missing or infinite values"
    assert words == ["done", missing, "no values", "constant", missing]
    assert many.code.dtype == np.int8
    assert "24 series, 4 with a code" in repr(many)
    assert "1 constant" in many.summary()


def test_short_series_are_coded_and_told():
    with pytest.warns(MemtoolsWarning, match="4 of 4 series .*: 4 too short"):
        many = mt.estimate_many(np.random.default_rng(0).standard_normal((4, 6)))
    assert np.isnan(many.d).all()


@pytest.mark.parametrize(
    "name",
    ["local_whittle", "exact_local_whittle", "fgn_whittle", "smoothed_gph"]
    + [name for name, options in TESTS_IN_ROWS if not options],
)
def test_neither_workers_nor_blocks_change_a_bit(name):
    n_paths = 100 if name == "smoothed_gph" else 700
    x = mt.simulate(mt.ARFIMAProcess(d=0.2), 128, n_paths=n_paths, rng=2)
    whole = mt.estimate_many(x, name, n_jobs=1)
    both = mt.estimate_many(x, name, n_jobs=2)
    turned = mt.estimate_many(x[::-1], name, n_jobs=3)
    for column in ("d", "stderr", "statistic", "single_pvalue", "pvalue"):
        expected = getattr(whole, column)
        np.testing.assert_array_equal(getattr(both, column), expected, strict=True)
        np.testing.assert_array_equal(getattr(turned, column)[::-1], expected, strict=True)
    few = mt.estimate_many(x[3:16], name)
    np.testing.assert_array_equal(few.statistic, whole.statistic[3:16])


def test_pvalues_are_benjamini_and_hochbergs(rows):
    many = quietly(rows, "gph")
    single = many.single_pvalue
    known = np.isfinite(single)
    assert 5 < known.sum() < len(rows)
    expected = false_discovery_control(single[known])
    np.testing.assert_allclose(many.pvalue[known], expected, rtol=1e-14)
    assert np.isnan(many.pvalue[~known]).all()


def test_what_is_held_beyond_the_result_is_a_few_arrays(tmp_path):
    """Of series in a map: 45 bytes each come out; the sort of the p-values needs 24 more."""
    n_series = 40_000
    np.save(tmp_path / "x.npy", np.random.default_rng(3).standard_normal((n_series, 32)))
    mapped = np.load(tmp_path / "x.npy", mmap_mode="r")
    mt.estimate_many(mapped[:2000], "gph", n_jobs=1)
    tracemalloc.start()
    many = mt.estimate_many(mapped, "gph", n_jobs=1)
    largest = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    result = sum(column.nbytes for column in many.columns().values())
    assert result == 45 * n_series
    # And what does not grow: a block, its transforms, the list of blocks.
    assert largest < result + 25 * n_series + 5e6


def test_float32_and_a_memory_map_are_estimated_in_float64(tmp_path):
    x = mt.simulate(mt.ARFIMAProcess(d=0.3), 100, n_paths=3000, rng=4).astype(np.float32)
    np.save(tmp_path / "x.npy", x)
    mapped = np.load(tmp_path / "x.npy", mmap_mode="r")
    expected = mt.estimate_many(x.astype(np.float64))
    for given in (x, mapped, np.asfortranarray(x)):
        np.testing.assert_array_equal(mt.estimate_many(given).d, expected.d)


def test_changes_to_a_private_map_are_kept(tmp_path):
    np.save(tmp_path / "x.npy", np.zeros((600, 1024)))
    mapped = np.load(tmp_path / "x.npy", mmap_mode="c")
    mapped[:] = np.random.default_rng(5).standard_normal(mapped.shape)
    before = mapped.copy()
    mt.estimate_many(mapped, "gph")
    np.testing.assert_array_equal(mapped, before)


def test_a_frame_keeps_its_names():
    x = mt.simulate(mt.ARFIMAProcess(d=0.3), 300, n_paths=3, rng=6)
    frame = pd.DataFrame(x.T, columns=["a", "b", "c"])
    frame["a"] = frame["a"].astype("Float64")
    found = mt.estimate_many(frame, mt.gph, bandwidth=0.7)
    assert list(found.index) == ["a", "b", "c"]
    assert found.loc["b", "d"] == mt.gph(x[1], 0.7).d
    assert found.attrs["codes"][3] == "constant"
    with pytest.raises(mt.InvalidInputError, match=r"columns of numbers .*; got 'when'"):
        mt.estimate_many(frame.assign(when="monday"))


def test_estimate_gives_verdicts():
    x = mt.simulate(mt.ARFIMAProcess(d=0.4), 300, n_paths=2, rng=7)
    many = mt.estimate_many(x, "estimate", season="none")
    for i, row in enumerate(x):
        report = mt.estimate(row, season="none")
        low, high = report.confidence_interval()
        assert many.d[i] == report.d
        assert many.details["verdict"][i] == report.verdict
        assert (many.details["low"][i], many.details["high"][i]) == (low, high)
        assert many.single_pvalue[i] == report.chance_below(0.0)


# ---------------------------------------------------------------- grids


@pytest.fixture
def grid():
    x = mt.simulate(mt.ARFIMAProcess(d=0.3), 120, n_paths=12, rng=8)
    return xr.DataArray(
        x.reshape(3, 4, 120).transpose(2, 0, 1),
        dims=("time", "lat", "lon"),
        coords={"lat": [10.0, 20.0, 30.0], "height": ("lat", [1, 2, 3])},
        name="t2m",
    )


def test_a_grid_keeps_its_coordinates(grid):
    found = mt.estimate_many(grid, "gph")
    assert found["d"].dims == ("lat", "lon")
    assert found["height"].dims == ("lat",)
    assert float(found["d"].sel(lat=20.0)[1]) == mt.gph(grid.sel(lat=20.0)[:, 1]).d
    assert found["code"].attrs["flag_meanings"].split()[3] == "constant"
    assert float(mt.estimate_many(grid[:, 0, 0], "gph")["d"]) == float(found["d"][0, 0])


def test_a_dataset_has_a_dimension_of_its_variables(grid):
    data = xr.Dataset({"t2m": grid, "twice": grid.cumsum("time"), "mask": ("lat", [1, 0, 1])})
    found = mt.estimate_many(data, dim="time")
    assert list(found["variable"]) == ["t2m", "twice"]
    np.testing.assert_array_equal(found["d"][0], mt.estimate_many(grid)["d"])
    with pytest.raises(mt.InvalidInputError, match=r"same dimensions \(choose one"):
        mt.estimate_many(data.assign(line=grid[:, 0]))


def test_a_grid_has_it_as_a_method(grid):
    import memtools.many.accessor  # noqa: F401

    xr.testing.assert_identical(grid.memory.estimate("gph"), mt.estimate_many(grid, "gph"))
    found = grid.to_dataset().memory.estimate(dim="time", bandwidth=0.7)
    xr.testing.assert_identical(found, mt.estimate_many(grid, bandwidth=0.7))


def test_what_is_lazy_stays_lazy(grid):
    expected = mt.estimate_many(grid)
    lazy = mt.estimate_many(grid.chunk(lat=1))
    assert lazy["d"].chunks == ((1, 1, 1), (4,))
    for name, values in lazy.compute().data_vars.items():
        np.testing.assert_array_equal(values, expected[name], strict=True)
    array = mt.estimate_many(grid.transpose(..., "time").chunk(lat=1).data, "local_whittle")
    np.testing.assert_array_equal(array["d"].compute(), expected["d"])


def test_series_in_pieces_are_put_together_with_a_word(grid):
    with pytest.warns(MemtoolsWarning, match="series in 3 chunks are put together"):
        lazy = mt.estimate_many(grid.chunk(time=40))
    np.testing.assert_array_equal(lazy["d"].compute(), mt.estimate_many(grid)["d"])


# ---------------------------------------------------------------- refusals


@pytest.mark.parametrize(
    ("data", "options", "message"),
    [
        (np.zeros(9), {}, r"data must be an array of shape \(n_series, n_obs\)"),
        ([["a", "b"]], {}, "data must be real numbers"),
        ([[1.0], [1.0, 2.0]], {}, "data must be series of one length"),
        (np.eye(9), {"estimator": "gphh"}, r"estimator must be the name of one \(.*gph.*'gphh'"),
        (np.eye(9), {"estimator": "simulate"}, "estimator must be the name of one"),
        (np.eye(9), {"estimator": 3}, "estimator must be the name of an estimator or a test"),
        (np.eye(9), {"estimator": lambda x: 3}, "an estimate of d, a test .* returns int"),
        (np.eye(9), {"bandwith": 3}, r"options of local_whittle \(bandwidth, taper, stderr\)"),
        (np.eye(90), {"bandwidth": 60}, r"bandwidth must be an integer in 3\.\.45; got 60"),
        (np.eye(90), {"taper": "none"}, "taper must be one of"),
        (np.eye(90), {"estimator": "smoothed_gph", "bandwidth": 60}, "bandwidth must be"),
        (np.eye(9), {"engine": "spark"}, "engine must be 'threads', 'dask' or a"),
        (np.eye(9), {"dim": "time"}, "dim must be None"),
        (xr.DataArray(np.eye(9)), {}, "dim must be one of 'dim_0', 'dim_1'; got None"),
    ],
    ids=lambda value: getattr(value, "__name__", None) or type(value).__name__,
)
def test_what_cannot_be_meant_is_refused(data, options, message):
    with pytest.raises(mt.InvalidInputError, match=message):
        mt.estimate_many(data, **options)

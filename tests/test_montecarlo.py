"""Monte Carlo: figures as by hand, the same for any workers, resumable, honest about failures."""

import numpy as np
import pandas as pd
import pytest

import memtools as mt
from memtools import montecarlo
from memtools.exceptions import InvalidInputError

NOISE = mt.ARFIMAProcess(d=0.2)


def study(n_paths=250, **options):
    options = {"rng": 3, "n_jobs": 1, **options}
    return montecarlo.run(mt.gph, NOISE, [64, 96], n_paths, **options)


def mean_of(x):
    return x.mean()


def refuses_some(x):
    if x[0] > 0.0:
        raise InvalidInputError("x", "below zero at first", "more")
    return mt.gph(x)


def test_figures_are_those_of_the_paths():
    cell = study().cells[0]
    figures = cell.figures
    errors = cell.values - 0.2
    inside = (cell.low <= 0.2) & (cell.high >= 0.2)
    assert len(cell.values) == 250
    assert figures["bias"] == pytest.approx(errors.mean())
    assert figures["rmse"] == pytest.approx(np.sqrt((errors**2).mean()))
    assert figures["coverage"] == inside.mean()
    assert figures["rejected"] == (cell.pvalues <= 0.05).mean()
    assert figures["bias_stderr"] == pytest.approx(errors.std(ddof=1) / np.sqrt(250))
    low, high = mt.gph(
        montecarlo._paths(NOISE, 64, np.random.SeedSequence(3), 0, 200)[7]
    ).confidence_interval()
    assert (cell.low[7], cell.high[7]) == (low, high)


def test_workers_do_not_change_it():
    pd.testing.assert_frame_equal(study(n_jobs=2).to_frame(), study().to_frame(), check_exact=True)


def test_more_paths_begin_with_those_of_fewer():
    np.testing.assert_array_equal(study(450).cells[1].values[:400], study(400).cells[1].values)


def test_goes_on_where_it_was_stopped(tmp_path):
    out = tmp_path / "study.jsonl"
    whole = study(out=out)
    lines = out.read_bytes().splitlines(keepends=True)
    out.write_bytes(b"".join(lines[:2]) + lines[2][:40])
    pd.testing.assert_frame_equal(study(out=out).to_frame(), whole.to_frame(), check_exact=True)
    assert sorted(out.read_bytes().splitlines(keepends=True)) == sorted(lines)
    with pytest.raises(InvalidInputError, match="rng must be a seed"):
        study(out=out, rng=None)


def test_several_estimators_see_the_same_paths():
    done = montecarlo.run(
        {"one": mt.gph, "two": mt.gph, "mean": mean_of}, NOISE, 64, 20, rng=1, n_jobs=1
    )
    one, two, mean = done.cells
    np.testing.assert_array_equal(one.values, two.values)
    assert np.isnan(mean.figures["coverage"])
    assert mean.to_dict()["coverage"] is None
    assert list(done.to_frame().estimator) == ["one", "two", "mean"]


def test_refused_paths_are_counted():
    cell = montecarlo.run(refuses_some, NOISE, 64, 100, rng=1, n_jobs=1).cells[0]
    assert 20 < cell.n_failed < 80
    assert len(cell.values) == 100 - cell.n_failed
    assert cell.n_paths == 100


def test_a_test_has_its_size():
    def wald(x):
        return mt.local_whittle(x).test(0.0)

    cell = montecarlo.run(wald, mt.ARFIMAProcess(), 256, 400, rng=5, n_jobs=2).cells[0]
    share, error = cell.figures["rejected"], cell.figures["rejected_stderr"]
    assert abs(share - 0.05) < 4.0 * error


def test_draws_are_the_same_for_any_workers():
    def largest(rows):
        return rows.max(axis=1)

    one, two = (montecarlo.draw(largest, NOISE, 50, 1500, rng=2, n_jobs=n) for n in (1, 2))
    np.testing.assert_array_equal(one, two)
    assert one.shape == (1500,)


def test_a_source_may_draw_several_series_together():
    def pairs(n_obs, n_paths, generator):
        return generator.standard_normal((n_paths, n_obs, 2))

    cell = montecarlo.run(lambda pair: pair.shape[1], pairs, 64, 3, rng=1, n_jobs=1).cells[0]
    assert cell.values.tolist() == [2.0] * 3


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        ((3, NOISE, 64), "estimator '3' must be callable"),
        ((mt.gph, "ar", 64), "process"),
        ((mt.gph, {}, 64), "process must be one or more"),
        ((mt.gph, NOISE, 1), "n_obs"),
        ((mt.gph, NOISE, 64, 0), "n_paths"),
        ((mt.gph, NOISE, 64, 5, "seed"), "rng"),
        ((mt.gph, NOISE, 64, 5, 1, 0), "n_jobs"),
        ((mt.gph, lambda n, k, rng: rng.standard_normal(n), 64, 5), "source of shape"),
    ],
)
def test_bad_arguments_are_named(arguments, told):
    with pytest.raises(InvalidInputError, match=told):
        montecarlo.run(*arguments)

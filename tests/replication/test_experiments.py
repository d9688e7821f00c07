"""Filters of several lengths, the short-memory series, minima."""

import numpy as np
import pandas as pd
import pytest

import memtools as mt
from memtools import replication
from memtools.exceptions import InvalidInputError
from memtools.replication import Experiment

OPTIONS = {"n_epochs": 4}


def experiments():
    series = np.random.default_rng(1).standard_normal((2, 120)).cumsum(axis=1)
    return {"one": Experiment(series[0], 60, 30), "two": Experiment(series[1], 50, 40)}


@pytest.fixture(scope="module")
def runs():
    models = ("MRNNF", "MLSTMF")
    return replication.replicate_filter_lengths(
        models, experiments(), 3, filter_lengths=(5, 10), **OPTIONS
    )


def test_each_length_is_a_table_of_its_own(runs):
    for k in (5, 10):
        part = runs[runs.filter_length == k].reset_index(drop=True)
        alone = mt.replicate_table2(
            ("MRNNF", "MLSTMF"), experiments(), 3, filter_length=k, **OPTIONS
        )
        pd.testing.assert_frame_equal(part, alone, check_exact=True)


def test_lengths_share_a_file_with_the_table(tmp_path):
    out = tmp_path / "runs.jsonl"
    arguments = "MRNNF", experiments(), 1, None, out
    mt.replicate_table2(*arguments, filter_length=10, **OPTIONS)
    replication.replicate_filter_lengths(*arguments, filter_lengths=(5, 10), **OPTIONS)
    assert len(out.read_text().splitlines()) == 4


def test_lengths_are_compared_seed_by_seed(runs):
    figures = replication.compare_filter_lengths(runs)
    assert len(figures) == 8
    cell = runs[(runs.model == "MRNNF") & (runs.dataset == "two")]
    short, long = (cell[cell.filter_length == k].rmse.to_numpy() for k in (5, 10))
    row = figures[(figures.model == "MRNNF") & (figures.dataset == "two")]
    first = row[row.filter_length == 5].iloc[0]
    assert first.difference == pytest.approx((short - long).mean(), rel=1e-12)
    stderr = (short - long).std(ddof=1) / np.sqrt(3)
    assert first.difference_stderr == pytest.approx(stderr, rel=1e-12)
    assert (row[row.filter_length == 10].difference == 0.0).all()
    assert row.set_index("filter_length").best[10 if long.mean() < short.mean() else 5]
    assert row.best.sum() == 1


@pytest.mark.parametrize("lengths", [(), (5, 5), (0,)])
def test_refuses_lengths(lengths):
    with pytest.raises(InvalidInputError, match="filter_lengths"):
        replication.replicate_filter_lengths(
            "MRNNF", experiments(), 1, filter_lengths=lengths, **OPTIONS
        )


def test_short_memory_series_is_short_and_dependent():
    experiment, rmse = replication.short_memory(3)
    assert len(experiment.series) == 4001
    assert abs(mt.local_whittle(experiment.series).d) < 0.15
    # Noise of standard deviation 1 on 800 values.
    assert abs(rmse - 1.0) < 4 / np.sqrt(2 * 800)
    assert replication.autoregression(experiment)["rmse"] > rmse
    spread = experiment.series[experiment.first_target :].std()
    assert spread > 1.1 * rmse
    again, _ = replication.short_memory(3)
    assert again.fingerprint == experiment.fingerprint
    assert replication.short_memory(4)[0].fingerprint != experiment.fingerprint


def test_minima_come_with_their_seed(runs):
    table = replication.minima(runs[runs.filter_length == 5])
    for row in table.itertuples():
        cell = runs[(runs.filter_length == 5) & (runs.model == row.model)]
        cell = cell[cell.dataset == row.dataset]
        assert row.rmse == cell.rmse.min()
        assert row.mae == cell.mae[cell.seed == row.seed].item()

"""Experiments beside the tables: filter lengths, a series of short memory, plain rivals."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from memtools import _validate
from memtools._validate import FloatArray, RandomState
from memtools.exceptions import InvalidInputError
from memtools.networks.cells import RNN
from memtools.networks.linear_twins import lagged
from memtools.networks.process import simulate_network
from memtools.replication.protocol import Experiment, compare_table2, figures_of
from memtools.replication.table import SPLITS, experiments_of, replicate_table2

if TYPE_CHECKING:
    import pandas as pd


def autoregression(experiment: Experiment, order: int = 30) -> dict[str, float]:
    """Errors of an AR(p) with intercept, fitted by least squares to the training part alone.

    Parameters
    ----------
    experiment : Experiment
        Series and split, as the networks have them.
    order : int
        p.

    Returns
    -------
    dict
        rmse, mae and (where no target is zero) mape over the test part.
    """
    order = _validate.as_integer(order, "order", 1)
    if experiment.n_train < 2 * order + 2:
        allowed = f"at least {2 * order + 2} for order {order}"
        raise InvalidInputError("n_train", allowed, str(experiment.n_train))
    x, n_train = experiment.series, experiment.n_train
    design, targets = lagged(x[: n_train + 1], order), x[order : n_train + 1]
    coefficients = np.linalg.lstsq(design, targets, rcond=None)[0]
    return _figures(experiment, lagged(x[experiment.first_target - order :], order) @ coefficients)


def _figures(experiment: Experiment, forecasts: FloatArray) -> dict[str, float]:
    targets = experiment.series[experiment.first_target :]
    return figures_of(forecasts - targets, targets)


def fractional_model(experiment: Experiment, order: tuple[int, int] = (2, 1)) -> dict[str, float]:
    """Errors of an ARFIMA(p, d, q) with mean, by exact likelihood on the training part alone.

    Parameters
    ----------
    experiment : Experiment
        Series and split, as the networks have them.
    order : tuple of int
        (p, q); (2, 1) is the order that the paper's ARFIMA series was drawn with.

    Returns
    -------
    dict
        rmse, mae and (where no target is zero) mape over the test part, of one-step forecasts
        from all values before; and d.
    """
    from memtools.arfima import ARFIMA

    model = ARFIMA(experiment.series[: experiment.n_train + 1], order=order)
    fitted = model.fit(bias_correction=False)  # as R's arfima would
    forecasts = np.asarray(fitted.apply(experiment.series).fittedvalues)
    figures = _figures(experiment, forecasts[experiment.first_target :])
    return {**figures, "d": float(fitted.d)}


def baselines(
    datasets: Sequence[str] | Mapping[str, Experiment] = tuple(SPLITS),
) -> pd.DataFrame:
    """Both rivals on each series: rows of the table of runs without a seed.

    Parameters
    ----------
    datasets : sequence of str, or mapping of str to Experiment
        As :func:`replicate_table2` takes them.

    Returns
    -------
    DataFrame
        A row a series and rival: model, dataset, rmse, mae, mape, d.
    """
    import pandas as pd

    rows = []
    for dataset, experiment in experiments_of(datasets).items():
        rows += [
            {"model": "AR(30)", "dataset": dataset, **autoregression(experiment)},
            {"model": "ARFIMA", "dataset": dataset, **fractional_model(experiment)},
        ]
    return pd.DataFrame(rows)


FILTER_LENGTHS = (25, 50, 75, 100)
FILTER_MODELS = ("MRNNF", "MRNN", "MLSTMF", "MLSTM")

# The paper prints neither the weights nor the length of its RNN series: these are ours.  The
# network's part has a standard deviation of 0.6 beside the noise's 1.
_SHORT_MEMORY = {
    "weight_ih": [[1.0]],
    "weight_hh": [[0.5]],
    "bias_ih": [0.0],
    "bias_hh": [0.0],
    "weight_hz": [[1.0]],
    "bias_z": [0.0],
}
_SHORT_MEMORY_SPLIT = (2000, 1200, 800)


def replicate_filter_lengths(
    models: Sequence[str] = FILTER_MODELS,
    datasets: Sequence[str] | Mapping[str, Experiment] = tuple(SPLITS),
    n_seeds: int = 100,
    n_jobs: int | None = None,
    out: str | Path | None = None,
    *,
    filter_lengths: Sequence[int] = FILTER_LENGTHS,
    **options: Any,
) -> pd.DataFrame:
    """The runs of Table 2 for several filter lengths K.

    Parameters
    ----------
    models, datasets, n_seeds, n_jobs, out
        As :func:`replicate_table2`; with the same file, runs that it holds are not repeated.
    filter_lengths : sequence of int
        K, several.
    **options
        Further options of :func:`replicate_table2`.

    Returns
    -------
    DataFrame
        Rows of :func:`replicate_table2`, K after K in the column filter_length.
    """
    import pandas as pd

    lengths = [_validate.as_integer(k, "filter_lengths", 1) for k in filter_lengths]
    if not lengths or len(set(lengths)) < len(lengths):
        got = repr(list(filter_lengths))
        raise InvalidInputError("filter_lengths", "one or more lengths, each once", got)
    tables = [
        replicate_table2(models, datasets, n_seeds, n_jobs, out, filter_length=k, **options)
        for k in lengths
    ]
    return pd.concat(tables, ignore_index=True)


def compare_filter_lengths(runs: pd.DataFrame) -> pd.DataFrame:
    """Mean RMSE for each K, and its difference from that of the longest filter.

    Parameters
    ----------
    runs : DataFrame
        As :func:`replicate_filter_lengths` returns it.

    Returns
    -------
    DataFrame
        The rows of :func:`compare_table2` with filter_length, and: difference, the mean over
        seeds of the RMSE minus that of the longest filter from the same seed; difference_stderr,
        its standard error; best, whether no other K has a smaller mean.
    """
    import pandas as pd

    cells = ["model", "dataset"]
    pieces = [
        compare_table2(part).assign(filter_length=k) for k, part in runs.groupby("filter_length")
    ]
    figures = pd.concat(pieces, ignore_index=True)
    longest = runs[runs.filter_length == runs.filter_length.max()]
    beside = runs.merge(longest[[*cells, "seed", "rmse"]], on=[*cells, "seed"], suffixes=("", "_"))
    beside["difference"] = beside["rmse"] - beside["rmse_"]
    paired = beside.groupby([*cells, "filter_length"]).difference
    moments = pd.DataFrame({"difference": paired.mean(), "difference_stderr": paired.sem()})
    figures = figures.merge(moments.reset_index(), on=[*cells, "filter_length"])
    smallest = figures.groupby(cells)["mean"].transform("min")
    return figures.assign(best=figures["mean"] == smallest)


def short_memory(rng: RandomState = 0) -> tuple[Experiment, float]:
    """A series that an RNN generates: by Corollary 1 it has short memory.

    Parameters
    ----------
    rng : int, SeedSequence, Generator or None
        Of the noise.

    Returns
    -------
    experiment : Experiment
        4001 values, the parts of the ARFIMA series: 2000, 1200, 800 pairs.
    rmse : float
        Over the test part, of the generating network's own forecasts: what can be had at best.
    """
    network = RNN.from_params(_SHORT_MEMORY)
    series = simulate_network(network, sum(_SHORT_MEMORY_SPLIT) + 1, rng=rng)
    experiment = Experiment(series, *_SHORT_MEMORY_SPLIT[:2])
    forecasts = network.forward(series[:-1, np.newaxis])[0][:, 0]
    errors = (series[1:] - forecasts)[experiment.first_target - 1 :]
    return experiment, float(np.sqrt(np.mean(errors**2)))

"""The paper's Tables 2 and 5 as printed (Zhao et al., 2020), and a replication beside them."""

from __future__ import annotations

import csv
from importlib import resources
from typing import TYPE_CHECKING

import numpy as np

from memtools.exceptions import InvalidInputError

if TYPE_CHECKING:
    import pandas as pd

_N_SEEDS = 100


def _printed(table: str) -> dict[str, dict[str, tuple[float, float]]]:
    """(mean, standard deviation) by group and name, as printed for K = 100 or, Table 5, 50."""
    found: dict[str, dict[str, tuple[float, float]]] = {}
    text = resources.files("memtools.replication").joinpath("published.csv").read_text()
    for row in csv.DictReader(text.splitlines()):
        if row["table"] == table:
            figures = float(row["mean"]), float(row["sd"])
            found.setdefault(row["group"], {})[row["name"]] = figures
    return found


# RMSE by data set and model (DJI's is printed times 100), and the reviews' figures by model.
TABLE2, TABLE5 = _printed("2"), _printed("5")


def beside_print(values: pd.Series, printed: tuple[float, float]) -> dict[str, float]:
    """Mean and (population) spread over our seeds and the paper's, and how far they are apart."""
    mean, sd, (paper, paper_sd) = float(values.mean()), float(values.std(ddof=0)), printed
    own = sd / np.sqrt(len(values)) if len(values) > 1 else np.nan
    stderr = float(np.hypot(own, paper_sd / np.sqrt(_N_SEEDS)))
    apart = (mean - paper) / stderr if stderr > 0.0 else np.nan
    own_figures = {"mean": mean, "sd": sd}
    return own_figures | {"paper_mean": paper, "paper_sd": paper_sd, "difference_in_se": apart}


def compare_table2(runs: pd.DataFrame) -> pd.DataFrame:
    """Mean RMSE of each cell beside the paper's.

    Parameters
    ----------
    runs : DataFrame
        As :func:`replicate_table2` returns it.

    Returns
    -------
    DataFrame
        A row a model and data set: n_seeds, n_failed, mean, sd (population, as the paper's),
        paper_mean, paper_sd, difference_in_se, the difference of the means in standard errors
        of it (empty where the paper has no such cell), and minimum, mae, mape.
    """
    import pandas as pd

    if not len(runs):
        raise InvalidInputError("runs", "at least one run", "none")
    rows = []
    for (model, dataset), cell in runs.groupby(["model", "dataset"], sort=False):
        done = cell[cell.error.isna()]
        printed = TABLE2.get(str(dataset), {}).get(str(model), (np.nan, np.nan))
        row = {"model": model, "dataset": dataset, "n_seeds": len(done)}
        row |= {"n_failed": len(cell) - len(done), **beside_print(done.rmse, printed)}
        row |= {"minimum": done.rmse.min(), "mae": done.mae.mean(), "mape": done.mape.mean()}
        rows.append(row)
    return pd.DataFrame(rows)


def minima(runs: pd.DataFrame) -> pd.DataFrame:
    """The seed of the smallest RMSE in each cell, as the paper's Table 3.

    Parameters
    ----------
    runs : DataFrame
        As :func:`replicate_table2` returns it.

    Returns
    -------
    DataFrame
        A row a model and data set: model, dataset, seed, rmse, mae, mape of that run.
    """
    done = runs[runs.rmse.notna()]
    best = done.groupby(["model", "dataset"], sort=False).rmse.idxmin()
    columns = ["model", "dataset", "seed", "rmse", "mae", "mape"]
    return done.loc[best, columns].reset_index(drop=True)


def compare_models(
    runs: pd.DataFrame, model: str = "MRNN", rivals: tuple[str, ...] = ("RNN", "LSTM")
) -> pd.DataFrame:
    """Two-sample t-tests (equal variances) of one model's RMSE against its rivals'.

    Parameters
    ----------
    runs : DataFrame
        As :func:`replicate_table2` returns it.
    model : str
    rivals : tuple of str

    Returns
    -------
    DataFrame
        A row a data set and rival: statistic (negative where `model` is better) and pvalue of
        the one-sided alternative that `model` has the smaller mean.
    """
    import pandas as pd
    from scipy import stats

    def sample(name: str, dataset: str) -> pd.Series:
        chosen = runs[(runs.model == name) & (runs.dataset == dataset)].rmse.dropna()
        if len(chosen) < 2:
            got = f"{len(chosen)} of {name} on {dataset}"
            raise InvalidInputError("runs", "at least two runs a cell", got)
        return chosen

    rows = []
    for dataset in runs.dataset.unique():
        for rival in rivals:
            test = stats.ttest_ind(
                sample(model, dataset), sample(rival, dataset), alternative="less"
            )
            rows.append((dataset, model, rival, float(test.statistic), float(test.pvalue)))
    return pd.DataFrame(rows, columns=["dataset", "model", "rival", "statistic", "pvalue"])

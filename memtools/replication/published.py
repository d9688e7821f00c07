"""The paper's Table 2, and a replication held against it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from memtools.exceptions import InvalidInputError

if TYPE_CHECKING:
    import pandas as pd

N_SEEDS = 100
# RMSE over 100 seeds, (mean, standard deviation); Zhao et al. (2020), Table 2.
TABLE2 = {
    "arfima": {
        "RNN": (1.1620, 0.1980),
        "RNN2": (1.1630, 0.1820),
        "RWA": (1.6840, 0.0050),
        "MIST": (1.1390, 0.1832),
        "MRNNF": (1.1010, 0.1000),
        "MRNN": (1.0880, 0.1140),
        "LSTM": (1.1340, 0.1200),
        "MLSTMF": (1.1580, 0.1660),
        "MLSTM": (1.1490, 0.1660),
    },
    "DJI": {  # printed times 100
        "RNN": (0.002605, 0.000171),
        "RNN2": (0.002521, 0.000112),
        "RWA": (0.002689, 0.000095),
        "MIST": (0.002604, 0.000154),
        "MRNNF": (0.002472, 0.000109),
        "MRNN": (0.002487, 0.000105),
        "LSTM": (0.002492, 0.000128),
        "MLSTMF": (0.002540, 0.000139),
        "MLSTM": (0.002531, 0.000130),
    },
    "traffic": {
        "RNN": (336.44, 10.401),
        "RNN2": (336.32, 10.182),
        "RWA": (346.62, 1.410),
        "MIST": (358.09, 16.270),
        "MRNNF": (333.36, 8.453),
        "MRNN": (333.72, 10.157),
        "LSTM": (337.60, 8.146),
        "MLSTMF": (337.78, 9.020),
        "MLSTM": (337.83, 9.440),
    },
    "tree7": {
        "RNN": (0.2871, 0.0086),
        "RNN2": (0.2855, 0.0077),
        "RWA": (0.3048, 0.0001),
        "MIST": (0.2883, 0.0091),
        "MRNNF": (0.2822, 0.0048),
        "MRNN": (0.2818, 0.0053),
        "LSTM": (0.2833, 0.0070),
        "MLSTMF": (0.2859, 0.0082),
        "MLSTM": (0.2859, 0.0083),
    },
}


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
        minimum, mae, mape, paper_mean, paper_sd, and difference_in_se, the difference of the
        means in standard errors of it (empty where the paper has no such cell).
    """
    import pandas as pd

    if not len(runs):
        raise InvalidInputError("runs", "at least one run", "none")
    rows = []
    for (model, dataset), cell in runs.groupby(["model", "dataset"], sort=False):
        done = cell[cell.error.isna()]
        mean, sd = float(done.rmse.mean()), float(done.rmse.std(ddof=0))
        paper, paper_sd = TABLE2.get(str(dataset), {}).get(str(model), (np.nan, np.nan))
        own = sd / np.sqrt(len(done)) if len(done) > 1 else np.nan
        stderr = float(np.hypot(own, paper_sd / np.sqrt(N_SEEDS)))
        rows.append(
            {
                "model": model,
                "dataset": dataset,
                "n_seeds": len(done),
                "n_failed": len(cell) - len(done),
                "mean": mean,
                "sd": sd,
                "minimum": float(done.rmse.min()),
                "mae": float(done.mae.mean()),
                "mape": float(done.mape.mean()),
                "paper_mean": paper,
                "paper_sd": paper_sd,
                "difference_in_se": (mean - paper) / stderr if stderr > 0.0 else np.nan,
            }
        )
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

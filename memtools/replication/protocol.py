"""One run of the paper's forecasting experiment: a model, a series, a seed.

Zhao et al. (2020), section 5, as their published code does it: the series is scaled to (0, 1) as
a whole, the input is x_t and the target x_{t+1}, training, validation and test follow each other
and the state is carried over.
"""

from __future__ import annotations

import csv
import hashlib
import math
from dataclasses import dataclass
from importlib import resources
from typing import TYPE_CHECKING, Any

import numpy as np

from memtools import _validate
from memtools._validate import FloatArray
from memtools.exceptions import DivergenceError, InvalidInputError
from memtools.networks.filter_patterns import PATTERNS
from memtools.networks.memory_filters import as_filter_length
from memtools.networks.training import train
from memtools.replication.models import build

if TYPE_CHECKING:
    import pandas as pd

PATIENCE = 100
LEARNING_RATE = 0.01
# The columns that a failed run leaves empty.
_EMPTY = dict.fromkeys(
    ("rmse", "mae", "mape", "epochs", "best_epoch", "validation_loss", "params", "error")
)


@dataclass(frozen=True)
class Experiment:
    """A series and where its parts end.

    Parameters
    ----------
    series : array_like, shape (n_obs,)
        n_obs values make n_obs - 1 pairs of input and target.
    n_train, n_validation : int
        Pairs of each part; the test takes the rest.
    """

    series: FloatArray
    n_train: int
    n_validation: int

    def __post_init__(self) -> None:
        series = _validate.as_varying_series(self.series, "series", 4)
        object.__setattr__(self, "series", series)
        _validate.as_integer(self.n_train, "n_train", 1)
        _validate.as_integer(self.n_validation, "n_validation", 1)
        n_pairs, needed = len(series) - 1, self.n_train + self.n_validation + 1
        if n_pairs < needed:
            allowed = f"of at least {needed + 1} values for this split"
            raise InvalidInputError("series", allowed, f"{len(series)}")

    @property
    def fingerprint(self) -> str:
        """Tells series and splits apart: rows of another one are other rows."""
        parts = f"{self.n_train} {self.n_validation} ".encode() + self.series.tobytes()
        return hashlib.sha256(parts).hexdigest()[:12]

    @property
    def first_target(self) -> int:
        """Index in `series` of the first value that the test part asks for."""
        return self.n_train + self.n_validation + 1


@dataclass(frozen=True)
class Settings:
    """What a run depends on besides model, series and seed."""

    filter_length: float = 100
    n_epochs: int = 1000
    selection: str = "plain"
    filter: str = "fractional"

    def __post_init__(self) -> None:
        as_filter_length(self.filter_length)
        _validate.as_integer(self.n_epochs, "n_epochs", 1)
        _validate.as_choice(self.selection, "selection", ["plain", "published"])
        _validate.as_choice(self.filter, "filter", [*PATTERNS])

    @property
    def stored_length(self) -> int | None:
        """As a row has it: None for the whole past."""
        return None if math.isinf(self.filter_length) else int(self.filter_length)


def run_one(
    model: str, dataset: str, seed: int, experiment: Experiment, settings: Settings
) -> dict[str, Any]:
    """One row of the table of runs; a diverged run has its reason in `error` and no figures."""
    row: dict[str, Any] = {
        "model": model,
        "dataset": dataset,
        "experiment": experiment.fingerprint,
        "seed": seed,
        "filter_length": settings.stored_length,
        "n_epochs": settings.n_epochs,
        "selection": settings.selection,
        "filter": settings.filter,
    }
    series = experiment.series
    low, high = float(series.min()), float(series.max())
    scaled = (series - low) / (high - low)
    x, y = scaled[:-1], scaled[1:]
    first, end = experiment.n_train, experiment.n_train + experiment.n_validation
    try:
        result = train(
            build(
                model,
                seed,
                settings.filter_length,
                settings.selection == "published",
                settings.filter,
            ),
            x[:first],
            y[:first],
            (x[first:end], y[first:end]),
            learning_rate=LEARNING_RATE,
            n_epochs=settings.n_epochs,
            patience=PATIENCE,
            keep="stepped" if settings.selection == "published" else "evaluated",
            progress=False,
        )
    except DivergenceError as error:
        return row | _EMPTY | {"error": str(error)}
    outputs, _ = result.network.forward(x[:, np.newaxis])
    errors = (outputs[end:, 0] - y[end:]) * (high - low)
    if not np.isfinite(errors).all():
        return row | _EMPTY | {"error": "the forecasts of the test part are not finite"}
    row |= _EMPTY | figures_of(errors, series[end + 1 :])
    row["epochs"], row["best_epoch"] = len(result.history["train_loss"]), result.best_epoch
    row["validation_loss"] = float(result.history["validation_loss"][result.best_epoch])
    row["params"] = {name: v.ravel().tolist() for name, v in result.network.params.items()}
    return row


def figures_of(errors: FloatArray, targets: FloatArray) -> dict[str, float]:
    """RMSE, MAE and, where no target is zero, MAPE (a fraction)."""
    figures = {
        "rmse": math.sqrt(float(errors @ errors) / len(errors)),
        "mae": float(np.abs(errors).mean()),
    }
    if (targets != 0.0).all():
        figures["mape"] = float(np.abs(errors / targets).mean())
    return figures


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

"""`replicate_reviews`: the paper's review classification, models x seeds."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import Executor
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from memtools import _validate
from memtools._validate import FloatArray
from memtools.exceptions import DivergenceError, InvalidInputError
from memtools.networks.stacks import Linear
from memtools.networks.training import train
from memtools.replication.models import REVIEW_MODELS, build_classifier
from memtools.replication.protocol import TABLE5, beside_print
from memtools.replication.review_files import N_CLASSES, ReviewData, review_data
from memtools.replication.table import chosen, rows_of

if TYPE_CHECKING:
    import pandas as pd

BATCH_SIZE = 64
LEARNING_RATE = 1e-3
WEIGHT_DECAY = 5e-4
ARRANGEMENTS = ("transposed", "published")
FIGURES = ("accuracy", "precision", "recall", "f1", "cross_entropy")
_NUMBERS = (*FIGURES, "validation_loss")
_KEY = ("model", "arrangement", "data", "n_hidden", "filter_length", "n_epochs", "seed")


@dataclass(frozen=True)
class ReviewSettings:
    """What a run depends on besides model, data and seed."""

    arrangement: str = "transposed"
    n_hidden: int = 128
    filter_length: int = 50
    n_epochs: int = 100

    def __post_init__(self) -> None:
        _validate.as_choice(self.arrangement, "arrangement", ARRANGEMENTS)
        _validate.as_integer(self.n_hidden, "n_hidden", 1)
        _validate.as_integer(self.filter_length, "filter_length", 1)
        _validate.as_integer(self.n_epochs, "n_epochs", 1)


def replicate_reviews(
    models: Sequence[str] = REVIEW_MODELS,
    n_seeds: int = 10,
    n_jobs: int | None = None,
    out: str | Path | None = None,
    *,
    arrangement: str = "transposed",
    data: ReviewData | None = None,
    n_hidden: int = 128,
    filter_length: int = 50,
    n_epochs: int = 100,
    executor: Executor | None = None,
    progress: bool | None = None,
) -> pd.DataFrame:
    """Train the paper's review classifiers from every seed, as its Tables 5 and 6.

    Parameters
    ----------
    models : sequence of str
        First layers, of RNN, LSTM, MRNNF, MLSTMF; the second is an LSTM.
    n_seeds : int
        Seeds 0..n_seeds - 1.
    n_jobs : int, optional
        Workers (processes) at once, all cores by default; 1 is the calling one.
    out : path or None
        File of JSON lines to which each row goes as it comes; a later call with the same file
        runs only what is missing.
    arrangement : {"transposed", "published"}
        Sequences of the words of one review each, or what the authors' script makes of them
        (:meth:`ReviewData.part`).
    data : ReviewData or None
        None takes the paper's, with word vectors by gensim (:func:`review_data`).
    n_hidden : int
        Of both layers.
    filter_length : int
        K.
    n_epochs : int
        All are run; the one with the smallest validation loss is kept.
    executor : concurrent.futures.Executor or None
        Runs the work instead of processes of its own; yours to shut down.
    progress : bool, optional
        Draw a progress bar on standard error; by default in a terminal or a notebook.

    Returns
    -------
    DataFrame
        A row a run, in the order of `models` and seeds: model, arrangement, seed; accuracy,
        precision, recall, f1 (macro averages), cross_entropy of the test part; best_epoch,
        validation_loss, the trained d of the memory layer, and the error of a run that diverged.

    Raises
    ------
    InvalidInputError
        Where a model, a number or the arrangement is not among those allowed.

    References
    ----------
    Zhao, J. et al. (2020). Do RNN and LSTM have long memory? ICML, Tables 5 and 6.

    Examples
    --------
    >>> import numpy as np
    >>> import memtools as mt
    >>> rng = np.random.default_rng(0)
    >>> words = [rng.standard_normal((n, 4)) for n in rng.integers(2, 7, size=30)]
    >>> data = mt.replication.ReviewData(words, np.arange(30) % 5, 16, 6, n_words=6)
    >>> settings = {"n_hidden": 2, "filter_length": 3, "n_epochs": 1}
    >>> mt.replicate_reviews(["RNN"], n_seeds=1, data=data, **settings).seed.tolist()
    [0]
    """
    import pandas as pd

    names = chosen(models, "models", REVIEW_MODELS)
    n_seeds = _validate.as_integer(n_seeds, "n_seeds", 1)
    settings = ReviewSettings(arrangement, n_hidden, filter_length, n_epochs)
    data = review_data() if data is None else data
    longest = int(data.lengths.max())
    if filter_length >= longest:
        allowed = f"below the {longest} words of the longest review"
        raise InvalidInputError("filter_length", allowed, str(filter_length))
    tasks = [(m, s, data, settings) for m in names for s in range(n_seeds)]
    wanted = {_key(*task): task for task in tasks}
    rows = rows_of(_row, _KEY, wanted, out, n_jobs, progress, executor=executor)
    return pd.DataFrame(rows).astype({**dict.fromkeys(_NUMBERS, "float64"), "best_epoch": "Int64"})


def _key(model: str, seed: int, data: ReviewData, settings: ReviewSettings) -> tuple[Any, ...]:
    sizes = settings.n_hidden, settings.filter_length, settings.n_epochs
    return model, settings.arrangement, data.fingerprint, *sizes, seed


def _row(task: tuple[Any, ...]) -> dict[str, Any]:
    return run_review(*task)


def run_review(model: str, seed: int, data: ReviewData, settings: ReviewSettings) -> dict[str, Any]:
    """One row of the table of runs; a diverged run has its reason in `error` and no figures."""
    how = settings.arrangement
    first, end = data.n_train, data.n_train + data.n_validation
    network = build_classifier(
        model,
        seed,
        data.vectors[0].shape[1],
        settings.n_hidden,
        N_CLASSES,
        settings.filter_length,
    )
    row: dict[str, Any] = dict(zip(_KEY, _key(model, seed, data, settings), strict=True))
    row |= dict.fromkeys((*FIGURES, "best_epoch", "validation_loss", "d", "error"))
    try:
        result = train(
            network,
            *data.part(0, first, how),
            data.part(first, end, how),
            loss="cross_entropy",
            learning_rate=LEARNING_RATE,
            weight_decay=WEIGHT_DECAY,
            batch_size=BATCH_SIZE,
            n_epochs=settings.n_epochs,
            patience=settings.n_epochs,  # all of them: the best on the validation part is kept
            precision="single",
            progress=False,
        )
    except DivergenceError as error:
        return row | {"error": str(error)}
    x, labels = data.part(end, None, how)
    steps = np.nonzero(labels >= 0.0)
    probabilities = result.network.forward(x)[0][steps]
    row |= classification_figures(probabilities, labels[steps])
    row["best_epoch"] = result.best_epoch
    row["validation_loss"] = float(result.history["validation_loss"][result.best_epoch])
    if hasattr(result.network.layers[0], "d"):
        row["d"] = result.network.layers[0].d.tolist()
    return row


def classification_figures(probabilities: FloatArray, labels: FloatArray) -> dict[str, float]:
    """Accuracy, cross entropy, and precision, recall and F1 averaged over classes.

    Parameters
    ----------
    probabilities : ndarray, shape (n, n_classes)
    labels : ndarray, shape (n,)

    Notes
    -----
    As scikit-learn's macro averages: over the classes that occur as a label or as a prediction,
    a ratio of nothing counted as zero.
    """
    labels = labels.astype(np.intp)
    predicted = probabilities.argmax(axis=1)
    ratios = []
    for k in np.union1d(labels, predicted):
        hits = int(((predicted == k) & (labels == k)).sum())
        n_predicted, n_labels = int((predicted == k).sum()), int((labels == k).sum())
        precision, recall = hits / max(n_predicted, 1), hits / max(n_labels, 1)
        ratios.append((precision, recall, 2.0 * hits / (n_predicted + n_labels)))
    chosen = probabilities[np.arange(len(labels)), labels]
    figures = [float((predicted == labels).mean()), *(float(v) for v in np.mean(ratios, axis=0))]
    return dict(zip(FIGURES, [*figures, float(-np.log(chosen).mean())], strict=True))


def compare_reviews(runs: pd.DataFrame) -> pd.DataFrame:
    """Means over the seeds beside the paper's Table 5, and the best seed.

    Parameters
    ----------
    runs : DataFrame
        As :func:`replicate_reviews` returns it.

    Returns
    -------
    DataFrame
        A row a model, arrangement and figure (accuracy, precision, recall, cross_entropy):
        n_seeds, n_failed, mean, sd (population), paper_mean, paper_sd, difference_in_se, the
        difference of the means in standard errors of it, and best (the largest, of
        cross_entropy the smallest).
    """
    import pandas as pd

    if not len(runs):
        raise InvalidInputError("runs", "at least one run", "none")
    rows = []
    for (model, arrangement), cell in runs.groupby(["model", "arrangement"], sort=False):
        done = cell[cell.error.isna()]
        for figure, printed in TABLE5[str(model)].items():
            best = done[figure].min() if figure == "cross_entropy" else done[figure].max()
            row = {"model": model, "arrangement": arrangement, "figure": figure}
            row |= {"n_seeds": len(done), "n_failed": len(cell) - len(done)}
            rows.append(row | beside_print(done[figure], printed) | {"best": best})
    return pd.DataFrame(rows)


def review_rivals(data: ReviewData) -> pd.DataFrame:
    """Figures of two rivals on the split of the networks.

    Parameters
    ----------
    data : ReviewData

    Returns
    -------
    DataFrame
        A row a rival, with the figures of :func:`replicate_reviews` over the test part:
        "frequencies", the class frequencies of the training part, and "length", a softmax of
        the number of words, by maximum likelihood on the training part.
    """
    import pandas as pd

    n, labels = data.n_train, data.labels
    end = n + data.n_validation
    counts = np.bincount(labels[:n].astype(np.intp), minlength=N_CLASSES)
    # A class that the training part lacks has half a review.
    shares = np.maximum(counts, 0.5) / np.maximum(counts, 0.5).sum()
    forecasts = {
        "frequencies": np.tile(shares, (len(labels) - end, 1)),
        "length": _by_length(data.lengths / data.n_words, labels, n)[end:],
    }
    rows = [{"model": k, **classification_figures(p, labels[end:])} for k, p in forecasts.items()]
    return pd.DataFrame(rows, columns=["model", *FIGURES])


def _by_length(lengths: FloatArray, labels: FloatArray, n_train: int) -> FloatArray:
    """Class probabilities of every review."""
    start = {"weight": np.zeros((N_CLASSES, 1)), "bias": np.zeros(N_CLASSES)}
    softmax = Linear.from_params(start, output_activation="softmax")
    x, y = lengths[:n_train], labels[:n_train]
    fitted = train(softmax, x, y, loss="cross_entropy", optimizer="lbfgs").network
    probabilities: FloatArray = fitted.forward(lengths[:, np.newaxis])[0]
    return probabilities

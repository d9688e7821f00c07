"""What can be said of a review's class without reading a word of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from memtools._validate import FloatArray
from memtools.networks.stacks import Linear
from memtools.networks.training import train
from memtools.replication.review_files import N_CLASSES, ReviewData
from memtools.replication.reviews import FIGURES, classification_figures

if TYPE_CHECKING:
    import pandas as pd


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

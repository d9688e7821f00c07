"""Paper reviews as sequences of word vectors, as the paper's authors prepare them."""

from __future__ import annotations

import hashlib
import json
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np

from memtools import _validate
from memtools._validate import FloatArray
from memtools.exceptions import DataFileError, InvalidInputError, MissingDependencyError

N_CLASSES = 5  # evaluations -2..2
N_WORDS = 150
VECTOR_SIZE = 16
_WINDOW = 16
_CHUNK = 10_000  # words of a "sentence" of Word2Vec: the authors feed it the corpus as one stream
_REMOVED = str.maketrans("", "", '()[]"\N{INVERTED QUESTION MARK}-\t\\')


@dataclass(frozen=True)
class ReviewData:
    """Sequences of word vectors with a class each, and where the parts end.

    Parameters
    ----------
    vectors : sequence of array_like, each of shape (n_words, n_features)
    labels : array_like, shape (n_reviews,)
        Classes 0..4.
    n_train, n_validation : int
        Reviews of each part, in the order given; the test takes the rest.
    n_words : int
        Longer reviews are cut, shorter ones padded with zeros.
    """

    vectors: Sequence[FloatArray]
    labels: FloatArray
    n_train: int = 282
    n_validation: int = 50
    n_words: int = N_WORDS

    def __post_init__(self) -> None:
        vectors = [_validate.as_array(v, f"vectors[{i}]") for i, v in enumerate(self.vectors)]
        for i, value in enumerate(vectors):
            if value.ndim != 2 or 0 in value.shape or value.shape[1] != vectors[0].shape[1]:
                allowed = "at least one word, of shape (n_words, n_features)"
                raise InvalidInputError(f"vectors[{i}]", allowed, f"shape {value.shape}")
        labels = _validate.as_array(self.labels, "labels")
        if labels.shape != (len(vectors),):
            allowed = f"of shape ({len(vectors)},), a class a review"
            raise InvalidInputError("labels", allowed, f"shape {labels.shape}")
        unknown = labels[~np.isin(labels, np.arange(N_CLASSES))]
        if len(unknown):
            allowed = f"classes 0..{N_CLASSES - 1}"
            raise InvalidInputError("labels", allowed, f"{unknown[0]:g}")
        _validate.as_integer(self.n_train, "n_train", 1)
        _validate.as_integer(self.n_validation, "n_validation", 1)
        _validate.as_integer(self.n_words, "n_words", 1)
        if len(vectors) <= self.n_train + self.n_validation:
            allowed = f"more than {self.n_train + self.n_validation} reviews for this split"
            raise InvalidInputError("vectors", allowed, str(len(vectors)))
        object.__setattr__(self, "vectors", vectors)
        object.__setattr__(self, "labels", labels)

    @property
    def lengths(self) -> np.ndarray:
        """Number of words of each review, at most `n_words`."""
        return np.array([min(len(v), self.n_words) for v in self.vectors])

    @cached_property
    def fingerprint(self) -> str:
        """Tells data and splits apart: rows of other data are other rows."""
        digest = hashlib.sha256(f"{self.n_train} {self.n_validation} {self.n_words}".encode())
        for value in [*self.vectors, self.labels]:
            digest.update(np.ascontiguousarray(value).tobytes())
        return digest.hexdigest()[:12]

    def part(self, start: int, end: int | None, arrangement: str) -> tuple[FloatArray, FloatArray]:
        """Inputs (n_words, n_reviews, n_features) of some reviews, and labels (n_words, n_reviews).

        A label stands at the last word, -1 elsewhere.  "published" puts the words where the
        authors' script does: the array (review, word, feature) is read as (word, review,
        feature) without a transposition, so that a sequence is made of words of many reviews.
        """
        vectors, lengths = self.vectors[start:end], self.lengths[start:end]
        padded = np.zeros((len(vectors), self.n_words, vectors[0].shape[1]))
        for row, value, n in zip(padded, vectors, lengths, strict=True):
            row[:n] = value[:n]
        if arrangement == "published":
            x = padded.reshape(self.n_words, len(vectors), -1)
        else:
            x = padded.transpose(1, 0, 2)
        labels = np.full(x.shape[:2], -1.0)
        labels[lengths - 1, np.arange(len(vectors))] = self.labels[start:end]
        return np.ascontiguousarray(x), labels


def read_reviews(path: str | Path | None = None) -> tuple[list[list[str]], list[int]]:
    """Words and classes of the Spanish reviews that have a text.

    Parameters
    ----------
    path : path or None
        None finds the file as :func:`memtools.datasets.path_of` does.
    """
    if path is None:
        from memtools import datasets

        path = datasets.path_of("reviews")
    words, labels = [], []
    try:
        papers = json.loads(Path(path).read_text(encoding="utf-8"))["paper"]
        reviews = [review for paper in papers for review in paper["review"]]
        for review in reviews:
            if review["lan"] == "es" and (text := _words(review["text"])):
                words.append(text)
                labels.append(int(review["evaluation"]) + 2)
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise DataFileError(f"{path} does not hold paper reviews ({error})") from error
    if not words:
        raise DataFileError(f"{path} holds no Spanish review with a text")
    return words, labels


def _words(text: str) -> list[str]:
    """Lower-case words without the marks that the authors remove, in their order of removal."""
    text = text.lower().replace(", ", " ").replace(". ", " ").translate(_REMOVED)
    return text.replace("? ", " ").replace(". ", " ").split()


def word_vectors(texts: Sequence[Sequence[str]], size: int = VECTOR_SIZE) -> list[FloatArray]:
    """Skip-gram vectors of the words of each text, by gensim's Word2Vec.

    Parameters
    ----------
    texts : sequence of sequences of str
    size : int

    Returns
    -------
    list of ndarray, each of shape (n_words, size)
        The same on every run: one thread, seed 1, a hash that does not change.
    """
    try:
        from gensim.models import Word2Vec
    except ImportError as error:
        raise MissingDependencyError("gensim", "training word vectors") from error
    stream = [word for text in texts for word in text]
    model = Word2Vec(
        [stream[i : i + _CHUNK] for i in range(0, len(stream), _CHUNK)],
        vector_size=size,
        window=_WINDOW,
        min_count=1,
        sg=1,
        seed=1,
        workers=1,
        hashfxn=_stable_hash,
    )
    return [np.array(model.wv[list(text)], dtype=np.float64) for text in texts]


def _stable_hash(word: str) -> int:
    return zlib.crc32(word.encode())


def review_data(path: str | Path | None = None) -> ReviewData:
    """The paper's 382 Spanish reviews in the authors' random order, with gensim's word vectors.

    Parameters
    ----------
    path : path or None
        reviews.json; None finds it as :func:`memtools.datasets.path_of` does.
    """
    texts, labels = read_reviews(path)
    vectors = word_vectors(texts)
    # The legacy generator is the point: it is the authors' order.
    order = np.random.RandomState(0).permutation(len(labels))
    return ReviewData([vectors[i] for i in order], np.array(labels, dtype=np.float64)[order])

"""What simulation and likelihood ask of a process, and the door for frequencies."""

from __future__ import annotations

import math
from typing import Protocol

import numpy as np
from numpy.typing import ArrayLike

from memtools import _validate
from memtools._validate import FloatArray
from memtools.exceptions import InvalidInputError


class Process(Protocol):
    """A stationary process with known second moments."""

    def autocovariance(self, n_lags: int) -> FloatArray:
        """Autocovariances 0..n_lags."""

    def spectral_density(self, frequencies: ArrayLike) -> FloatArray:
        """Spectral density."""


def as_frequencies(frequencies: ArrayLike, pole: bool) -> FloatArray:
    lam = _validate.as_array(frequencies, "frequencies")
    if lam.size and np.abs(lam).max() > math.pi * (1.0 + 1e-12):
        raise InvalidInputError(
            "frequencies", "in [-pi, pi]", f"{lam.flat[np.abs(lam).argmax()]:g}"
        )
    if pole and lam.size and np.abs(lam).min() == 0.0:
        raise InvalidInputError("frequencies", "not zero, where the density is infinite", "0")
    return lam

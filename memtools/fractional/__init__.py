"""Fractional differencing (1 - B)^d, its only home: weights, filters, a stateful differencer."""

from memtools.fractional.exponentials import ExponentialModes, exponential_modes
from memtools.fractional.filters import (
    convolve_causal,
    fill_weights,
    fracdiff,
    fracdiff_weights,
    fracint,
    noise_autocorrelation,
    weights,
    weights_and_slopes,
)
from memtools.fractional.stream import FractionalDifferencer

__all__ = [
    "ExponentialModes",
    "FractionalDifferencer",
    "convolve_causal",
    "exponential_modes",
    "fill_weights",
    "fracdiff",
    "fracdiff_weights",
    "fracint",
    "noise_autocorrelation",
    "weights",
    "weights_and_slopes",
]

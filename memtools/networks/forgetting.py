"""Time constants: how long each unit keeps what its own gate or decay lets it keep."""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np

from memtools._validate import FloatArray
from memtools.exceptions import InvalidInputError
from memtools.networks.network import Network
from memtools.networks.tangents import loop_matrix
from memtools.networks.tapes import flatten
from memtools.results.training import Imitation, InverseGamma, TimeConstants

_TOLERANCE = 0.05  # relative error up to which the mixture imitates a power law
_LEAST_SPAN = 10.0  # last lag over first
_POINTS = 80
_LARGEST_STATE = 1200


def time_constants(network: Network) -> TimeConstants:
    """Time constants of the units at their gates' biases, and the power law they imitate.

    Parameters
    ----------
    network : Network
        With LSTM, GRU or MinimalGRU layers, or linear recurrences.

    Returns
    -------
    TimeConstants
        `values` in steps, a value a unit (a mode of a linear recurrence), layers in order;
        `imitates`, the range of lags over which the mean of exp(-k / T) is a power law within 5
        percent, None below a decade; `inverse_gamma`, the fit by maximum likelihood.

    Raises
    ------
    InvalidInputError
        Where no layer has a gate that keeps, and none is linear.

    Notes
    -----
    A unit whose forget gate stays at f keeps f^k = exp(-k / T) of its state after k steps,
    T = -1 / log f; f = s(b_f) for LSTM, s(b_z) for GRU (b the sum of both biases), 1 - s(b_u) for
    MinimalGRU: the gates with nothing coming in.  Inputs move them.  A mode z of a linear
    recurrence has T = -1 / log |z|.

    If T follows an inverse gamma law with shape a and scale b, 1 / T is gamma, and the mean of
    exp(-k / T) over units is (1 + k / b)^-a: units that each forget exponentially forget like a
    power law together, for lags from about b on up to the largest T.  In the limit the longest
    time constant rules: short memory.

    References
    ----------
    Mahto, S., Vo, V. A., Turek, J. S. and Huth, A. G. (2021). Multi-timescale representation
    learning in LSTM language models. ICLR, section 3.

    Examples
    --------
    >>> import memtools as mt
    >>> constants = mt.time_constants(mt.networks.LSTM.initialise(1, 4, 1, rng=0))
    >>> constants.values.round(2)
    array([1.34, 1.41, 2.13, 2.82])
    """
    if not isinstance(network, Network):
        raise InvalidInputError("network", "a network", type(network).__name__)
    found = list(_rates(network))
    if not found:
        allowed = "a network with LSTM, GRU, MinimalGRU or linear recurrent layers"
        raise InvalidInputError("network", allowed, repr(network))
    rates = np.concatenate(found)
    with np.errstate(divide="ignore"):
        values = 1.0 / rates
    layers = np.repeat(np.arange(len(found)), [len(part) for part in found])
    inner = rates[np.isfinite(values) & (values > 0.0)]
    return TimeConstants(
        values=values,
        layers=layers,
        inverse_gamma=_inverse_gamma(inner),
        imitates=_imitation(inner),
    )


def _rates(network: Network) -> Iterator[FloatArray]:
    """1 / T of each unit, layer by layer."""
    for cell in network.cells():
        if (own := cell.rates()) is not None:
            yield own
        elif cell.is_linear and 0 < flatten(cell.initial_state(1)).shape[1] <= _LARGEST_STATE:
            size = np.abs(np.linalg.eigvals(loop_matrix(cell, False)))
            yield -np.log(np.maximum(size, 1e-300))


def _inverse_gamma(rates: FloatArray) -> InverseGamma | None:
    """Maximum likelihood: 1 / T is gamma with the same shape and the scale as its rate."""
    from scipy.special import digamma, polygamma

    if len(rates) < 3 or np.ptp(rates) == 0.0:
        return None
    gap = math.log(rates.mean()) - float(np.log(rates).mean())
    shape = (3.0 - gap + math.sqrt((gap - 3.0) ** 2 + 24.0 * gap)) / (12.0 * gap)
    for _ in range(20):
        step = (math.log(shape) - float(digamma(shape)) - gap) / (
            1.0 / shape - float(polygamma(1, shape))
        )
        shape = max(shape - step, 0.1 * shape)
    return InverseGamma(shape=shape, scale=shape / float(rates.mean()))


def _imitation(rates: FloatArray) -> Imitation | None:
    """The widest range of lags over which the mean of exp(-k / T) is a straight line in logs."""
    if not len(rates):
        return None
    lags = np.unique(np.geomspace(1.0, max(20.0, 20.0 / rates.min()), _POINTS).round())
    mean = np.exp(-np.outer(lags, rates)).mean(axis=1)
    lags, mean = lags[mean > 1e-250], mean[mean > 1e-250]
    x, y = np.log(lags), np.log(mean)
    best: tuple[float, Imitation | None] = (_LEAST_SPAN, None)
    for i in range(len(x)):
        for j in range(len(x) - 1, i + 2, -1):
            if lags[j] / lags[i] <= best[0]:
                break
            slope, level = np.polyfit(x[i : j + 1], y[i : j + 1], 1)
            worst = float(np.abs(np.expm1(y[i : j + 1] - level - slope * x[i : j + 1])).max())
            if worst < _TOLERANCE:
                found = Imitation(
                    first=int(lags[i]), last=int(lags[j]), exponent=-float(slope), worst=worst
                )
                best = (float(lags[j] / lags[i]), found)
                break
    return best[1]

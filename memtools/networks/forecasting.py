"""Forecasts of a series by a network that tells the next value, with prediction intervals."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from memtools import _labels, _validate, gaps
from memtools._validate import FloatArray, RandomState
from memtools.exceptions import InvalidInputError
from memtools.networks.network import Network, State
from memtools.networks.process import require_square
from memtools.networks.tapes import flatten, unflatten
from memtools.results import NetworkForecast

_LEAST_ERRORS = 39  # that have order statistics for 95%
_MOST_ORIGINS = 400


def forecast(
    network: Network,
    x: ArrayLike,
    steps: int = 1,
    *,
    intervals: str = "simulation",
    n_errors: int | None = None,
    n_paths: int = 1000,
    rng: RandomState = 0,
) -> NetworkForecast:
    """Forecast a series by a network whose output is its next input.

    Parameters
    ----------
    network : Network
        With as many outputs as inputs, trained to tell the next value.
    x : array_like, shape (n_obs,) or (n_obs, n_series), or a pandas Series or DataFrame
        The series so far, in the units that the network takes, or, where the network knows its
        scale (``network.scale``, as `memtools train` saves it), in the series' own.
    steps : int
        Number of values ahead.
    intervals : {"simulation", "conformal"}
        "simulation" draws future paths, the network's own errors on `x` added step by step.
        "conformal" takes the network's errors at each horizon, told from origins in `x`.
    n_errors : int or None
        Last values of `x` whose errors are taken.  None takes those after the training part where
        the network knows it, else all but the first twentieth.  Errors on values that the network
        was trained on are too small.
    n_paths : int
        Number of simulated paths.
    rng : int, SeedSequence, Generator or None
        Of the simulation.

    Returns
    -------
    NetworkForecast
        `predicted_mean`, `se_mean`, ``confidence_interval(level)``; labels go on those of `x`.

    Raises
    ------
    InvalidInputError
        Where `x` does not fit the network or is too short, or the forecasts grow without bound.

    Notes
    -----
    The network runs along `x`; from its last state a path is y_{n+h} = z(y_{n+h-1}) + e*_h with e*
    drawn with replacement from its one-step errors (rows of several series together, so that
    their correlation is kept).  Means, standard errors and quantiles are those of the paths.

    "conformal" tells 1, ..., `steps` values ahead from up to 400 origins in `x`, each value put in
    for the next input.  The interval of a horizon is its forecast and the order statistics
    ceil((1 - a/2) (m + 1)) and floor(a/2 (m + 1)) of the m errors there.  For exchangeable errors
    it covers at least 1 - a; those of a series hang together, so that it does so nearly.

    References
    ----------
    Vovk, V., Gammerman, A. and Shafer, G. (2005). Algorithmic learning in a random world,
    chapter 4.  Stankeviciute, K., Alaa, A. and van der Schaar, M. (2021). Conformal time-series
    forecasting. NeurIPS.

    Examples
    --------
    >>> import memtools as mt
    >>> x = mt.simulate(mt.ARFIMAProcess(d=0.3), 300, rng=0)
    >>> start = mt.networks.MRNN.initialise(1, 1, 1, rng=0, filter_length=30, fixed_d=True)
    >>> network = mt.train(start, x[:-1], x[1:], n_epochs=200).network
    >>> future = mt.networks.forecast(network, x, 5)
    >>> future.predicted_mean.shape
    (5,)
    >>> low, high = future.confidence_interval(0.9)
    >>> bool((low < high).all())
    True
    """
    require_square(network)
    if not network.causal:
        raise InvalidInputError("network", "causal (no layer that runs backward)", repr(network))
    steps = _validate.as_integer(steps, "steps", 1)
    _validate.as_choice(intervals, "intervals", ["simulation", "conformal"])
    n_paths = _validate.as_integer(n_paths, "n_paths", _LEAST_ERRORS)
    values = _as_inputs(network, x)
    first = _first_error(network, len(values), n_errors)
    low, high = network.scale or (0.0, 1.0)
    scaled = (values - low) / (high - low)
    with np.errstate(over="ignore", invalid="ignore"):
        if intervals == "simulation":
            paths = _simulated(network, scaled, steps, first, n_paths, _validate.as_rng(rng))
        else:
            paths = _with_past_errors(network, scaled, steps, first)
    if not np.isfinite(paths).all():
        got = "one whose forecasts are not finite"
        raise InvalidInputError("network", "one whose forecasts do not grow without bound", got)
    paths = low + (high - low) * paths
    if np.ndim(x) == 1:
        paths = paths[..., 0]
    return NetworkForecast(
        paths=paths, intervals=intervals, index=_index_after(x, steps), columns=_columns(x)
    )


def _as_inputs(network: Network, x: ArrayLike) -> FloatArray:
    """(n_obs, n_input), time running on."""
    values = _validate.as_array(x)
    if _labels.runs_back(x, 0, "x"):
        values = values[::-1]
    values = values[:, np.newaxis] if values.ndim == 1 else values
    if values.ndim != 2 or values.shape[1] != network.n_input:
        allowed = f"of shape (n_obs, {network.n_input})"
        raise InvalidInputError("x", allowed, f"shape {np.shape(x)}")
    return values


def _first_error(network: Network, n_obs: int, n_errors: int | None) -> int:
    """The first value of x whose error is taken."""
    if n_errors is not None:
        least = min(_LEAST_ERRORS, n_obs - 1)
        return n_obs - _validate.as_integer(n_errors, "n_errors", least, n_obs - 1)
    seen = network.protocol.get("n_train", n_obs)
    held_out = n_obs - 1 - seen
    first = seen + 1 if held_out >= 5 * _LEAST_ERRORS else n_obs // 20 + 1
    if n_obs - first < _LEAST_ERRORS:
        allowed = f"at least {_LEAST_ERRORS + n_obs // 20 + 1} values long"
        raise InvalidInputError("x", allowed, f"{n_obs}")
    return first


def _simulated(
    network: Network, x: FloatArray, steps: int, first: int, n_paths: int, rng: Any
) -> FloatArray:
    """Paths (n_paths, steps, n_series)."""
    outputs, state = network.run(x[:, np.newaxis], network.initial_state(1))
    errors = x[first:] - outputs[first - 1 : -1, 0]
    drawn = errors[rng.integers(0, len(errors), (steps, n_paths))]
    like, flat = network.initial_state(1), flatten(state)
    state = unflatten(np.repeat(flat, n_paths, axis=0), like)
    y = outputs[-1] + drawn[0]
    paths = [y]
    for shocks in drawn[1:]:
        z, state = network.step(y, state)
        y = z + shocks
        paths.append(y)
    return np.stack(paths, axis=1)


def _with_past_errors(network: Network, x: FloatArray, steps: int, first: int) -> FloatArray:
    """The forecasts plus the errors of each horizon, (n_errors, steps, n_series)."""
    last = len(x) - steps  # the values from an origin on, x[origin:origin + steps], are known
    if last - first + 1 < _LEAST_ERRORS:
        allowed = f"at least {first + steps + _LEAST_ERRORS - 1} values long for {steps} steps"
        raise InvalidInputError("x", allowed, f"{len(x)}")
    n_origins = min(last - first + 1, _MOST_ORIGINS)
    origins = np.unique(np.linspace(first, last, n_origins).astype(int))
    like, state = network.initial_state(1), network.initial_state(1)
    states, starts, t = [], [], 0
    for origin in (*origins, len(x)):
        outputs, state = network.run(np.ascontiguousarray(x[t:origin, np.newaxis]), state)
        states.append(flatten(state))
        starts.append(outputs[-1, 0])
        t = origin
    told = _told(network, np.array(starts), unflatten(np.concatenate(states), like), steps)
    known = np.stack([x[origin : origin + steps] for origin in origins])
    return told[-1] + (known - told[:-1])


def _told(network: Network, y: FloatArray, state: State, steps: int) -> FloatArray:
    """Forecasts put in for inputs, (n_origins, steps, n_series)."""
    told = [y]
    for _ in range(steps - 1):
        y, state = network.step(y, state)
        told.append(y)
    return np.stack(told, axis=1)


def _index_after(x: Any, steps: int) -> Any:
    """The labels that follow those of x; None where it has none."""
    if not _labels.is_labelled(x):
        return None
    index = x.index
    return gaps.future_index(index[::-1] if _labels.runs_back(x, 0, "x") else index, steps)


def _columns(x: Any) -> tuple[str, ...] | None:
    return tuple(map(str, x.columns)) if hasattr(x, "columns") else None

"""What the network itself tells of the decay of its weights, before any fit."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from memtools._validate import FloatArray
from memtools.exceptions import InvalidInputError
from memtools.networks.filter_cells import FilterCell
from memtools.networks.impulse import impulse_weights, lyapunov_exponent
from memtools.networks.network import Network
from memtools.networks.tangents import gate_values, loop_matrix, push
from memtools.networks.tapes import flatten, unflatten
from memtools.results import ImpulseWeights

ROUNDING = 1e-7  # a modulus that near 1 is 1: eigenvalues are exact to about that
_LARGEST = 1200  # state whose eigenvalues are taken
_STEPS, _KEPT = 240, 120  # of a direction carried along at rest
_LYAPUNOV_STEPS = 1000
_CARRIES = 0.01  # share of late weights that tells a filter from none: past K it would lead


@dataclass(frozen=True)
class Structure:
    """Why the weights of a network decay as they do.

    `exponent` is the growth of a change of the state a step, log of the largest modulus or the
    Lyapunov exponent on data, NaN where there is no state; `d` the memory parameters of filters.
    """

    exponent: float
    stderr: float
    exponent_of: str
    averages: bool = False
    filters: tuple[FilterCell, ...] = ()
    d: FloatArray | None = None
    ends: int | None = None  # last lag of free filters and delays
    linear: bool = False
    last_lag: float = math.inf  # at which an input can matter

    @property
    def sign(self) -> int | None:
        """-1 forgets, 1 grows, 0 neither; None where the exponent does not tell."""
        if math.isnan(self.exponent):
            return None
        margin = max(2.0 * self.stderr, ROUNDING)
        if abs(self.exponent) > margin:
            return -1 if self.exponent < 0.0 else 1
        return 0 if self.stderr <= ROUNDING else None

    @property
    def filter_length(self) -> float:
        """K of the filters, the longest."""
        return max(float(layer.filter_length) for layer in self.filters)


def read_structure(
    network: Network, data: FloatArray | None, eigenvalues: NDArray[np.complex128]
) -> Structure:
    """Filters, averages and the exponent of the state."""
    cells = list(network.cells())
    filters = tuple(cell for cell in cells if isinstance(cell, FilterCell))
    exponent, stderr, what = _exponent(network, data, eigenvalues)
    return Structure(
        exponent=exponent,
        stderr=stderr,
        exponent_of=what,
        averages=any(cell.averages for cell in cells),
        filters=filters,
        d=_memory_parameters(network, filters, data) if filters else None,
        ends=max((c.free_lags for c in cells if c.free_lags is not None), default=None),
        linear=network.is_linear,
        last_lag=network.last_lag,
    )


def _memory_parameters(
    network: Network, filters: tuple[FilterCell, ...], data: FloatArray | None
) -> FloatArray:
    """d of each filtered dimension; where it moves, its mean along the data or at rest."""
    last = filters[-1]
    if last.fixed_d:
        return last.d
    x = np.zeros((500, network.n_input)) if data is None else data
    moving = [v for name, v in gate_values(network, x).items() if "memory parameter" in name][-1]
    size = len(last.params["bias_d"])
    return np.asarray(moving.reshape(-1, size)[len(x) // 2 :].mean(axis=0))


def _exponent(
    network: Network, data: FloatArray | None, eigenvalues: NDArray[np.complex128]
) -> tuple[float, float, str]:
    if (logs := network.log_modes(data)) is not None:
        return _of_modes(network, logs, data)
    if math.isfinite(network.last_lag):
        return math.nan, 0.0, ""
    size = flatten(network.initial_state(1)).shape[1]
    if not size:
        return math.nan, 0.0, ""
    if network.is_linear and size <= _LARGEST:
        radius = float(np.abs(np.linalg.eigvals(loop_matrix(network, False))).max())
        return _log(radius), 0.0, f"the largest modulus of its eigenvalues is {radius:.6g}"
    if data is not None:
        try:
            values, stderr = lyapunov_exponent(network, data[-_LYAPUNOV_STEPS:])
        except (InvalidInputError, np.linalg.LinAlgError):
            return math.nan, 0.0, ""
        what = f"the Lyapunov exponent on the data is {values[0]:.4g}"
        return float(values[0]), float(stderr[0]), what
    if len(eigenvalues):
        radius = float(np.abs(eigenvalues[0]))
        return _log(radius), 0.0, f"the largest modulus of the Jacobian at rest is {radius:.6g}"
    exponent, error = _growth_at_rest(network)
    return exponent, error, f"a change of the state at rest grows by exp({exponent:.4g}) a step"


def _of_modes(
    network: Network, logs: NDArray[np.complex128], data: FloatArray | None
) -> tuple[float, float, str]:
    """The slowest mode of a recurrence that is diagonal already."""
    slowest = float(logs.real.max())
    kept = f"{math.exp(min(slowest, 700.0)):.6g}"
    what = f"the largest modulus of its eigenvalues is {kept}"
    if network.selective:
        where = "with gates at their biases" if data is None else "on average along the data"
        what = f"its slowest mode keeps {kept} of itself a step {where}"
    return slowest, 0.0, what


def _log(radius: float) -> float:
    return math.log(radius) if radius > 0.0 else -math.inf


def _growth_at_rest(network: Network) -> tuple[float, float]:
    """Mean log growth of a direction of the state, carried along zero inputs, and its error.

    A growth that still changes, as that of a power of k does, is no exponent yet: twice the
    difference of its halves is the error.
    """
    zero = np.zeros((1, network.n_input))
    state = network.forward(np.zeros((_STEPS, 1, network.n_input)))[1]
    like, size = network.initial_state(1), flatten(state).shape[1]
    direction = np.random.default_rng(0).standard_normal((1, size))
    growth = []
    for _ in range(_STEPS):
        _, state, tangent = push(network, zero, zero, state, unflatten(direction, like))
        direction = flatten(tangent)
        length = float(np.linalg.norm(direction))
        if not 0.0 < length < math.inf:
            return -math.inf if length == 0.0 else math.nan, 0.0
        growth.append(math.log(length))
        direction = direction / length
    half = _KEPT // 2
    early, late = float(np.mean(growth[-_KEPT:-half])), float(np.mean(growth[-half:]))
    return late, 2.0 * abs(late - early)


def filtered_entries(
    network: Network, structure: Structure, impulse: ImpulseWeights, data: FloatArray | None
) -> NDArray[np.bool_]:
    """Entries (output, input) whose later weights, up to K, come through the filters.

    Told by another network: the same, its filters cut at a quarter of the lags.
    """
    last = int(min(structure.filter_length, impulse.n_lags))
    short = max(last // 4, 1)
    cut = network.mapped(lambda cell: cell.shortened(short))
    other = impulse_weights(cut, data, impulse.n_lags).values
    late = slice(max(last // 2, 1), last + 1)
    whole = np.linalg.norm(impulse.values[late], axis=0)
    change = np.linalg.norm(impulse.values[late] - other[late], axis=0)
    return np.asarray((whole > 0.0) & (change > _CARRIES * whole))

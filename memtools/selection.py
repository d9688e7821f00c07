"""Which network, if any, forecasts a series better than a linear model: a rolling origin."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from memtools import _validate
from memtools._output import progress_bar
from memtools._validate import FloatArray
from memtools.arfima import ARFIMA, select_arfima
from memtools.exceptions import DivergenceError, InvalidInputError
from memtools.networks.linear_twins import arfima_network, autoregression, lagged
from memtools.networks.memory_filters import as_filter_length
from memtools.networks.network import Network
from memtools.networks.registry import CELLS
from memtools.networks.training import train
from memtools.results import NetworkSelection

CANDIDATES = ("RNN", "GRU", "LSTM", "MRNNF", "MRNN", "MLSTMF")
LINEAR = ("AR", "ARFIMA")
_LEAST = 200  # values of which a rolling origin tells anything
_TESTED, _VALIDATED = 0.3, 0.2  # of the series; of each training part
_MOST_LAGS = 30
_GAIN = 0.01  # of the validation loss that makes one more pair of starts worth while
_EXACT = 3000  # values up to which the exact likelihood takes seconds


@dataclass(frozen=True)
class Choices:
    """How networks are made and trained."""

    n_hidden: int
    filter_length: float
    n_starts: int
    n_epochs: int
    seed: int


def select_network(
    x: ArrayLike,
    candidates: Sequence[str] = CANDIDATES,
    *,
    n_hidden: int = 1,
    filter_length: float = 100,
    n_origins: int = 3,
    n_starts: int = 6,
    n_epochs: int = 300,
    seed: int = 0,
    progress: bool | None = None,
) -> NetworkSelection:
    """Hold networks against AR and ARFIMA on a rolling origin, and train the best on all of it.

    Parameters
    ----------
    x : array_like, shape (n_obs,)
        A series of at least 200 values.
    candidates : sequence of str
        Cells: RNN, GRU, LSTM, MRNNF, MRNN, MLSTMF, ...
    n_hidden : int
        Hidden units of each.
    filter_length : int or math.inf
        K of the cells with a filter; no more than a quarter of the first training part.
    n_origins : int
        Origins, at equal steps over the last three tenths of the series.
    n_starts : int
        Most start values of a network; by the rule below mostly three.
    n_epochs : int
        Most iterations of L-BFGS, which asks for no learning rate and on the paper's four series
        reaches the loss of Adam's 1,000 epochs in a twentieth of their time.
    seed : int
        Of the start values.
    progress : bool, optional
        Draw a progress bar on standard error; by default in a terminal or a notebook.

    Returns
    -------
    NetworkSelection
        `.table()` (a row a model: its RMSE, and a test against the best linear one), `.winner`,
        `.says`, and `.network`: the winner, trained on the whole series, with its `scale` and
        `protocol`.

    Raises
    ------
    InvalidInputError
        Where `x` is shorter than 200 values or constant, or a name is none of a cell.

    Notes
    -----
    At each origin every model has the values before it and nothing else: the scale, the order of
    AR (least AIC up to 30 lags) and of ARFIMA (least BIC up to (2, 2), at the first origin),
    the epoch that is kept and the start that is kept (least loss on the last fifth before the
    origin).  Then it tells each value up to the next origin one step ahead, its parameters fixed.

    Starts: two, and one more as long as the last lowered the best validation loss by 1%.

    The test of Diebold and Mariano (1995) is of equal mean squared errors of a model and the best
    linear one; the winner has the smallest error of all whatever the test says.  A linear winner
    is kept as the network that it is: AR as a causal convolution, ARFIMA as a linear MRNNF
    (`networks.arfima_network`).

    References
    ----------
    Diebold, F. X. and Mariano, R. S. (1995). Comparing predictive accuracy. JBES 13, 253-263.
    Harvey, D., Leybourne, S. and Newbold, P. (1997). Testing the equality of prediction mean
    squared errors. International Journal of Forecasting 13, 281-291.

    Examples
    --------
    >>> import memtools as mt
    >>> x = mt.simulate(mt.ARFIMAProcess(d=0.4), 300, rng=0)
    >>> found = mt.select_network(x, ["RNN"], n_starts=1, n_epochs=20)
    >>> found.table().index.tolist()
    ['AR', 'ARFIMA', 'RNN']
    """
    values = _validate.as_varying_series(x, "x", _LEAST)
    names = [_validate.as_choice(name, "candidates", [*CELLS]) for name in candidates]
    if not names or len(set(names)) < len(names):
        raise InvalidInputError("candidates", "one or more cells, each once", repr(list(names)))
    n_origins = _validate.as_integer(n_origins, "n_origins", 1, 20)
    filter_length = as_filter_length(filter_length)
    start = int(len(values) * (1.0 - _TESTED))
    longest = max(start // 4, 1)
    how = Choices(
        _validate.as_integer(n_hidden, "n_hidden", 1),
        filter_length if math.isinf(filter_length) else min(filter_length, longest),
        _validate.as_integer(n_starts, "n_starts", 1),
        _validate.as_integer(n_epochs, "n_epochs", 1),
        _validate.as_integer(seed, "seed", 0),
    )
    bounds = np.linspace(start, len(values), n_origins + 1).astype(int)
    makers: dict[str, Callable[[FloatArray], Network]] = _linear_makers(values[:start])
    makers |= {name: _trained(name, how) for name in names}
    squares: dict[str, FloatArray] = {}
    with progress_bar(len(makers), "models", progress) as advance:
        for name, make in makers.items():
            parts = [
                _errors(make(values[:first]), values, int(first), int(last))
                for first, last in pairwise(bounds)
            ]
            squares[name] = np.concatenate(parts) ** 2
            advance()
    rmse = {name: math.sqrt(float(s.mean())) for name, s in squares.items()}
    best = min(rmse, key=lambda name: rmse[name])
    rival = min(LINEAR, key=lambda name: rmse[name])
    tests = {name: _diebold_mariano(s, squares[rival]) for name, s in squares.items()}
    network = makers[best](values)
    network.protocol = {**network.protocol, "model": best, "rolling_rmse": rmse[best]}
    return NetworkSelection(
        rmse=rmse,
        tests=tests,
        winner=best,
        linear=rival,
        n_told=len(squares[best]),
        n_origins=n_origins,
        network=network,
    )


def _errors(network: Network, values: FloatArray, first: int, last: int) -> FloatArray:
    """One-step errors of the values from `first` on, told from all before each."""
    low, high = network.scale or (0.0, 1.0)
    scaled = (values[: last - 1] - low) / (high - low)
    told = network.forward(scaled[:, np.newaxis])[0][first - 1 :, 0]
    return np.asarray(values[first:last] - (low + (high - low) * told))


def _diebold_mariano(one: FloatArray, other: FloatArray) -> tuple[float, float]:
    """t and two-sided p-value of equal means of two series of squared errors."""
    from scipy.stats import t as student

    difference, n = one - other, len(one)
    spread = float(difference.std(ddof=1))
    if spread == 0.0:
        return 0.0, 1.0
    statistic = float(difference.mean()) / spread * math.sqrt(n - 1.0)
    return statistic, float(2.0 * student.sf(abs(statistic), n - 1))


# -- models: the values of a training part -> a network with its scale -----------------------------


def _linear_makers(first: FloatArray) -> dict[str, Callable[[FloatArray], Network]]:
    method = "exact" if len(first) <= _EXACT else "whittle"
    order = select_arfima(first, max_p=2, max_q=2, method=method).order
    lags = _ar_order(first)

    def ar(values: FloatArray) -> Network:
        mean, sd = float(values.mean()), float(values.std())
        coefficients = _least_squares((values - mean) / sd, lags)[0]
        return _scaled(
            autoregression(coefficients[:0:-1], float(coefficients[0])), mean, mean + sd, values
        )

    def arfima(values: FloatArray) -> Network:
        fitted = ARFIMA(values, order=(order[0], order[-1])).fit(method=method)
        # differenced once, d >= 1/2: the AR weights sum to 1 and pass any constant on
        mean = float(fitted.params.get("const", values.mean()))
        sd = float(values.std())
        return _scaled(arfima_network(fitted.ar, fitted.d, fitted.ma), mean, mean + sd, values)

    return {"AR": ar, "ARFIMA": arfima}


def _scaled(network: Network, low: float, high: float, values: FloatArray) -> Network:
    network.scale = low, high
    network.protocol = {"n_train": len(values) - 1}
    return network


def _ar_order(values: FloatArray) -> int:
    most = max(min(_MOST_LAGS, len(values) // 10), 1)
    scores = []
    for order in range(1, most + 1):  # on the same targets
        _, variance, n = _least_squares(values[most - order :], order)
        scores.append(n * math.log(variance) + 2.0 * (order + 1))
    return 1 + int(np.argmin(scores))


def _least_squares(values: FloatArray, order: int) -> tuple[FloatArray, float, int]:
    """Constant and coefficients of lags p..1, the mean squared residual, their number."""
    design, wanted = lagged(values, order), values[order:]
    found = np.asarray(np.linalg.lstsq(design, wanted, rcond=None)[0], dtype=float)
    residual = wanted - design @ found
    return found, max(float(residual @ residual) / len(wanted), 1e-300), len(wanted)


def _trained(name: str, how: Choices) -> Callable[[FloatArray], Network]:
    kind, options = CELLS[name]

    def make(values: FloatArray) -> Network:
        low, high = float(values.min()), float(values.max())
        scaled = (values - low) / (high - low) if high > low else values - low
        x, y = scaled[:-1], scaled[1:]
        n_train = int(len(x) * (1.0 - _VALIDATED))
        best, least = None, math.inf
        for i in range(how.n_starts):
            start = kind.initialise(
                1, how.n_hidden, 1, rng=how.seed + i, filter_length=how.filter_length, **options
            )
            settings: Any = {"optimizer": "lbfgs", "n_epochs": how.n_epochs, "min_gain": 0.0}
            held_out = x[n_train:], y[n_train:]
            try:
                result = train(start, x[:n_train], y[:n_train], held_out, **settings)
            except DivergenceError:
                continue
            loss = float(result.history["validation_loss"][result.best_epoch])
            gained = loss < (1.0 - _GAIN) * least
            if loss < least:
                best, least = result.network, loss
            if i > 0 and not gained:
                break
        if best is None:
            got = f"{how.n_starts} that diverged"
            raise InvalidInputError("candidates", f"without {name} for this series", got)
        best.scale = low, high
        best.protocol = {
            "n_train": n_train,
            "n_validation": len(x) - n_train,
            "validation_rmse": math.sqrt(least) * (high - low),
        }
        return best

    return make

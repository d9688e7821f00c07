"""What can be proved about the process of a network: theorems 1 and 2, corollaries 1 and 2."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np

from memtools import _validate, fractional
from memtools._validate import FloatArray
from memtools.exceptions import InvalidInputError
from memtools.networks.activations import sigmoid
from memtools.networks.cells import GRU, LSTM, RNN
from memtools.networks.history_cells import MIST, RWA
from memtools.networks.memory_cells import MLSTM, MRNN, TwoLaneRNN
from memtools.networks.network import Cell, Network
from memtools.networks.stacks import Bidirectional, Linear, Sequential
from memtools.networks.tangents import is_linear, loop_matrix, spectral_radius
from memtools.results.networks import Condition, ErgodicityReport

_ROUNDING = 1e-7  # eigenvalues are exact to about that
_BOUNDED = ("tanh", "sigmoid", "softmax")


def ergodicity(network: Network, input_bound: float | None = None) -> ErgodicityReport:
    """Check the theorems that prove a network process geometrically ergodic.

    Parameters
    ----------
    network : Network
        As many outputs as inputs make the process y_t = z(y_{t-1}, s_{t-1}) + eps_t; otherwise
        the inputs are taken as bounded and only the state is looked at.
    input_bound : float, optional
        Largest modulus of the inputs; by default 1, features scaled to [-1, 1].  Only gates
        need it (corollary 2).

    Returns
    -------
    ErgodicityReport
        "geometrically ergodic" (hence short memory) where a theorem proves it, "not ergodic"
        where theorem 2 excludes it, "undecided" else.

    Raises
    ------
    InvalidInputError
        Where `input_bound` is no positive number.

    Notes
    -----
    Theorem 1 asks for ||M(x)|| <= a ||x|| + b with a < 1 in some norm.  With |.| taken entry by
    entry, suppose |M(x)| <= N |x| + b for a matrix N >= 0 of spectral radius below 1.  Then some
    vector w > 0 has w'N <= a w' with a < 1 (a left Perron vector of N + e for a small e > 0), so
    ||x|| = w'|x| is such a norm.  Table 1 follows, and its generalisation to matrices:

    - RNN, sigma identity or ReLU: |sigma(v)| <= |v|, hence |h| <= |W_hh||h'| + |W_hy||y| + |b| and,
      for g identity or ReLU, |z| <= |W_zh||h| + |b_z|.  N has the blocks |W_zh||W_hy|,
      |W_zh||W_hh|, |W_hy|, |W_hh|; its spectral radius is that of |W_hh| + |W_hy||W_zh|.  With a
      bounded g the first row is a constant and |W_hh| remains.  For scalars this is
      |w_hh| + |w_hy w_zh| < 1.  The printed table bounds each entry by a < 1; that is not enough:
      w_hh = w_hy = 0.9, w_zh = 1 meets it, and the process explodes.
    - sigma bounded: M is bounded up to the constants of the read-out; no condition.

    Table 4: the logistic gates lie in (0, 1).  With sigma = tanh or sigmoid |h| <= 1, the new
    part of the cell is at most 1, and |c| <= f |c'| + 1 with f <= sup f; inputs within the bound
    B give sup f <= s(||W_fh||_inf + B ||W_fy||_inf + ||b_f||_inf), and row by row, with the sign
    of the bias, no more.  This is corollary 2.  (Without the bound on y the same holds over two
    steps for a bounded read-out: y = z + eps, z bounded, and E s(v + W_fy eps) < 1 uniformly.)
    With sigma identity or ReLU the gate sees an unbounded h: only rows of W_fh that are zero have
    sup f < 1, and N has the blocks of |c| <= F |c'| + I (|W_gh||h'| + |W_gy||y|), |h| <= |c|.

    A filter's past is a shift register, nilpotent, so it adds nothing to the spectral radius of
    N: MRNN, two-lane RNN and MIST with bounded sigma need no condition.  In MLSTM the cell obeys
    |c_t| <= sum_j |w_j(d)| |c_{t-j}| + 1, and sum_{j=1}^{K} |w_j(d)| = 1 - prod_{j=1}^{K} (1 - d/j)
    is below 1 and grows with d, so its value at the largest d decides.  GRU with bounded sigma
    keeps |h| <= 1 if it starts there (h is a mean of h' and n).  RWA averages over all of the
    past; its state does not settle: undecided.

    All this takes assumption 1, and that the noise reaches every state (irreducibility), as the
    theorems do: a network that does not look at its input may keep two resting states apart.

    References
    ----------
    Zhao, J. et al. (2020). Do RNN and LSTM have long memory? ICML, theorems 1 and 2, corollaries
    1 and 2, tables 1 and 4.

    Examples
    --------
    >>> import memtools as mt
    >>> network = mt.networks.LSTM.initialise(1, 2, 1, rng=0)
    >>> report = mt.ergodicity(network)
    >>> report.verdict, round(report.bound, 3)
    ('geometrically ergodic', 0.93)
    """
    if not isinstance(network, Network):
        raise InvalidInputError("network", "a network", type(network).__name__)
    bound = 1.0 if input_bound is None else _validate.as_real(input_bound, "input_bound", 0.0)
    feedback = network.n_input == network.n_output
    if isinstance(network, Bidirectional) or _sees_the_future(network):
        return _undecided("none", "A layer that runs backward sees the future: no process.")
    if is_linear(network):
        return _linear(network, feedback)
    if isinstance(network, Sequential):
        return _stack(network, bound)
    return _cell(network, bound, feedback)


def _sees_the_future(network: Network) -> bool:
    layers = network.layers if isinstance(network, Sequential) else ()
    return any(isinstance(layer, Bidirectional) or _sees_the_future(layer) for layer in layers)


def _linear(network: Network, feedback: bool) -> ErgodicityReport:
    radius = spectral_radius(loop_matrix(network, feedback))
    condition = Condition(name="spectral radius of W", value=radius)
    if abs(radius - 1.0) < _ROUNDING:
        reason = "The spectral radius is 1 to rounding: on the border nothing is decided."
        return replace(_report("undecided", "Theorem 2", radius, condition), reasons=(reason,))
    verdict = "geometrically ergodic" if condition.holds else "not ergodic"
    return _report(verdict, "Theorem 2", radius, condition)


def _stack(network: Sequential, bound: float) -> ErgodicityReport:
    """Every layer for itself, its inputs bounded by what the layer before puts out."""
    conditions: list[Condition] = []
    reasons, proved = [], True
    for i, layer in enumerate(network.layers):
        if not isinstance(layer, Linear):
            part = _cell(layer, bound, feedback=False)
            proved &= part.verdict == "geometrically ergodic"
            proved &= getattr(layer, "activation", "") in _BOUNDED
            conditions += [
                replace(condition, name=f"layer {i}: {condition.name}")
                for condition in part.conditions
            ]
            reasons += [f"layer {i}: {reason}" for reason in part.reasons]
        bound = _output_bound(layer, bound)
    values = [condition.value for condition in conditions]
    return ErgodicityReport(
        verdict="geometrically ergodic" if proved else "undecided",
        theorem="Theorem 1, layer by layer",
        bound=max(values, default=0.0) if proved else math.nan,
        conditions=tuple(conditions),
        reasons=tuple(reasons),
    )


def _output_bound(layer: Network, bound: float) -> float:
    """Largest modulus of a layer's outputs."""
    if getattr(layer, "output_activation", "identity") in _BOUNDED:
        return 1.0
    p = layer.params
    if isinstance(layer, Linear):
        return float((np.abs(p["weight"]).sum(axis=1) * bound + np.abs(p["bias"])).max())
    if getattr(layer, "activation", "") not in _BOUNDED:
        return math.inf
    if "weight_hz" not in p:
        return 1.0
    rows = np.abs(p["weight_hz"]).sum(axis=1) + np.abs(p["bias_z"])
    rows = rows + (np.abs(p["weight_mz"]).sum(axis=1) if "weight_mz" in p else 0.0)
    return float(rows.max())


def _cell(network: Network, bound: float, feedback: bool) -> ErgodicityReport:
    if isinstance(network, RWA):
        return _undecided("Theorem 1", "RWA averages over its whole past: its state never settles.")
    bounded = isinstance(network, Cell) and network.activation in _BOUNDED
    if isinstance(network, LSTM):
        return _lstm(network, bound, feedback)
    if isinstance(network, MLSTM) and bounded:
        return _mlstm(network)
    if isinstance(network, RNN | GRU | MIST | MRNN | TwoLaneRNN) and bounded:
        kind = "Corollary 1" if isinstance(network, RNN) else "Theorem 1"
        reason = f"{network.activation} bounds all states: no condition on the weights."
        return replace(_report("geometrically ergodic", kind, 0.0), reasons=(reason,))
    twin = _absolute_twin(network)
    if twin is None:
        return _undecided("Theorem 1", "No bound is known for this cell with unbounded units.")
    feedback = feedback and getattr(network, "output_activation", "") not in _BOUNDED
    radius = spectral_radius(loop_matrix(twin, feedback))
    condition = Condition(name="spectral radius of N, moduli of the weights", value=radius)
    if condition.holds:
        return _report("geometrically ergodic", "Theorem 1", radius, condition)
    reason = "The sufficient condition fails; that proves nothing."
    return replace(_report("undecided", "Theorem 1", radius, condition), reasons=(reason,))


def _absolute_twin(network: Network) -> Network | None:
    """Linear network of the moduli, which dominates a ReLU or identity cell entry by entry."""
    p = {key: np.abs(value) for key, value in network.params.items()}
    if isinstance(network, RNN):
        return RNN(p, activation="identity")
    if isinstance(network, MRNN):
        d = network.d if network.fixed_d else np.full(network.n_input, 0.5)
        w = np.abs(fractional.weights(d, network.filter_length + 1)[:, 1:].T)
        if not network.fixed_d:  # for each lag its largest modulus over 0 < d < 1/2
            grid = np.linspace(0.0, 0.5, 501)[1:]
            each = np.abs(fractional.weights(grid, network.filter_length + 1)[:, 1:])
            w = np.repeat(1.001 * each.max(axis=0)[:, np.newaxis], network.n_input, axis=1)
        lanes = {key: p[key] for key in TwoLaneRNN._shapes if key != "weight_filter"}
        return TwoLaneRNN({"weight_filter": w, **lanes}, activation="identity")
    if isinstance(network, TwoLaneRNN):
        return TwoLaneRNN(p, activation="identity")
    return None


def _gate_suprema(network: LSTM, bound: float, h_bound: float) -> tuple[FloatArray, ...]:
    """Largest values of the gates i, f, o, a row a unit."""
    p = network.params
    gates = []
    for block in (0, 1, 3):
        w_x, w_h, b_x, b_h = (
            np.split(p[name], 4)[block] for name in ("weight_ih", "weight_hh", "bias_ih", "bias_hh")
        )
        rows = np.abs(w_h).sum(axis=1)
        from_h = np.where(rows > 0.0, rows * h_bound if h_bound < math.inf else math.inf, 0.0)
        gates.append(sigmoid(from_h + bound * np.abs(w_x).sum(axis=1) + b_x + b_h))
    return tuple(gates)


def _lstm(network: LSTM, bound: float, feedback: bool) -> ErgodicityReport:
    if network.activation not in _BOUNDED:
        return _unbounded_lstm(network, bound, feedback)
    p = network.params
    w_x, w_h = (np.abs(np.split(p[name], 4)[1]).sum(axis=1) for name in ("weight_ih", "weight_hh"))
    b = np.abs(np.split(p["bias_ih"] + p["bias_hh"], 4)[1])
    a_priori = float(sigmoid(np.array(w_h.max() + bound * w_x.max() + b.max())))
    by_rows = float(_gate_suprema(network, bound, 1.0)[1].max())
    conditions = (
        Condition(name="s(||W_fh|| + B ||W_fy|| + ||b_f||)", value=a_priori),
        Condition(name="largest forget gate, row by row", value=by_rows),
    )
    if not conditions[1].holds:
        reason = "The forget gate may reach 1 in double precision."
        return replace(
            _report("undecided", "Corollary 2", a_priori, *conditions), reasons=(reason,)
        )
    report = _report("geometrically ergodic", "Corollary 2", a_priori, *conditions)
    return replace(report, reasons=(f"Inputs bounded by {bound:g}.",))


def _unbounded_lstm(network: LSTM, bound: float, feedback: bool) -> ErgodicityReport:
    i, f, o = _gate_suprema(network, bound, math.inf)
    p, n = network.params, network.n_hidden
    w_gx, w_gh = (np.abs(np.split(p[name], 4)[2]) for name in ("weight_ih", "weight_hh"))
    from_h, from_y, from_c = i[:, np.newaxis] * w_gh, i[:, np.newaxis] * w_gx, np.diag(f)
    c_row = np.hstack([from_h, from_c])
    matrix = np.vstack([o[:, np.newaxis] * c_row, c_row])
    feedback = feedback and network.output_activation not in _BOUNDED
    if feedback:
        read = np.abs(p["weight_hz"]) if "weight_hz" in p else np.eye(n)
        column = np.vstack([o[:, np.newaxis] * from_y, from_y])
        lower = np.hstack([column, matrix])
        matrix = np.vstack([read @ lower[:n], lower])
    radius = spectral_radius(matrix)
    conditions = (
        Condition(name="spectral radius of N, moduli of the weights", value=radius),
        Condition(name="largest forget gate", value=float(f.max())),
    )
    proved = conditions[0].holds
    verdict = "geometrically ergodic" if proved else "undecided"
    return _report(verdict, "Theorem 1", radius, *conditions)


def _mlstm(network: MLSTM) -> ErgodicityReport:
    d = network.d.max() if network.fixed_d else 0.5
    total = 1.0 - float(np.prod(1.0 - d / np.arange(1.0, network.filter_length + 1.0)))
    condition = Condition(name=f"sum of |w_j({d:.3g})|, j = 1..K", value=total)
    reason = f"The filter is cut at K = {network.filter_length} lags: without the cut the sum is 1."
    report = _report("geometrically ergodic", "Theorem 1", total, condition)
    return replace(report, reasons=(reason,))


def _report(verdict: str, theorem: str, bound: float, *conditions: Condition) -> ErgodicityReport:
    return ErgodicityReport(verdict=verdict, theorem=theorem, bound=bound, conditions=conditions)


def _undecided(theorem: str, reason: str) -> ErgodicityReport:
    report = _report("undecided", theorem, math.nan)
    return replace(report, reasons=(reason,))

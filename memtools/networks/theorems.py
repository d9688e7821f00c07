"""What can be proved about the process of a network: theorems 1 and 2, corollaries 1 and 2."""

from __future__ import annotations

import math
from dataclasses import replace

from memtools import _validate
from memtools.exceptions import InvalidInputError
from memtools.networks.causal_convolution import forgotten
from memtools.networks.filter_cells import FilterCell
from memtools.networks.filter_theorems import beyond_theorem_1
from memtools.networks.network import Network
from memtools.networks.recurrent_cell import BOUNDED
from memtools.networks.stacks import Sequential
from memtools.networks.tangents import loop_matrix, spectral_radius
from memtools.results.networks import ErgodicityReport

_ROUNDING = 1e-7  # eigenvalues are exact to about that


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
    is below 1 and grows with d, so its value at the largest d decides; likewise in MGRU and
    MMinimalGRU, whose state takes the place of the cell.  A filter of the whole past sums to 1:
    undecided (a linear one may be an ARFIMA process, whose memory is long).  Convolutions and
    state spaces of a filtered input forget by themselves, and need a gain below 1 round the loop
    where their outputs are unbounded.  GRU with bounded sigma
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
    if not network.causal:
        reason = "A layer that runs backward sees the future: no process."
        return ErgodicityReport.of(False, "none", math.nan, {}, reason)
    if network.log_modes() is not None:
        return _cell(network, bound, feedback=False)
    if _uncut(network):
        return beyond_theorem_1()
    if network.is_linear:
        return _linear(network, feedback)
    if math.isfinite(network.last_lag) and not feedback:
        return forgotten(network.last_lag)
    if isinstance(network, Sequential):
        return _stack(network, bound)
    return _cell(network, bound, feedback)


def _uncut(network: Network) -> bool:
    """A filter has the whole past, of which the modes of a network are no more than an image."""
    filters = (cell for cell in network.cells() if isinstance(cell, FilterCell))
    return any(math.isinf(cell.filter_length) for cell in filters)


def _linear(network: Network, feedback: bool) -> ErgodicityReport:
    radius = spectral_radius(loop_matrix(network, feedback))
    values = {"spectral radius of W": radius}
    if abs(radius - 1.0) < _ROUNDING:
        reason = "The spectral radius is 1 to rounding: on the border nothing is decided."
        return ErgodicityReport.of(False, "Theorem 2", radius, values, reason)
    report = ErgodicityReport.of(radius < 1.0, "Theorem 2", radius, values)
    return report if radius < 1.0 else replace(report, verdict="not ergodic")


def _stack(network: Sequential, bound: float) -> ErgodicityReport:
    """Every layer for itself, its inputs bounded by what the layer before puts out."""
    values: dict[str, float] = {}
    reasons, proved = [], True
    for i, layer in enumerate(network.layers):
        if layer.initial_state(1):  # a layer without state has nothing to prove
            part = _cell(layer, bound, feedback=False)
            proved &= part.verdict == "geometrically ergodic" and layer.bounded
            values |= {f"layer {i}: {c.name}": c.value for c in part.conditions}
            reasons += [f"layer {i}: {reason}" for reason in part.reasons]
        bound = layer.output_bound(bound)
    contraction = max(values.values(), default=0.0) if proved else math.nan
    theorem = "Theorem 1, layer by layer"
    return ErgodicityReport.of(proved, theorem, contraction, values, *reasons)


def _cell(network: Network, bound: float, feedback: bool) -> ErgodicityReport:
    own = network.theorem(bound, feedback)
    if own is not None:
        return own
    twin = network.absolute_twin()
    if twin is None:
        reason = "No bound is known for this cell with unbounded units."
        return ErgodicityReport.of(False, "Theorem 1", math.nan, {}, reason)
    feedback = feedback and getattr(network, "output_activation", "") not in BOUNDED
    radius = spectral_radius(loop_matrix(twin, feedback))
    values = {"spectral radius of N, moduli of the weights": radius}
    told = [] if radius < 1.0 else ["The sufficient condition fails; that proves nothing."]
    return ErgodicityReport.of(radius < 1.0, "Theorem 1", radius, values, *told)

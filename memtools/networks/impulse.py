"""Weights A_k of y_t = sum_k A_k x_{t-k}: closed, along data, or by experiment on a callable."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from memtools import _validate
from memtools._validate import FloatArray, RandomState
from memtools.exceptions import InvalidInputError
from memtools.networks.callables import as_function
from memtools.networks.experiments import (
    perturbation_weights,
    regression_weights,
    require_steady,
    step_response,
)
from memtools.networks.network import Network, State
from memtools.networks.state_space import S4D
from memtools.networks.tangents import STEP, at_rest, push
from memtools.networks.tapes import flatten, leaves, unflatten
from memtools.results.networks import ImpulseWeights

_WORK = 8192  # numbers of state carried along at once: more anchors for smaller networks
_MOST_PUSHED = 12_500_000  # numbers of a state times lags, of one path, that are cheap
_METHODS = (None, "jacobian", "perturbation", "regression", "step")
_SETTLED = 500  # steps of zero input before the input steps up
_LEAST_COLUMNS, _MOST_COLUMNS = 32, 512  # anchors times inputs


def impulse_weights(
    network: Network | Callable[[FloatArray], ArrayLike],
    x: ArrayLike | None = None,
    n_lags: int = 200,
    n_input: int | None = None,
    method: str | None = None,
    rng: RandomState = 0,
) -> ImpulseWeights:
    """Weights of the inputs of k steps before in the outputs, k = 0..n_lags.

    Parameters
    ----------
    network : Network, callable or ONNX Runtime session
        A callable maps (n_steps, n_input) to (n_steps, n_output) and must be causal.  A session
        has one input, (time, input) or with a batch axis before or after the time, which is
        dynamic; its first output must have every step.
    x : array_like, shape (n_steps, n_input) or (n_steps,), optional
        Data to average over.  Without, a network is linearised where zero inputs let it settle,
        its gates frozen there; a callable gets white noise.
    n_lags : int
        Largest lag.
    n_input : int, optional
        Number of inputs of a callable where there is no `x`; by default that of a session, or 1.
    method : {None, "jacobian", "perturbation", "regression", "step"}
        None takes Jacobians of a network and perturbations of a callable.  "regression" regresses
        outputs on Gaussian white noise: by Stein's lemma E(y_t x_{t-k}) = E(dy_t / dx_{t-k}).
        "step" is the step response: what one more in an input from some step on adds to the
        outputs k steps later, from rest or along `x`.
    rng : int, SeedSequence, Generator or None
        Of the white noise.

    Returns
    -------
    ImpulseWeights
        `values` of shape (n_lags + 1, n_output, n_input); `stderr` over the points of the data
        where the derivatives were taken, zeros where nothing varies.

    Raises
    ------
    InvalidInputError
        Where `x` is too short or does not fit, or the network is not causal.

    Notes
    -----
    The Jacobians d y_{t+k} / d x_t are exact to rounding: complex steps through the network's
    own equations.  For a linear network and for constant gates these are the weights of
    definition 3, the same everywhere (theorems 3 and 4).

    The step response of a linear network at lag k is A_0 + ... + A_k; the modulus of its
    differences is the memory function of Li et al. and of Wang et al., who classify by it.

    References
    ----------
    Zhao, J. et al. (2020). Do RNN and LSTM have long memory? ICML, section 3.2.
    Squire, W. and Trapp, G. (1998). Using complex variables to estimate derivatives of real
    functions. SIAM Review 40, 110-112.
    Li, Z., Han, J., E, W. and Li, Q. (2021). On the curse of memory in recurrent neural networks:
    approximation and optimization analysis. ICLR, section 3.
    Wang, S., Li, Z. and Li, Q. (2024). Inverse approximation theory for nonlinear recurrent neural
    networks. ICLR, definition 3.1.

    Examples
    --------
    >>> import memtools as mt
    >>> params = {"weight_ih": [[1.0]], "weight_hh": [[0.5]], "bias_ih": [0.0], "bias_hh": [0.0]}
    >>> network = mt.networks.RNN(params, activation="identity")
    >>> mt.impulse_weights(network, n_lags=3).values.ravel()
    array([1.   , 0.5  , 0.25 , 0.125])
    """
    n_lags = _validate.as_integer(n_lags, "n_lags", 0)
    _validate.as_choice(method, "method", _METHODS)
    if isinstance(network, Network):
        _require_causal(network)
        values = None if x is None else as_inputs(x, network.n_input, n_lags)
        if method in (None, "jacobian"):
            return _jacobian_weights(network, values, n_lags)
        function, n_input = _outputs_of(network), network.n_input
    else:
        if method == "jacobian":
            raise InvalidInputError(
                "method", "'perturbation', 'regression' or 'step' for a callable", method
            )
        function, known = as_function(network)
        if known is not None and n_input not in (None, known):
            raise InvalidInputError("n_input", f"{known}, as the session has", str(n_input))
        n_input = known if n_input is None else n_input
        values = None if x is None else as_inputs(x, n_input, n_lags)
        n_input = values.shape[1] if values is not None else (n_input or 1)
    generator = _validate.as_rng(rng)
    require_steady(function, n_input)
    if method == "regression":
        if values is not None:
            raise InvalidInputError("x", "None (regression makes its own white noise)", "data")
        return regression_weights(function, n_input, n_lags, generator)
    if method == "step":
        if values is None:
            values = np.zeros((_SETTLED + n_lags + 1, n_input))
        return step_response(function, values, n_lags)
    if values is None:
        values = generator.standard_normal((4 * n_lags + 64, n_input))
    return perturbation_weights(function, values, n_lags)


def weights_of_some(
    network: Network, x: FloatArray | None, n_lags: int
) -> tuple[ImpulseWeights, int]:
    """As `impulse_weights`, of as many of the first inputs as are cheap, and how many those are.

    A wide layer of today has a million pairs, and a state of as many numbers.
    """
    n_state = max(flatten(network.initial_state(1)).shape[1], 1)
    n_inputs = min(max(_MOST_PUSHED // (n_state * (n_lags + 1)), 1), network.n_input)
    return _jacobian_weights(network, x, n_lags, n_inputs), n_inputs


def as_inputs(x: ArrayLike, n_input: int | None, n_lags: int) -> FloatArray:
    """Inputs as (n_steps, n_input), longer than the lags."""
    values = _validate.as_array(x)
    if values.ndim == 1:
        values = values[:, np.newaxis]
    wanted = "n_input" if n_input is None else n_input
    if values.ndim != 2 or (n_input is not None and values.shape[1] != n_input):
        raise InvalidInputError("x", f"of shape (n_steps, {wanted})", f"shape {np.shape(x)}")
    if len(values) <= n_lags:
        raise InvalidInputError("x", f"longer than n_lags = {n_lags} steps", f"{len(values)}")
    return values


def _require_causal(network: Network) -> None:
    if not network.causal:
        raise InvalidInputError("network", "causal (no layer that runs backward)", repr(network))


# -- Jacobians -----------------------------------------------------------------------------------


def _jacobian_weights(
    network: Network, x: FloatArray | None, n_lags: int, n_inputs: int | None = None
) -> ImpulseWeights:
    """Of the first `n_inputs` inputs, None for all."""
    n_inputs = network.n_input if n_inputs is None else n_inputs
    if network.is_linear:
        known = network.kernel(n_lags)
        if known is None:
            known = _pushed(network, np.zeros((n_lags + 1, 1, network.n_input)), None, n_inputs)[0]
        values = known[..., :n_inputs]
        return ImpulseWeights(values=values, stderr=np.zeros_like(values), method="closed form")
    if x is None and not network.speaks_at_rest:
        noise = np.random.default_rng(0).standard_normal((4 * n_lags + 64, network.n_input))
        found = _jacobian_weights(network, noise, n_lags, n_inputs)
        return replace(found, method=found.method.replace("the data", "standard normal inputs"))
    if x is None:
        state = at_rest(network)
        values = _pushed(network, np.zeros((n_lags + 1, 1, network.n_input)), state, n_inputs)[0]
        method = "Jacobian at rest"
        return ImpulseWeights(values=values, stderr=np.zeros_like(values), method=method)
    room = len(x) - n_lags
    n_state = max(flatten(network.initial_state(1)).shape[1], 1)
    n_columns = min(max(_WORK // n_state, _LEAST_COLUMNS), _MOST_COLUMNS)
    n_anchors = min(max(n_columns // n_inputs, 8), room)
    # the later part of the data: the zero state is forgotten there if anywhere
    anchors = np.linspace(min(n_lags, room - n_anchors), room - 1, n_anchors).astype(int)
    windows = np.stack([x[t : t + n_lags + 1] for t in anchors], axis=1)
    each = _pushed(network, windows, _states_before(network, x, anchors), n_inputs)
    return ImpulseWeights(
        values=each.mean(axis=0),
        stderr=each.std(axis=0, ddof=1) / math.sqrt(n_anchors)
        if n_anchors > 1
        else np.zeros_like(each[0]),
        method=f"mean of {n_anchors} Jacobians along the data",
    )


def _states_before(network: Network, x: FloatArray, anchors: Any) -> State:
    """States before each anchor as one batch."""
    like, state, flats, t = network.initial_state(1), None, [], 0
    state = like
    for anchor in anchors:
        if anchor > t:
            state = network.forward(x[t:anchor, np.newaxis], state)[1]
            t = anchor
        flats.append(flatten(state))
    return unflatten(np.concatenate(flats), like)


def _pushed(network: Network, windows: FloatArray, state: State | None, n_input: int) -> FloatArray:
    """d y_{t+k} / d x_t by (anchor, k, output, input), windows (n_lags + 1, n_anchors, inputs)."""
    n_steps, n_anchors, _ = windows.shape
    like = network.initial_state(1)
    start = flatten(network.initial_state(n_anchors) if state is None else state)
    start = np.broadcast_to(start, (n_anchors, flatten(like).shape[1]))
    # column (anchor, input): the same path, another direction at the first step
    current = unflatten(np.repeat(start, n_input, axis=0), like)
    tangent = unflatten(np.zeros((n_anchors * n_input, start.shape[1])), like)
    seeds = np.tile(np.eye(n_input, network.n_input), (n_anchors, 1))
    out = np.empty((n_steps, n_anchors * n_input, network.n_output))
    for k in range(n_steps):
        x, dx = np.repeat(windows[k], n_input, axis=0), seeds if k == 0 else 0.0 * seeds
        out[k], current, tangent = push(network, x, dx, current, tangent)
    shaped = out.reshape(n_steps, n_anchors, n_input, network.n_output)
    return shaped.transpose(1, 0, 3, 2)


def lyapunov_exponent(
    network: Network, x: ArrayLike, n_exponents: int = 1
) -> tuple[FloatArray, FloatArray]:
    """Largest Lyapunov exponents of the state along data, by the QR method.

    Numerical evidence, no proof: below 0 the network forgets its state along these data.

    Parameters
    ----------
    network : Network
    x : array_like, shape (n_steps, n_input) or (n_steps,)
        At least 20 steps.
    n_exponents : int

    Returns
    -------
    exponents, stderr : ndarray, shape (n_exponents,)
        Per step, in decreasing order, with standard errors by ten batch means.

    Raises
    ------
    InvalidInputError
        Where the network is not causal or has no state, or `x` does not fit it.

    References
    ----------
    Benettin, G., Galgani, L., Giorgilli, A. and Strelcyn, J.-M. (1980). Lyapunov characteristic
    exponents for smooth dynamical systems. Meccanica 15, 9-20.

    Examples
    --------
    >>> import numpy as np
    >>> from memtools import networks
    >>> network = networks.LSTM.initialise(1, 4, 1, rng=0)
    >>> exponents, stderr = networks.lyapunov_exponent(network, np.sin(np.arange(200.0)))
    >>> bool(exponents[0] < 0.0)
    True
    """
    _require_causal(network)
    values = as_inputs(x, network.n_input, 19)
    like = network.initial_state(1)
    size = flatten(like).shape[1]
    q = _validate.as_integer(n_exponents, "n_exponents", 1, max(size, 1))
    if not leaves(like):
        raise InvalidInputError("network", "a network with a state", repr(network))
    directions = np.linalg.qr(np.random.default_rng(0).standard_normal((size, q)))[0]
    flat, growth = flatten(like)[0], np.empty((len(values), q))
    for t, now in enumerate(values):
        state = unflatten(flat + 1j * STEP * directions.T, like)
        after = flatten(network.step(np.repeat(now[np.newaxis], q, axis=0), state)[1])
        flat = after[0].real
        directions, triangle = np.linalg.qr(after.imag.T / STEP)
        with np.errstate(divide="ignore"):
            growth[t] = np.log(np.maximum(np.abs(np.diag(triangle)), 1e-300))
    kept = growth[len(growth) // 10 :]
    means = np.array([part.mean(axis=0) for part in np.array_split(kept, 10)])
    return kept.mean(axis=0), means.std(axis=0, ddof=1) / math.sqrt(10.0)


def _outputs_of(network: Network) -> Callable[[FloatArray], FloatArray]:
    return lambda x: network.forward(x)[0]


def s4d_kernel(
    log_dt: ArrayLike,
    log_a_real: ArrayLike,
    a_imag: ArrayLike,
    c: ArrayLike,
    n_lags: int,
) -> FloatArray:
    """Impulse weights of a diagonal state-space layer (S4D) from its parameters.

    Parameters
    ----------
    log_dt : array_like, shape (H,)
        Logarithm of the step of each channel.
    log_a_real, a_imag : array_like, shape (H, N)
        A = -exp(log_a_real) + i a_imag, one of each pair of conjugates.
    c : array_like, shape (H, N) complex, or (H, N, 2) real and imaginary
        Output weights.
    n_lags : int
        Largest lag.

    Returns
    -------
    ndarray, shape (n_lags + 1, H)
        K_k = 2 Re sum_n C_n (exp(A_n dt) - 1) / A_n exp(k A_n dt): zero-order hold, without D.

    Raises
    ------
    InvalidInputError
        Where the shapes do not fit each other.

    References
    ----------
    Gu, A., Gupta, A., Goel, K. and Re, C. (2022). On the parameterization and initialization of
    diagonal state space models. NeurIPS, equation (6) and section 4.

    Examples
    --------
    >>> from memtools import networks
    >>> networks.s4d_kernel([0.0], [[0.0]], [[0.0]], [[[0.5, 0.0]]], 2).round(3).ravel()
    array([0.632, 0.233, 0.086])
    """
    weights = np.asarray(c)
    if np.iscomplexobj(weights):
        weights = np.stack([weights.real, weights.imag], axis=-1)
    own = {"log_dt": log_dt, "log_A_real": log_a_real, "A_imag": a_imag, "C": weights}
    tensors = {f"kernel.{name}": value for name, value in own.items()}
    layer = S4D({"D": np.zeros(np.shape(log_dt)), **tensors})
    return layer.own_kernels(_validate.as_integer(n_lags, "n_lags", 0))

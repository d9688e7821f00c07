"""diagnose(): the door, and what the network does with noise and data."""

from __future__ import annotations

import math
import os
import warnings
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from memtools import _validate
from memtools._validate import FloatArray
from memtools.diagnosis.advice import advice_for, in_command_words
from memtools.diagnosis.entries import laws_of_entries
from memtools.diagnosis.structure import Structure, filtered_entries, read_structure
from memtools.diagnosis.verdict import Answer, answer, memory_words, theorem_words
from memtools.estimators.whittle import local_whittle
from memtools.exceptions import ConvergenceWarning, InvalidInputError
from memtools.networks.callables import BlackBox, as_function
from memtools.networks.files import load
from memtools.networks.forgetting import time_constants
from memtools.networks.impulse import impulse_weights, weights_of_some
from memtools.networks.network import Network
from memtools.networks.process import simulate_network
from memtools.networks.tangents import gate_values, recurrent_eigenvalues
from memtools.networks.theorems import ergodicity
from memtools.results import (
    ErgodicityReport,
    ImpulseWeights,
    MemoryEstimate,
    NetworkReport,
    TimeConstants,
)
from memtools.worlds import weigh

__all__ = ["diagnose", "in_command_words"]

_LAGS, _MORE_LAGS = 200, (800, 2000)  # by default, and where these do not settle it
_MOST_WORK = 400_000  # lags times numbers of state beyond which no more lags are taken
_WHITE_STEPS = 4096
_PROCESS_STEPS = 4096
_MIN_RESIDUALS = 128


def diagnose(
    network: Any,
    x: ArrayLike | None = None,
    y: ArrayLike | None = None,
    n_lags: int | None = None,
    input_bound: float | None = None,
    **load_options: Any,
) -> NetworkReport:
    """Everything about the memory of a network, and a verdict.

    Parameters
    ----------
    network : Network, path-like, torch module, Keras model or callable
        A network, or what `networks.load` makes one of; a callable maps (n_steps, n_input) to
        (n_steps, n_output).
    x : array_like, shape (n_steps, n_input) or (n_steps,), optional
        Data in the units the network was trained on; of the series itself where the network knows
        its `scale`, as files of `memtools train` do.  Where it has as many outputs as inputs,
        outputs are taken as forecasts of the next input.
    y : array_like, shape (n_steps, n_output) or (n_steps,), optional
        What the outputs at the steps of `x` should be, where they are no forecasts of `x`.
    n_lags : int, optional
        Largest lag of the impulse weights, at least 16.  None takes 200, twice the filter's
        length if that is more, and up to 2,000 where fewer do not settle the law.
    input_bound : float, optional
        Largest modulus of the inputs that theorems may assume; by default that of `x`, or 1.
    **load_options
        Of `networks.load`, where `network` is to be loaded.

    Returns
    -------
    NetworkReport
        `verdict` by definition 3: "long memory" where the impulse weights decay polynomially
        (a filter cut at K lags does so up to K), "short memory" where they decay exponentially
        or end, "persistent" and "growing" where they do not decay, or "undecided".

    Raises
    ------
    InvalidInputError
        Where `x` or `y` does not fit the network.

    Notes
    -----
    What the network itself holds leads: the learnt d of a filter (theorems 3 and 4), a running
    mean, the largest modulus of its eigenvalues or, with data, its Lyapunov exponent; a modulus
    within 1e-7 of 1 counts as 1.  The laws fitted to every entry of the weights confirm it, and
    decide alone for a callable.  Whether a filter carries the later weights is told by the same
    network with its filter cut at a quarter of the lags.

    A running mean (RWA): h_t = sigma(n_t / d_t), n and d sums over all steps so far.  A change of
    one input changes n once and stays, d_t grows like t, so its weight at step t is about 1/t
    for every lag k.  With c the mean of the response of the new terms to h, changes s of n / d
    obey s_t = (1 - (1 - c) / t) s_{t-1}: they fade in t like t^-(1-c), and in k not at all.

    The two questions of Greaves-Tunnell and Harchaoui: is the output's memory zero when white
    noise goes in, and, with data, does the residual keep memory.  Both by the local Whittle
    estimator, whose variance is 1 / (4 m) in large samples.  The white noise is standard normal,
    or has the mean and standard deviation of `x`; its seed is fixed, so the report is
    reproducible.

    References
    ----------
    Greaves-Tunnell, A. and Harchaoui, Z. (2019). A statistical investigation of long memory in
    language and music. ICML.
    Zhao, J. et al. (2020). Do RNN and LSTM have long memory? ICML.

    Examples
    --------
    >>> import memtools as mt
    >>> network = mt.networks.LSTM.initialise(1, 1, 1, rng=0)
    >>> mt.diagnose(network).verdict
    'short memory'
    """
    if n_lags is not None:
        n_lags = _validate.as_integer(n_lags, "n_lags", 16)
    if not isinstance(network, Network) and not _is_function(network):
        network = load(network, **load_options)
    elif load_options:
        raise InvalidInputError("network", "a path or a model for options of load", "a network")
    if not isinstance(network, Network):
        return _of_function(network, x, n_lags)
    network = network.forward_part()
    lags = n_lags or _default_lags(network, x)
    data = None if x is None else _scaled(_as_data(x, network.n_input, lags), network)
    wanted = None if y is None else _scaled(_as_outputs(y, data, network.n_output), network)
    with np.errstate(over="ignore", invalid="ignore"):
        return _report(network, data, wanted, lags, n_lags is None, input_bound)


def _is_function(network: Any) -> bool:
    """A callable or an inference session that is no model to load."""
    if hasattr(network, "get_inputs") and hasattr(network, "run"):
        return True
    model = hasattr(network, "state_dict") or hasattr(network, "get_config")
    return callable(network) and not model and not isinstance(network, str | os.PathLike)


def _default_lags(network: Network, x: ArrayLike | None) -> int:
    """200, or twice a longer filter; less where the data are shorter."""
    lengths = [float(getattr(cell, "filter_length", 0)) for cell in network.cells()]
    longest = max((n for n in (*lengths, network.last_lag) if math.isfinite(n)), default=0.0)
    lags = max(_LAGS, min(2 * int(longest), _MORE_LAGS[-1]))
    return lags if x is None else max(min(lags, len(np.asarray(x)) // 2), 16)


def _report(
    network: Network,
    data: FloatArray | None,
    wanted: FloatArray | None,
    lags: int,
    may_grow: bool,
    input_bound: float | None,
) -> NetworkReport:
    bound = float(np.abs(data).max()) if data is not None and input_bound is None else input_bound
    theorem = ergodicity(network, bound)
    eigenvalues, spectrum_of = recurrent_eigenvalues(network, data)
    structure = read_structure(network, data, eigenvalues)
    found, impulse = _settled(network, data, structure, lags, may_grow)
    output_memory, output_words = _white_noise_memory(
        _outputs(network), network.n_input, data, found.verdict
    )
    residual = None if data is None else _residual_memory(network, data, wanted)
    gates = gate_values(
        network, _white_noise(network.n_input, data)[500:] if data is None else data
    )
    process, process_reason = _process_memory(network, data, found.verdict)
    theory = theorem_words(theorem, found.decay, _whose(network))
    seen = _seen_words(gates, data, output_words, residual)
    lyapunov = None
    if data is not None and math.isfinite(structure.exponent) and not structure.linear:
        lyapunov = (structure.exponent, structure.stderr)
    reasons = (*found.reasons, *theory, *seen, *([process_reason] if process_reason else []))
    return NetworkReport(
        verdict=found.verdict,
        network=repr(network),
        theorem=theorem,
        decay=found.decay,
        impulse=impulse,
        output_memory=output_memory,
        output_test=None if output_memory is None else output_memory.test(0.0),
        residual_memory=residual,
        lyapunov=lyapunov,
        process_memory=process,
        entry=found.entry,
        reasons=reasons,
        advice=advice_for(network, structure, found.decay, residual, data is not None, impulse),
        eigenvalues=eigenvalues,
        spectrum_of=spectrum_of,
        gates=gates,
        notes=network.notes,
        time_constants=_constants(network),
    )


def _whose(network: Network) -> str:
    """What a theorem speaks of."""
    if not network.own_process:
        return "a layer between others has no process of its own; its state is"
    if network.n_input != network.n_output:
        sizes = f"{network.n_input} inputs, {network.n_output} outputs"
        return f"there is no process of its own ({sizes}); its state is"
    return "the network's own process is"


def _constants(network: Network) -> TimeConstants | None:
    """Time constants of the units, where gates or decays tell them."""
    try:
        return time_constants(network)
    except InvalidInputError:
        return None


def _settled(
    network: Network, data: FloatArray | None, structure: Structure, lags: int, may_grow: bool
) -> tuple[Answer, ImpulseWeights]:
    """The answer at these lags, or at more where they do not settle it and are cheap."""
    size = max(sum(value.size for value in network.params.values()), 1)
    for n in (lags, *(_MORE_LAGS if may_grow else ())):
        if n > lags and (n * size > _MOST_WORK or (data is not None and len(data) <= 2 * n)):
            break
        impulse, n_inputs = weights_of_some(network, data, n)
        filtered = None
        if structure.filters:
            filtered = filtered_entries(network, structure, impulse, data)
        found = answer(structure, laws_of_entries(impulse), impulse, filtered)
        if found.decay.verdict != "undecided" or not impulse.values.any():
            break
    if n_inputs < network.n_input:
        some = f"Of {network.n_input} inputs the first {n_inputs} were followed: all go through"
        found = replace(found, reasons=(*found.reasons, f"{some} the same recurrence."))
    return found, impulse


def _of_function(function: Any, x: ArrayLike | None, n_lags: int | None) -> NetworkReport:
    """What can be seen from outside: the weights by experiment, and the output for white noise."""
    call, n_input = as_function(function)
    lags = n_lags or (_LAGS if x is None else max(min(_LAGS, len(np.asarray(x)) // 2), 16))
    data = None if x is None else _as_data(x, n_input, lags)
    n_input = data.shape[1] if data is not None else (n_input or 1)
    impulse = impulse_weights(function, data, lags, n_input=None if data is not None else n_input)
    found = answer(None, laws_of_entries(impulse), impulse, None)
    output_memory, output_words = None, ""
    # thousands of beginnings, each run anew, are too many
    if not (isinstance(call, BlackBox) and call.by_beginnings):
        output_memory, output_words = _white_noise_memory(call, n_input, data, found.verdict)
    none = "A callable: nothing is known of its equations."
    theorem = ErgodicityReport(
        verdict="undecided", theorem="none", bound=math.nan, conditions=(), reasons=(none,)
    )
    return NetworkReport(
        verdict=found.verdict,
        network=getattr(function, "__name__", type(function).__name__),
        theorem=theorem,
        decay=found.decay,
        impulse=impulse,
        output_memory=output_memory,
        output_test=None if output_memory is None else output_memory.test(0.0),
        residual_memory=None,
        lyapunov=None,
        reasons=(*found.reasons, none, *_seen_words({}, data, output_words, None)),
        advice=advice_for(None, None, found.decay, None, data is not None, impulse),
        notes=tuple(getattr(function, "notes", ())),
    )


# -- what it does ---------------------------------------------------------------------------------


def _as_data(x: ArrayLike, n_input: int | None, n_lags: int) -> FloatArray:
    values = _validate.as_array(x)
    values = values[:, np.newaxis] if values.ndim == 1 else values
    if values.ndim != 2 or (n_input is not None and values.shape[1] != n_input):
        wanted = "n_input" if n_input is None else n_input
        raise InvalidInputError("x", f"of shape (n_steps, {wanted})", f"shape {np.shape(x)}")
    if len(values) <= n_lags:
        raise InvalidInputError("x", f"longer than n_lags = {n_lags} steps", f"{len(values)}")
    return values


def _scaled(values: FloatArray, network: Network) -> FloatArray:
    """In the units that the network takes."""
    low, high = network.scale or (0.0, 1.0)
    return (values - low) / (high - low)


def _as_outputs(y: ArrayLike, data: FloatArray | None, n_output: int) -> FloatArray:
    if data is None:
        raise InvalidInputError("y", "None without x", "values")
    values = _validate.as_array(y, "y")
    values = values[:, np.newaxis] if values.ndim == 1 else values
    if values.shape != (len(data), n_output):
        raise InvalidInputError("y", f"of shape ({len(data)}, {n_output})", f"{np.shape(y)}")
    return values


def _outputs(network: Network) -> Callable[[FloatArray], FloatArray]:
    return lambda x: network.forward(x)[0]


def _process_memory(
    network: Network, data: FloatArray | None, verdict: str
) -> tuple[MemoryEstimate | None, str]:
    """Memory of y_t = z(y_{t-1}, s_{t-1}) + eps_t, its first series, and a word on it.

    The noise is standard normal, or as large as the errors of the network on the data.
    """
    if not network.own_process or network.n_input != network.n_output:
        return None, ""
    scale = 1.0 if data is None else float((data[1:] - network.forward(data[:-1])[0]).std())
    if scale == 0.0:
        return None, "The network's errors on the data are zero: its own process has no noise."
    try:
        y = simulate_network(network, _PROCESS_STEPS, scale, rng=0)
    except InvalidInputError:
        return None, "The network's own process explodes: it is not stationary."
    return _memory_of("The network's own process, simulated,", y.reshape(len(y), -1)[:, 0], verdict)


def _memory_of(what: str, values: FloatArray, verdict: str) -> tuple[MemoryEstimate, str]:
    """Local Whittle, and a word on it beside the rival explanations of `estimate`."""
    with warnings.catch_warnings():  # the result says so itself
        warnings.simplefilter("ignore", ConvergenceWarning)
        estimate = local_whittle(values)
    return estimate, memory_words(what, estimate, weigh(values), verdict)


def _white_noise_memory(
    function: Callable[[FloatArray], FloatArray],
    n_input: int,
    data: FloatArray | None,
    verdict: str,
) -> tuple[MemoryEstimate | None, str]:
    """Memory of the first output for white noise in; None where the output does not vary."""
    y = np.ascontiguousarray(function(_white_noise(n_input, data))[500:, 0], dtype=float)
    if not np.isfinite(y).all() or not y.max() > y.min():
        return None, ""
    return _memory_of("White noise in: the output", y, verdict)


def _white_noise(n_input: int, data: FloatArray | None) -> FloatArray:
    noise = np.random.default_rng(0).standard_normal((_WHITE_STEPS + 500, n_input))
    return noise if data is None else data.mean(axis=0) + data.std(axis=0) * noise


def _residual_memory(
    network: Network, data: FloatArray, wanted: FloatArray | None
) -> MemoryEstimate | None:
    """Memory of y - z, y the next input or what was given, on the first series."""
    if wanted is None:
        if not network.own_process or network.n_input != network.n_output:
            return None
        data, wanted = data[:-1], data[1:]
    residual = wanted[:, 0] - network.forward(data)[0][:, 0]
    residual = residual[len(residual) // 20 :]  # the start from the zero state
    if len(residual) < _MIN_RESIDUALS or not residual.max() > residual.min():
        return None
    return local_whittle(residual)


def _seen_words(
    gates: Mapping[str, FloatArray],
    data: FloatArray | None,
    output: str,
    residual: MemoryEstimate | None,
) -> list[str]:
    words = []
    forget = [values.max() for name, values in gates.items() if name.endswith("forget gate")]
    if forget and data is not None:
        words.append(f"The largest forget gate on the data is {max(forget):.4f}.")
    if output:
        words.append(output)
    if residual is not None:
        p = residual.test(0.0).pvalue
        sign = "memory" if residual.d > 0.0 else "antipersistence"
        sign = f"no sign of {sign}" if p > 0.05 else sign
        words.append(f"The residual has d = {residual.d:.3f} (p = {p:.2g}): {sign}.")
    return words

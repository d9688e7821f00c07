"""diagnose(): does this network have long memory?  Theorem, impulse weights, what it does."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping

import numpy as np
from numpy.typing import ArrayLike

from memtools import _validate
from memtools._validate import FloatArray
from memtools.decay import classify_decay
from memtools.estimators.whittle import local_whittle
from memtools.exceptions import InvalidInputError
from memtools.networks.gates import gate_values
from memtools.networks.impulse import impulse_weights, lyapunov_exponent
from memtools.networks.network import Network
from memtools.networks.process import simulate_network
from memtools.networks.recurrence import recurrent_eigenvalues
from memtools.networks.theorems import ergodicity
from memtools.results import (
    DecayReport,
    ErgodicityReport,
    ImpulseWeights,
    MemoryEstimate,
    NetworkReport,
)

_WHITE_STEPS = 4096
_PROCESS_STEPS = 4096
_MOST_ENTRIES = 4  # entries of the impulse weights whose decay is classified
_MIN_RESIDUALS = 128


def diagnose(network: Network, x: ArrayLike | None = None, n_lags: int = 200) -> NetworkReport:
    """Everything about the memory of a network, and a verdict.

    Parameters
    ----------
    network : Network
        As `networks.load` reads it.
    x : array_like, shape (n_steps, n_input) or (n_steps,), optional
        Data in the units the network was trained on.  Where it has as many outputs as inputs,
        outputs are taken as forecasts of the next input.
    n_lags : int
        Largest lag of the impulse weights, at least 16.

    Returns
    -------
    NetworkReport
        `verdict` "long memory" where the impulse weights decay polynomially (definition 3; a
        filter cut at K lags does so up to K), "short memory" where they decay exponentially.

    Raises
    ------
    InvalidInputError
        Where `x` does not fit the network.

    Notes
    -----
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
    if not isinstance(network, Network):
        raise InvalidInputError("network", "a network", type(network).__name__)
    n_lags = _validate.as_integer(n_lags, "n_lags", 16)
    data = None if x is None else _as_data(x, network, n_lags)
    theorem = ergodicity(network)
    impulse = impulse_weights(network, data, n_lags)
    entry, decay, entry_reason = _decay_of_entries(impulse)
    output_memory = _white_noise_memory(network, data)
    residual = None if data is None else _residual_memory(network, data)
    exponent = None
    if data is not None:
        values, stderr = lyapunov_exponent(network, data[-1000:])
        exponent = (float(values[0]), float(stderr[0]))
    eigenvalues, spectrum_of = recurrent_eigenvalues(network, data)
    gates = gate_values(network, _white_noise(network, data)[500:] if data is None else data)
    process, process_reason = _process_memory(network, data)
    verdict = {"polynomial": "long memory", "exponential": "short memory"}.get(
        decay.verdict, "undecided"
    )
    if not impulse.values.any() and impulse.method != "closed form":
        verdict = "undecided"  # zero slopes here say nothing about other inputs
    extra = tuple(reason for reason in (entry_reason, process_reason) if reason)
    return NetworkReport(
        verdict=verdict,
        network=repr(network),
        theorem=theorem,
        decay=decay,
        impulse=impulse,
        output_memory=output_memory,
        output_test=None if output_memory is None else output_memory.test(0.0),
        residual_memory=residual,
        lyapunov=exponent,
        process_memory=process,
        entry=entry,
        reasons=_reasons(gates, data, theorem, decay, output_memory, residual) + extra,
        advice=_advice(network, decay, residual, data),
        eigenvalues=eigenvalues,
        spectrum_of=spectrum_of,
        gates=gates,
    )


def _as_data(x: ArrayLike, network: Network, n_lags: int) -> FloatArray:
    values = _validate.as_array(x)
    values = values[:, np.newaxis] if values.ndim == 1 else values
    if values.ndim != 2 or values.shape[1] != network.n_input:
        allowed = f"of shape (n_steps, {network.n_input})"
        raise InvalidInputError("x", allowed, f"shape {np.shape(x)}")
    if len(values) <= n_lags:
        raise InvalidInputError("x", f"longer than n_lags = {n_lags} steps", f"{len(values)}")
    return values


def _decay_of_entries(impulse: ImpulseWeights) -> tuple[tuple[int, int], DecayReport, str]:
    """The entry that decides, its decay, and what the other entries say.

    Definition 3 asks for one entry that decays polynomially; where none does, the slowest one
    tells the memory.
    """
    sizes = np.abs(impulse.values)
    shape, alive = sizes.shape[1:], np.flatnonzero(sizes.any(axis=0).ravel())
    if not len(alive):
        decay = classify_decay(impulse.values[:, 0, 0])
        return (0, 0), decay, "All impulse weights are zero: the outputs ignore the inputs here."
    late = sizes[impulse.n_lags // 2 :].sum(axis=0).ravel()
    if not late.any():
        late = sizes.sum(axis=0).ravel()
    chosen = sorted(alive, key=lambda i: -late[i])[:_MOST_ENTRIES]
    # one path of Jacobians is smooth: their spread over paths is no noise from lag to lag
    flat = impulse.values.reshape(len(impulse.values), -1)
    found = {int(i): classify_decay(flat[:, i]) for i in chosen}
    order = {"polynomial": 0, "undecided": 1, "exponential": 2}

    def slowness(i: int) -> tuple[int, float]:
        rate = found[i].rate
        return order[found[i].verdict], rate if math.isfinite(rate) else math.inf

    best = min(found, key=slowness)
    output, column = np.unravel_index(best, shape)
    reason = ""
    if flat.shape[1] > 1:
        verdicts = Counter(decay.verdict for decay in found.values())
        counts = ", ".join(f"{count} {verdict}" for verdict, count in verdicts.items())
        kind = "disagree" if len(verdicts) > 1 else "agree"
        reason = f"The {len(found)} strongest of {flat.shape[1]} entries {kind} ({counts}); "
        reason += f"shown is output {output}, input {column}."
    return (int(output), int(column)), found[best], reason


def _process_memory(network: Network, data: FloatArray | None) -> tuple[MemoryEstimate | None, str]:
    """Memory of y_t = z(y_{t-1}, s_{t-1}) + eps_t, its first series, and a word on it.

    The noise is standard normal, or as large as the errors of the network on the data.
    """
    if network.n_input != network.n_output:
        return None, ""
    scale = 1.0 if data is None else float((data[1:] - network.forward(data[:-1])[0]).std())
    if scale == 0.0:
        return None, "The network's errors on the data are zero: its own process has no noise."
    try:
        y = simulate_network(network, _PROCESS_STEPS, scale, rng=0)
    except InvalidInputError:
        return None, "The network's own process explodes: it is not stationary."
    estimate = local_whittle(y if y.ndim == 1 else y[:, 0])
    low, high = estimate.confidence_interval()
    sign = "no sign of memory" if low <= 0.0 <= high else "memory"
    text = f"The network's own process, simulated, has d = {estimate.d:.3f}"
    return estimate, f"{text}, 95% interval [{low:.3f}, {high:.3f}]: {sign}."


def _white_noise_memory(network: Network, data: FloatArray | None) -> MemoryEstimate | None:
    """Memory of the first output for white noise in; None where the output does not vary."""
    noise = _white_noise(network, data)
    y = network.forward(noise)[0][500:, 0]
    return local_whittle(y) if y.max() > y.min() and np.isfinite(y).all() else None


def _white_noise(network: Network, data: FloatArray | None) -> FloatArray:
    noise = np.random.default_rng(0).standard_normal((_WHITE_STEPS + 500, network.n_input))
    return noise if data is None else data.mean(axis=0) + data.std(axis=0) * noise


def _residual_memory(network: Network, data: FloatArray) -> MemoryEstimate | None:
    """Memory of y - z, y the next input, on the first series."""
    if network.n_input != network.n_output or len(data) <= _MIN_RESIDUALS:
        return None
    residual = data[1:, 0] - network.forward(data[:-1])[0][:, 0]
    residual = residual[len(residual) // 20 :]  # the start from the zero state
    return local_whittle(residual) if residual.max() > residual.min() else None


def _reasons(
    gates: Mapping[str, FloatArray],
    data: FloatArray | None,
    theorem: ErgodicityReport,
    decay: DecayReport,
    output: MemoryEstimate | None,
    residual: MemoryEstimate | None,
) -> tuple[str, ...]:
    reasons = [f"Impulse weights: {decay.evidence[0]}"]
    if theorem.verdict == "undecided":
        reasons.append(f"{theorem.theorem} decides nothing here.")
    else:
        reasons.append(f"{theorem.theorem}: the network's own process is {theorem.verdict}.")
    if decay.verdict == "polynomial" and theorem.verdict == "geometrically ergodic":
        reasons.append(
            "Both hold: the power law lasts as long as the filter, the theorem rules beyond."
        )
    forget = [values.max() for name, values in gates.items() if name.endswith("forget gate")]
    if forget and data is not None:
        reasons.append(f"The largest forget gate on the data is {max(forget):.4f}.")
    for estimate, what in [(output, "White noise in: the output"), (residual, "The residual")]:
        if estimate is not None:
            p = estimate.test(0.0).pvalue
            sign = "memory" if estimate.d > 0.0 else "antipersistence"
            sign = f"no sign of {sign}" if p > 0.05 else sign
            reasons.append(f"{what} has d = {estimate.d:.3f} (p = {p:.2g}): {sign}.")
    return tuple(reasons)


def _advice(
    network: Network,
    decay: DecayReport,
    residual: MemoryEstimate | None,
    data: FloatArray | None,
) -> tuple[str, ...]:
    advice = []
    left = residual is not None and residual.test(0.0, "greater").pvalue < 0.05
    if left and not network.has_filter:
        advice.append("Memory is left in the residuals: try MRNN or MLSTM, or difference first.")
    elif left:
        advice.append("Memory is left in the residuals: try a longer filter or more hidden units.")
    elif residual is not None and residual.test(0.0, "less").pvalue < 0.025:
        advice.append("The residuals are antipersistent: the network's forecasts overreact.")
    elif residual is not None:
        advice.append("No long memory is left in the residuals: the network suffices for it.")
    if decay.crossover_lag is not None:
        advice.append(f"Beyond lag {decay.crossover_lag} the memory ends: raise K if longer.")
    if decay.verdict == "exponential" and math.isfinite(decay.rate) and decay.rate > 0.0:
        reach = math.log(100.0) / decay.rate
        advice.append(f"Inputs fade to a hundredth after about {reach:.3g} steps.")
    if decay.verdict == "undecided":
        advice.append("Raise n_lags, or give data, to decide.")
    if data is None:
        advice.append("Give data to see the weights in use and the memory of the residuals.")
    return tuple(advice)

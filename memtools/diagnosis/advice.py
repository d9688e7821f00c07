"""What to do next, in the words of the door that was used."""

from __future__ import annotations

import math
import re
from dataclasses import replace

from memtools.diagnosis.structure import Structure
from memtools.networks.network import Network
from memtools.results import DecayReport, ImpulseWeights, MemoryEstimate, NetworkReport

# Python's words and the command line's.
_COMMAND = {
    r"n_lags=(\S*\d)": r"--lags \1",
    r"n_lags=": "--lags",
    r"\bx=": "--data",
    r"input_bound=": "--input-bound",
}


def advice_for(
    network: Network | None,
    structure: Structure | None,
    decay: DecayReport,
    residual: MemoryEstimate | None,
    has_data: bool,
    impulse: ImpulseWeights,
) -> tuple[str, ...]:
    """Advice that fits the case."""
    advice = []
    filters = structure is not None and bool(structure.filters)
    left = residual is not None and residual.test(0.0, "greater").pvalue < 0.05
    if left and not filters:
        advice.append("Memory is left in the residuals: try MRNN or MLSTM, or difference first.")
    elif left:
        advice.append("Memory is left in the residuals: try a longer filter or more hidden units.")
    elif residual is not None and residual.test(0.0, "less").pvalue < 0.025:
        advice.append("The residuals are antipersistent: the network's forecasts overreact.")
    elif residual is not None:
        advice.append("No long memory is left in the residuals: the network suffices for it.")
    if decay.verdict == "polynomial" and decay.crossover_lag is not None:
        advice.append(f"Beyond lag {decay.crossover_lag} the memory ends: raise K if longer.")
    if decay.verdict == "exponential" and math.isfinite(decay.rate) and decay.rate > 0.0:
        reach = math.log(100.0) / decay.rate
        advice.append(f"Inputs fade to a hundredth after about {reach:.3g} steps.")
    if decay.verdict == "growing":
        advice.append("Changes of the inputs grow: scale the recurrent weights down, or clip.")
    linear = structure is not None and structure.linear
    if decay.verdict == "undecided" and impulse.values.any():
        advice.append(f"Take more lags: n_lags={4 * impulse.n_lags}.")
    if not has_data and not linear:
        advice.append("Give data (x=) to see the weights in use and the memory of the residuals.")
    return tuple(advice)


def in_command_words(report: NetworkReport) -> NetworkReport:
    """The same report, its advice in the options of the command line."""
    advice = []
    for line in report.advice:
        for pattern, option in _COMMAND.items():
            line = re.sub(pattern, option, line)
        advice.append(line)
    return replace(report, advice=tuple(advice))

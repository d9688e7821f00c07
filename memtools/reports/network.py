"""The report of one network."""

from __future__ import annotations

import re
from functools import partial

from memtools import plotting
from memtools.reports.page import TONES, Page, Picture, Section, meaning, method_notes
from memtools.results import NetworkReport
from memtools.results._base import number


def network_page(report: NetworkReport, command: str | None = None) -> Page:
    """Verdict and reasons, decay of the weights, theorem, what the network leaves."""
    shown = [("network", report.network)] if _title(report.network) != report.network else []
    return Page(
        kind="Does this network have long memory?",
        title=_title(report.network),
        verdict=report.verdict,
        tone=TONES[report.verdict],
        facts=[*_facts(report), *shown],
        reasons=[*(f"Left out or assumed: {note}" for note in report.notes), *report.reasons],
        meaning=meaning("network", report.verdict),
        advice=report.advice,
        sections=[_weights(report), _theorem(report), *_forgetting(report), _memory(report)],
        notes=method_notes("network"),
        command=command,
    )


def _title(network: str) -> str:
    """ "LSTM, 4 hidden units": a network's cells and sizes without its other options."""
    cells = re.findall(r"(\w+)\((?=([^()]*))", network)
    told = []
    for cell, options in cells:
        hidden = re.search(r"n_hidden=(\d+)", options)
        if hidden:
            told.append(f"{cell}, {hidden[1]} hidden unit{'s' * (hidden[1] != '1')}")
        elif "=" in options and cell != "Linear":
            told.append(cell)
    return ", then ".join(told) or network


def _facts(report: NetworkReport) -> list[tuple[str, str]]:
    decay = report.decay
    facts = [("weights decay", decay.verdict), ("theorem", report.theorem.verdict)]
    if decay.d is not None:
        low, high = decay.confidence_interval()
        facts.append(("d", f"{number(decay.d, 3)} ({number(low, 3)} to {number(high, 3)})"))
    if decay.crossover_lag is not None:
        facts.append(("power law ends at lag", str(decay.crossover_lag)))
    return facts


def _weights(report: NetworkReport) -> Section:
    shown = f"Absolute weights at lags up to {report.impulse.n_lags} and the fitted laws. "
    return Section(
        title="How the impulse weights decay",
        pictures=[
            Picture(
                "Weights, logarithmic weight axis",
                f"{shown}An exponential is a straight line here.",
                partial(plotting.plot_impulse_weights, report, "semilog"),
            ),
            Picture(
                "Weights, both axes logarithmic",
                f"{shown}A power law, long memory, is a straight line here.",
                partial(plotting.plot_impulse_weights, report, "loglog"),
            ),
        ],
        tables=[*report.decay.tables(), *report.impulse.tables()],
        remarks=report.decay.evidence,
    )


def _theorem(report: NetworkReport) -> Section:
    theorem = report.theorem
    pictures = []
    if len(report.eigenvalues):
        largest = float(abs(report.eigenvalues).max())
        pictures.append(
            Picture(
                "Eigenvalues",
                f"Of {report.spectrum_of}; the largest modulus is {number(largest, 3)}. Inside "
                "the unit circle what comes in dies out exponentially.",
                partial(plotting.plot_eigenvalues, report),
            )
        )
    if report.gates:
        pictures.append(
            Picture(
                "Gates",
                "How often each gate takes which value over the steps and units; the bar marks "
                "its median. A forget gate near 1 keeps for long.",
                partial(plotting.plot_gates, report),
            )
        )
    return Section(
        title="What theory says",
        text=f"{theorem.verdict.capitalize()} ({theorem.theorem}); bound {number(theorem.bound)}.",
        pictures=pictures,
        tables=theorem.tables(),
        remarks=theorem.reasons,
    )


def _forgetting(report: NetworkReport) -> list[Section]:
    """Time constants of the units, where gates or decays tell them."""
    constants = report.time_constants
    if constants is None:
        return []
    imitated = "no power law over a decade of lags"
    if constants.imitates is not None:
        imitated = constants.imitates.summary()
    picture = Picture(
        "Time constants",
        "Steps after which a unit has kept exp(-1) of its state, its gate at its bias.",
        partial(plotting.plot_time_constants, constants),
        wide=True,
    )
    return [
        Section(
            title="How long the units keep",
            text=f"Together they imitate {imitated}; in the limit the longest rules.",
            pictures=[picture],
            tables=constants.tables(),
        )
    ]


def _memory(report: NetworkReport) -> Section:
    """The tables of the report less those of the sections before."""
    parts = (report.theorem, report.decay, report.time_constants)
    before = sum(len(part.tables()) for part in parts if part is not None)
    remarks = []
    if report.lyapunov is not None:
        exponent, stderr = report.lyapunov
        remarks.append(
            f"Largest Lyapunov exponent on data {exponent:.4g}, standard error {stderr:.2g}: "
            "evidence, no proof."
        )
    if report.residual_memory is None:
        remarks.append("Without data nothing is known of the residuals: give the series as well.")
    return Section(
        title="Memory of outputs and residuals",
        text="The row of the residuals says whether the network is enough for the series: where "
        "their d is above 0, it has left long memory in the series that a network of longer "
        "memory could forecast; where the interval holds 0, none is seen. The row of the output "
        "says how long a memory the network gives to noise that has none.",
        tables=report.tables()[before:],
        remarks=remarks,
    )

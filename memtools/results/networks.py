"""What is known about the memory of a network: decay, ergodicity, impulse weights, the whole."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Self

import numpy as np
from numpy.typing import NDArray

from memtools._validate import FloatArray
from memtools.results._base import DRAWN, PageResult, Result, WithInterval, number, plain
from memtools.results.estimates import MemoryEstimate, TestResult
from memtools.results.tables import Table
from memtools.results.training import TimeConstants

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, kw_only=True)
class DecayReport(WithInterval):
    """Polynomial or exponential: how a sequence of weights decays.

    Attributes
    ----------
    verdict : {"polynomial", "exponential", "finite", "persistent", "growing", "undecided"}
    rate, stderr : float
        Exponent a of k^-a (polynomial), or rate r of exp(-r k) a lag (exponential; negative where
        growing), and its standard error; NaN where undecided.
    d : float or None
        Memory parameter |a - 1| of a polynomial decay.
    crossover_lag : int or None
        Last lag of a law that ends, as that of a filter cut at K lags, or of a finite memory.
    evidence : tuple of str
        Why, in plain words.
    bic_difference : float
        BIC of the best exponential law minus that of the best power law.
    laws : mapping of str to float
        Smallest BIC of each kind of law.
    n_lags : int
        Largest lag given.
    curves : mapping of str to ndarray
        Envelope of the best law of each kind ("polynomial", "exponential", "tempered",
        "stretched", "persistent", "growing"), of shape (n_lags + 1,), NaN at lags left free;
        empty where many sequences were classified together; not in `to_dict`.
    frequency : float or None
        Of a law that turns, radians a lag.
    delay : int
        Lags before the first weight; the law is counted from there.
    floor : float or None
        Constant that the law decays to, in the units of the weights.
    """

    verdict: str
    rate: float
    stderr: float
    d: float | None
    crossover_lag: int | None
    evidence: tuple[str, ...]
    bic_difference: float
    laws: Mapping[str, float]
    n_lags: int
    curves: Mapping[str, FloatArray] = field(
        default_factory=dict, repr=False, compare=False, metadata=DRAWN
    )
    frequency: float | None = None
    delay: int = 0
    floor: float | None = None

    def tables(self) -> list[Table]:
        """Rate and memory of the decay; the laws it was chosen among."""
        low, high = self.confidence_interval()
        d = ["-", "-"] if self.d is None else [number(self.d), f"[{number(low)}, {number(high)}]"]
        crossover = "-" if self.crossover_lag is None else str(self.crossover_lag)
        row = [self.verdict, number(self.rate), number(self.stderr), *d, crossover]
        header = ["decay", "rate", "std err", "d", "95% interval", "crossover lag"]
        decay = Table("Decay of the weights", header, [row])
        laws = [[kind, f"{bic:.1f}"] for kind, bic in self.laws.items()]
        compared = [Table("Smallest BIC of each kind of law", ["law", "BIC"], laws)]
        return [decay, *(compared if laws else [])]

    def summary(self) -> str:
        """Verdict, figures and evidence as text."""
        lines = [f"Decay of the weights: {self.verdict}"]
        if self.d is not None:
            low, high = self.confidence_interval()
            lines.append(f"  d = {number(self.d)}, 95% interval [{number(low)}, {number(high)}]")
        if self.crossover_lag is not None:
            lines.append(f"  crossover at lag {self.crossover_lag}")
        return "\n".join(lines + [f"  - {line}" for line in self.evidence])


@dataclass(frozen=True, kw_only=True)
class Condition(Result):
    """One condition of a theorem: met if value < limit.

    Attributes
    ----------
    name : str
        What is bounded, as a formula.
    value, limit : float
    """

    name: str
    value: float
    limit: float = 1.0

    @property
    def margin(self) -> float:
        """limit - value: positive if the condition holds."""
        return self.limit - self.value

    @property
    def holds(self) -> bool:
        """True if value < limit."""
        return self.value < self.limit

    def summary(self) -> str:
        """The condition in a line."""
        sign = "<" if self.holds else ">="
        return f"{self.name} = {self.value:.6g} {sign} {self.limit:g}"

    def to_dict(self) -> dict[str, Any]:
        """Value, limit, margin and whether it holds."""
        return super().to_dict() | {
            "margin": plain(self.margin),
            "holds": bool(self.holds),
        }


@dataclass(frozen=True, kw_only=True)
class ErgodicityReport(Result):
    """Whether a theorem proves the network process ergodic.

    Attributes
    ----------
    verdict : {"geometrically ergodic", "not ergodic", "undecided"}
        Geometrically ergodic implies short memory.
    theorem : str
        The theorem that decided, or that could not.
    bound : float
        The contraction a of that theorem (its limit is 1); NaN where none could be had.
    conditions : tuple of Condition
        Each with value and margin.
    reasons : tuple of str
        In plain words.
    """

    verdict: str
    theorem: str
    bound: float
    conditions: tuple[Condition, ...]
    reasons: tuple[str, ...] = ()

    @classmethod
    def of(
        cls, proved: bool, theorem: str, bound: float, values: Mapping[str, float], *reasons: str
    ) -> Self:
        """Geometrically ergodic if proved, else undecided; values by the name of a condition."""
        verdict = "geometrically ergodic" if proved else "undecided"
        conditions = tuple(Condition(name=name, value=value) for name, value in values.items())
        return cls(
            verdict=verdict, theorem=theorem, bound=bound, conditions=conditions, reasons=reasons
        )

    def tables(self) -> list[Table]:
        """A row a condition of the theorem."""
        rows = [
            [c.name, f"{c.value:.6g}", f"{c.limit:g}", "yes" if c.holds else "no"]
            for c in self.conditions
        ]
        header = ["condition", "value", "limit", "holds"]
        return [Table(f"Conditions of {self.theorem}", header, rows)] if rows else []

    def summary(self) -> str:
        """Verdict, theorem and conditions as text."""
        lines = [f"{self.verdict} ({self.theorem}); bound {number(self.bound)}"]
        lines += [f"  {condition.summary()}" for condition in self.conditions]
        return "\n".join(lines + [f"  - {reason}" for reason in self.reasons])


@dataclass(frozen=True, kw_only=True)
class ImpulseWeights(Result):
    """Weights A_k of y_t = sum A_k x_{t-k}, lag 0 first.

    Attributes
    ----------
    values : ndarray, shape (n_lags + 1, n_output, n_input)
    stderr : ndarray of the same shape
        Standard errors of the mean over data; zeros for a closed form.
    method : str
    """

    values: FloatArray
    stderr: FloatArray
    method: str

    @property
    def n_lags(self) -> int:
        """The largest lag."""
        return len(self.values) - 1

    def strongest(self) -> tuple[int, int]:
        """(output, input) with the largest weights in the later half of the lags."""
        late = np.abs(self.values[self.n_lags // 2 :]).sum(axis=0)
        if not late.any():
            late = np.abs(self.values).sum(axis=0)
        output, column = np.unravel_index(int(np.argmax(late)), late.shape)
        return int(output), int(column)

    def to_frame(self) -> pd.DataFrame:
        """A row a lag, a column an (output, input)."""
        import pandas as pd

        n_output, n_input = self.values.shape[1:]
        columns = pd.MultiIndex.from_product(
            [range(n_output), range(n_input)], names=["output", "input"]
        )
        frame = pd.DataFrame(self.values.reshape(len(self.values), -1), columns=columns)
        return frame.rename_axis("lag")

    def tables(self) -> list[Table]:
        """Some of the strongest weights."""
        output, column = self.strongest()
        lags = sorted({0, 1, 2, 5, 10, 20, 50, 100, 200, self.n_lags})
        rows = [
            [
                str(k),
                f"{self.values[k, output, column]:.6g}",
                f"{self.stderr[k, output, column]:.2g}",
            ]
            for k in lags
            if k <= self.n_lags
        ]
        title = f"Impulse weights, {self.method}; output {output}, input {column}"
        return [Table(title, ["lag", "weight", "std err"], rows)]

    def _headline(self) -> tuple[str, list[str]]:
        output, column = self.strongest()
        shown = f"output {output}, input {column}"
        return f"Impulse weights at lags 0..{self.n_lags}, {self.method}; {shown}", []


@dataclass(frozen=True, kw_only=True)
class NetworkReport(PageResult):
    """Answer to: does this network have long memory?

    Attributes
    ----------
    verdict : {"long memory", "short memory", "persistent", "growing", "undecided"}
    network : str
        The network in a line.
    theorem : ErgodicityReport
        What is proved about the process the network generates.
    decay : DecayReport
        Decay of the impulse weights (definition 3).
    impulse : ImpulseWeights
    output_memory : MemoryEstimate or None
        Memory of the output for white noise in.
    output_test : TestResult or None
        Of no memory in that output.
    residual_memory : MemoryEstimate or None
        Memory left in the residuals y - z; None without data.
    process_memory : MemoryEstimate or None
        Memory of the process y_t = z(y_{t-1}, s_{t-1}) + eps_t, simulated; None unless the
        network has as many outputs as inputs.
    entry : tuple of int
        (output, input) whose impulse weights `decay` is about.
    lyapunov : tuple of float or None
        Largest Lyapunov exponent on data and its standard error: evidence, no proof.
    reasons, advice : tuple of str
    eigenvalues : ndarray of complex
        Of what `spectrum_of` says; empty for a network without state, or with too large a one.
    spectrum_of : str
    gates : mapping of str to ndarray
        Values of each gate at the steps of the data, or of white noise, and all units; empty
        for cells without gates.  `to_dict` has their quantiles.
    notes : tuple of str
        What the reader of the file left aside or assumed.
    time_constants : TimeConstants or None
        Of the units, where gates or decays tell; None elsewhere.
    """

    verdict: str
    network: str
    theorem: ErgodicityReport
    decay: DecayReport
    impulse: ImpulseWeights
    output_memory: MemoryEstimate | None
    output_test: TestResult | None
    residual_memory: MemoryEstimate | None
    lyapunov: tuple[float, float] | None
    reasons: tuple[str, ...]
    advice: tuple[str, ...]
    process_memory: MemoryEstimate | None = None
    entry: tuple[int, int] = (0, 0)
    eigenvalues: NDArray[np.complex128] = field(
        default_factory=lambda: np.zeros(0, dtype=complex),
        repr=False,
        compare=False,
        metadata=DRAWN,
    )
    spectrum_of: str = ""
    gates: Mapping[str, FloatArray] = field(
        default_factory=dict, repr=False, compare=False, metadata=DRAWN
    )
    notes: tuple[str, ...] = ()
    time_constants: TimeConstants | None = field(default=None, repr=False)

    def __repr__(self) -> str:
        notes = f", notes: {'; '.join(self.notes)}" if self.notes else ""
        return f"NetworkReport(verdict={self.verdict!r}, network={self.network}{notes})"

    def summary(self) -> str:
        """One page of text."""
        lines = [f"Network: {self.network}", f"Verdict: {self.verdict}"]
        if self.notes:
            lines += ["Left out or assumed", *(f"  - {note}" for note in self.notes), "Why"]
        lines += [f"  - {reason}" for reason in self.reasons]
        lines += ["", "Theorem", self.theorem.summary(), "", self.decay.summary()]
        for title, estimate in [
            ("Memory of the output for white noise in", self.output_memory),
            ("Memory of the residuals", self.residual_memory),
            ("Memory of the network's own process, simulated", self.process_memory),
        ]:
            if estimate is not None:
                lines += ["", title, estimate.summary()]
        if self.lyapunov is not None:
            exponent, stderr = self.lyapunov
            lines += ["", f"Lyapunov exponent on data {exponent:.4g} (standard error {stderr:.2g})"]
        if self.time_constants is not None:
            lines += ["", self.time_constants.summary()]
        lines += ["", "What to do", *(f"  - {line}" for line in self.advice)]
        return "\n".join(lines)

    def tables(self) -> list[Table]:
        """Conditions of the theorem, decay of the weights, time constants, estimates of memory."""
        constants = [] if self.time_constants is None else self.time_constants.tables()
        tables = [*self.theorem.tables(), *self.decay.tables(), *constants]
        for title, estimate in [
            ("Memory of the output for white noise in", self.output_memory),
            ("Memory of the residuals", self.residual_memory),
        ]:
            if estimate is not None:
                table = estimate.tables()[0]
                tables.append(table._replace(caption=f"{title}: {table.caption}"))
        return tables if self.output_test is None else [*tables, *self.output_test.tables()]

    def _headline(self) -> tuple[str, list[str]]:
        told = [f"Left out or assumed: {note}" for note in self.notes]
        return f"{self.network}. Verdict: {self.verdict}", [*told, *self.reasons, *self.advice]

    def to_dict(self) -> dict[str, Any]:
        """Everything in plain types: eigenvalues as [real, imaginary], gates by quantiles."""
        quantiles = {"min": 0.0, "q25": 0.25, "median": 0.5, "q75": 0.75, "max": 1.0}
        gates = {
            gate: {name: float(np.quantile(values, q)) for name, q in quantiles.items()}
            for gate, values in self.gates.items()
        }
        pairs = [[float(z.real), float(z.imag)] for z in self.eigenvalues]
        return super().to_dict() | {"eigenvalues": pairs, "gates": gates}

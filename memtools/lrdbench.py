"""Plug-in for lrdbench, the public referee of memory estimators (package lrdbench).

    LRD_BENCH_ESTIMATOR_PLUGIN=memtools.lrdbench lrdbench run manifest.yaml

An estimator of a manifest is then called "memtools", the answer of `estimate`, or by a function
of memtools with the prefix "memtools_": every estimator of d of one series, those of scaling and
of wavelets among them ("memtools_local_whittle", "memtools_detrended_fluctuation", ...), and
"memtools_select_arfima", the best ARFIMA model of orders up to 1 by Whittle's likelihood.  Its
`params` are the function's options (bandwidth: 64), with `ci_levels` the levels of the intervals
(0.95).  What is handed over follows the target of the manifest: H, d, or for "lrd_class" the
weight of the explanations with long memory.
"""

from __future__ import annotations

import inspect
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import memtools
from memtools import arfima, estimators
from memtools.exceptions import InvalidInputError
from memtools.memory import METHODS, estimate


@dataclass(frozen=True)
class RefereedEstimator:
    """What the referee calls: `spec`, and `fit` of one record.

    Attributes
    ----------
    spec : lrdbench.schema.EstimatorSpec
    function : callable
        From a series, and options, to a result with `d` and `confidence_interval`.
    """

    spec: Any
    function: Callable[..., Any]

    def fit(self, record: Any) -> Any:
        """The estimate of one record, or why there is none."""
        from lrdbench.schema import EstimateResult

        start = time.perf_counter()
        shown: dict[str, Any] = {"point": None, "valid": False}
        try:
            found = self.function(record.values, **self._options())
        except InvalidInputError as error:
            shown["failure_reason"] = str(error)
        else:
            shown = self._handed_over(found) | {"valid": True}
        return EstimateResult(
            record_id=record.record_id,
            estimator_name=self.spec.name,
            runtime_seconds=time.perf_counter() - start,
            estimator_version=memtools.__version__,
            **shown,
        )

    def _options(self) -> dict[str, Any]:
        """`params` without what the referee adds, and without its own kind of interval."""
        params = self.spec.parameter_schema
        options = {k: v for k, v in params.items() if k[0] != "_" and k not in _REFEREES}
        allowed = [*inspect.signature(self.function).parameters][1:]
        for name in options:
            if name not in allowed:
                raise InvalidInputError("params", ", ".join([*allowed, *_REFEREES]), name)
        return options

    def _handed_over(self, found: Any) -> dict[str, Any]:
        if self.spec.target_estimand == "lrd_class":
            verdict = getattr(found, "verdict", None)
            return {"point": found.evidence, "diagnostics": {"verdict": verdict}}
        shift = 0.5 if "hurst" in self.spec.target_estimand else 0.0
        levels = self.spec.parameter_schema.get("ci_levels", [0.95])
        ends = [(level, *found.confidence_interval(level)) for level in levels]
        intervals = tuple((level, low + shift, high + shift) for level, low, high in ends)
        (low, high) = (end + shift for end in found.confidence_interval())
        return {
            "point": found.d + shift, "ci_low": low, "ci_high": high, "bootstrap_cis": intervals
        }  # fmt: skip


def _builder(function: Callable[..., Any]) -> Callable[[Any], RefereedEstimator]:
    return lambda spec: RefereedEstimator(spec, function)


def _best_arfima(x: Any, max_p: int = 1, max_q: int = 1, method: str = "whittle") -> Any:
    return arfima.select_arfima(x, max_p, max_q, method=method).best


# What manifests give to the referee's own estimators for their intervals.
_REFEREES = ("ci_levels", "n_bootstrap", "bootstrap_block_len")
_OF_SCALES = (
    *("absolute_moments", "aggregated_variance", "detrended_fluctuation", "higuchi", "variogram"),
    *("detrending_moving_average", "generalised_hurst", "rescaled_range", "residual_variance"),
)
_FURTHER = ("fexp", "fgn_whittle", "trimmed_gph", "wavelet_variance", "wavelet_whittle")
_FUNCTIONS = METHODS | {name: getattr(estimators, name) for name in (*_FURTHER, *_OF_SCALES)}
_FUNCTIONS |= {"select_arfima": _best_arfima}
ENTRY_POINTS = {"memtools": _builder(estimate)} | {
    f"memtools_{name}": _builder(function) for name, function in _FUNCTIONS.items()
}

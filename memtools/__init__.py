"""Does this series, or this trained network, have long memory?

Every public name is loaded on first use, so ``import memtools`` costs next to nothing.
"""

import os as _os
from importlib import import_module as _import_module
from types import ModuleType as _ModuleType
from typing import Any as _Any
from typing import Never as _Never

__version__ = "0.1.0"

# public name -> module of memtools that holds it
_HOMES = {
    "ARFIMA": "arfima",
    "ARFIMAProcess": "processes",
    "ARFIMAResults": "arfima",
    "BreakTestResult": "results",
    "ConvergenceWarning": "exceptions",
    "DataFileError": "exceptions",
    "DecayReport": "results",
    "DivergenceError": "exceptions",
    "DownloadError": "exceptions",
    "ErgodicityReport": "results",
    "FractionalDifferencer": "fractional",
    "FractionalGaussianNoise": "processes",
    "ImpulseWeights": "results",
    "InvalidInputError": "exceptions",
    "MemoryEstimate": "results",
    "MemoryReport": "results",
    "MemtoolsError": "exceptions",
    "MemtoolsWarning": "exceptions",
    "MissingDependencyError": "exceptions",
    "ModelFileError": "exceptions",
    "MonteCarloResult": "results",
    "NetworkReport": "results",
    "OutputFileError": "exceptions",
    "PanelReport": "results",
    "Spectrum": "results",
    "TestResult": "results",
    "TestTable": "results",
    "TimeConstants": "results",
    "TrainingResult": "results",
    "adaptive_bandwidth": "estimators",
    "aggregated_variance": "estimators",
    "ar_spectrum": "spectral",
    "autocorrelation": "correlation",
    "autocorrelation_band": "correlation",
    "autocovariance": "correlation",
    "bias_reduced_gph": "estimators",
    "bootstrap_bandwidth": "estimators",
    "classify_decay": "decay",
    "contaminated_local_whittle": "estimators",
    "correlogram": "portrait",
    "detrended_fluctuation": "estimators",
    "diagnose": "diagnosis",
    "equal_memory_test": "inference",
    "ergodicity": "networks.theorems",
    "estimate": "memory",
    "estimate_panel": "panel",
    "exact_local_whittle": "estimators",
    "fexp": "estimators",
    "fgn_whittle": "estimators",
    "fracdiff": "fractional",
    "fracdiff_weights": "fractional",
    "fracint": "fractional",
    "fractional_brownian_motion": "simulation",
    "fully_extended_local_whittle": "estimators",
    "gaussian_loglike": "toeplitz",
    "gph": "estimators",
    "hyperbolic_trend": "contamination",
    "impulse_weights": "networks.impulse",
    "kpss_test": "inference",
    "lobato_robinson": "inference",
    "local_whittle": "estimators",
    "local_whittle_plus_noise": "estimators",
    "long_run_variance": "long_run",
    "loss_and_gradient": "networks.training",
    "mean_shift_test": "inference",
    "measurement_noise": "contamination",
    "memory_by_bandwidth": "stability",
    "memory_tests": "inference",
    "modified_rescaled_range": "inference",
    "partial_autocorrelation": "correlation",
    "periodogram": "spectral",
    "phillips_perron_test": "inference",
    "plug_in_bandwidth": "estimators",
    "portray": "portrait",
    "qu_test": "inference",
    "random_level_shifts": "contamination",
    "replicate_reviews": "replication",
    "replicate_table2": "replication",
    "rescaled_range": "estimators",
    "robinson_lm": "inference",
    "rolling_memory": "stability",
    "select_arfima": "arfima",
    "simulate": "simulation",
    "simulate_network": "networks.process",
    "simulate_varfima": "simulation",
    "smoothed_gph": "estimators",
    "smoothed_spectrum": "spectral",
    "split_sample_test": "inference",
    "taper_weights": "spectral",
    "temporal_aggregation_test": "inference",
    "time_constants": "networks.forgetting",
    "train": "networks.training",
    "two_step_local_whittle": "estimators",
    "vs_test": "inference",
}

_MODULES = (
    "arfima",
    "contamination",
    "correlation",
    "datasets",
    "decay",
    "diagnosis",
    "estimators",
    "exceptions",
    "files",
    "fractional",
    "inference",
    "long_run",
    "lrdbench",
    "memory",
    "montecarlo",
    "networks",
    "panel",
    "plotting",
    "portrait",
    "processes",
    "replication",
    "reports",
    "results",
    "simulation",
    "spectral",
    "stability",
    "toeplitz",
)

__all__ = [*_HOMES, *_MODULES]


# What a room above hands to rooms below, which know only the role: loaded when it is asked for.
_REGISTERED = {
    "bandwidth rules": "estimators.bandwidth",
    "guesses": "_guessed",
    "drawer of residuals": "plotting",
    "reader of torch names": "networks.torch_names",
    "writer of pages": "reports",
}


def _registered(role: str) -> _Any:
    return _import_module(f"memtools.{_REGISTERED[role]}")


class _Room(_ModuleType):
    """A module that says what it holds where it is taken for a function."""

    def __call__(self, *given: object, **options: object) -> _Never:
        room = self.__name__.removeprefix("memtools.")
        names = [name for name, home in _HOMES.items() if home.split(".")[0] == room]
        held = ", ".join(f"memtools.{name}" for name in names[:10])
        raise TypeError(f"memtools.{room} is a module, not a function; it holds {held or 'none'}")


def __getattr__(name: str) -> object:
    if name not in __all__:
        hint = "" if name.startswith("_") else _registered("guesses").name_hint(name, __all__)
        raise AttributeError(f"module 'memtools' has no attribute {name!r}{hint}")
    module = _import_module(f"memtools.{_HOMES.get(name, name)}")
    globals()[name] = getattr(module, name) if name in _HOMES else module
    for room in set(_MODULES) & set(globals()):
        globals()[room].__class__ = _Room
    return globals()[name]


def __dir__() -> list[str]:
    return sorted([*globals(), *__all__])


if _os.environ.get("MEMTOOLS_EAGER_IMPORT"):
    for _name in __all__:
        __getattr__(_name)

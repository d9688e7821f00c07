"""The table of public names: what the lazy top level holds, for it, editors and type checkers."""

from typing import Any

from memtools import (
    arfima,
    contamination,
    correlation,
    datasets,
    decay,
    diagnosis,
    estimators,
    exceptions,
    files,
    fractional,
    inference,
    long_run,
    lrdbench,
    many,
    memory,
    montecarlo,
    networks,
    online,
    panel,
    plotting,
    portrait,
    processes,
    replication,
    reports,
    results,
    rolling,
    simulation,
    spectral,
    stability,
    toeplitz,
)
from memtools.arfima import (
    ARFIMA,
    ARFIMAResults,
    select_arfima,
)
from memtools.contamination import (
    hyperbolic_trend,
    measurement_noise,
    random_level_shifts,
)
from memtools.correlation import (
    autocorrelation,
    autocorrelation_band,
    autocovariance,
    partial_autocorrelation,
)
from memtools.decay import (
    classify_decay,
)
from memtools.diagnosis import (
    diagnose,
)
from memtools.estimators import (
    adaptive_bandwidth,
    aggregated_variance,
    bias_reduced_gph,
    bootstrap_bandwidth,
    contaminated_local_whittle,
    detrended_fluctuation,
    exact_local_whittle,
    fexp,
    fgn_whittle,
    fully_extended_local_whittle,
    gph,
    local_whittle,
    local_whittle_plus_noise,
    multivariate_local_whittle,
    plug_in_bandwidth,
    rescaled_range,
    smoothed_gph,
    two_step_local_whittle,
    wavelet_variance,
    wavelet_whittle,
)
from memtools.exceptions import (
    ConvergenceWarning,
    DataFileError,
    DivergenceError,
    DownloadError,
    EngineError,
    InvalidInputError,
    MemtoolsError,
    MemtoolsWarning,
    MissingDependencyError,
    ModelFileError,
    OutputFileError,
)
from memtools.fractional import (
    FractionalDifferencer,
    fracdiff,
    fracdiff_weights,
    fracint,
)
from memtools.inference import (
    contamination_test,
    difference_test,
    equal_memory_test,
    goodness_of_fit_test,
    kpss_test,
    lobato_robinson,
    mean_shift_test,
    memory_change_test,
    memory_tests,
    modified_rescaled_range,
    multivariate_spurious_test,
    phillips_perron_test,
    qu_test,
    robinson_lm,
    split_sample_test,
    tempering_test,
    temporal_aggregation_test,
    trend_test,
    vs_test,
)
from memtools.long_run import (
    long_run_variance,
)
from memtools.many import (
    estimate_grid,
    estimate_many,
)
from memtools.memory import (
    estimate,
)
from memtools.networks.forgetting import (
    time_constants,
)
from memtools.networks.impulse import (
    impulse_weights,
)
from memtools.networks.process import (
    simulate_network,
)
from memtools.networks.theorems import (
    ergodicity,
)
from memtools.networks.training import (
    loss_and_gradient,
    train,
)
from memtools.online import (
    OnlineMemory,
)
from memtools.panel import (
    estimate_panel,
)
from memtools.portrait import (
    correlogram,
    portray,
)
from memtools.processes import (
    ARFIMAProcess,
    FractionalGaussianNoise,
    GegenbauerProcess,
    TemperedARFIMAProcess,
)
from memtools.replication import (
    replicate_reviews,
    replicate_table2,
)
from memtools.results import (
    BreakTestResult,
    DecayReport,
    ErgodicityReport,
    ImpulseWeights,
    ManyEstimates,
    MemoryEstimate,
    MemoryReport,
    MonteCarloResult,
    NetworkReport,
    PanelReport,
    Spectrum,
    TestResult,
    TestTable,
    TimeConstants,
    TrainingResult,
)
from memtools.rolling import (
    rolling_memory,
)
from memtools.simulation import (
    fractional_brownian_motion,
    simulate,
    simulate_varfima,
)
from memtools.spectral import (
    ar_spectrum,
    periodogram,
    smoothed_spectrum,
    taper_weights,
)
from memtools.stability import (
    memory_by_bandwidth,
)
from memtools.toeplitz import (
    gaussian_loglike,
)

__version__: str
_HOMES: dict[str, str]
_MODULES: tuple[str, ...]

def _listed(stub: str) -> dict[str, str]: ...
def _registered(role: str) -> Any: ...

__all__ = [
    "ARFIMA",
    "ARFIMAProcess",
    "ARFIMAResults",
    "BreakTestResult",
    "ConvergenceWarning",
    "DataFileError",
    "DecayReport",
    "DivergenceError",
    "DownloadError",
    "EngineError",
    "ErgodicityReport",
    "FractionalDifferencer",
    "FractionalGaussianNoise",
    "GegenbauerProcess",
    "ImpulseWeights",
    "InvalidInputError",
    "ManyEstimates",
    "MemoryEstimate",
    "MemoryReport",
    "MemtoolsError",
    "MemtoolsWarning",
    "MissingDependencyError",
    "ModelFileError",
    "MonteCarloResult",
    "NetworkReport",
    "OnlineMemory",
    "OutputFileError",
    "PanelReport",
    "Spectrum",
    "TemperedARFIMAProcess",
    "TestResult",
    "TestTable",
    "TimeConstants",
    "TrainingResult",
    "adaptive_bandwidth",
    "aggregated_variance",
    "ar_spectrum",
    "arfima",
    "autocorrelation",
    "autocorrelation_band",
    "autocovariance",
    "bias_reduced_gph",
    "bootstrap_bandwidth",
    "classify_decay",
    "contaminated_local_whittle",
    "contamination",
    "contamination_test",
    "correlation",
    "correlogram",
    "datasets",
    "decay",
    "detrended_fluctuation",
    "diagnose",
    "diagnosis",
    "difference_test",
    "equal_memory_test",
    "ergodicity",
    "estimate",
    "estimate_grid",
    "estimate_many",
    "estimate_panel",
    "estimators",
    "exact_local_whittle",
    "exceptions",
    "fexp",
    "fgn_whittle",
    "files",
    "fracdiff",
    "fracdiff_weights",
    "fracint",
    "fractional",
    "fractional_brownian_motion",
    "fully_extended_local_whittle",
    "gaussian_loglike",
    "goodness_of_fit_test",
    "gph",
    "hyperbolic_trend",
    "impulse_weights",
    "inference",
    "kpss_test",
    "lobato_robinson",
    "local_whittle",
    "local_whittle_plus_noise",
    "long_run",
    "long_run_variance",
    "loss_and_gradient",
    "lrdbench",
    "many",
    "mean_shift_test",
    "measurement_noise",
    "memory",
    "memory_by_bandwidth",
    "memory_change_test",
    "memory_tests",
    "modified_rescaled_range",
    "montecarlo",
    "multivariate_local_whittle",
    "multivariate_spurious_test",
    "networks",
    "online",
    "panel",
    "partial_autocorrelation",
    "periodogram",
    "phillips_perron_test",
    "plotting",
    "plug_in_bandwidth",
    "portrait",
    "portray",
    "processes",
    "qu_test",
    "random_level_shifts",
    "replicate_reviews",
    "replicate_table2",
    "replication",
    "reports",
    "rescaled_range",
    "results",
    "robinson_lm",
    "rolling",
    "rolling_memory",
    "select_arfima",
    "simulate",
    "simulate_network",
    "simulate_varfima",
    "simulation",
    "smoothed_gph",
    "smoothed_spectrum",
    "spectral",
    "split_sample_test",
    "stability",
    "taper_weights",
    "tempering_test",
    "temporal_aggregation_test",
    "time_constants",
    "toeplitz",
    "train",
    "trend_test",
    "two_step_local_whittle",
    "vs_test",
    "wavelet_variance",
    "wavelet_whittle",
]

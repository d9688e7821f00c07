"""Figures: each function takes a result and, if you like, your Axes, draws, and returns the Axes.

Nothing is computed, shown or restyled here: numbers come from the result, fonts and backgrounds
from your rcParams.  Colours are Okabe and Ito's, told apart by line style or marker as well.
Legends lie below the axes, off the data: make your own figures with ``layout="constrained"``.
"""

from memtools.plotting.correlograms import plot_absolute_sums, plot_acf, plot_log_acf, plot_pacf
from memtools.plotting.diagnostics import plot_diagnostics
from memtools.plotting.estimates import (
    plot_bandwidth_curve,
    plot_estimates,
    plot_scaling,
    plot_worlds,
)
from memtools.plotting.networks import (
    plot_eigenvalues,
    plot_gates,
    plot_impulse_weights,
    plot_time_constants,
)
from memtools.plotting.panels import plot_panel
from memtools.plotting.paths import plot_forecast, plot_rolling_memory, plot_series
from memtools.plotting.spectra import plot_log_periodogram, plot_spectrum
from memtools.plotting.training import plot_replication, plot_training

__all__ = [
    "plot_absolute_sums",
    "plot_acf",
    "plot_bandwidth_curve",
    "plot_diagnostics",
    "plot_eigenvalues",
    "plot_estimates",
    "plot_forecast",
    "plot_gates",
    "plot_impulse_weights",
    "plot_log_acf",
    "plot_log_periodogram",
    "plot_pacf",
    "plot_panel",
    "plot_replication",
    "plot_rolling_memory",
    "plot_scaling",
    "plot_series",
    "plot_spectrum",
    "plot_time_constants",
    "plot_training",
    "plot_worlds",
]

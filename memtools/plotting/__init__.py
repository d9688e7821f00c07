"""Figures: each function takes a result and, if you like, your Axes, draws, and returns the Axes.

Nothing is computed, shown or restyled here: numbers come from the result, fonts and backgrounds
from your rcParams.  Colours are Okabe and Ito's, told apart by line style or marker as well.
Legends lie below the axes, off the data: make your own figures with ``layout="constrained"``.
"""

from memtools.plotting.correlograms import plot_absolute_sums as plot_absolute_sums
from memtools.plotting.correlograms import plot_acf as plot_acf
from memtools.plotting.correlograms import plot_log_acf as plot_log_acf
from memtools.plotting.correlograms import plot_pacf as plot_pacf
from memtools.plotting.estimates import plot_bandwidth_curve as plot_bandwidth_curve
from memtools.plotting.estimates import plot_estimates as plot_estimates
from memtools.plotting.estimates import plot_panel as plot_panel
from memtools.plotting.estimates import plot_scaling as plot_scaling
from memtools.plotting.estimates import plot_worlds as plot_worlds
from memtools.plotting.fits import plot_diagnostics as plot_diagnostics
from memtools.plotting.fits import plot_replication as plot_replication
from memtools.plotting.fits import plot_training as plot_training
from memtools.plotting.networks import plot_eigenvalues as plot_eigenvalues
from memtools.plotting.networks import plot_gates as plot_gates
from memtools.plotting.networks import plot_impulse_weights as plot_impulse_weights
from memtools.plotting.networks import plot_time_constants as plot_time_constants
from memtools.plotting.paths import plot_forecast as plot_forecast
from memtools.plotting.paths import plot_rolling_memory as plot_rolling_memory
from memtools.plotting.paths import plot_series as plot_series
from memtools.plotting.spectra import plot_log_periodogram as plot_log_periodogram
from memtools.plotting.spectra import plot_spectrum as plot_spectrum
from memtools.plotting.tests import plot_break_dates as plot_break_dates
from memtools.plotting.tests import plot_breaks as plot_breaks
from memtools.plotting.tests import plot_by_lag as plot_by_lag
from memtools.plotting.tests import plot_tests as plot_tests

"""ARFIMA regression: exact, Whittle and conditional fits, intervals, forecasts, order selection."""

from memtools.arfima.model import ARFIMA
from memtools.arfima.results import ARFIMAResults
from memtools.arfima.selection import OrderSelection, select_arfima
from memtools.arfima.spectral_models import fexp, fgn_whittle

__all__ = ["ARFIMA", "ARFIMAResults", "OrderSelection", "fexp", "fgn_whittle", "select_arfima"]

"""ARFIMA regression: exact, Whittle and conditional fits, intervals, forecasts, order selection."""

from memtools.arfima.model import ARFIMA
from memtools.arfima.results import ARFIMAResults
from memtools.arfima.selection import select_arfima
from memtools.arfima.tempered import fit_artfima

__all__ = ["ARFIMA", "ARFIMAResults", "fit_artfima", "select_arfima"]

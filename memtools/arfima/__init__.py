"""ARFIMA regression: exact, Whittle and conditional fits, intervals, forecasts, order selection."""

from memtools.arfima.model import ARFIMA
from memtools.arfima.results import ARFIMAResults
from memtools.arfima.selection import OrderSelection, select_arfima

__all__ = ["ARFIMA", "ARFIMAResults", "OrderSelection", "select_arfima"]

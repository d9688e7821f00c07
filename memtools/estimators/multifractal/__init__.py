"""Multifractal spectra of a series: by fluctuations of many moments, by wavelet leaders."""

from memtools.estimators.multifractal.fluctuations import mfdfa as mfdfa
from memtools.estimators.multifractal.leaders import wavelet_leaders as wavelet_leaders

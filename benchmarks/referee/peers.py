"""Other people's estimators, with the options that their documentation shows.

pip install pyelw nolds antropy hurst fathon MFDFA pymultifracs lrdbench
pip install --no-deps whittlehurst stochastic neurokit2     these ask for older NumPy or setuptools

H of a program for noise becomes d = H - 1/2.
"""

from __future__ import annotations

import importlib.util
import sys
from types import ModuleType

import numpy as np
from entries import Entry, Found


def profile(x: np.ndarray) -> np.ndarray:
    return np.cumsum(x - x.mean())


def nolds_measures() -> ModuleType:
    """nolds without its package: its data sets cannot be read by Python 3.11, or setuptools 82."""
    if "nolds_measures" not in sys.modules:
        found = importlib.util.find_spec("nolds")
        path = f"{found.submodule_search_locations[0]}/measures.py"
        spec = importlib.util.spec_from_file_location("nolds_measures", path)
        sys.modules["nolds_measures"] = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(sys.modules["nolds_measures"])
    return sys.modules["nolds_measures"]


def nolds_dfa(x):
    return Found(nolds_measures().dfa(x, fit_exp="poly") - 0.5)


def nolds_hurst(x):
    return Found(nolds_measures().hurst_rs(x, fit="poly") - 0.5)


def pyelw_local_whittle(x):
    import pyelw

    m = int(len(x) ** 0.65)
    fit = pyelw.LW().fit(x - x.mean(), m=m)
    return Found.with_error(fit.d_hat_, fit.se_)


def pyelw_exact(x):
    import pyelw

    fit = pyelw.ELW(mean_est="mean").fit(x, m=int(len(x) ** 0.65))
    return Found.with_error(fit.d_hat_, fit.se_)


def pyelw_two_step(x):
    import pyelw

    fit = pyelw.TwoStepELW().fit(x, m=int(len(x) ** 0.65))
    return Found.with_error(fit.d_hat_, fit.se_)


def pyelw_contaminated(x):
    import pyelw

    fit = pyelw.LWLFC().fit(x - x.mean(), m=int(len(x) ** 0.65))
    return Found.with_error(fit.d_hat_, fit.se_)


def antropy_dfa(x):
    import antropy

    return Found(antropy.detrended_fluctuation(x) - 0.5)


def antropy_higuchi(x):
    import antropy

    return Found(1.5 - antropy.higuchi_fd(profile(x)))


def hurst_change(x):
    import hurst

    return Found(hurst.compute_Hc(x, kind="change")[0] - 0.5)


def whittlehurst_fgn(x):
    import whittlehurst

    return Found(whittlehurst.whittle(x) - 0.5)


def whittlehurst_arfima(x):
    import whittlehurst

    return Found(whittlehurst.whittle(x, spectrum="arfima") - 0.5)


def whittlehurst_variogram(x):
    import whittlehurst

    return Found(whittlehurst.variogram(profile(x)) - 0.5)


def neurokit_dfa(x):
    import neurokit2

    return Found(neurokit2.fractal_dfa(x)[0] - 0.5)


def neurokit_hurst(x):
    import neurokit2

    return Found(neurokit2.fractal_hurst(x)[0] - 0.5)


def fathon_dfa(x):
    import fathon
    from fathon import fathonUtils

    found = fathon.DFA(fathonUtils.toAggregated(x))
    found.computeFlucVec(fathonUtils.linRangeByStep(10, len(x) // 4, step=10), revSeg=True)
    return Found(found.fitFlucVec()[0] - 0.5)


def mfdfa(x):
    from MFDFA import MFDFA

    lags = np.unique(np.geomspace(10, len(x) / 4, 30).astype(int))
    lags, fluctuations = MFDFA(x, lag=lags, q=2, order=1)
    return Found(np.polyfit(np.log(lags), np.log(fluctuations[:, 0]), 1)[0] - 0.5)


def pymultifracs_wavelets(x):
    import pymultifracs
    from pymultifracs.wavelet import wavelet_analysis

    found = wavelet_analysis(profile(x), wt_name="db3")
    scales = [(2, found.j2_eff() - 1)]
    fit = pymultifracs.mfa(found, scales, weighted="Nj", q=[2.0], estimates="s")
    return Found(float(fit.structure.H.squeeze()) - 0.5)


ENTRIES = [
    Entry("pyelw", "LW", "pyelw", pyelw_local_whittle),
    Entry("pyelw", "ELW, sample mean", "pyelw", pyelw_exact),
    Entry("pyelw", "TwoStepELW", "pyelw", pyelw_two_step),
    Entry("pyelw", "LWLFC", "pyelw", pyelw_contaminated),
    Entry("nolds", "dfa, least squares", "nolds", nolds_dfa, slow=True),
    Entry("nolds", "hurst_rs, least squares", "nolds", nolds_hurst),
    Entry("antropy", "detrended_fluctuation", "antropy", antropy_dfa),
    Entry("antropy", "higuchi_fd of the sums", "antropy", antropy_higuchi),
    Entry("hurst", "compute_Hc, change", "hurst", hurst_change),
    Entry("whittlehurst", "whittle, fGn", "whittlehurst", whittlehurst_fgn),
    Entry("whittlehurst", "whittle, arfima", "whittlehurst", whittlehurst_arfima),
    Entry("whittlehurst", "variogram of the sums", "whittlehurst", whittlehurst_variogram),
    Entry("neurokit2", "fractal_dfa", "neurokit2", neurokit_dfa, slow=True),
    Entry("neurokit2", "fractal_hurst", "neurokit2", neurokit_hurst),
    Entry("fathon", "DFA", "fathon", fathon_dfa),
    Entry("MFDFA", "MFDFA, q = 2", "MFDFA", mfdfa),
    Entry("pymultifracs", "wavelets, q = 2", "pymultifracs", pymultifracs_wavelets, slow=True),
]

"""What other packages call the things that are here: "did you mean ...?"."""

from __future__ import annotations

from collections.abc import Collection
from difflib import get_close_matches

_NAMES = {
    "acf": "autocorrelation(x, n_lags)",
    "acovf": "autocovariance(x, n_lags)",
    "arfima_fit": "ARFIMA(x, order).fit()",
    "dfa": "detrended_fluctuation(x)",
    "diffseries": "fracdiff(x, d)",
    "elw": "exact_local_whittle(x)",
    "fbm": "fractional_brownian_motion(...)",
    "fgn": "simulate(memtools.FractionalGaussianNoise(hurst), n_obs)",
    "fit": "ARFIMA(x, order).fit()",
    "fracdiff_series": "fracdiff(x, d)",
    "hurst": "estimate(x).hurst",
    "hurst_exponent": "estimate(x).hurst",
    "hurst_rs": "rescaled_range(x)",
    "load_data": "datasets.load(name)",
    "lw": "local_whittle(x)",
    "pacf": "partial_autocorrelation(x, n_lags)",
    "plot": "plotting",
    "plot_acf": "plotting.plot_acf(memtools.correlogram(x))",
    "plot_pacf": "plotting.plot_pacf(memtools.correlogram(x))",
    "read_csv": "files.read_series(path)",
    "report": "portray(x).write(path)",
    "rs": "rescaled_range(x)",
    "sperio": "smoothed_gph(x)",
    "whittle": "local_whittle(x)",
}
_COMMANDS = {
    "acf": "memtools report FILE",
    "arfima": "memtools fit FILE",
    "dfa": "memtools report FILE",
    "hurst": "memtools estimate FILE",
    "plot": "memtools report FILE",
    "predict": "memtools forecast FILE",
}


def name_hint(name: str, known: Collection[str]) -> str:
    """What of memtools is meant by a name that it does not have; empty where nothing is close."""
    meant = _NAMES.get(name.lower())
    if meant is None:
        held = [one for one in known if one.lower() == name.lower()]
        meant = next(iter(held or get_close_matches(name, known, 1, 0.7)), None)
    return "" if meant is None else f"; did you mean memtools.{meant}?"


def command_hint(name: str, known: Collection[str]) -> str:
    """The same for a command of the command line."""
    meant = _COMMANDS.get(name.lower())
    if meant is None:
        found = get_close_matches(name.lower(), known, 1, 0.6)
        meant = f"memtools {found[0]}" if found else None
    return "" if meant is None else f" Did you mean {meant}?"

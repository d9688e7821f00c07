"""A spectrum: frequencies, power and how it was made."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from memtools.results._base import LongTable


@dataclass(frozen=True, kw_only=True, eq=False)
class Spectrum(LongTable):
    """An estimate of the spectral density.

    Attributes
    ----------
    frequencies : ndarray, shape (n_frequencies,)
        In radians per observation, in (0, pi].
    power : ndarray, shape (n_frequencies,)
        Spectral density: its integral over (-pi, pi] is the variance; squared units of the
        series.
    n_obs : int
        Number of observations of the series.
    taper : str or None
        The taper, None for none.
    method : str
        "periodogram", "smoothed periodogram (...)", "AR(p), Yule-Walker", ...
    """

    _index = "frequencies"
    _columns = ("power",)

    frequencies: NDArray[np.float64]
    power: NDArray[np.float64]
    n_obs: int
    taper: str | None = None
    method: str = "periodogram"

    def summary(self) -> str:
        """The spectrum in three lines."""
        peak = int(np.argmax(self.power))
        taper = "no taper" if self.taper is None else f"{self.taper} taper"
        return (
            f"{self.method}, {taper}, {self.n_obs} observations\n"
            f"  {len(self.power)} frequencies from {self.frequencies[0]:.4g} to "
            f"{self.frequencies[-1]:.4g} radians per observation\n"
            f"  largest power {self.power[peak]:.4g} at {self.frequencies[peak]:.4g}"
        )

"""Laws of the fitted d under fractional noise: simulated, shipped, or made at the door.

scaling_laws.npz, beside this file, was made by benchmarks/calibrate_scaling.py with `drawn` and
`summed_up` of this file.  Half of the paths are fractional Gaussian noise, half ARFIMA(0, d, 0):
what differs between them at short windows is part of the error.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np

from memtools._validate import FloatArray
from memtools.estimators.scaling.frame import IntArray, Statistic, fitted
from memtools.processes import ARFIMAProcess, FractionalGaussianNoise
from memtools.results import PROBABILITIES, accepted_orders, bends
from memtools.results.intervals import normal_half_width, normal_quantile, straight
from memtools.simulation import simulate

ORDERS = (
    *(-0.45, -0.375, -0.3, -0.225, -0.15, 0.0, 0.1, 0.2, 0.3, 0.4, 0.49),
    *(0.6, 0.8, 1.0, 1.2, 1.4),
)
# For options of which no law is kept: fewer orders, about this many values in all.
_FEW_ORDERS = (-0.3, 0.0, 0.3, 0.48, 0.8, 1.2)
_FEW_VALUES, _FEWEST, _MOST = 150_000, 20, 200
_SEED = 20_270
# Between neighbouring orders what few draws say is smoothed by these weights.
_SMOOTH = np.array([0.15, 0.7, 0.15])


@dataclass(frozen=True, eq=False)
class ScalingLaw:
    """Of fractional noise of several orders: mean of the uncorrected d, quantiles of the corrected
    one less the order at `PROBABILITIES`, and the 95% point of bends."""

    orders: FloatArray
    means: FloatArray
    deviations: FloatArray
    bends: FloatArray
    told: tuple[str, ...] = ()

    def d_of(self, raw: FloatArray) -> FloatArray:
        """d whose mean uncorrected estimate is this: the bias is taken off."""
        return straight(raw, self.means, self.orders)

    def stderr_of(self, d: FloatArray) -> FloatArray:
        """Half of the 95% interval in normal units."""
        low, high = accepted_orders(d, 0.95, self.orders, self.deviations)
        return np.asarray((high - low) / (2.0 * normal_half_width(0.95)))


def law_of(statistic: Statistic, n_obs: int, scales: IntArray | None) -> ScalingLaw:
    """The law for a length; simulated here for options or scales that are not the default's."""
    if scales is None and not statistic.options:
        return _kept(statistic.name, n_obs)
    given = None if scales is None else tuple(map(int, scales))
    return _simulated(_Key(statistic), n_obs, given)


@lru_cache(maxsize=256)
def _kept(name: str, n_obs: int) -> ScalingLaw:
    saved = _file()
    sizes = saved["sizes"]
    i = int(np.clip(np.searchsorted(sizes, n_obs) - 1, 0, len(sizes) - 2))
    share = float(np.clip(np.log(n_obs / sizes[i]) / np.log(sizes[i + 1] / sizes[i]), 0.0, 1.0))

    def between(table: FloatArray) -> FloatArray:
        return np.asarray((1.0 - share) * table[i] + share * table[i + 1])

    # Past the longest size what bias there was is held, and deviations shrink on at the rate of
    # the last octaves.
    orders, deviations = saved[f"{name}_orders"], saved[f"{name}_deviations"]
    widths = np.ptp(deviations, axis=-1)
    rate = np.log(widths[-4] / widths[-1]) / np.log(sizes[-1] / sizes[-4])
    shrunk = max(n_obs / sizes[-1], 1.0) ** -rate
    return ScalingLaw(
        orders=orders,
        means=between(saved[f"{name}_means"]),
        deviations=shrunk[:, np.newaxis] * between(deviations),
        bends=between(saved[f"{name}_bends"]),
    )


@lru_cache(maxsize=1)
def _file() -> dict[str, FloatArray]:
    with np.load(Path(__file__).parent / "scaling_laws.npz") as saved:
        return {key: saved[key].astype(float) for key in saved.files}


class _Key:
    """A statistic that compares by its name and options."""

    def __init__(self, statistic: Statistic) -> None:
        self.statistic = statistic
        self.key = (statistic.name, statistic.options)

    def __hash__(self) -> int:
        return hash(self.key)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Key) and self.key == other.key


@lru_cache(maxsize=64)
def _simulated(key: _Key, n_obs: int, scales: tuple[int, ...] | None) -> ScalingLaw:
    statistic = key.statistic
    n_paths = int(np.clip(_FEW_VALUES / n_obs, _FEWEST, _MOST))
    lengths = None if scales is None else np.array(scales)
    orders = [d for d in _FEW_ORDERS if d < statistic.highest]
    found = {
        d: drawn({statistic.name: statistic}, n_obs, d, n_paths, _SEED, lengths)[statistic.name]
        for d in orders
    }
    told = (
        f"bias and standard error by {2 * n_paths} simulated paths at each of {len(orders)} d, as "
        "no law is kept for these options",
    )
    return summed_up(found, told)


def drawn(
    statistics: Mapping[str, Statistic],
    n_obs: int,
    d: float,
    n_paths: int,
    seed: int,
    scales: IntArray | None = None,
) -> dict[str, FloatArray]:
    """Uncorrected d, and largest bend, of paths of fractional Gaussian noise and ARFIMA(0, d, 0).

    Shape (2, 2 n_paths) a statistic, half of the paths of either kind.
    """
    found: dict[str, list[FloatArray]] = {name: [] for name in statistics}
    for part in range(2):
        # A sum of antipersistent Gaussian noise is another thing at short windows.
        kind = 1 if d >= 0.5 else part
        rng = np.random.default_rng([seed, n_obs, round(1000 * (d + 1)), part])
        block = max(1, 2**18 // n_obs)
        for start in range(0, n_paths, block):
            rows = min(block, n_paths - start)
            values = _noise(kind, d, n_obs, rows, rng)
            for name, statistic in statistics.items():
                lengths = statistic.scales(n_obs) if scales is None else scales
                fit = fitted(statistic, values, lengths, scales is not None)
                gains = bends(np.log(lengths), np.log(fit.table), fit.weights)[0]
                bend = n_obs * gains.max(axis=-1, initial=0.0)
                found[name].append(np.stack([fit.raw, bend]))
    return {name: np.concatenate(parts, axis=1) for name, parts in found.items()}


def _noise(kind: int, d: float, n_obs: int, rows: int, rng: np.random.Generator) -> FloatArray:
    if kind == 1:
        return simulate(ARFIMAProcess(d=d), n_obs, rows, rng)
    return simulate(FractionalGaussianNoise(d + 0.5), n_obs, rows, rng)


def summed_up(found: Mapping[float, FloatArray], told: tuple[str, ...] = ()) -> ScalingLaw:
    """The law that draws at several d make."""
    orders = np.array(list(found))
    means = np.array([np.mean(raw) for raw, _ in found.values()])
    # Beyond 1/2 there is one kind: half of what the kinds differ by below fades out.
    last = orders[orders < 0.5][-1]
    only = np.mean(found[last][0][found[last].shape[1] // 2 :])
    shift = means[orders == last][0] - only
    means += np.where(orders > 0.5, shift * np.clip(2.0 - 2.0 * orders, 0.0, 1.0), 0.0)
    # Of few draws of a wild statistic the means may not rise; d must be found from them.
    means = np.maximum.accumulate(means - 0.05 * orders) + 0.05 * orders
    deviations = np.array(
        [_quantiles(straight(found[d][0], means, orders) - d) for d in orders.tolist()]
    )
    deviations[1:-1] = sum(
        share * deviations[i : i + len(orders) - 2] for i, share in enumerate(_SMOOTH)
    )
    return ScalingLaw(
        orders=orders,
        means=means,
        deviations=deviations,
        bends=np.array([np.quantile(found[d][1], 0.95) for d in orders]),
        told=told,
    )


def _quantiles(values: FloatArray) -> FloatArray:
    """At `PROBABILITIES`, by the moments: of few draws half as noisy as order statistics.

    Cornish and Fisher's expansion to the kurtosis.
    """
    z = np.array([normal_quantile(p) for p in PROBABILITIES])
    spread = values.std()
    scaled = (values - values.mean()) / spread
    skewness, excess = np.mean(scaled**3), np.mean(scaled**4) - 3.0
    curved = skewness * (z**2 - 1.0) / 6.0 + excess * (z**3 - 3.0 * z) / 24.0
    curved -= skewness**2 * (2.0 * z**3 - 5.0 * z) / 36.0
    return np.asarray(values.mean() + spread * np.maximum.accumulate(z + curved))

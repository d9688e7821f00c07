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
from memtools.estimators.scaling.frame import IntArray, Statistic, fitted_lines
from memtools.processes import ARFIMAProcess, FractionalGaussianNoise
from memtools.results import NULL_PROBABILITIES, bends
from memtools.simulation import simulate

ORDERS = (-0.45, -0.3, -0.15, 0.0, 0.1, 0.2, 0.3, 0.4, 0.49, 0.6, 0.8, 1.0, 1.2, 1.4)
# For options of which no law is kept: fewer orders, about this many values in all.
_FEW_ORDERS = (-0.3, 0.0, 0.3, 0.48, 0.8, 1.2)
_FEW_VALUES, _FEWEST, _MOST = 150_000, 20, 200
_SEED = 20_270
_WITHIN = 1.959964


@dataclass(frozen=True, eq=False)
class ScalingLaw:
    """Mean of the uncorrected d, spread of the corrected one and 95% point of bends, over d."""

    orders: FloatArray
    means: FloatArray
    spreads: FloatArray
    null_quantiles: FloatArray
    bends: FloatArray
    told: tuple[str, ...] = ()

    def d_of(self, raw: FloatArray) -> FloatArray:
        """d whose mean uncorrected estimate is this: the bias is taken off."""
        return _inverted(self.orders, self.means, raw)

    def stderr_of(self, d: FloatArray) -> FloatArray:
        """Standard error at the estimate."""
        return np.interp(d, self.orders, self.spreads)


def _inverted(orders: FloatArray, means: FloatArray, raw: FloatArray) -> FloatArray:
    """Straight lines between the orders and beyond the outer ones."""
    i = np.clip(np.searchsorted(means, raw) - 1, 0, len(means) - 2)
    share = (raw - means[i]) / (means[i + 1] - means[i])
    return np.asarray(orders[i] + share * (orders[i + 1] - orders[i]))


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

    # Past the longest size what bias there was is held, and spreads shrink on at the rate of
    # the last octaves.
    orders, spreads = saved[f"{name}_orders"], saved[f"{name}_spreads"]
    rate = np.log(spreads[-4] / spreads[-1]) / np.log(sizes[-1] / sizes[-4])
    shrunk = max(n_obs / sizes[-1], 1.0) ** -rate
    return ScalingLaw(
        orders=orders,
        means=between(saved[f"{name}_means"]),
        spreads=shrunk * np.exp(between(np.log(spreads))),
        null_quantiles=float(np.interp(0.0, orders, shrunk)) * between(saved[f"{name}_null"]),
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
                table = statistic.measure(values, lengths, None)
                lines = fitted_lines(statistic, n_obs, lengths, table, scales is not None)
                gains = bends(np.log(lengths), np.log(table), lines.weights)[0]
                bend = n_obs * gains.max(axis=-1, initial=0.0)
                found[name].append(np.stack([lines.raw(statistic), bend]))
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
    corrected = {d: _inverted(orders, means, raw) for d, (raw, _) in found.items()}
    # A normal standard error of the width that 95% of the estimates ask for, smooth over d.
    widths = np.log([np.quantile(np.abs(corrected[d] - d), 0.95) / _WITHIN for d in orders])
    widths[1:-1] = 0.15 * widths[:-2] + 0.7 * widths[1:-1] + 0.15 * widths[2:]
    spreads = np.exp(widths)
    return ScalingLaw(
        orders=orders,
        means=means,
        spreads=spreads,
        null_quantiles=np.quantile(corrected[0.0], NULL_PROBABILITIES),
        bends=np.array([np.quantile(found[d][1], 0.95) for d in orders]),
        told=told,
    )

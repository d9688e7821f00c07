"""Make memtools/estimators/scaling/scaling_laws.npz: laws of the scaling estimators of d.

    python benchmarks/calibrate_scaling.py [--paths 500] [--kept FOLDER]

For 64 to 8,832 observations and d from -0.45 to 1.4, as many paths of fractional Gaussian noise
and of ARFIMA(0, d, 0): the mean of the uncorrected d, quantiles of the corrected one, and how far
one line seems to bend.  What is drawn is kept in FOLDER, and not drawn again.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np

import memtools as mt
from memtools.estimators.scaling import blocks, fluctuations, increments, ranges
from memtools.estimators.scaling.laws import ORDERS, ScalingLaw, drawn, summed_up

TARGET = Path(mt.__file__).parent / "estimators" / "scaling" / "scaling_laws.npz"
# Half way between the lengths at which the longest window grows.
SIZES = (64, 104, 138, 207, 276, 414, 552, 828, 1104, 1656, 2208, 3312, 4416, 8832)
FEWER = {1104: 0.8, 1656: 0.6, 2208: 0.6, 3312: 0.5, 4416: 0.5, 8832: 0.25}
# Deviations shrink about like this; what is left of them is smoothed over neighbouring sizes.
RATE = 0.4
SEED = 20_261
STATISTICS = {
    s.name: s
    for s in (
        ranges.RESCALED_RANGE,
        fluctuations.DETRENDED_FLUCTUATION,
        fluctuations.DETRENDING_MOVING_AVERAGE,
        fluctuations.RESIDUAL_VARIANCE,
        blocks.AGGREGATED_VARIANCE,
        blocks.ABSOLUTE_MOMENTS,
        increments.GENERALISED_HURST,
        increments.HIGUCHI,
    )
}


def laws(n_obs: int, n_paths: int, folder: Path) -> dict[str, dict[float, np.ndarray]]:
    """Draws by statistic and d, of which those in the folder are read."""
    found: dict[str, dict[float, np.ndarray]] = {name: {} for name in STATISTICS}
    for d in ORDERS:
        wanted = {k: s for k, s in STATISTICS.items() if d < s.highest}
        path = folder / f"{n_obs}_{d}_{n_paths}.npz"
        if not path.exists():
            np.savez(path, **drawn(wanted, n_obs, d, n_paths, SEED))
            print(n_obs, d, flush=True)
        with np.load(path) as saved:
            for name in wanted:
                found[name][d] = saved[name]
    return found


def smoothed(deviations: np.ndarray) -> np.ndarray:
    """Quantiles of shape (n_sizes, n_orders, n_probabilities) with less of the draws' noise."""
    scale = np.array(SIZES, float)[:, np.newaxis, np.newaxis] ** RATE
    scaled = scale * deviations
    scaled[1:-1] = 0.25 * scaled[:-2] + 0.5 * scaled[1:-1] + 0.25 * scaled[2:]
    return scaled / scale


def shown(name: str, n_obs: int, law: ScalingLaw) -> str:
    at = np.array([-0.3, 0.0, 0.3, 0.4])
    bias = np.round(np.interp(at, law.orders, law.means) - at, 3)
    return f"{name:26s} {n_obs:6d} bias {bias} stderr {np.round(law.stderr_of(at), 3)}"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--paths", type=int, default=500)
    parser.add_argument("--kept", type=Path, default=Path("calibration"))
    options = parser.parse_args()
    options.kept.mkdir(parents=True, exist_ok=True)
    made: dict[str, list[ScalingLaw]] = {name: [] for name in STATISTICS}
    for n_obs in SIZES:
        n_paths = int(options.paths * FEWER.get(n_obs, 1.0))
        for name, found in laws(n_obs, n_paths, options.kept).items():
            made[name].append(summed_up(found))
            print(shown(name, n_obs, made[name][-1]), flush=True)
    saved = {"sizes": np.array(SIZES, dtype=float)}
    for name, parts in made.items():
        saved[f"{name}_orders"] = parts[0].orders
        quantiles = smoothed(np.array([law.deviations for law in parts]))
        saved[f"{name}_deviations"] = quantiles.astype(np.float16)
        for key in ("means", "bends"):
            saved[f"{name}_{key}"] = np.array([getattr(law, key) for law in parts], np.float32)
    np.savez_compressed(TARGET, **saved)


if __name__ == "__main__":
    main()

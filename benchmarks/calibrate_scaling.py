"""Make memtools/estimators/scaling/scaling_laws.npz: laws of the scaling estimators of d.

    python benchmarks/calibrate_scaling.py [--paths 1000] [--kept FOLDER]

For 64 to 8,192 observations and d from -0.45 to 1.4, as many paths of fractional Gaussian noise
and of ARFIMA(0, d, 0): the mean of the uncorrected d, the width of the corrected one, its
quantiles under white noise, and how far one line seems to bend.  What is drawn is kept in FOLDER,
and not drawn again.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np

import memtools as mt
from memtools.estimators.scaling import blocks, fluctuations, increments, ranges
from memtools.estimators.scaling.laws import ORDERS, ScalingLaw, drawn, summed_up

TARGET = Path(mt.__file__).parent / "estimators" / "scaling" / "scaling_laws.npz"
SIZES = (64, 96, 128, 192, 256, 512, 1024, 2048, 4096, 8192)
FEWER = {2048: 0.5, 4096: 0.375, 8192: 0.15}
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


def shown(name: str, n_obs: int, law: ScalingLaw) -> str:
    at = [np.interp(d, law.orders, law.means) - d for d in (-0.3, 0.0, 0.3, 0.4)]
    spread = [np.interp(d, law.orders, law.spreads) for d in (-0.3, 0.0, 0.3, 0.4)]
    return f"{name:26s} {n_obs:6d} bias {np.round(at, 3)} spread {np.round(spread, 3)}"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--paths", type=int, default=1000)
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
        saved[f"{name}_null"] = np.array([law.null_quantiles for law in parts], np.float32)
        for key in ("means", "spreads", "bends"):
            saved[f"{name}_{key}"] = np.array([getattr(law, key) for law in parts], np.float32)
    np.savez_compressed(TARGET, **saved)


if __name__ == "__main__":
    main()

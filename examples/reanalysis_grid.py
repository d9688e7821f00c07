"""A map of d over a simulated reanalysis, with the share of false discoveries held.

    python examples/reanalysis_grid.py [--quick] [-o grid.png]

Monthly anomalies of 721 x 1,440 cells over 40 years (37 x 72 cells with --quick): d is 0 over four
fifths of the globe and rises to 0.45 in four basins.  The series go to a Zarr store, from which
`estimate_grid` goes to another, a region at a time; p-values adjusted by Benjamini and Hochberg's
procedure draw the map.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from pathlib import Path

import numpy as np
import xarray

import memtools as mt

N_MONTHS = 480
BASINS = [(45.0, 320.0), (-50.0, 90.0), (0.0, 200.0), (55.0, 60.0)]


def true_d(latitudes: np.ndarray, longitudes: np.ndarray) -> np.ndarray:
    """0 outside of the basins, up to 0.45 within, in steps of 0.05."""
    d = np.zeros((len(latitudes), len(longitudes)))
    for latitude, longitude in BASINS:
        across = np.abs(longitudes - longitude)
        across = np.minimum(across, 360.0 - across)
        distance = np.hypot((latitudes[:, None] - latitude) / 25.0, across[None, :] / 45.0)
        d = np.maximum(d, 0.45 * (1.0 - distance))
    return np.maximum(np.round(20.0 * d) / 20.0, 0.0)


def write_grid(store: Path, d: np.ndarray, latitudes: np.ndarray, longitudes: np.ndarray) -> None:
    """Anomalies with the memory given, some latitudes at a time."""
    import dask.array

    shape, step = (*d.shape, N_MONTHS), max(1, 100_000 // d.shape[1])
    empty = dask.array.zeros(shape, dtype=np.float32, chunks=(step, d.shape[1], N_MONTHS))
    frame = xarray.DataArray(
        empty, dims=("lat", "lon", "time"), coords={"lat": latitudes, "lon": longitudes}
    )
    frame.to_dataset(name="anomaly").to_zarr(store, compute=False, consolidated=False)
    for start in range(0, len(d), step):
        here = d[start : start + step]
        values = np.empty((*here.shape, N_MONTHS), dtype=np.float32)
        for level in np.unique(here):
            cells = here == level
            seed = [start, int(100 * level)]
            rng = np.random.default_rng(seed)
            process = mt.ARFIMAProcess(d=float(level))
            values[cells] = mt.simulate(process, N_MONTHS, n_paths=int(cells.sum()), rng=rng)
        part = xarray.DataArray(values, dims=("lat", "lon", "time")).to_dataset(name="anomaly")
        region = {"lat": slice(start, start + len(here))}
        part.to_zarr(store, region=region, consolidated=False)


def draw(found: xarray.Dataset, d: np.ndarray, path: Path) -> None:
    """The truth, and the estimates that are significant."""
    import matplotlib

    matplotlib.use("Agg")
    import matplotlib.pyplot as plt

    figure, axes = plt.subplots(1, 2, figsize=(11.0, 3.4), layout="constrained", sharey=True)
    kept = found["d"].where(found["pvalue"] < 0.05)
    titles = ["true d", "estimated d where the adjusted p-value is below 0.05"]
    for ax, values, title in zip(axes, [d, kept], titles, strict=True):
        mesh = ax.pcolormesh(
            found["lon"], found["lat"], values, vmin=-0.5, vmax=0.5, cmap="RdBu_r", rasterized=True
        )
        ax.set_title(title, loc="left", fontsize=10)
        ax.set_xlabel("longitude")
    axes[0].set_ylabel("latitude")
    figure.colorbar(mesh, ax=axes, label="d", shrink=0.9)
    figure.savefig(path, dpi=130)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="cells of five degrees")
    parser.add_argument("-o", "--output", type=Path, help="where the map goes, a .png")
    options = parser.parse_args()
    step = 5.0 if options.quick else 0.25
    latitudes = np.arange(-90.0, 90.0 + step, step)
    longitudes = np.arange(0.0, 360.0, step)
    d = true_d(latitudes, longitudes)
    with tempfile.TemporaryDirectory() as folder:
        source, out = Path(folder) / "anomaly.zarr", Path(folder) / "d.zarr"
        write_grid(source, d, latitudes, longitudes)
        start = time.perf_counter()
        found = mt.estimate_grid(source, out, "local_whittle", bandwidth=0.65).load()
        taken = time.perf_counter() - start
    discovered, alone = found["pvalue"].values < 0.05, found["single_pvalue"].values < 0.05
    null = d == 0.0
    print(f"cells: {d.size}, of them without memory: {null.mean():.1%}")
    for name, chosen in (("each cell at 5%", alone), ("adjusted, at 5%", discovered)):
        false = (chosen & null).sum() / max(chosen.sum(), 1)
        seen = (chosen & (d >= 0.3)).sum() / (d >= 0.3).sum()
        print(f"{name}: {chosen.sum()} discoveries, false {false:.1%}, d >= 0.3 found {seen:.1%}")
    bias = float(np.mean(found["d"].values[d == 0.3] - 0.3))
    print(f"mean error of d where it is 0.3: {bias:.3f}")
    if not options.quick:
        print(f"estimated in {taken:.0f} s")
    if options.output:
        draw(found, d, options.output)


if __name__ == "__main__":
    main()

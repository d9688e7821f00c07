"""Reports of four series and two trained networks, each with its picture.

    python examples/gallery.py [FOLDER] [--quick]

Writes NAME.html, the report, and NAME.png, two of its figures, for nile, vix, sp500_abs (absolute
returns), tree_rings (the paper's tree7.csv, where MEMTOOLS_DATA names its folder), lstm and mrnn
(trained to predict a series with long memory).  --quick writes the
pictures only.
"""

from __future__ import annotations

import argparse
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
from matplotlib.figure import Figure

import memtools as mt
from memtools import networks, plotting

_EPOCHS = 200


def tree_rings() -> np.ndarray | None:
    folder = os.environ.get("MEMTOOLS_DATA")
    path = Path(folder, "tree7.csv") if folder else None
    if path is None or not path.is_file():
        print("tree_rings: left out, set MEMTOOLS_DATA to the folder of tree7.csv")
        return None
    return np.loadtxt(path, skiprows=1, usecols=0, delimiter=",")


def trained(cell: Any, **options: Any) -> mt.NetworkReport:
    """A network that has learnt to predict the next value of an ARFIMA(0, 0.4, 0) series."""
    series = mt.simulate(mt.ARFIMAProcess(d=0.4), 600, rng=1)
    network = cell.initialise(1, 1, 1, rng=2, **options)
    x, y = series[:-1, None], series[1:, None]
    return mt.diagnose(mt.train(network, x, y, n_epochs=_EPOCHS).network, series, n_lags=150)


def save(path: Path, left: Callable[[Any], Any], right: Callable[[Any], Any]) -> None:
    figure = Figure(figsize=(10.0, 3.8), layout="constrained")
    for draw, ax in zip((left, right), figure.subplots(1, 2), strict=True):
        draw(ax)
    figure.savefig(path, dpi=80)


def series(folder: Path) -> Iterator[mt.results.SeriesPortrait]:
    chosen: dict[str, Any] = {n: mt.datasets.load(n) for n in ("nile", "vix", "sp500_abs")}
    rings = tree_rings()
    if rings is not None:
        chosen["tree_rings"] = rings
    for name, x in chosen.items():
        portrait = mt.portray(x, name)
        save(
            folder / f"{name}.png",
            lambda ax, shown=portrait: plotting.plot_acf(shown.correlogram, ax=ax),
            lambda ax, shown=portrait: plotting.plot_log_periodogram(shown, ax=ax),
        )
        yield portrait


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("folder", nargs="?", type=Path, default=Path("gallery"))
    parser.add_argument("--quick", action="store_true")
    options = parser.parse_args()
    options.folder.mkdir(parents=True, exist_ok=True)
    for portrait in series(options.folder):
        print(f"{portrait.name}: {portrait.report.verdict}, d = {portrait.report.d:.2f}")
        if not options.quick:
            portrait.write(options.folder / f"{portrait.name}.html")
    for name, cell, more in (
        ("lstm", networks.LSTM, {}),
        ("mrnn", networks.MRNN, {"filter_length": 100}),
    ):
        report = trained(cell, **more)
        print(f"{name}: {report.verdict}; weights decay: {report.decay.verdict}")
        save(
            options.folder / f"{name}.png",
            lambda ax, shown=report: plotting.plot_impulse_weights(shown, "semilog", ax=ax),
            lambda ax, shown=report: plotting.plot_impulse_weights(shown, "loglog", ax=ax),
        )
        if not options.quick:
            report.write(options.folder / f"{name}.html")


if __name__ == "__main__":
    main()

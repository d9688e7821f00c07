"""memtools simulate: paths of an ARFIMA process or of fractional Gaussian noise."""

from __future__ import annotations

import sys

import click
import numpy as np

from memtools import processes, simulation
from memtools._output import as_output, write_whole
from memtools.cli._series import as_numbers


@click.command("simulate")
@click.argument("n_obs", metavar="N", type=int)
@click.option("--d", default=0.0, show_default=True, help="Memory parameter.")
@click.option("--ar", default="", metavar="A1,A2,...", help="AR coefficients.")
@click.option("--ma", default="", metavar="M1,M2,...", help="MA coefficients.")
@click.option("--hurst", type=float, help="Fractional Gaussian noise of this exponent instead.")
@click.option("--sigma2", default=1.0, show_default=True, help="Variance (of the innovations).")
@click.option("--paths", default=1, show_default=True, help="Number of paths, a column each.")
@click.option("--seed", type=int, help="For the same paths again.")
@click.option("-o", "--out", help="File to write, .csv or .npy; standard output by default.")
def command(
    n_obs: int,
    d: float,
    ar: str,
    ma: str,
    hurst: float | None,
    sigma2: float,
    paths: int,
    seed: int | None,
    out: str | None,
) -> None:
    """Draw N observations of a process, exactly.

    The header names the columns x1, x2, ...; one path is called x.
    """
    process: processes.Process
    if hurst is None:
        process = processes.ARFIMAProcess(as_numbers(ar, "--ar"), d, as_numbers(ma, "--ma"), sigma2)
    elif d or ar or ma:
        raise click.BadParameter("--hurst goes without --d, --ar and --ma")
    else:
        process = processes.FractionalGaussianNoise(hurst, sigma2)
    path = None if out is None else as_output(out, (".csv", ".npy"))
    x = simulation.simulate(process, n_obs, paths, rng=seed).T
    names = ["x"] if paths == 1 else [f"x{i + 1}" for i in range(paths)]
    text = {"fmt": "%.17g", "delimiter": ",", "header": ",".join(names), "comments": ""}
    if path is None:
        np.savetxt(sys.stdout, x, **text)
    elif path.suffix.lower() == ".npy":
        write_whole(path, lambda file: np.save(file, x[:, 0] if paths == 1 else x))
    else:
        write_whole(path, lambda file: np.savetxt(file, x, **text))

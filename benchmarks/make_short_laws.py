"""Make memtools/inference/short_laws.npz: laws of the tests against long memory under short memory.

    python benchmarks/make_short_laws.py [ar] [ma] [read] [--only C ...] [--draws 20000] [--jobs 1]

ar: quantiles of each statistic, with the lags or ordinates that it chooses itself, over normal
AR(1) paths of every length and coefficient below (or of those named, the others kept); the last
length stands for infinity and comes from the limit law where that has a closed form.  ma: the same
of MA(1) paths.  read: which of the two a series is like is decided on its autocorrelations; the
two score tests, whose laws are further apart, get the law of what is read so on paths of either.
"""

from __future__ import annotations

import argparse
from functools import partial
from pathlib import Path

import numpy as np
from scipy import signal, stats
from scipy.optimize import brentq
from scipy.special import ndtri

import memtools as mt
from memtools.inference import partial_sums as ps
from memtools.inference import short_laws
from memtools.inference.laws import Law
from memtools.spectral import Sample

TARGET = Path(mt.__file__).parent / "inference" / "short_laws.npz"
LENGTHS = (50, 75, 100, 150, 250, 500, 1000, 2000, 5000)
COEFFICIENTS = (-0.8, -0.6, -0.3, 0.0, 0.3, 0.5, 0.7, 0.8, 0.9, 0.95)
PROBABILITIES = np.concatenate(
    [[0.0005, 0.001, 0.0025, 0.005, 0.01, 0.02, 0.035, 0.05, 0.075], np.arange(0.1, 0.91, 0.05)]
)
PROBABILITIES = np.concatenate([PROBABILITIES, (1.0 - PROBABILITIES[:9])[::-1]]).round(6)
FEW = {2000: 0.5, 5000: 0.25}


def autoregression(coefficient: float, n_obs: int, n_paths: int, rng) -> np.ndarray:
    noise = rng.standard_normal((n_paths, n_obs))
    noise[:, 0] /= np.sqrt(1.0 - coefficient**2)
    return signal.lfilter([1.0], [1.0, -coefficient], noise, axis=1)


def phillips_perron(trend: str, rows: np.ndarray) -> np.ndarray:
    n_lags = short_laws.pp_lags(rows.shape[1])
    return ps.phillips_perron_tau(np.cumsum(rows, axis=1), n_lags, trend)


# name of a law -> the statistic of rows of short memory (for PP: of the increments)
TESTS = {
    "range": short_laws.range_rows,
    "vs": short_laws.vs_rows,
    "kpss_c": short_laws.kpss_rows,
    "kpss_ct": partial(short_laws.kpss_rows, trend="ct"),
    "lm": short_laws.robinson_lm_rows,
    "lobato_robinson": short_laws.lobato_robinson_rows,
}
UNIT = {f"pp_{trend}": partial(phillips_perron, trend) for trend in ("c", "ct")}
READ = ("lm", "lobato_robinson")


def every(rows: np.ndarray) -> np.ndarray:
    sample = Sample(rows)
    return np.stack([test(sample).statistic for test in TESTS.values()], axis=1)


def with_unit(rows: np.ndarray) -> np.ndarray:
    return np.column_stack([every(rows), *(statistic(rows) for statistic in UNIT.values())])


def scores(rows: np.ndarray) -> np.ndarray:
    """Normal scores by the laws that the rows are read at."""
    found = [TESTS[name](Sample(rows)) for name in READ]
    below = [f.pvalue if f.side == "less" else 1.0 - f.pvalue for f in found]
    return ndtri(np.clip(np.stack(below, axis=1), 1e-15, 1.0 - 1e-15))


def range_law(v: float) -> float:
    """P(V <= v): Lo (1991), equation 3.8."""
    k = np.arange(1.0, 60.0)
    return float(1.0 + 2.0 * np.sum((1.0 - 4.0 * k**2 * v**2) * np.exp(-2.0 * (k * v) ** 2)))


def limits(draws: int) -> dict[str, np.ndarray]:
    """Quantiles of the limit laws."""
    bridge = partial(autoregression, 0.0)

    def sums(rows: np.ndarray) -> np.ndarray:
        one = np.ones(len(rows))
        kpss = [ps.kpss_statistic(f(rows), one) for f in (ps.centred, ps.detrended)]
        paths = np.cumsum(rows, axis=1)
        return np.stack(
            [*kpss, *(ps.phillips_perron_tau(paths, 0, t) for t in ("c", "ct"))], axis=1
        )

    found = np.quantile(
        mt.montecarlo.draw(sums, bridge, 1000, 10 * draws, 77, 1), PROBABILITIES, axis=0
    )
    largest = [brentq(lambda v, p=p: range_law(v) - p, 0.3, 5.0) for p in PROBABILITIES]
    kolmogorov = stats.kstwobign.ppf(PROBABILITIES)
    normal = stats.norm.ppf(PROBABILITIES)
    known = {"range": largest, "vs": (kolmogorov / np.pi) ** 2, "lm": normal}
    known["lobato_robinson"] = normal
    return known | dict(zip(("kpss_c", "kpss_ct", "pp_c", "pp_ct"), found.T, strict=True))


def moving_average(coefficient: float, n_obs: int, n_paths: int, rng) -> np.ndarray:
    noise = rng.standard_normal((n_paths, n_obs + 1))
    return noise[:, 1:] + coefficient * noise[:, :-1]


# What is added to a law's name -> its paths, its statistics and their names
KINDS = {
    "": (autoregression, with_unit, [*TESTS, *UNIT]),
    "_moving": (moving_average, every, [*TESTS]),
}
PARTS = {"ar": "", "ma": "_moving"}


def drawn(kind: str, statistic, options: argparse.Namespace, seed: int):
    """Length, coefficient and quantiles (a row a statistic) of every cell."""
    for n_obs in LENGTHS:
        draws = int(options.draws * FEW.get(n_obs, 1.0))
        for coefficient in options.only or COEFFICIENTS:
            source = partial(KINDS[kind][0], coefficient)
            found = mt.montecarlo.draw(statistic, source, n_obs, draws, seed, options.jobs)
            yield n_obs, coefficient, np.quantile(found, PROBABILITIES, axis=0).T
        print(kind, n_obs, flush=True)


def place(n_obs: int, coefficient: float) -> tuple[int, int]:
    """Row and column of the file: lengths fall, infinity comes first."""
    return len(LENGTHS) - LENGTHS.index(n_obs), COEFFICIENTS.index(coefficient)


def of_kind(kind: str, options: argparse.Namespace) -> None:
    laws = kept()
    _, statistic, names = KINDS[kind]
    if kind or options.only:
        limit = {name: np.nanmax(laws[name][0], axis=0) for name in names}
    else:
        limit = limits(options.draws)
    for name in names:
        empty = np.full((len(LENGTHS) + 1, len(COEFFICIENTS), len(PROBABILITIES)), np.nan)
        laws.setdefault(name + kind, empty)[0] = limit[name]
    for n_obs, coefficient, quantiles in drawn(kind, statistic, options, 20_260):
        for name, values in zip(names, quantiles, strict=True):
            laws[name + kind][place(n_obs, coefficient)] = values
    save(laws)


def read(options: argparse.Namespace) -> None:
    laws = kept()
    for kind in KINDS:
        for n_obs, coefficient, quantiles in drawn(kind, scores, options, 20_262):
            at = place(n_obs, coefficient)
            for name, values in zip(READ, quantiles, strict=True):
                first = Law(PROBABILITIES, laws[name + kind][at])
                laws[name + kind][at] = first.under(Law(PROBABILITIES, values)).quantiles
    save(laws)


def kept() -> dict[str, np.ndarray]:
    """The laws of the file, NaN at coefficients that it does not have."""
    laws = {}
    with np.load(TARGET) as saved:
        columns = [COEFFICIENTS.index(c) for c in saved["columns"].tolist()]
        for name in set(saved.files) - {"rows", "columns", "probabilities"}:
            law = np.full((len(LENGTHS) + 1, len(COEFFICIENTS), len(PROBABILITIES)), np.nan)
            law[:, columns] = saved[name]
            laws[name] = law
    return laws


def save(laws: dict[str, np.ndarray]) -> None:
    np.savez_compressed(
        TARGET,
        rows=np.array([np.inf, *LENGTHS[::-1]]) ** (-1 / 3),
        columns=np.array(COEFFICIENTS),
        probabilities=PROBABILITIES,
        **{name: law.astype(np.float32) for name, law in laws.items()},
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("parts", nargs="*", default=["ar", "ma", "read"])
    parser.add_argument("--only", nargs="*", type=float)
    parser.add_argument("--draws", type=int, default=20_000)
    parser.add_argument("--jobs", type=int, default=1)
    options = parser.parse_args()
    for part in options.parts:
        if part == "read":
            read(options)
        else:
            of_kind(PARTS[part], options)


if __name__ == "__main__":
    main()

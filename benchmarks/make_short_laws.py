"""Make memtools/inference/short_laws.npz: laws of the tests against long memory under short memory.

    python benchmarks/make_short_laws.py [whole] [moving] [--draws 20000] [--jobs 1]

Quantiles of each statistic, with the lags or ordinates that it chooses itself, over normal AR(1)
paths of every length and coefficient below; the last length stands for infinity and comes from
the limit law where that has a closed form.  Moving: the same of normal MA(1) paths.
"""

from __future__ import annotations

import argparse
from functools import partial
from pathlib import Path

import numpy as np
from scipy import signal, stats
from scipy.optimize import brentq

import memtools as mt
from memtools.inference import partial_sums as ps
from memtools.inference import short_laws
from memtools.spectral import Sample

TARGET = Path(mt.__file__).parent / "inference" / "short_laws.npz"
LENGTHS = (50, 75, 100, 150, 250, 500, 1000, 2000, 5000)
COEFFICIENTS = (-0.6, -0.3, 0.0, 0.3, 0.5, 0.7, 0.8, 0.9)
PROBABILITIES = np.concatenate(
    [[0.0005, 0.001, 0.0025, 0.005, 0.01, 0.02, 0.035, 0.05, 0.075], np.arange(0.1, 0.91, 0.05)]
)
PROBABILITIES = np.concatenate([PROBABILITIES, (1.0 - PROBABILITIES[:9])[::-1]]).round(6)
# Of these the law depends on whether the first autocorrelation is an AR(1)'s or an MA(1)'s.
OF_MOVING = ("lm", "lobato_robinson")
FEW = {2000: 0.5, 5000: 0.25}


def autoregression(coefficient: float, n_obs: int, n_paths: int, rng) -> np.ndarray:
    noise = rng.standard_normal((n_paths, n_obs))
    noise[:, 0] /= np.sqrt(1.0 - coefficient**2)
    return signal.lfilter([1.0], [1.0, -coefficient], noise, axis=1)


def phillips_perron(trend: str, rows: np.ndarray) -> np.ndarray:
    n_lags = short_laws.pp_lags(rows.shape[1])
    return ps.phillips_perron_tau(np.cumsum(rows, axis=1), n_lags, trend)


# name of a law -> the statistic of rows of short memory (for PP: of the increments)
STATISTICS = {
    "range": lambda rows: short_laws.range_rows(Sample(rows)).statistic,
    "vs": lambda rows: short_laws.vs_rows(Sample(rows)).statistic,
    "kpss_c": lambda rows: short_laws.kpss_rows(Sample(rows)).statistic,
    "kpss_ct": lambda rows: short_laws.kpss_rows(Sample(rows), "ct").statistic,
    "pp_c": partial(phillips_perron, "c"),
    "pp_ct": partial(phillips_perron, "ct"),
    "lm": lambda rows: short_laws.robinson_lm_rows(Sample(rows)).statistic,
    "lobato_robinson": lambda rows: short_laws.lobato_robinson_rows(Sample(rows)).statistic,
}


def every(rows: np.ndarray) -> np.ndarray:
    return np.stack([statistic(rows) for statistic in STATISTICS.values()], axis=1)


def range_law(v: float) -> float:
    """P(V <= v): Lo (1991), equation 3.8."""
    k = np.arange(1.0, 60.0)
    return float(1.0 + 2.0 * np.sum((1.0 - 4.0 * k**2 * v**2) * np.exp(-2.0 * (k * v) ** 2)))


def limits(draws: int) -> np.ndarray:
    """Quantiles of the limit laws, a row a statistic."""
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
    return np.stack([largest, (kolmogorov / np.pi) ** 2, *found.T, normal, normal])


def moving_average(coefficient: float, n_obs: int, n_paths: int, rng) -> np.ndarray:
    noise = rng.standard_normal((n_paths, n_obs + 1))
    return noise[:, 1:] + coefficient * noise[:, :-1]


def few(rows: np.ndarray) -> np.ndarray:
    return np.stack([STATISTICS[name](rows) for name in OF_MOVING], axis=1)


def moving(options: argparse.Namespace) -> None:
    with np.load(TARGET) as saved:
        kept = {name: saved[name] for name in saved.files}
    laws = np.empty((len(OF_MOVING), len(LENGTHS), len(COEFFICIENTS), len(PROBABILITIES)))
    for i, n_obs in enumerate(LENGTHS):
        draws = int(options.draws * FEW.get(n_obs, 1.0))
        for j, coefficient in enumerate(COEFFICIENTS):
            source = partial(moving_average, coefficient)
            found = mt.montecarlo.draw(few, source, n_obs, draws, 20_261, options.jobs)
            laws[:, i, j] = np.quantile(found, PROBABILITIES, axis=0).T
        print(n_obs, laws[:, i, :, [2, 7, -8]].round(3).tolist(), flush=True)
    for name, law in zip(OF_MOVING, laws, strict=True):
        kept[f"{name}_moving"] = np.concatenate([kept[name][:1], law[::-1].astype(np.float32)])
    np.savez_compressed(TARGET, **kept)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("parts", nargs="*", default=["whole", "moving"])
    parser.add_argument("--draws", type=int, default=20_000)
    parser.add_argument("--jobs", type=int, default=1)
    options = parser.parse_args()
    for part in options.parts:
        {"whole": whole, "moving": moving}[part](options)


def whole(options: argparse.Namespace) -> None:
    laws = np.empty((len(STATISTICS), len(LENGTHS) + 1, len(COEFFICIENTS), len(PROBABILITIES)))
    laws[:, -1] = limits(options.draws)[:, np.newaxis]
    for i, n_obs in enumerate(LENGTHS):
        draws = int(options.draws * FEW.get(n_obs, 1.0))
        for j, coefficient in enumerate(COEFFICIENTS):
            source = partial(autoregression, coefficient)
            found = mt.montecarlo.draw(every, source, n_obs, draws, 20_260, options.jobs)
            laws[:, i, j] = np.quantile(found, PROBABILITIES, axis=0).T
        print(n_obs, laws[:, i, 2, -8].round(4), flush=True)
    named = zip(STATISTICS, laws, strict=True)
    np.savez_compressed(
        TARGET,
        rows=np.array([np.inf, *LENGTHS[::-1]]) ** (-1 / 3),
        columns=np.array(COEFFICIENTS),
        probabilities=PROBABILITIES,
        **{name: law[::-1].astype(np.float32) for name, law in named},
    )


if __name__ == "__main__":
    main()

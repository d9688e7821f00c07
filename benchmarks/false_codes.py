"""How often the door takes what was observed for a code of missing values.

    python benchmarks/false_codes.py [seed] [series of each kind]

Series of 20 to 5,000 values of 73 kinds that hold no code; the seed of the figures in the docs is
not one that the rule was made on.
"""

import sys

import numpy as np

from memtools.files.codes import ends_of, fill_value

LENGTHS = (20, 60, 200, 1000, 5000)


def kinds(rng):
    yield "normal", lambda n: rng.normal(50.0, 8.0, n)
    yield "normal, 2 decimals", lambda n: np.round(rng.normal(50.0, 8.0, n), 2)
    yield "normal, 1 decimal", lambda n: np.round(rng.normal(0.0, 3.0, n), 1)
    yield "normal, whole", lambda n: np.round(rng.normal(500.0, 80.0, n))
    yield "t3", lambda n: rng.standard_t(3, n)
    yield "t2", lambda n: np.round(rng.standard_t(2, n), 2)
    yield "cauchy", lambda n: rng.standard_cauchy(n)
    yield "cauchy, whole", lambda n: np.round(100.0 * rng.standard_cauchy(n))
    yield "cauchy, 2 decimals", lambda n: np.round(rng.standard_cauchy(n), 2)
    yield "lognormal 2", lambda n: np.round(rng.lognormal(2.0, 2.0, n), 2)
    yield "lognormal 3", lambda n: np.round(rng.lognormal(2.0, 3.0, n))
    yield "pareto 0.8", lambda n: np.round(rng.pareto(0.8, n) + 1.0, 1)
    yield "pareto 1.5", lambda n: np.round(10.0 * (rng.pareto(1.5, n) + 1.0))
    for p in (0.2, 0.5, 0.8, 0.95, 0.99):
        yield from zeros(rng, p)
    for mean in (0.05, 0.5, 3.0, 30.0, 300.0):
        yield f"poisson {mean}", lambda n, mean=mean: rng.poisson(mean, n)
    for k in (0.05, 0.2, 1.0):
        yield f"counts {k}", lambda n, k=k: rng.negative_binomial(k, k / (k + 10.0), n)
    yield from paths(rng)


def zeros(rng, p):
    """Nothing with probability p."""

    def often(draw):
        return lambda n: np.where(rng.random(n) < p, 0.0, draw(n))

    yield f"rain {p}", often(lambda n: np.round(rng.gamma(0.7, 12.0, n), 1))
    yield f"rain in inches {p}", often(lambda n: np.round(rng.gamma(0.7, 0.5, n), 2))
    yield f"poisson or 0 {p}", often(lambda n: rng.poisson(6.0, n))
    yield f"counts or 0 {p}", often(lambda n: rng.negative_binomial(0.3, 0.01, n))
    yield f"0 or 1 {p}", often(lambda n: np.ones(n))
    yield f"switch {p}", lambda n: np.where(rng.random(n) < p, 100.0, 900.0)
    yield f"demand {p}", often(lambda n: 100.0 * rng.integers(1, 5, n))


def paths(rng):
    """Series in time: walks, prices, seasons, jumps, regimes, limits, one outlier."""
    z = rng.standard_normal
    yield "bursts", lambda n: rng.poisson(np.exp(0.1 * np.cumsum(z(n))))
    yield "walk", lambda n: 100.0 + np.cumsum(z(n))
    yield "price", lambda n: np.round(100 * np.exp(0.02 * np.cumsum(rng.standard_t(3, n))), 2)
    yield "volume", lambda n: np.round(1e6 * rng.lognormal(0.0, 0.8, n))
    yield "volume or 0", lambda n: np.round(1e6 * rng.lognormal(0, 0.8, n)) * (rng.random(n) > 0.05)
    yield "sunspots", lambda n: np.abs(np.round(80 + 70 * np.sin(np.arange(n) / 20) + 10 * z(n), 1))
    yield "magnitudes", lambda n: np.round(2.0 + rng.exponential(0.5, n), 1)
    yield "ticks", lambda n: 0.25 * np.round(2.0 * z(n))
    yield "not below 0", lambda n: np.maximum(np.round(rng.normal(5.0, 3.0, n), 1), 0.0)
    yield "not above 100", lambda n: np.minimum(np.round(rng.normal(85.0, 12.0, n)), 100.0)
    yield "jumps", lambda n: np.cumsum(np.where(rng.random(n) < 0.01, 50.0 * z(n), 0.1 * z(n)))
    yield "volatility", lambda n: z(n) * np.exp(0.05 * np.cumsum(z(n)))
    yield "sun", lambda n: np.maximum(0.0, np.round(800 * np.sin(np.arange(n) / 3.8) + 50 * z(n)))
    yield "regimes", lambda n: np.where(np.arange(n) // 50 % 2, 500 + 2 * z(n), 10 + z(n)).round(2)
    yield "outlier", lambda n: np.where(np.arange(n) == n // 2, 5000 * rng.random(), 50 + 5 * z(n))
    yield (
        "outlier, whole",
        lambda n: np.round(
            np.where(np.arange(n) == n // 2, 5000.0 * rng.random(), 50.0 + 5.0 * z(n))
        ),
    )
    yield "closed on Sundays", lambda n: np.round(1e3 + 80 * z(n)) * (np.arange(n) % 7 != 6)


def main():
    given = [int(arg) for arg in sys.argv[1:]]
    seed, n_series = [*given, *(78, 400)[len(given) :]]
    rng = np.random.default_rng(seed)
    total = found = 0
    for kind, draw in kinds(rng):
        codes = []
        for _ in range(n_series):
            values = np.asarray(draw(int(rng.choice(LENGTHS))), dtype=float)
            code = fill_value(values, ends_of(values))
            codes += [] if code is None else [code]
        total, found = total + n_series, found + len(codes)
        if codes:
            print(f"{kind}: {len(codes)} of {n_series}, {codes[:3]}")
    print(f"{found} of {total}")


if __name__ == "__main__":
    main()

"""Training worlds with short memory that looks like long: autoregressions that die out slowly.

Beside them stands the plainest long memory, to be told from it.

GROUPS names them, those of the other files too: among them one is as frequent as another where it
is settled how often they may be called long memory or nonstationary.
"""

import numpy as np
from blocks import Worlds, arfima, arma, fgn, fraction, laplace, student, unit

WORLDS = Worlds()


def slow(name, draw):
    WORLDS.add("slow", name, lambda rng, n: (draw(rng, n), 0.0))


def beside(name, draw, low, high):
    """Long memory to hold against them."""

    def drawn(rng, n):
        d = u(rng, low, high)
        return draw(rng, n, d), d

    WORLDS.add("long", name, drawn)


def u(rng, low, high):
    return rng.uniform(low, high)


def har(rng, n, lags, shares, total):
    """On the means of the last values, as many as each of `lags` tells."""
    phi = np.zeros(lags[-1])
    for lag, share in zip(lags, shares, strict=True):
        phi[:lag] += total * share / lag
    return arma(rng, n, phi, burn=3000)


def two_lags(rng, n, first, second, lag=5):
    phi = np.zeros(lag)
    phi[0], phi[-1] = first, second
    return arma(rng, n, phi, burn=2000)


def sum_of(rng, n, times, shares):
    parts = zip(times, shares, strict=True)
    return sum(np.sqrt(s) * unit(arma(rng, n, [np.exp(-1.0 / t)])) for t, s in parts)


slow("AR(1) 0.8-0.9", lambda r, n: arma(r, n, [u(r, 0.8, 0.9)]))
slow("AR(1) 0.9-0.98", lambda r, n: arma(r, n, [u(r, 0.9, 0.98)]))
slow("AR(1) 0.8-0.97, laplace", lambda r, n: arma(r, n, [u(r, 0.8, 0.97)], (), laplace))
slow("AR(1) 0.8-0.97, t5", lambda r, n: arma(r, n, [u(r, 0.8, 0.97)], (), student(5)))
slow("lags 1 and 5, strong", lambda r, n: two_lags(r, n, u(r, 0.4, 0.6), u(r, 0.25, 0.36)))
slow("lags 1 and 5, weak", lambda r, n: two_lags(r, n, u(r, 0.3, 0.55), u(r, 0.15, 0.25)))
slow("lags 1 and 4 to 7", lambda r, n: two_lags(r, n, u(r, 0.3, 0.55), u(r, 0.15, 0.35), r.integers(4, 8)))  # fmt: skip
slow("HAR 1, 5, 20", lambda r, n: har(r, n, (1, 5, 20), r.dirichlet([3, 3, 3]), u(r, 0.75, 0.94)))
slow("HAR 1, 5, 22, even", lambda r, n: har(r, n, (1, 5, 22), r.dirichlet([8, 8, 8]), u(r, 0.8, 0.95)))  # fmt: skip
slow("HAR 1, 5, 22, last day most", lambda r, n: har(r, n, (1, 5, 22), r.dirichlet([6, 4, 3]), u(r, 0.8, 0.95)))  # fmt: skip
slow("HAR 1, 5, 22, month most", lambda r, n: har(r, n, (1, 5, 22), r.dirichlet([3, 3, 5]), u(r, 0.75, 0.95)))  # fmt: skip
slow("two AR(1) to 12", lambda r, n: sum_of(r, n, (u(r, 0.5, 3), u(r, 8, 14)), r.dirichlet([4, 4])))
slow("two AR(1) to 20", lambda r, n: sum_of(r, n, (u(r, 0.5, 4), u(r, 12, 22)), r.dirichlet([4, 4])))  # fmt: skip
slow("three AR(1) to 16", lambda r, n: sum_of(r, n, np.geomspace(u(r, 1, 2), u(r, 10, 20), 3), np.ones(3)))  # fmt: skip
slow("four AR(1) to 16", lambda r, n: sum_of(r, n, np.geomspace(1, u(r, 10, 20), 4), r.dirichlet([4] * 4)))  # fmt: skip
slow("five AR(1) to 20", lambda r, n: sum_of(r, n, np.geomspace(0.7, u(r, 12, 24), 5), np.ones(5)))
slow("ARMA(0.86-0.94, -0.7--0.5)", lambda r, n: arma(r, n, [u(r, 0.86, 0.94)], [u(r, -0.7, -0.5)]))
slow("ARMA(0.8-0.9, -0.5--0.3)", lambda r, n: arma(r, n, [u(r, 0.8, 0.9)], [u(r, -0.5, -0.3)]))
slow("ARMA(0.88-0.92, -0.62--0.58)", lambda r, n: arma(r, n, [u(r, 0.88, 0.92)], [u(r, -0.62, -0.58)]))  # fmt: skip

beside("pure, 0.15-0.32", fraction, 0.15, 0.32)
beside("pure, 0.28-0.4", fraction, 0.28, 0.4)
beside("pure, 0.36-0.48", fraction, 0.36, 0.48)
beside("fGn, 0.15-0.32", lambda r, n, d: fgn(r, n, d + 0.5), 0.15, 0.32)
beside("fGn, 0.28-0.4", lambda r, n, d: fgn(r, n, d + 0.5), 0.28, 0.4)
beside("fGn, 0.36-0.47", lambda r, n, d: fgn(r, n, d + 0.5), 0.36, 0.47)
beside("AR -0.3-0.3 over d", lambda r, n, d: arfima(r, n, d, [u(r, -0.3, 0.3)]), 0.2, 0.46)
beside("MA -0.2-0.5 over d", lambda r, n, d: arfima(r, n, d, (), [u(r, -0.2, 0.5)]), 0.2, 0.46)

GROUPS = {
    "AR(1)": (
        "AR(1) 0.8-0.9", "AR(1) 0.9-0.98", "AR(1) 0.8-0.97, laplace", "AR(1) 0.8-0.97, t5",
        "AR(1) 0.7-0.85", "AR(1) 0.85-0.93", "AR(1) 0.93-0.97", "autoregression 0.8 to 0.98",
        "AR(1) between 0.8 and 0.98",
    ),
    "lags 1 and 5": (
        "lags 1 and 5, strong", "lags 1 and 5, weak", "lags 1 and 4 to 7", "lags 1 and 5",
        "lags 1 and 5, HAR-like",
    ),
    "HAR": (
        "HAR 1, 5, 20", "HAR 1, 5, 22, even", "HAR 1, 5, 22, last day most",
        "HAR 1, 5, 22, month most", "HAR 1, 5, 22", "HAR 1, 7, 30", "HAR 1, 4, 12",
        "last value, week and month",
    ),
    "sums of AR(1)": (
        "two AR(1) to 12", "two AR(1) to 20", "three AR(1) to 16", "four AR(1) to 16",
        "five AR(1) to 20", "sum of AR(1) to 8", "sum of AR(1) to 16",
        "three time constants to 16", "three AR(1), times drawn",
    ),
    "ARMA": (
        "ARMA(0.86-0.94, -0.7--0.5)", "ARMA(0.8-0.9, -0.5--0.3)", "ARMA(0.88-0.92, -0.62--0.58)",
        "ARMA(0.85-0.96, -0.75--0.4)", "ARMA(0.9-0.98, -0.85--0.6)", "ARMA 0.9, -0.6",
        "ARMA about 0.9, -0.6",
    ),
}  # fmt: skip
# Kinds of nothing but long memory: with a d from STRONG on they are a class of their own.
PURE = (
    "pure, 0.15-0.32", "pure, 0.28-0.4", "pure, 0.36-0.48", "fGn, 0.15-0.32", "fGn, 0.28-0.4",
    "fGn, 0.36-0.47", "ARFIMA(0, d, 0) 0.25-0.35", "ARFIMA(0, d, 0) 0.35-0.47", "fGn 0.25-0.35",
    "fGn 0.35-0.47", "fractional noise", "fractional noise, strong",
    "pure fraction, d 0.2 to 0.45", "pure, 0.2 to 0.45", "noise of H 0.7 to 0.95",
    "pure, 0.3 to 0.48",
)  # fmt: skip
STRONG = 0.25
# Autoregressions on the last value and a week's are most of the HAR-like.
SHARES = {"AR(1)": 2.0, "lags 1 and 5": 1.5, "HAR": 0.5, "sums of AR(1)": 2.0, "ARMA": 2.0}
NAMES = tuple(name for names in GROUPS.values() for name in names)

"""From evidences to the chance of each verdict: a logistic rule that can be printed.

The weights are in scorecard.json, thresholds and error rates in thresholds.json; both are made by
benchmarks/answer/train.py.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files

import numpy as np

from memtools._validate import FloatArray

CLASSES = (
    "short",
    "slow",  # short memory too: autoregressions that die out slowly
    "mimics",
    "pure",  # long memory and nothing else, d from 1/4 on
    "long",
    "long with more",
    "long at a cycle",
    "nonstationary",
    "antipersistent",
)
# Which classes make a verdict, and which make it right.
VERDICT_CLASSES = {
    "short memory": ("short", "slow"),
    "spurious": ("mimics",),
    "long memory": ("pure", "long", "long with more", "long at a cycle"),
    "nonstationary": ("nonstationary",),
    "antipersistent": ("antipersistent",),
}
# Verdicts that a slow autoregression is easily given.
LOUD_VERDICTS = ("long memory", "nonstationary")
# Weight of pure long memory against a slow autoregression.
PLAIN = 10.0
RIGHT_CLASSES = VERDICT_CLASSES | {"short memory": ("short", "slow", "mimics")}


def transforms(name: str, value: FloatArray) -> list[FloatArray]:
    """The columns of one evidence: margins saturate, places and powers are as they are.

    A margin of thousands of nats says no more than one of ten.
    """
    if ":" in name:
        return [value]
    return [np.tanh(value / 2.0), np.tanh(value / 8.0), np.arcsinh(value / 30.0)]


@dataclass(frozen=True, eq=False)
class Scorecard:
    """The trained rule.

    Attributes
    ----------
    names : tuple of str
        Evidences.
    means : list of ndarray, shape (n_columns,)
        Of the columns of each evidence in training.
    weights : list of ndarray, shape (n_columns, n_classes)
        To the log chance of each class.
    intercepts : ndarray, shape (n_classes,)
    lengths : ndarray
        Numbers of observations at which thresholds and error rates are tabulated.
    thresholds, error_rates : dict of str to ndarray
        By verdict, a value a length.
    slowest : ndarray
        Chance of a slow autoregression, against it and memory together, above which none of
        LOUD_VERDICTS is given; a value a length.
    certificate : dict
        What the file was made of.
    """

    names: tuple[str, ...]
    means: list[FloatArray]
    weights: list[FloatArray]
    intercepts: FloatArray
    lengths: FloatArray
    thresholds: dict[str, FloatArray]
    slowest: FloatArray
    error_rates: dict[str, FloatArray]
    certificate: dict[str, str]

    def contributions(self, found: dict[str, float]) -> dict[str, FloatArray]:
        """What each evidence adds to the log chances against an average series."""
        shown = {}
        for name, mean, weights in zip(self.names, self.means, self.weights, strict=True):
            columns = np.array(transforms(name, np.array(found[name])))
            shown[name] = (columns - mean) @ weights
        return shown

    def chances(self, found: dict[str, float]) -> dict[str, float]:
        """Chance of each class, every class as likely as another beforehand."""
        total = self.intercepts + np.sum(list(self.contributions(found).values()), axis=0)
        shares = np.exp(total - total.max())
        return dict(zip(CLASSES, (shares / shares.sum()).tolist(), strict=True))

    def verdict(self, chances: dict[str, float], n_obs: int) -> tuple[str, float]:
        """The verdict, and the chance that it is right; "undecided" below the threshold."""
        likely = most_likely(chances)
        right = sum(chances[name] for name in RIGHT_CLASSES[likely])
        if self.silent(chances, n_obs) or right < self._at(self.thresholds[likely], n_obs):
            return "undecided", right
        return likely, right

    def silent(self, chances: dict[str, float], n_obs: int) -> bool:
        """Whether the likeliest verdict may be but a slow autoregression."""
        loud = most_likely(chances) in LOUD_VERDICTS
        return loud and slow_share(chances) > self._at(self.slowest, n_obs)

    def error_rate(self, verdict: str, n_obs: int) -> float:
        """Share of wrong among the calibration series of the nearest length with this verdict."""
        nearest = int(np.argmin(np.abs(np.log(self.lengths / n_obs))))
        return float(self.error_rates[verdict][nearest])

    def _at(self, values: FloatArray, n_obs: int) -> float:
        return float(np.interp(np.log(n_obs), np.log(self.lengths), values))


def most_likely(chances: dict[str, float]) -> str:
    """The verdict of the largest chance."""
    sums = {v: sum(chances[name] for name in names) for v, names in VERDICT_CLASSES.items()}
    return max(sums, key=lambda verdict: sums[verdict])


def slow_share(chances: dict[str, float]) -> float:
    """Chance of a slow autoregression among it and the classes of LOUD_VERDICTS.

    The plainest memory weighs most: where that is the rival, the two are told apart best.
    """
    memory = sum(chances[name] for verdict in LOUD_VERDICTS for name in VERDICT_CLASSES[verdict])
    memory += (PLAIN - 1.0) * chances["pure"]
    return chances["slow"] / max(chances["slow"] + memory, 1e-300)


@lru_cache(maxsize=1)
def shipped_rule() -> Scorecard:
    """The shipped rule."""
    folder = files("memtools.worlds")
    rule = json.loads(folder.joinpath("scorecard.json").read_text())
    held = json.loads(folder.joinpath("thresholds.json").read_text())
    evidences = rule["evidences"]
    return Scorecard(
        names=tuple(evidences),
        means=[np.array(value["means"]) for value in evidences.values()],
        weights=[np.array(value["weights"]) for value in evidences.values()],
        intercepts=np.array(rule["intercepts"]),
        lengths=np.array(held["lengths"], dtype=float),
        thresholds={key: np.array(value) for key, value in held["thresholds"].items()},
        slowest=np.array(held["slowest"]),
        error_rates={key: np.array(value) for key, value in held["error_rates"].items()},
        certificate=rule["certificate"],
    )

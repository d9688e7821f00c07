"""An estimator as the referee calls it, and what it may do wrong."""

from __future__ import annotations

import importlib.util
import time
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from typing import Any

import numpy as np

import memtools as mt

_NORMAL = 1.959963984540054
_RUNS = 3


@dataclass(frozen=True)
class Found:
    """d, and a 95% interval where the program gives one."""

    d: float
    low: float = np.nan
    high: float = np.nan

    @classmethod
    def with_error(cls, d: float, stderr: float) -> Found:
        """The interval that a reader makes of a standard error."""
        return cls(float(d), float(d - _NORMAL * stderr), float(d + _NORMAL * stderr))

    def confidence_interval(self, level: float) -> tuple[float, float]:
        assert level == 0.95
        return self.low, self.high


@dataclass(frozen=True)
class Entry:
    """An estimator of d under the name that the tables print.

    `module` is what has to be there.  One that is `slow`, tens of milliseconds a call, is asked on
    fewer paths.
    """

    package: str
    name: str
    module: str
    estimate: Callable[[np.ndarray], Any]
    slow: bool = False

    @property
    def label(self) -> str:
        return f"{self.package}: {self.name}"

    def missing(self) -> str:
        """Why it cannot be asked, or nothing."""
        there = importlib.util.find_spec(self.module)
        return "" if there else f"{self.package} is not installed"

    def __call__(self, x: np.ndarray) -> Any:
        """The estimate; a crash, or a number that is none, is a refusal and is counted."""
        try:
            with warnings.catch_warnings(), np.errstate(all="ignore"):
                warnings.simplefilter("ignore")
                found = self.estimate(x)
        except Exception as error:
            raise mt.InvalidInputError("path", "one it can take", repr(error)) from error
        if not np.isfinite(found.d):
            raise mt.InvalidInputError("path", "one with an estimate", str(found.d))
        return found

    def seconds(self, x: np.ndarray) -> float:
        """Of the processor, the least of a few warm calls; nan where it fails."""
        runs = []
        for _ in range(_RUNS + 1):
            start = time.process_time()
            try:
                self(x)
            except mt.InvalidInputError:
                return np.nan
            runs.append(time.process_time() - start)
        return min(runs[1:])


def installed(packages: list[str]) -> dict[str, str]:
    """Versions of packages, or "absent"."""
    found = {}
    for package in packages:
        try:
            found[package] = version(package)
        except PackageNotFoundError:
            found[package] = "absent"
    return found

"""R's estimators, in one R that stays: a request is a number of calls, a function, a series.

fdGPH and fdSperio of fracdiff are `gph` and `smoothed_gph` to the last digit (docs/equivalents.md)
and take a quarter of a second: they are left out.
"""

from __future__ import annotations

import shutil
import subprocess
from dataclasses import dataclass
from functools import cache

import numpy as np
from entries import Entry, Found

import memtools as mt

_SERVER = """
input <- file("stdin", "r")
while (length(asked <- readLines(input, 2)) == 2) {
  x <- scan(text = asked[2], quiet = TRUE)
  request <- strsplit(asked[1], "|", fixed = TRUE)[[1]]
  work <- eval(parse(text = request[2]))
  calls <- as.integer(request[1])
  found <- tryCatch(suppressWarnings({
    start <- proc.time()[["elapsed"]]
    for (i in seq_len(calls)) answer <- work(x)
    c(c(answer, NaN)[1:2], (proc.time()[["elapsed"]] - start) / calls)
  }), error = function(e) c(NaN, NaN, 0))
  cat(format(found, digits = 17), "\\n")
  flush(stdout())
}
"""
_WORK = {
    # M = 100; its standard error is that of its own Hessian
    ("fracdiff", "fracdiff"): "f <- fracdiff::fracdiff(x); c(f$d, f$stderror.dpq[1])",
    ("longmemo", "WhittleEst, fGn"): (
        "f <- longmemo::WhittleEst(x, model = 'fGn'); "
        "c(f$coefficients[1, 1] - 0.5, f$coefficients[1, 2])"
    ),
    ("longmemo", "WhittleEst, fARIMA"): (
        "f <- longmemo::WhittleEst(x, model = 'fARIMA', p = 0, q = 0); "
        "c(f$coefficients[1, 1] - 0.5, f$coefficients[1, 2])"
    ),
    ("longmemo", "FEXPest"): (
        "f <- longmemo::FEXPest(x, order.poly = 2, pvalmax = 0.05); "
        "c(f$H - 0.5, f$coefficients[2, 2] / 2)"
    ),
    ("arfima", "arfima"): "f <- arfima::arfima(x, numeach = c(1, 1)); c(coef(f)[1, 'd.f'], NaN)",
}


@cache
def server() -> subprocess.Popen[str]:
    command = ["Rscript", "--vanilla", "-e", _SERVER]
    pipe = subprocess.PIPE
    return subprocess.Popen(command, stdin=pipe, stdout=pipe, stderr=subprocess.DEVNULL, text=True)


@cache
def version(package: str) -> str:
    """Of a package of R, or "absent"."""
    if shutil.which("Rscript") is None:
        return "absent"
    asked = f"cat(if (nzchar(system.file(package = '{package}'))) "
    asked += f"as.character(packageVersion('{package}')) else 'absent')"
    command = ["Rscript", "--vanilla", "-e", asked]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


def asked(work: str, calls: int, x: np.ndarray) -> list[float]:
    """d, its standard error, and seconds a call by R's own clock."""
    process = server()
    assert process.stdin is not None
    assert process.stdout is not None
    values = " ".join(map(repr, x.tolist()))
    process.stdin.write(f"{calls}|function(x) {{ {work} }}\n{values}\n")
    process.stdin.flush()
    return [float(word) for word in process.stdout.readline().split()]


@dataclass(frozen=True)
class InR(Entry):
    """An estimator of R."""

    work: str = ""

    def missing(self) -> str:
        absent = version(self.package) == "absent"
        return f"R's {self.package} is not installed" if absent else ""

    def __call__(self, x: np.ndarray) -> Found:
        d, stderr, _ = asked(self.work, 1, x)
        if not np.isfinite(d):
            raise mt.InvalidInputError("path", "one with an estimate", str(d))
        return Found.with_error(d, stderr)

    def seconds(self, x: np.ndarray) -> float:
        calls = max(1, int(0.1 / max(asked(self.work, 1, x)[2], 0.001)))
        return asked(self.work, calls, x)[2]


def estimate_nothing(x: np.ndarray) -> Found:
    raise NotImplementedError


ENTRIES = [
    InR(package, name, "", estimate_nothing, work=work) for (package, name), work in _WORK.items()
]
PACKAGES = list(dict.fromkeys(entry.package for entry in ENTRIES))

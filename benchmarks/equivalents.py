"""What other programs call it, and the options that give the same number: docs/equivalents.md.

    python benchmarks/equivalents.py                    writes the page
    python benchmarks/equivalents.py --golden [FOLDER]  asks R first (FOLDER: R sources of
                                                        LongMemoryTS), into equivalents_r.json

A row of equivalents.toml is two expressions of the same number.  tests/test_equivalents.py
evaluates both: the other program's where it is installed, R's from tests/golden/equivalents_r.json.
In both, x is `memtools.datasets.load("sunspots")`, y the first thousand values of "sp500_abs".  A
row without an expression of ours says why there is none.
"""

from __future__ import annotations

import datetime
import json
import re
import subprocess
import sys
import tempfile
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

ROOT = Path(__file__).parents[1]
TABLE = Path(__file__).with_suffix(".toml")
PAGE = ROOT / "docs" / "equivalents.md"
GOLDEN = ROOT / "tests" / "golden" / "equivalents_r.json"
_MARKS = re.compile(r"(<!-- equivalents: ([\w ()]+) -->\n).*?(<!-- end -->)", re.DOTALL)


@dataclass(frozen=True)
class Row:
    """The same number in another program and here, to `within` (absolute)."""

    program: str
    theirs: str
    ours: str = ""
    within: float = 1e-9
    remark: str = ""


ROWS = [Row(**row) for row in tomllib.loads(TABLE.read_text())["row"]]
IN_R = {
    "fracdiff (R)": "fracdiff", "longmemo": "longmemo", "R itself": "stats",
    "forecast (R)": "forecast", "LongMemoryTS": "",
}  # fmt: skip


def series() -> dict[str, np.ndarray]:
    import memtools as mt

    x = np.asarray(mt.datasets.load("sunspots"), dtype=float)
    return {"x": x, "y": np.asarray(mt.datasets.load("sp500_abs"), dtype=float)[:1000]}


def ours(row: Row) -> np.ndarray:
    import memtools as mt

    return np.asarray(eval(row.ours, {"mt": mt, "np": np} | series()), dtype=float)


def golden() -> dict[str, Any]:
    found: dict[str, Any] = json.loads(GOLDEN.read_text())
    return found


def ask_r(sources: str | None) -> None:
    """Evaluate R's column, each row in its own try, and keep what came with its certificate."""
    rows = [row for row in ROWS if row.program in IN_R and (sources or IN_R[row.program])]
    rows = [row for row in rows if row.ours]
    with tempfile.TemporaryDirectory() as folder:
        for name, values in series().items():
            np.savetxt(Path(folder) / name, values, fmt="%.17g")
        lines = [f"{name} <- scan('{folder}/{name}', quiet = TRUE)" for name in series()]
        packages = sorted({IN_R[row.program] for row in rows} - {""})
        lines += [f"suppressMessages(library({package}))" for package in packages]
        if sources:
            files = sorted(Path(sources).glob("*.R"))
            lines += [f"try(source('{file}'), silent = TRUE)" for file in files]
        lines += ["say <- function(v) cat(sprintf('%.17g', v), '\\n')"]
        lines += [f"say({row.theirs})" for row in rows]
        lines += [f"cat(as.character(packageVersion('{p}')), '\\n')" for p in packages]
        lines += ["cat(as.character(getRversion()), '\\n')"]
        script = Path(folder) / "rows.R"
        script.write_text("\n".join(lines))
        asked = ["Rscript", "--vanilla", str(script)]
        printed = subprocess.run(asked, capture_output=True, text=True, check=True).stdout
    *values, version = printed.splitlines()
    programs = {"R": version.strip()}
    programs |= {p: v.strip() for p, v in zip(packages, values[len(rows) :], strict=True)}
    if sources:
        programs["LongMemoryTS"] = "0.1.0, its R sources"
    kept = {
        "program": programs,
        "command": "python benchmarks/equivalents.py --golden LongMemoryTS/R",
        "date": datetime.datetime.now(datetime.UTC).date().isoformat(),
        "conventions": 'x: memtools.datasets.load("sunspots"), y: "sp500_abs", first 1,000 values',
        "values": {
            f"{row.program}: {row.theirs}": [float(v) for v in line.split()]
            for row, line in zip(rows, values, strict=False)
        },
    }
    GOLDEN.write_text(json.dumps(kept, indent=1) + "\n")


def block(program: str) -> str:
    lines = ["", "| theirs | ours | within | |", "|---|---|---|---|"]
    for row in ROWS:
        if row.program == program:
            here = f"`{row.ours}`" if row.ours else "no equal"
            within = f"{row.within:.0e}" if row.within < 1e-3 else f"{row.within:g}"
            cells = [f"`{row.theirs}`", here, within if row.ours else "", row.remark]
            lines.append("| " + " | ".join(cells) + " |")
    return "\n".join(lines) + "\n"


def page(text: str) -> str:
    return _MARKS.sub(lambda m: m.group(1) + block(m.group(2)) + m.group(3), text)


if __name__ == "__main__":
    if sys.argv[1:2] == ["--golden"]:
        ask_r(*sys.argv[2:3] or [None])
    PAGE.write_text(page(PAGE.read_text()))

"""Draws time against the length of a series and against the number of series, as measured.

python docs/draw_performance.py FILE.svg
"""

import json
import sys
from pathlib import Path

from matplotlib.figure import Figure

STORE = Path(__file__).parents[1] / "benchmarks" / "measured" / "performance.json"


def figures(program: str, work: str) -> list[dict]:
    runs = json.loads(STORE.read_text())
    return [f for f in runs.get(program, {"figures": []})["figures"] if f["work"] == work]


def draw(path: str) -> None:
    figure = Figure(figsize=(11.0, 4.2), layout="constrained")
    lengths, numbers = figure.subplots(1, 2)
    measured = figures("bench_length", "by length of the series")
    for name in dict.fromkeys(f["of"] for f in measured):
        points = [(f["x"], f["value"]) for f in measured if f["of"] == name]
        lengths.loglog(*zip(*points, strict=True), marker="o", ms=3, label=name)
    lengths.set(xlabel="observations", ylabel="seconds of the processor", title="One series")
    lengths.set_ylim(top=60.0)
    lengths.legend(fontsize=8, frameon=False, loc="upper left", ncols=2)
    measured = figures("bench_number", "by number of series")
    seconds = {f["x"]: f["value"] for f in measured if f["unit"] == "s"}
    resident = {f["x"]: f["value"] for f in measured if f["unit"] == "MB"}
    if measured:
        numbers.loglog(*zip(*seconds.items(), strict=True), marker="o", ms=4, label="seconds")
        most = max(seconds)
        line = [seconds[most] * n / most for n in seconds]
        numbers.loglog(list(seconds), line, color="0.7", ls="--", label="linear")
        memory = numbers.twinx()
        memory.semilogx(*zip(*resident.items(), strict=True), color="#d55e00", marker="s", ms=4)
        label = "largest resident memory, MB (orange)"
        memory.set(ylabel=label, ylim=(0, 1.3 * max(resident.values())))
        numbers.legend(fontsize=8, frameon=False, loc="upper left")
    title = "estimate_many, local Whittle, a memory map of series of 256"
    numbers.set(xlabel="series", ylabel="seconds of the processor", title=title)
    figure.savefig(path)


if __name__ == "__main__":
    draw(sys.argv[1])

"""Draws the referee's figures: error against length, coverage against width.

python docs/draw_referee.py FILE.svg
"""

import importlib.util
import sys
from pathlib import Path

from matplotlib.figure import Figure

PAGE = Path(__file__).parents[1] / "benchmarks" / "referee" / "page.py"
# Of the many: the answer, one of each kind of ours, and the programs most used.
SHOWN = {
    "memtools: estimate": "#0072b2",
    "memtools: fgn_whittle": "#56b4e9",
    "memtools: local_whittle": "#009e73",
    "memtools: detrended_fluctuation": "#000000",
    "memtools: rescaled_range": "#777777",
    "nolds: dfa, least squares": "#d55e00",
    "nolds: hurst_rs, least squares": "#e69f00",
    "pyelw: ELW, sample mean": "#cc79a7",
    "fracdiff: fracdiff": "#8c510a",
}
LENGTHS = (256, 1024, 4096)
FAMILIES = ("fGn", "ARFIMA, AR .5", "shifts")


def figures():
    spec = importlib.util.spec_from_file_location("referee_page", PAGE)
    page = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(page)
    return page.kept()


def draw(path: str) -> None:
    found = figures()
    figure = Figure(figsize=(12.0, 7.2), layout="constrained")
    above, below = figure.subplots(2, len(FAMILIES), sharey="row")
    for family, error, cover in zip(FAMILIES, above, below, strict=True):
        here = found[found.family == family]
        for label, colour in SHOWN.items():
            mine = here[here.estimator == label].sort_values("n_obs")
            style = {"color": colour, "marker": "o", "ms": 4, "label": label}
            error.loglog(mine.n_obs, mine.rmse, **style)
        last = here[(here.n_obs == 1024) & here.coverage.notna()]
        for _, one in last.iterrows():
            ours = one.estimator.startswith("memtools")
            colour = SHOWN.get(one.estimator, "#b3cde3" if ours else "#fdc9a0")
            marker = "o" if ours else "s"
            cover.semilogx(one.width, 100.0 * one.coverage, marker, color=colour, ms=6)
        cover.axhline(95.0, color="0.7", lw=1.0)
        error.set(title=HEADINGS[family], xlabel="observations")
        error.set_xticks(LENGTHS, [f"{n:,}" for n in LENGTHS])
        error.minorticks_off()
        error.set_xlim(220, 4800)
        cover.set(xlabel="median width of the 95% interval, n = 1,024", xlim=(0.02, 3.0))
    above[0].set_ylabel("root mean squared error of d")
    below[0].set_ylabel("coverage in percent (circles: ours)")
    lines, labels = above[0].get_legend_handles_labels()
    figure.legend(lines, labels, loc="outside lower center", ncols=3, frameon=False, fontsize=9)
    figure.savefig(path)


HEADINGS = {
    "fGn": "fractional Gaussian noise",
    "ARFIMA, AR .5": "ARFIMA with an autoregression",
    "shifts": "with shifts of the level",
}

if __name__ == "__main__":
    draw(sys.argv[1])

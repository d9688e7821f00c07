"""The tables of docs/referee.md and docs/which_estimator.md, from the figures that were kept.

    python benchmarks/referee/run.py --page

Each block stands between `<!-- referee: NAME -->` and `<!-- end -->`; tests/test_claims.py holds
that what is printed is what was kept.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from pathlib import Path

import numpy as np
import pandas as pd

ROOT = Path(__file__).parents[2]
MEASURED = ROOT / "benchmarks" / "measured"
FIGURES, TIMES = MEASURED / "referee.csv", MEASURED / "referee_times.csv"
PUBLIC, SUITES = MEASURED / "referee_public.csv", MEASURED / "referee_suites.csv"
MADE = MEASURED / "referee.json"
PAGES = [ROOT / "docs" / "referee.md", ROOT / "docs" / "which_estimator.md"]
_MARKS = re.compile(r"(<!-- referee: (\w+) -->\n).*?(<!-- end -->)", re.DOTALL)
_LEAST_COVERAGE = 0.90
NOT_YET = "Not measured.\n"
# What a family is to somebody who has a series.
HAVE = {
    "fGn": "fractional noise, nothing else",
    "ARFIMA": "ARFIMA(0, d, 0), nothing else",
    "ARFIMA, AR .5": "memory and an autoregression",
    "AR(1)": "an autoregression, no memory",
    "sum of AR(1)": "several time constants, no memory",
    "shifts": "shifts of the level",
    "trend": "a trend",
    "under noise": "memory seen through noise",
    "heavy tails": "heavy tails",
}


def is_ours(label: str) -> bool:
    return label.startswith("memtools: ")


def short(label: str) -> str:
    return f"`{label.removeprefix('memtools: ')}`" if is_ours(label) else label


def kept() -> pd.DataFrame:
    """Figures by estimator, family and length: errors pooled over the kinds of a family."""
    rows = pd.read_csv(FIGURES)
    rows = rows[rows.n_obs.notna()].astype({"n_obs": int})
    rows["square"], rows["covered"] = rows.rmse**2, rows.coverage
    rows["spread"] = (2.0 * rows.rmse * rows.rmse_stderr) ** 2
    by = rows.groupby(["estimator", "family", "n_obs"], sort=False)
    found = by.agg(
        square=("square", "mean"), spread=("spread", "sum"), kinds=("square", "size"),
        coverage=("covered", "mean"), width=("width", "mean"), bias=("bias", "mean"),
        failed=("n_failed", "sum"), paths=("n_paths", "sum"),
    ).reset_index()  # fmt: skip
    found["rmse"] = np.sqrt(found.square)
    found["stderr"] = np.sqrt(found.spread) / found.kinds / (2.0 * found.rmse).clip(1e-9)
    return found


def in_order(labels: Iterable[str]) -> list[str]:
    """The answer, the rest of ours, everybody else."""
    return sorted(labels, key=lambda label: (not is_ours(label), label != "memtools: estimate"))


def lengths(figures: pd.DataFrame) -> list[int]:
    return sorted(figures.n_obs.unique())


def table(header: list[str], rows: list[list[str]]) -> str:
    lines = [header, ["---"] * len(header), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines) + "\n"


def by_family(figures: pd.DataFrame, cell) -> str:
    """A table a length: an estimator a row, a family a column."""
    parts = []
    for n_obs in lengths(figures):
        mine = figures[figures.n_obs == n_obs].set_index(["estimator", "family"])
        rows = []
        for label in in_order(mine.index.get_level_values(0).unique()):
            shown = [cell(mine, label, family) for family in HAVE]
            if any(shown):
                rows.append([short(label), *shown])
        parts.append(f"n = {n_obs:,}\n\n" + table(["", *HAVE], rows))
    return "\n".join(parts)


def errors() -> str:
    """Root mean squared errors, the least in bold with those that cannot be told from it."""

    def cell(mine: pd.DataFrame, label: str, family: str) -> str:
        if (label, family) not in mine.index or np.isnan(mine.rmse[label, family]):
            return ""
        column = mine.xs(family, level="family")
        one, best = column.loc[label], column.loc[column.rmse.idxmin()]
        near = one.rmse - best.rmse <= 2.0 * np.hypot(one.stderr, best.stderr)
        text = f"{one.rmse:.3f}"
        return f"**{text}**" if one.rmse == best.rmse else f"*{text}*" if near else text

    return by_family(kept(), cell)


def coverage() -> str:
    def cell(mine: pd.DataFrame, label: str, family: str) -> str:
        if (label, family) not in mine.index or np.isnan(mine.coverage[label, family]):
            return ""
        one = mine.loc[(label, family)]
        return f"{100.0 * one.coverage:.0f} ({min(one.width, 9.99):.2f})"

    return by_family(kept(), cell)


def first() -> str:
    """Who is first in each column, ours against everybody else."""
    figures, rows = kept(), []
    for family in HAVE:
        for n_obs in lengths(figures):
            here = figures[(figures.family == family) & (figures.n_obs == n_obs)]
            here = here.dropna(subset="rmse").set_index("estimator")
            if here.empty:
                continue
            ours = [label for label in here.index if is_ours(label)]
            best, other = here.rmse[ours].idxmin(), here.rmse.drop(ours).idxmin()
            row = [family, f"{n_obs:,}"]
            row += [f"{short(k)} {here.rmse[k]:.3f} ± {here.stderr[k]:.3f}" for k in (best, other)]
            gap = here.rmse[best] - here.rmse[other]
            told = abs(gap) > 2.0 * np.hypot(here.stderr[best], here.stderr[other])
            rows.append([*row, ("ours" if gap < 0 else "theirs") if told else "not told apart"])
    return table(["family", "n", "best of ours", "best of theirs", "first"], rows)


def refusals() -> str:
    everything = pd.read_csv(FIGURES)
    gone = everything[everything.n_obs.isna()]
    lines = [f"- {row.estimator}: {row.process}.\n" for row in gone.itertuples()]
    figures = kept()
    failed = figures.groupby("estimator", sort=False)[["failed", "paths"]].sum()
    for label, row in failed[failed.failed > 0].iterrows():
        where = figures[(figures.estimator == label) & (figures.failed > 0)]
        places = ", ".join(dict.fromkeys(where.family))
        lines.append(f"- {label}: {row.failed:.0f} of {row.paths:.0f} paths ({places}).\n")
    return "".join(lines) or "None.\n"


def times() -> str:
    rows = pd.read_csv(TIMES)
    wide = rows.pivot(index="estimator", columns="n_obs", values="seconds")
    wide = wide.loc[in_order(rows.estimator.unique())]
    shown = [[short(label), *(f"{1e3 * s:.3g}" for s in row)] for label, row in wide.iterrows()]
    return table(["milliseconds a call", *(f"n = {n:,}" for n in wide.columns)], shown)


def made() -> str:
    told = json.loads(MADE.read_text())
    versions = ", ".join(f"{k} {v}" for k, v in told["versions"].items())
    paths = " / ".join(map(str, told["lengths"].values()))
    slow = " / ".join(map(str, told["slow"].values()))
    spread = " / ".join(f"{int(n):,}" for n in told["lengths"])
    return (
        f"`{told['command']}`, {told['day']}: {paths} paths a cell at n = {spread}, {slow} for "
        f"slow programs, seed {told['seed']}; {versions}.\n"
    )


def public() -> str:
    """The published table, the same pipelines here, and ours on the same paths."""
    rows = pd.read_csv(PUBLIC)
    families = list(dict.fromkeys(rows.family))
    wide = rows.set_index(["estimator", "family"])
    best = {f: rows[rows.family == f].set_index("estimator").mae.idxmin() for f in families}
    shown = []
    for label in dict.fromkeys(rows.estimator):
        printed = [wide.published[label, family] for family in families]
        row = [short(label), "" if is_ours(label) else " / ".join(f"{v:.4f}" for v in printed)]
        for family in families:
            one = wide.loc[(label, family)]
            text = f"{one.mae:.4f} ± {one.mae_stderr:.4f}"
            row.append(f"**{text}**" if best[family] == label else text)
        covers = [wide.coverage[label, family] for family in families]
        told = is_ours(label)
        row.append(" / ".join(f"{100 * c:.0f}" for c in covers) if told else "")
        shown.append(row)
    n_paths = int(rows.n_paths.min())
    head = ["", "published", *families, "covers, %"]
    return f"{n_paths} paths a cell, ± one standard error.\n\n" + table(head, shown)


def suites() -> str:
    rows, shown = pd.read_csv(SUITES), []
    for suite, board in rows.groupby("suite", sort=False):
        ours = board[board.estimator.str.startswith("memtools")].iloc[0]
        theirs = board[~board.estimator.str.startswith("memtools")].iloc[0]
        shown.append(
            [suite, str(len(board)), f"`{ours.estimator}`, place {ours['rank']}: {ours.components}",
             f"{theirs.estimator}, place {theirs['rank']}: {theirs.components}"]
        )  # fmt: skip
    return table(["suite", "estimators", "first of ours", "first of theirs"], shown)


def choice() -> str:
    """By what one has: the least error, the least with an honest interval, and `estimate`."""
    figures, rows = kept(), []
    figures = figures[figures.estimator.map(is_ours)]
    for family, words in HAVE.items():
        here = figures[figures.family == family].set_index(["estimator", "n_obs"])
        total = here.rmse.unstack().mean(axis=1)
        covers = here.coverage.unstack().min(axis=1)
        honest = total[covers >= _LEAST_COVERAGE]
        row, told = [words], sorted(here.index.get_level_values("n_obs").unique())
        for label in (total.idxmin(), honest.idxmin() if len(honest) else None):
            row.append(spoken(here, label, told) if label else "none")
        rows.append([*row, spoken(here, "memtools: estimate", told)])
    spread = " / ".join(f"{n:,}" for n in lengths(figures))
    head = ["the series has", "least error", "least error of those that cover", "`estimate`"]
    intro = f"Root mean squared error of d and, in brackets, coverage in percent, n = {spread}.\n\n"
    return intro + table(head, rows)


def spoken(here: pd.DataFrame, label: str, told: list[int]) -> str:
    error = " / ".join(f"{here.rmse[label, n]:.3f}" for n in told)
    covered = " / ".join(f"{100.0 * here.coverage[label, n]:.0f}" for n in told)
    return f"{short(label)} {error} ({covered})"


# Blocks, and the figures that they are made of.
BLOCKS = {
    "made": (made, MADE),
    "first": (first, FIGURES),
    "errors": (errors, FIGURES),
    "coverage": (coverage, FIGURES),
    "refusals": (refusals, FIGURES),
    "times": (times, TIMES),
    "public": (public, PUBLIC),
    "suites": (suites, SUITES),
    "choice": (choice, FIGURES),
}


def page(text: str) -> str:
    """The page with its blocks as they follow from the figures."""

    def filled(match: re.Match[str]) -> str:
        make, figures = BLOCKS[match.group(2)]
        return f"{match.group(1)}\n{make() if figures.exists() else NOT_YET}{match.group(3)}"

    return _MARKS.sub(filled, text)


def write() -> None:
    for path in PAGES:
        path.write_text(page(path.read_text()))

"""Draws who imports whom, read from the code: rooms on their floors, as tests/house.py knows them.

python docs/draw_house.py FILE.svg
"""

import sys
from collections import defaultdict
from pathlib import Path

import numpy as np
from matplotlib.figure import Figure
from matplotlib.patches import FancyArrowPatch

sys.path.insert(0, str(Path(__file__).parents[1]))
from tests.house import FILES, LAYERS, imported_modules, room_of

HIDDEN = {"__init__", "__main__", "_kernels"}
FLOORS = (
    "ground",
    "primitives",
    "theory",
    "siblings",
    "models",
    "tests",
    "composition",
    "presentation",
)
COLOURS = ("#0072b2", "#009e73", "#56b4e9", "#e69f00", "#d55e00", "#7f6000", "#cc79a7", "#555555")


def imports() -> dict[str, set[str]]:
    """room -> rooms that it imports."""
    found = defaultdict(set)
    for path in FILES:
        for module, _ in imported_modules(path):
            parts = module.split(".")
            if parts[0] == "memtools" and len(parts) > 1:
                found[room_of(path)].add(parts[1])
    known = {room for rooms in LAYERS for room in rooms} - HIDDEN
    return {room: (found[room] & known) - {room} for room in known}


def reduced(graph: dict[str, set[str]]) -> dict[str, set[str]]:
    """Without arrows that a chain of others implies."""

    def below(room: str) -> set[str]:
        return graph[room].union(*(below(other) for other in graph[room]))

    return {
        room: rooms.difference(*(below(other) for other in rooms)) for room, rooms in graph.items()
    }


def draw(path: str) -> None:
    figure = Figure(figsize=(11.0, 7.5), layout="constrained")
    ax = figure.subplots()
    ax.set_axis_off()
    places, floors = {}, [[room for room in rooms if room not in HIDDEN] for rooms in LAYERS]
    for level, rooms in enumerate(floors):
        ax.text(-0.55, level, FLOORS[level], ha="right", va="center", color=COLOURS[level])
        spans = np.array([len(room) + 4 for room in rooms])  # in letters, as names are long
        centres = 7.0 * (spans.cumsum() - spans / 2) / spans.sum()
        for room, centre in zip(rooms, centres, strict=True):
            places[room] = (centre, level)
            ax.text(
                *places[room],
                room,
                fontsize=8,
                ha="center",
                va="center",
                zorder=3,
                bbox={"boxstyle": "round", "fc": "white", "ec": COLOURS[level]},
            )
    for room, others in reduced(imports()).items():
        for other in sorted(others):
            level = places[room][1]
            bend = 0.25 if places[other][1] == level else 0.0
            ax.add_patch(
                FancyArrowPatch(
                    places[room],
                    places[other],
                    arrowstyle="-|>",
                    mutation_scale=9,
                    shrinkA=14,
                    shrinkB=14,
                    connectionstyle=f"arc3,rad={bend}",
                    color=COLOURS[level],
                    alpha=0.55,
                    linewidth=0.9,
                )
            )
    ax.set_xlim(-1.6, 7.1)
    ax.set_ylim(-0.4, len(floors) - 0.3)
    figure.savefig(path)


if __name__ == "__main__":
    draw(sys.argv[1])

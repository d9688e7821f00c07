"""Table of all kinds of file: read right, refused, wrong.

Run by: python -m tests.networks.foreign
"""

from __future__ import annotations

import importlib
import sys
import tempfile
from collections import Counter
from pathlib import Path

from tests.networks.foreign.case import CASES, outcome

MODULES = ("torch_files", "onnx_files", "keras_files", "jax_files", "newcomers")


def main() -> None:
    """Write every file, read it, and print what came of it."""
    for name in MODULES:
        importlib.import_module(f"tests.networks.foreign.{name}")
    counts: Counter[str] = Counter()
    for name, one in CASES.items():
        with tempfile.TemporaryDirectory() as folder:
            kind, said = outcome(one, Path(folder))
        counts[kind] += 1
        more = f"\n{'':14s}{said}" if kind != "right" else ""
        sys.stdout.write(f"{kind:13s} {name}{more}\n")
    total = sum(counts.values())
    shares = ", ".join(f"{kind} {n} ({n / total:.0%})" for kind, n in counts.items())
    sys.stdout.write(f"{shares} of {total}\n")


if __name__ == "__main__":
    main()

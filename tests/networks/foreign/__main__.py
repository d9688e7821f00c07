"""Table of all kinds of file: read right, refused, wrong.

Run by: python -m tests.networks.foreign [a part of the names]
"""

from __future__ import annotations

import importlib
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

from tests.networks.foreign.case import CASES, outcome

MODULES = (
    *("torch_files", "torch_saved", "onnx_files", "onnx_by_hand", "keras_files", "keras_old"),
    *("jax_files", "newcomers", "newcomers_keras", "fresh_torch", "fresh_keras", "pitfalls"),
)


def main() -> None:
    """Write every file, read it, and print what came of it."""
    for name in MODULES:
        importlib.import_module(f"tests.networks.foreign.{name}")
    counts: Counter[str] = Counter()
    part = " ".join(sys.argv[1:])
    for name, one in CASES.items():
        if part not in name:
            continue
        start = time.process_time()
        with tempfile.TemporaryDirectory() as folder:
            kind, said, _ = outcome(one, Path(folder))
        counts[kind] += 1
        more = f"\n{'':14s}{said}" if kind != "right" else ""
        seconds = time.process_time() - start
        sys.stdout.write(f"{kind:13s} {seconds:5.1f} s  {name}{more}\n")
    total = sum(counts.values())
    shares = ", ".join(f"{kind} {n} ({n / total:.0%})" for kind, n in counts.items())
    sys.stdout.write(f"{shares} of {total}\n")


if __name__ == "__main__":
    main()

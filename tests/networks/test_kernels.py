"""The compiled recurrences interpreted and with bounds checks: every cell, end to end."""

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from memtools import networks

CELLS = ["RNN", "LSTM", "GRU", "TwoLaneRNN", "RWA", "MIST", "MRNN", "MLSTM", "MinimalGRU"]
CELLS += ["MGRU", "MMinimalGRU"]
PROGRAM = f"""
import numpy as np
from memtools import networks
x = np.random.default_rng(0).standard_normal((40, 3, 2))
for name in {CELLS}:
    for fixed_d in (False, True):
        options = {{"fixed_d": fixed_d}} if name in ("MRNN", "MLSTM") else {{}}
        cell = getattr(networks, name).initialise(2, 3, 2, rng=1, filter_length=6, **options)
        first, state = cell.forward(x[:17])
        second, _ = cell.forward(x[17:], state)
        slow = cell.forward(x, compiled=False)[0]
        assert np.allclose(np.concatenate([first, second]), slow, rtol=0, atol=1e-12), name
        loss, gradient = networks.loss_and_gradient(cell, x, x)
        print(name, repr(float(loss)), repr(float(sum(np.abs(g).sum() for g in gradient.values()))))
"""


@pytest.mark.slow
@pytest.mark.parametrize("setting", ["NUMBA_DISABLE_JIT", "NUMBA_BOUNDSCHECK"])
def test_kernels_interpreted_and_with_bounds_checks(setting, tmp_path):
    environment = os.environ | {setting: "1", "NUMBA_CACHE_DIR": str(tmp_path)}
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", PROGRAM],
        capture_output=True,
        text=True,
        env=environment,
        check=True,
        cwd=Path(__file__).parents[2],
    )
    lines = [line.split() for line in done.stdout.splitlines()]
    assert [name for name, *_ in lines] == [name for name in CELLS for _ in range(2)]
    x = np.random.default_rng(0).standard_normal((40, 3, 2))
    for (name, loss, size), fixed_d in zip(lines, [False, True] * len(CELLS), strict=True):
        options = {"fixed_d": fixed_d} if name in ("MRNN", "MLSTM") else {}
        cell = getattr(networks, name).initialise(2, 3, 2, rng=1, filter_length=6, **options)
        expected, gradient = networks.loss_and_gradient(cell, x, x)
        assert float(loss) == pytest.approx(expected, rel=1e-11)
        total = sum(np.abs(g).sum() for g in gradient.values())
        assert float(size) == pytest.approx(total, rel=1e-9)

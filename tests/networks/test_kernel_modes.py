"""The training kernels with bounds checks and without compilation."""

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from memtools import networks
from tests.networks.test_training_gradients import CELLS, cell_of, sequences

PROGRAM = """
import json
from tests.networks.test_kernel_modes import figures
print(json.dumps(figures()))
"""


def figures():
    """Losses and gradients of every cell: scalar, general, stacked; and a short training."""
    found = {}
    for name in CELLS:
        stack = networks.Sequential([cell_of(name, 2, 3, 3), cell_of(name, 3, 2, 1)])
        for network, n_batch in [
            (cell_of(name, 1, 1, 1), 1),
            (cell_of(name, 2, 3, 2), 2),
            (stack, 2),
        ]:
            x, y = sequences(network, n_batch=n_batch, n_steps=12)
            loss, gradient = networks.loss_and_gradient(network, x, y)
            result = networks.train(network, x[:8], y[:8], (x[8:], y[8:]), n_epochs=2)
            key = f"{name} {network!r}"
            found[key] = [loss, *result.history["validation_loss"], *network.forward(x)[0].flat]
            found[key] += np.concatenate([v.ravel() for v in gradient.values()]).tolist()
    return found


@pytest.mark.slow
@pytest.mark.parametrize("setting", ["NUMBA_DISABLE_JIT", "NUMBA_BOUNDSCHECK"])
def test_kernels_interpreted_and_with_bounds_checks(setting, tmp_path):
    environment = os.environ | {setting: "1", "NUMBA_CACHE_DIR": str(tmp_path)}
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", PROGRAM],
        capture_output=True,
        text=True,
        env=environment,
        check=False,
        cwd=Path(__file__).parents[2],
    )
    assert done.returncode == 0, done.stderr
    there, here = json.loads(done.stdout), figures()
    assert there.keys() == here.keys()
    for key, values in here.items():
        np.testing.assert_allclose(there[key], values, rtol=1e-9, atol=1e-13, err_msg=key)

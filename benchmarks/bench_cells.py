"""Forward pass of each cell: compiled, in NumPy and, where PyTorch has the cell, in PyTorch.

    python benchmarks/bench_cells.py [--quick]

Best of five runs over one sequence; the first, compiling call is not counted.
"""

import sys
import time

import numpy as np
from _timing import keep

from memtools import networks

CELLS = {
    "RNN": (networks.RNN, {}),
    "LSTM": (networks.LSTM, {}),
    "GRU": (networks.GRU, {}),
    "MRNNF": (networks.MRNN, {"fixed_d": True}),
    "MRNN": (networks.MRNN, {}),
    "MLSTMF": (networks.MLSTM, {"fixed_d": True}),
    "MLSTM": (networks.MLSTM, {}),
    "RNN2": (networks.TwoLaneRNN, {}),
    "RWA": (networks.RWA, {}),
    "MIST": (networks.MIST, {}),
}
SIZES = ((2000, 1, 1), (2000, 16, 128))


def milliseconds(run):
    run()
    best = np.inf
    for _ in range(5):
        start = time.perf_counter()
        run()
        best = min(best, time.perf_counter() - start)
    return 1e3 * best


def torch_run(name, cell, x):
    """PyTorch's own layer of the same sizes, or None."""
    try:
        import torch
    except ImportError:
        return None
    if name not in ("RNN", "LSTM", "GRU"):
        return None
    layer = getattr(torch.nn, name)(cell.n_input, cell.n_hidden)
    values = torch.from_numpy(x.astype(np.float32))[:, None]

    def run():
        with torch.no_grad():
            layer(values)

    return run


def main():
    print(
        f"{'cell':8} {'steps':>6} {'hidden':>6} {'compiled':>10} {'NumPy':>10} {'PyTorch':>10}  ms"
    )
    sizes = SIZES[:1] if "--quick" in sys.argv else SIZES
    for n_steps, n_input, n_hidden in sizes:
        x = np.random.default_rng(0).normal(size=(n_steps, n_input))
        for name, (cell, options) in CELLS.items():
            network = cell.initialise(n_input, n_hidden, 1, rng=0, filter_length=100, **options)
            times = [milliseconds(lambda: network.forward(x))]  # noqa: B023
            times.append(milliseconds(lambda: network.forward(x, compiled=False)))  # noqa: B023
            peer = torch_run(name, network, x)
            times.append(milliseconds(peer) if peer else np.nan)
            work = f"forward, {n_steps:,} steps, {n_hidden} hidden: {name}"
            for who, ms in zip(("compiled", "NumPy", "PyTorch"), times, strict=True):
                if ms == ms:
                    keep(work, who, 1e-3 * ms)
            numbers = " ".join(f"{t:10.2f}" for t in times)
            print(f"{name:8} {n_steps:6} {n_hidden:6} {numbers}")


if __name__ == "__main__":
    main()

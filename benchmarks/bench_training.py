"""Milliseconds of one training epoch of the paper's networks: T = 2000, K = 100, hidden 1.

python benchmarks/bench_training.py [--torch]: the whole epoch (forward, loss, backward, Adam)
through memtools.networks.train, the best of several, in processor time, so that
a busy machine does not change it; with --torch, PyTorch's RNN and LSTM on the
same work in the same process, one thread.
"""

import sys
import time

import numpy as np
from _timing import keep

from memtools import networks
from memtools.replication import MODELS, build

LIMITS = {"RNN": 0.15, "LSTM": 0.15, "MRNNF": 0.4, "MRNN": 1.0, "MLSTM": 1.5}
N_STEPS, N_EPOCHS, N_REPEATS = 2000, 50, 7


def milliseconds(model, x):
    network = build(model, 0)
    networks.train(network, x[:-1], x[1:], n_epochs=2)  # compile
    times = []
    for _ in range(N_REPEATS):
        start = time.process_time()
        networks.train(network, x[:-1], x[1:], n_epochs=N_EPOCHS, patience=N_EPOCHS + 1)
        times.append(time.process_time() - start)
    return 1e3 * min(times) / N_EPOCHS


def torch_milliseconds(kind, x):
    import torch

    torch.set_num_threads(1)
    torch.manual_seed(0)
    cell, output = getattr(torch.nn, kind)(1, 1), torch.nn.Linear(1, 1)
    optimizer = torch.optim.Adam([*cell.parameters(), *output.parameters()], lr=0.01)
    inputs, targets = (
        torch.tensor(part, dtype=torch.float32).reshape(-1, 1, 1) for part in (x[:-1], x[1:])
    )
    times = []
    for _ in range(5):
        start = time.process_time()
        optimizer.zero_grad()
        torch.nn.functional.mse_loss(output(cell(inputs)[0]), targets).backward()
        optimizer.step()
        times.append(time.process_time() - start)
    return 1e3 * min(times)


def main():
    x = np.random.default_rng(0).random(N_STEPS + 1)
    print(f"{'model':8} {'ms/epoch':>9} {'limit':>6}")
    for model in MODELS:
        limit = LIMITS.get(model)
        taken = milliseconds(model, x)
        keep("one epoch, T = 2,000, K = 100", model, 1e-3 * taken, asked=limit and 1e-3 * limit)
        print(f"{model:8} {taken:9.3f} {'' if limit is None else limit:>6}")
    if "--torch" in sys.argv:
        for kind in ("RNN", "LSTM"):
            print(f"{kind:8} {torch_milliseconds(kind, x):9.1f}  PyTorch's own, one thread")


if __name__ == "__main__":
    main()

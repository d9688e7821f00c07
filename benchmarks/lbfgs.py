"""L-BFGS against Adam on the paper's four series: losses and the time they take.

python benchmarks/lbfgs.py: each optimizer trains the same start values to its own end (Adam as in
Table 2: 1,000 epochs at most, patience 100; L-BFGS 300 iterations).  Times are of the processor.
"""

import argparse
import time

import numpy as np

import memtools as mt
from memtools.replication.models import build
from memtools.replication.table import experiments_of

SERIES = ("arfima", "DJI", "traffic", "tree7")


def trained(network, x, y, n_train, n_end, **how):
    """Best training loss so far an epoch, RMSE of the test part, seconds."""
    began = time.process_time()
    result = mt.train(
        network,
        x[:n_train],
        y[:n_train],
        (x[n_train:n_end], y[n_train:n_end]),
        progress=False,
        **how,
    )
    seconds = time.process_time() - began
    errors = result.network.forward(x[:, np.newaxis])[0][n_end:, 0] - y[n_end:]
    rmse = float(np.sqrt(np.mean(errors**2)))
    return np.minimum.accumulate(result.history["train_loss"]), rmse, seconds


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=10)
    parser.add_argument("--models", nargs="+", default=["LSTM", "MRNNF", "MLSTMF"])
    options = parser.parse_args()
    print(f"{options.seeds} seeds; median time of L-BFGS to Adam's best training loss over Adam's,")
    print("how often it is reached, median of the best training losses' ratio; mean test RMSE")
    print("model   series     time  reached   loss     Adam   L-BFGS", flush=True)
    for model in options.models:
        for name, e in experiments_of(SERIES).items():
            low, high = e.series.min(), e.series.max()
            scaled, end = (e.series - low) / (high - low), e.n_train + e.n_validation
            data = scaled[:-1], scaled[1:], e.n_train, end
            rows = []
            for seed in range(options.seeds):
                start = build(model, seed)
                trained(start, *data, n_epochs=2)  # compiled before the clock runs
                adam, test_adam, time_adam = trained(start, *data)
                lbfgs, test, seconds = trained(start, *data, optimizer="lbfgs", n_epochs=300)
                reached = lbfgs <= adam[-1]
                share = (reached.argmax() + 1) / len(lbfgs) if reached.any() else np.inf
                ratio = share * seconds / time_adam
                rows.append((ratio, reached.any(), lbfgs[-1] / adam[-1], test_adam, test))
            ratio, reached, final, *tests = map(np.array, zip(*rows, strict=True))
            unit = (high - low) * (100.0 if name == "DJI" else 1.0)
            told = "  ".join(f"{unit * t.mean():7.4g}" for t in tests)
            shown = f"{np.median(ratio):5.2f}  {int(reached.sum()):3} of {len(rows):2}"
            print(f"{model:7} {name:8} {shown}  {np.median(final):5.3f}  {told}", flush=True)


if __name__ == "__main__":
    main()

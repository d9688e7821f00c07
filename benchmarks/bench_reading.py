"""How long the door takes beside the bare readers of pandas and NumPy on the same file.

    python benchmarks/bench_reading.py [rounds]

Every round runs both readers in fresh processes, one after the other; each reads the file five
times.  Printed are the ratio of the least processor times, and the memory that the first reading
adds to the process, in sizes of the file.
"""

import json
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
import pandas as pd

N_OBS = 1_000_000
READER = """
import json, sys, time
path, mine = sys.argv[1], sys.argv[2] == "memtools"
import numpy as np, pandas as pd, pyarrow.parquet
import memtools.files.binary, memtools.files.delimited
from memtools.files import read_series
def bare():
    if path.endswith(".npy"):
        return np.load(path)
    if path.endswith(".parquet"):
        return pd.read_parquet(path)
    dated = "dates" in path
    return pd.read_csv(path, parse_dates=["time"] if dated else False)
def peak():
    return int(open("/proc/self/status").read().split("VmHWM:")[1].split()[0])
before, times = peak(), []
for _ in range(5):
    start = time.process_time()
    held = read_series(path) if mine else bare()
    times.append(time.process_time() - start)
    if len(times) == 1:
        added = (peak() - before) * 1024
    del held
print(json.dumps([min(times), added]))
"""


def files(folder):
    x = np.random.default_rng(1).standard_normal(N_OBS)
    rounded = pd.DataFrame({"x": np.round(50.0 + x, 3)})
    days = pd.date_range("1900-01-01", periods=N_OBS, freq="h", name="time")
    rounded.to_csv(folder / "three.csv", index=False)
    pd.DataFrame({"x": x}).to_csv(folder / "seventeen.csv", index=False)
    rounded.set_index(days).to_csv(folder / "dates.csv")
    pd.DataFrame({"x": x}, index=days).to_parquet(folder / "dated.parquet")
    pd.DataFrame({"x": x}).to_parquet(folder / "plain.parquet")
    np.save(folder / "a.npy", x)
    np.save(folder / "long.npy", np.tile(x, 10) + 0.5)
    return sorted(folder.iterdir())


def read(path, who):
    done = subprocess.run(
        [sys.executable, "-c", READER, str(path), who], capture_output=True, text=True, check=True
    )
    return json.loads(done.stdout)


def main():
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 5
    print(
        f"{'file':16} {'memtools':>10} {'bare':>10} {'ratio':>6} {'memory / file':>14} {'bare':>6}"
    )
    with tempfile.TemporaryDirectory() as folder:
        for path in files(Path(folder)):
            found = {who: [] for who in ("memtools", "bare")}
            for _ in range(rounds):
                for who, runs in found.items():
                    runs.append(read(path, who))
            ours, theirs = (min(run[0] for run in found[who]) for who in found)
            memory = [min(run[1] for run in found[who]) / path.stat().st_size for who in found]
            print(
                f"{path.name:16} {1e3 * ours:7.1f} ms {1e3 * theirs:7.1f} ms {ours / theirs:6.2f} "
                f"{memory[0]:14.1f} {memory[1]:6.1f}",
                flush=True,
            )


if __name__ == "__main__":
    main()

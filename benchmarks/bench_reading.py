"""How long the door takes beside the bare readers of pandas and NumPy on the same file.

    python benchmarks/bench_reading.py [rounds]

Every round runs both readers in fresh processes, one after the other, on a small file of the same
kind and then once on the long one.  Printed are the least processor times, their ratio, and the
memory that reading adds to the process, in sizes of the file.
"""

import json
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
import pandas as pd
from _timing import keep

N_OBS = 1_000_000
READER = """
import json, sys, time
small, path, mine = sys.argv[1], sys.argv[2], sys.argv[3] == "memtools"
import numpy as np, pandas as pd
from memtools.files import read_series
def bare(path):
    if path.endswith(".npy"):
        return np.load(path)
    if path.endswith(".parquet"):
        return pd.read_parquet(path)
    return pd.read_csv(path, parse_dates=["time"] if "dates" in path else False)
def peak():
    return int(open("/proc/self/status").read().split("VmHWM:")[1].split()[0])
read = read_series if mine else bare
read(small)
before, start = peak(), time.process_time()
held = read(path)
print(json.dumps([time.process_time() - start, (peak() - before) * 1024]))
"""


def files(folder, n_obs):
    folder.mkdir()
    x = np.random.default_rng(1).standard_normal(n_obs)
    rounded = pd.DataFrame({"x": np.round(50.0 + x, 3)})
    days = pd.date_range("1900-01-01", periods=n_obs, freq="h", name="time")
    rounded.to_csv(folder / "three.csv", index=False)
    pd.DataFrame({"x": x}).to_csv(folder / "seventeen.csv", index=False)
    rounded.set_index(days).to_csv(folder / "dates.csv")
    pd.DataFrame({"x": x}, index=days).to_parquet(folder / "dated.parquet")
    pd.DataFrame({"x": x}).to_parquet(folder / "plain.parquet")
    np.save(folder / "a.npy", x)
    np.save(folder / "long.npy", np.tile(x, 10) + 0.5)
    return sorted(folder.iterdir())


def read(small, path, who):
    done = subprocess.run(
        [sys.executable, "-c", READER, str(small), str(path), who],
        capture_output=True,
        text=True,
        check=True,
    )
    return json.loads(done.stdout)


def main():
    given = [word for word in sys.argv[1:] if word != "--quick"]
    rounds = int(given[0]) if given else 2 if "--quick" in sys.argv else 5
    print(f"{'file':16} {'memtools':>10} {'bare':>10}  ratio  memory / file   bare")
    with tempfile.TemporaryDirectory() as folder:
        small, long = (files(Path(folder, name), n) for name, n in (("s", 1000), ("l", N_OBS)))
        for first, path in zip(small, long, strict=True):
            found = {who: [] for who in ("memtools", "bare")}
            for _ in range(rounds):
                for who, runs in found.items():
                    runs.append(read(first, path, who))
            ours, theirs = (min(run[0] for run in found[who]) for who in found)
            memory = [min(run[1] for run in found[who]) / path.stat().st_size for who in found]
            limit = 1.5 if path.suffix == ".csv" else 1.2
            work = f"a file of {N_OBS:,} rows: {path.name}"
            keep(work, "memtools", ours)
            keep(work, "bare reader", theirs, ratio=ours / theirs, asked=limit)
            print(
                f"{path.name:16} {1e3 * ours:7.1f} ms {1e3 * theirs:7.1f} ms {ours / theirs:6.2f} "
                f"{memory[0]:14.1f} {memory[1]:6.1f}",
                flush=True,
            )


if __name__ == "__main__":
    main()

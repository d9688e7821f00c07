"""Many series at once, beside peers in a loop, our own functions in a loop, and bare transforms.

    OMP_NUM_THREADS=1 python benchmarks/bench_many.py [--quick] [--only NAME]

Candidates alternate.  Seconds are the processor's, of all threads, least over the rounds: on a
machine that others use the clock on the wall says little.  What runs in other processes (Dask) is
timed on the wall.  Peers are optional: pyelw, antropy.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
import time
import warnings
from collections.abc import Callable
from functools import partial
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import scipy.fft
from _timing import compare, keep, timed

import memtools as mt

Work = Callable[[], object]


def alternate(
    title: str,
    works: dict[str, Work],
    rounds: int,
    clock: Callable[[], float] = time.process_time,
    asked: dict[str, float] | None = None,
) -> None:
    """As `compare`; of what ends in "a tenth" ten times what is measured."""
    clocks = {name: timed(work, clock=clock) for name, work in works.items()}
    tenths = {name: 10 for name in works if name.endswith("a tenth")}
    compare(title, clocks, rounds, asked, tenths)


def paths(n_series: int, n_obs: int) -> np.ndarray:
    return mt.simulate(mt.ARFIMAProcess(d=0.3), n_obs, n_paths=n_series, rng=1)


def in_loop(function: Callable[..., object], x: np.ndarray, part: int = 1) -> Work:
    """Each series by itself; of slow peers a part, at times the number of parts."""

    def work() -> None:
        for row in x[: len(x) // part]:
            function(row)

    return work


def bench_whittle(quick: bool) -> None:
    x = paths(1000, 2048)
    works: dict[str, Work] = {
        "estimate_many, local_whittle": lambda: mt.estimate_many(x, n_jobs=1),
        "bare transforms": lambda: [scipy.fft.rfft(x[i : i + 32]) for i in range(0, 1000, 32)],
        "memtools.local_whittle in a loop": in_loop(mt.local_whittle, x),
    }
    if find_spec("pyelw"):
        import pyelw

        works["pyelw.LW in a loop"] = in_loop(lambda row: pyelw.LW().fit(row, m=142), x)
    name = "local Whittle, 1,000 x 2,048"
    asked = {"pyelw.LW in a loop": 1 / 20}
    alternate(name, works, 3 if quick else 9, asked=asked)


def bench_exact(quick: bool) -> None:
    x = paths(1000, 2048)
    works: dict[str, Work] = {
        "estimate_many, exact_local_whittle": lambda: mt.estimate_many(
            x, "exact_local_whittle", n_jobs=1
        ),
        "memtools.exact_local_whittle, a tenth": in_loop(mt.exact_local_whittle, x, 10),
    }
    if find_spec("pyelw"):
        import pyelw

        works["pyelw.ELW in a loop, a tenth"] = in_loop(
            lambda row: pyelw.ELW().fit(row, m=142), x, 10
        )
    name = "exact local Whittle, 1,000 x 2,048"
    asked = {"pyelw.ELW in a loop, a tenth": 1 / 40}
    alternate(name, works, 2 if quick else 7, asked=asked)


def bench_fgn(quick: bool) -> None:
    x = mt.simulate(mt.FractionalGaussianNoise(0.8), 2048, 1000, rng=1)
    works: dict[str, Work] = {
        "estimate_many, fgn_whittle": lambda: mt.estimate_many(x, "fgn_whittle", n_jobs=1),
        "memtools.fgn_whittle in a loop, a tenth": in_loop(mt.fgn_whittle, x, 10),
    }
    name = "fgn_whittle, 1,000 x 2,048"
    asked = {"memtools.fgn_whittle in a loop, a tenth": 1 / 10}
    alternate(name, works, 2 if quick else 7, asked=asked)


def bench_fluctuations(quick: bool) -> None:
    x = paths(1000, 2048)
    works: dict[str, Work] = {
        "estimate_many, detrended_fluctuation": lambda: mt.estimate_many(
            x, "detrended_fluctuation", n_jobs=1
        ),
        "memtools.detrended_fluctuation, a tenth": in_loop(mt.detrended_fluctuation, x, 10),
    }
    if find_spec("antropy"):
        import antropy

        works["antropy.detrended_fluctuation in a loop"] = in_loop(antropy.detrended_fluctuation, x)
    name = "detrended fluctuations, 1,000 x 2,048"
    asked = {"antropy.detrended_fluctuation in a loop": 1 / 4}
    alternate(name, works, 2 if quick else 7, asked=asked)


def bench_tests(quick: bool) -> None:
    x = paths(1000, 1000)
    for function in (mt.vs_test, mt.kpss_test, mt.robinson_lm, mt.lobato_robinson):
        name = function.__name__
        works: dict[str, Work] = {
            f"estimate_many, {name}": partial(mt.estimate_many, x, name, n_jobs=1),
            f"memtools.{name} in a loop, a tenth": in_loop(function, x, 10),
        }
        alternate(f"{name}, 1,000 x 1,000", works, 2 if quick else 5)


def bench_memory_map(quick: bool) -> None:
    """GPH of a memory map beside the bare transforms of it; the resident memory of a process."""
    n_series = 100_000 if quick else 1_000_000
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "x.npy"
        x = np.lib.format.open_memmap(file, mode="w+", dtype=np.float64, shape=(n_series, 256))
        for i in range(0, n_series, 50_000):
            x[i : i + 50_000] = np.random.default_rng(i).standard_normal((50_000, 256))
        x.flush()
        del x
        mapped = np.load(file, mmap_mode="r")

        def bare() -> None:
            for i in range(0, n_series, 256):
                scipy.fft.rfft(mapped[i : i + 256])

        works: dict[str, Work] = {
            "estimate_many, gph": lambda: mt.estimate_many(mapped, "gph", n_jobs=1),
            "bare transforms": bare,
        }
        name = f"GPH of a memory map, {n_series:,} x 256"
        asked = {"bare transforms": 1.5}
        alternate(name, works, 3 if quick else 5, asked=asked)
        two = {
            "estimate_many, gph, two threads": lambda: mt.estimate_many(mapped, "gph", n_jobs=2),
            "bare transforms, one thread": bare,
        }
        limits = {"bare transforms, one thread": 1.5}
        alternate(f"{name}, on the wall", two, 3 if quick else 5, time.perf_counter, limits)
        program = (
            "import sys, numpy as np, memtools as mt\n"
            "mt.estimate_many(np.load(sys.argv[1], mmap_mode='r'), 'gph')\n"
            "print(open('/proc/self/status').read().split('VmHWM:')[1].split()[0])\n"
        )
        done = subprocess.run([sys.executable, "-c", program, file], capture_output=True, text=True)
        megabytes = int(done.stdout) / 1024
        print(f"  largest resident memory of a process: {megabytes:.0f} MB")
        keep(name, "largest resident memory", megabytes, "MB", asked=500.0)


def bench_estimate(quick: bool) -> None:
    n_series = 50 if quick else 1000
    x = paths(n_series, 1000)
    start = time.perf_counter()
    mt.estimate_many(x, "estimate", n_jobs=2)
    taken = time.perf_counter() - start
    print(f"\nestimate, {n_series:,} x 1,000, two processes: {taken:.1f} s on the wall")
    name = f"estimate, {n_series:,} x 1,000"
    keep(name, "two processes, on the wall", taken, asked=60.0 * n_series / 1000)


def bench_stream(quick: bool) -> None:
    """1e5 values of an endless stream, in chunks and one at a time."""
    x = mt.simulate(mt.ARFIMAProcess(d=0.3), 100_000, rng=1)
    for window in (512, 4096):
        taken: dict[str, list[float]] = {"chunks of 10,000": [], "one at a time": []}
        for _ in range(2 if quick else 5):
            for name, size in zip(taken, (10_000, 1), strict=True):
                stream = mt.OnlineMemory(window)
                start = time.process_time()
                for i in range(0, len(x), size):
                    stream.update(x[i : i + size])
                taken[name].append(time.process_time() - start)
        for name, seconds in taken.items():
            work = f"OnlineMemory({window}), 100,000 values"
            print(f"{work}, {name}: {min(seconds):.3f} s")
            keep(work, name, min(seconds), asked=1.0 if window == 512 else None)


def bench_dask(quick: bool) -> None:
    """Two workers of a cluster, each opening the store, beside two threads here."""
    import distributed
    import xarray

    n_series = 10_000 if quick else 100_000
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder) / "x.zarr"
        x = np.random.default_rng(0).standard_normal((n_series, 512), dtype=np.float32)
        array = xarray.DataArray(x, dims=("series", "time"), name="x")
        array.chunk(series=2000).to_zarr(source, consolidated=False)
        tried = iter(range(1000))

        def grid(engine: object) -> object:
            out = Path(folder) / f"d{next(tried)}.zarr"
            return mt.estimate_grid(source, out, "exact_local_whittle", engine=engine, n_jobs=2)

        with (
            distributed.LocalCluster(
                n_workers=2, threads_per_worker=1, dashboard_address=":0"
            ) as cluster,
            distributed.Client(cluster) as client,
        ):
            here, there = grid("threads"), grid(client)
            np.testing.assert_array_equal(here["d"], there["d"])
            works: dict[str, Work] = {
                "two Dask workers": lambda: grid(client),
                "two threads here": lambda: grid("threads"),
            }
            name = f"exact local Whittle of a Zarr store, {n_series:,} x 512, on the wall"
            asked = {"two threads here": 1.25}
            alternate(name, works, 2 if quick else 3, time.perf_counter, asked)


def bench_chunks(quick: bool) -> None:
    """From a Zarr store of whole series to another, by the size of its chunks."""
    import xarray

    n_series, n_obs = (10_000 if quick else 40_000), 512
    x = np.random.default_rng(0).standard_normal((n_series, n_obs), dtype=np.float32)
    array = xarray.DataArray(x, dims=("series", "time"), name="x")
    with tempfile.TemporaryDirectory() as folder:
        for length in (16, 64, 256, 1024, 4096):
            source = Path(folder) / f"x{length}.zarr"
            array.chunk(series=length).to_zarr(source, consolidated=False)
            taken = []
            for i in range(2 if quick else 4):
                start = time.process_time()
                mt.estimate_grid(source, Path(folder) / f"d{length}-{i}.zarr", n_jobs=1)
                taken.append(time.process_time() - start)
            megabytes = 4e-6 * length * n_obs
            work = "local Whittle of a Zarr store, 512 observations, a series, by chunk"
            name = f"{length} series, {megabytes:.2g} MB"
            print(f"{name:28} {1e6 * min(taken) / n_series:8.2f} us a series")
            keep(work, name, min(taken) / n_series)


BENCHES = {
    "whittle": bench_whittle,
    "exact": bench_exact,
    "fgn": bench_fgn,
    "fluctuations": bench_fluctuations,
    "tests": bench_tests,
    "map": bench_memory_map,
    "estimate": bench_estimate,
    "stream": bench_stream,
    "chunks": bench_chunks,
    "dask": bench_dask,
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="few rounds, small data")
    parser.add_argument("--only", choices=list(BENCHES), action="append")
    options = parser.parse_args()
    warnings.simplefilter("ignore")  # peers' own
    for name, bench in BENCHES.items():
        if not options.only or name in options.only:
            bench(options.quick)


if __name__ == "__main__":
    main()

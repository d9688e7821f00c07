"""Time of ``import memtools`` and of the command line, each a fresh process, alternating.

Processor times, the least over the rounds.

python benchmarks/bench_startup.py [--quick]
"""

from __future__ import annotations

import argparse
import resource
import subprocess
import sys

from _timing import keep, timed

HEAVY = ("numba", "arch", "statsmodels", "matplotlib", "pandas", "scipy.stats", "scipy.optimize")
IMPORTS = "import numpy, scipy.fft, pandas, rich, click"
NILE = ["-m", "memtools", "estimate", "nile"]
RUNS = {
    "bare python": ["-c", "pass"],
    "import memtools": ["-c", "import memtools"],
    IMPORTS: ["-c", IMPORTS],
    "memtools estimate nile --method gph": [*NILE, "--method", "gph"],
    "memtools estimate nile": NILE,
}


def of_children() -> float:
    """Seconds of the processor that ended processes took: other work on the machine is not in."""
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


def loaded_by(code: str) -> list[str]:
    """Heavy packages in sys.modules after `code`."""
    show = f"import sys; print(*[m for m in {HEAVY!r} if m in sys.modules])"
    done = subprocess.run(
        [sys.executable, "-c", f"{code}\n{show}"], capture_output=True, text=True, check=True
    )
    return done.stdout.split()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="few rounds")
    repeats = 3 if parser.parse_args().quick else 11
    clocks = {
        name: timed(
            lambda arguments=arguments: subprocess.run(
                [sys.executable, *arguments], check=True, stdout=subprocess.DEVNULL
            ),
            clock=of_children,
        )
        for name, arguments in RUNS.items()
    }
    for clock in clocks.values():
        clock()
    rounds = [{name: clock() for name, clock in clocks.items()} for _ in range(repeats)]
    least = {name: min(r[name] for r in rounds) for name in RUNS}
    print(f"whole processes ({repeats} rounds), least processor times")
    for name in RUNS:
        print(f"  {name:46} {1e3 * least[name]:8.1f} ms")
        keep("fresh processes", name, least[name])
    over = least["import memtools"] - least["bare python"]
    ratio = least["memtools estimate nile --method gph"] / least[IMPORTS]
    keep("fresh processes", "import memtools over bare Python", over, asked=0.015)
    keep("fresh processes", f"estimate nile --method gph over {IMPORTS}", ratio, "x", asked=1.5)
    print(f"import memtools over bare python: {1e3 * over:.1f} ms")
    print(f"estimate nile --method gph over {IMPORTS!r}: {ratio:.2f}")
    gph = "import numpy, memtools; memtools.gph(numpy.random.default_rng(0).standard_normal(99))"
    for code in ("import memtools", gph):
        print(f"{code!r} loads {', '.join(loaded_by(code)) or 'none'} of {', '.join(HEAVY)}")


if __name__ == "__main__":
    main()

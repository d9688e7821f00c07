"""Time R by R's own clock, in a process that stays."""

from __future__ import annotations

import shutil
import subprocess

from _timing import Clock

_LOOP = """
suppressMessages({{ {setup} }}); input <- file("stdin", "r")
while (length(readLines(input, 1))) {{
  start <- sum(proc.time()[1:2]); for (call in 1:{calls}) {{ {work} }}
  cat((sum(proc.time()[1:2]) - start) / {calls}, "\\n")
}}
"""


def r_clock(setup: str, work: str, calls: int) -> Clock | None:
    """Seconds per `work`, which may use the number `call`; None without R or its package."""
    if shutil.which("Rscript") is None:
        return None
    command = ["Rscript", "-e", _LOOP.format(setup=setup, work=work, calls=calls)]
    pipe = subprocess.PIPE
    process = subprocess.Popen(command, stdin=pipe, stdout=pipe, stderr=pipe, text=True)
    assert process.stdin is not None
    assert process.stdout is not None
    asks, answers = process.stdin, process.stdout

    def clock() -> float:
        asks.write("\n")
        asks.flush()
        return float(answers.readline())

    try:
        clock()
    except (BrokenPipeError, ValueError):
        return None
    return clock

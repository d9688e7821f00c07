"""The first hour of four kinds of user, replayed: tests/first_hours holds what they type and see.

A block of `$ memtools ...` is a command; the lines under it are printed in this order among others
("..." stands for anything), those after "! " on standard error, with exit status 2.  A block of
`>>>` is a session of Python.
"""

import doctest
import re
import shlex
from pathlib import Path

import pytest

import memtools as mt
from memtools.cli import main

HOURS = sorted((Path(__file__).parent / "first_hours").glob("*.txt"))


@pytest.mark.parametrize("hour", HOURS, ids=lambda path: path.stem)
def test_first_hour(hour, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    known = {"mt": mt}
    blocks = hour.read_text().split("\n\n")
    for block in blocks:
        if block.startswith("$ memtools "):
            replay(*block.splitlines(), capsys=capsys)
        elif block.startswith(">>> "):
            converse(f"{block.strip()}\n", known, hour.name)
    assert any(block.startswith("$ ") for block in blocks)


def replay(command, *expected, capsys):
    failing = [line.removeprefix("! ") for line in expected if line.startswith("! ")]
    if failing:
        with pytest.raises(SystemExit, match="2"):
            main(shlex.split(command)[2:])
    else:
        main(shlex.split(command)[2:])
    printed = capsys.readouterr()
    seen = iter((printed.err if failing else printed.out).splitlines())
    for line in failing or expected:
        pattern = re.escape(line).replace(re.escape("..."), ".*")
        assert any(re.fullmatch(pattern, shown.strip()) for shown in seen), f"{command}: {line}"


def converse(block, known, name):
    test = doctest.DocTestParser().get_doctest(block, known, name, name, 0)
    told = []
    doctest.DocTestRunner(verbose=False).run(test, out=told.append, clear_globs=False)
    known |= test.globs
    assert not told, "".join(told)

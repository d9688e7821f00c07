"""Figures on the pages: what is printed is what was kept, and every section says what made it."""

import csv
import importlib.util
import re
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
# What was measured: times, memory, shares.
FIGURE = re.compile(r"\d\s?(?:ms|us|s|MB|GB|%|seconds|microseconds)(?![\w%])")
COMMAND = re.compile(r"(?:benchmarks|examples)/[\w/]+\.py|memtools [a-z]+ [\w.]+")


def program(name):
    path = ROOT / "benchmarks" / f"{name}.py"
    spec = importlib.util.spec_from_file_location(path.stem, path)
    module = sys.modules[path.stem] = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def sections(page):
    """Heading -> text, code blocks among it; headings inside of code are none."""
    found, heading, in_code = {}, "", False
    for line in page.read_text().splitlines():
        in_code ^= line.startswith("```")
        if not in_code and re.match("#{1,4} ", line):
            heading = line.lstrip("# ")
        found[heading] = f"{found.get(heading, '')}\n{line}"
    return found


def ledger():
    with (ROOT / "benchmarks" / "claims.csv").open(newline="") as file:
        return list(csv.DictReader(file))


def test_the_page_prints_what_was_kept():
    run_all = program("run_all")
    text = run_all.PAGE.read_text()
    assert run_all.page(text, run_all.kept()) == text
    assert set(re.findall(r"<!-- measured: (\w+) -->", text)) == set(run_all.PROGRAMS)
    programs = {path.stem for path in (ROOT / "benchmarks").glob("bench_*.py")}
    assert programs == set(run_all.PROGRAMS)


@pytest.mark.parametrize("name", ["referee", "which_estimator"])
def test_the_referees_pages_print_what_was_kept(name):
    page = program("referee/page")
    path = ROOT / "docs" / f"{name}.md"
    text = path.read_text()
    assert path in page.PAGES
    assert len(re.findall("<!-- referee: ", text)) == text.count("<!-- end -->") >= 1
    assert page.page(text) == text


def test_the_page_of_comparisons_is_what_was_compared(monkeypatch):
    monkeypatch.syspath_prepend(ROOT / "benchmarks")
    validation = program("validation")
    text = validation.PAGE.read_text()
    assert validation.page(text) == text
    with validation.STORE.open(newline="") as file:
        lines = list(csv.DictReader(file))
    parts = set(re.findall(r"<!-- validation: (\w+) -->", text))
    assert {line["part"] for line in lines} <= parts
    for line in lines:
        assert (ROOT / line["test"]).exists(), line
        numbers = [re.fullmatch(r"([\d.e+-]+).*", line[name]) for name in ("difference", "within")]
        if all(numbers) and line["within"]:
            found, allowed = (float(number[1]) for number in numbers)
            assert found <= allowed, line


def test_another_figure_than_the_kept_one_is_seen():
    run_all = program("run_all")
    runs = run_all.kept()
    run = next(iter(runs.values()))
    run["figures"][0]["value"] *= 1.5
    text = run_all.PAGE.read_text()
    assert run_all.page(text, runs) != text


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_sections_with_figures_say_what_made_them(page):
    name = str(page.relative_to(ROOT))
    listed = {line["section"] for line in ledger() if line["page"] == name}
    for heading, text in sections(page).items():
        if len(FIGURE.findall(text)) > 1 and not listed & {heading, "every section"}:
            assert COMMAND.search(text), f"{name}, {heading!r}: name its program, or claims.csv"


def test_what_the_pages_and_the_ledger_name_is_there():
    for line in ledger():
        page = ROOT / line["page"]
        assert line["section"] in {*sections(page), "every section"}, line
        for path in re.findall(r"(?:benchmarks|examples)/[\w/]+\.\w+", ",".join(line.values())):
            assert (ROOT / path).exists(), line
    for page in PAGES:
        for path in re.findall(
            r"(?:benchmarks|examples)/[\w/]+\.(?:py|json|csv)", page.read_text()
        ):
            assert (ROOT / path).exists(), f"{page.name} names {path}"

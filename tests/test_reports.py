"""Reports say what the result says, take names literally, and are written whole or not at all."""

import ctypes
import dataclasses
import html
import re
import sys
import xml.etree.ElementTree as ET
from itertools import islice, pairwise
from urllib.parse import unquote

import numpy as np
import pytest

import memtools as mt
from memtools import reports
from memtools.cli import main
from memtools.exceptions import InvalidInputError
from memtools.plotting.export import Drawings
from memtools.reports import SUFFIXES, sheets
from memtools.reports.network import _title
from memtools.reports.page import Page, meaning, method_notes
from memtools.reports.series import sparkline
from memtools.reports.text import _code, escaped
from memtools.results.report import VERDICTS

DIAGNOSES = ("long memory", "short memory", "persistent", "growing", "undecided")
HOSTILE = "<img src=x onerror=alert(1)>"


@pytest.fixture(scope="module")
def nile():
    return mt.portray(mt.datasets.load("nile"))


@pytest.fixture(scope="module")
def hostile():
    x = mt.simulate(mt.ARFIMAProcess(d=0.3), 80, rng=4)
    return fewer_figures(mt.estimate(x, methods=["gph"], name=f"{HOSTILE} $x$ `a` | </title>"))


def fewer_figures(report):
    """A portrait whose pages are soon drawn."""
    return dataclasses.replace(mt.portray(report), tests=None, scaling={}, rolling=None)


def svgs(page):
    return re.findall(r"<svg xmlns.*?</svg>", page, re.DOTALL)


@pytest.fixture(scope="module")
def page(nile, tmp_path_factory):
    path = tmp_path_factory.mktemp("page") / "nile.html"
    reports.write(nile, path, "memtools report nile -o nile.html")
    return path.read_text()


def test_page_says_what_estimate_says(page, nile):
    expected = mt.estimate(mt.datasets.load("nile"))
    assert nile.report.to_dict() == expected.to_dict()
    assert f'id="verdict">{expected.verdict}</p>' in page
    assert all(reason in page for reason in expected.reasons)
    told = page.replace("<wbr>", "")
    assert all(f'<th scope="row">{name}</th>' in told for name in expected.estimates)


def test_every_test_says_its_result_and_words_stand_under_their_heading(page):
    assert '<th scope="col" class="words">null</th>' in page
    assert '<td class="words">for one shift in the mean: 1899</td>' in page
    assert '<td class="words">null not rejected</td>' in page


def test_tests_that_were_not_run_are_told(nile):
    untested = reports._page(dataclasses.replace(nile, tests=None), "again")
    told = [section.text for section in untested.sections if section.title == "Tests of memory"]
    assert "Not run" in told[0]
    assert "50,000" in told[0]


def test_page_tells_how_to_get_it_again(page):
    assert "memtools report nile -o nile.html" in page
    assert f"memtools {mt.__version__}" in page
    assert f"numpy {np.__version__}" in page


def test_page_stands_alone_and_is_small(page):
    assert len(page) < 1_500_000
    without_links = re.sub(r'<a href="https://[^"]+">', "", page)
    addresses = re.findall(r'(?:href|src|url)\s*[=(]\s*["\']?([^"\'\s>)]+)', without_links)
    assert all(address.startswith(("#", "data:")) for address in addresses)
    assert "'sha256-" in page


def test_figures_are_described_and_their_identifiers_unique(page):
    figures = [ET.fromstring(text) for text in svgs(page)]
    assert len(figures) >= 11
    names = re.findall(r'\bid="([^"]+)"', page)
    assert len(names) == len(set(names))
    for figure in figures:
        assert figure.get("role") == "img"
        title, text = list(figure)[:2]
        assert figure.get("aria-labelledby").split() == [title.get("id"), text.get("id")]
        assert title.text
        assert text.text
    used = re.findall(r'(?:url\(#|href="#)([\w.-]+)', page)
    assert set(used) <= set(names)


def test_figures_take_their_ink_from_the_page(page):
    drawn = "".join(svgs(page))
    assert "currentColor" in drawn
    assert "var(--blue, #0072b2)" in drawn
    assert "<style" not in drawn
    assert "#010203" not in drawn


def test_headings_go_down_one_level_at_a_time(page):
    levels = [int(level) for level in re.findall(r"<h(\d)", page)]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(b - a <= 1 for a, b in pairwise(levels))


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_every_format_takes_names_literally_and_is_deterministic(hostile, suffix, tmp_path):
    path = tmp_path / f"a{suffix}"
    reports.write(hostile, path)
    data = path.read_bytes()
    reports.write(hostile, path)
    assert data == path.read_bytes()
    assert data.startswith(
        {".html": b"<!doctype", ".pdf": b"%PDF", ".png": b"\x89PNG"}.get(suffix, b"# ")
    )
    if suffix == ".html":
        assert HOSTILE.encode() not in data
        assert b"&lt;img src=x onerror=alert(1)&gt;" in data
    if suffix == ".md":
        assert HOSTILE.encode() not in data


def scatter_memory(rng):
    """Leave holes in the heap, so that what is built next lies in another order."""
    libc = ctypes.CDLL(None)
    libc.malloc.restype, libc.free.argtypes = ctypes.c_void_p, [ctypes.c_void_p]
    blocks = [libc.malloc(int(size)) for size in rng.integers(16, 200, 60_000)]
    for i in rng.permutation(len(blocks))[::2]:
        libc.free(blocks[i])


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="the heap is reached through the C library")
def test_a_report_does_not_depend_on_addresses_in_memory(monkeypatch, tmp_path):
    """The solver of layouts orders its sums by address: one drawing in four differed."""
    portrait = fewer_figures(mt.estimate(mt.datasets.load("nile"), methods=["gph"]))
    paged, rng, seen = sheets._paged, np.random.default_rng(1), set()

    def first_with_figures(blocks):
        drawn = (part for part in paged(blocks) if any(isinstance(b, Drawings) for b in part))
        return islice(drawn, 1)

    monkeypatch.setattr(sheets, "_paged", first_with_figures)
    for _ in range(8):
        reports.write(portrait, tmp_path / "nile.pdf")
        seen.add((tmp_path / "nile.pdf").read_bytes())
        scatter_memory(rng)
    assert len(seen) == 1


ODD_NAMES = {
    "": "series",
    "\ud800": "?",
    "\x00\x1b[1m": "??[1m",
    "长记忆": "长记忆",
    "a\nb": "a b",
    "x" * 5000: "x" * 5000,
    "b\x9b<i>": "b?<i>",
}


@pytest.mark.slow
@pytest.mark.parametrize("name", ODD_NAMES)
def test_odd_names_are_shown(nile, name, tmp_path):
    odd = fewer_figures(dataclasses.replace(nile.report, name=name))
    reports.write(odd, tmp_path / "odd.html")
    reports.write(odd, tmp_path / "odd.md")
    page = (tmp_path / "odd.html").read_bytes().decode()
    title = html.unescape(re.search(r"<h1[^>]*>(.*?)</h1>", page, re.DOTALL)[1])
    assert " ".join(title.split()) == ODD_NAMES[name]
    assert not re.search(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]", page)
    head = (tmp_path / "odd.md").read_bytes().decode().splitlines()[0]
    assert re.sub(r"\\(.)", r"\1", head.removeprefix("# ")) == ODD_NAMES[name]


def test_write_keeps_the_report_it_is_called_on(tmp_path):
    report = mt.estimate(mt.datasets.load("nile"), methods=["gph"])
    report.write(tmp_path / "gph.md")
    text = (tmp_path / "gph.md").read_text()
    assert report.verdict.capitalize() in text
    assert "exact\\_local\\_whittle |" not in text


def test_results_show_their_figures_in_notebooks():
    nile = mt.datasets.load("nile")
    for result, n_figures in (
        (mt.estimate(nile, name=HOSTILE), 2),
        (mt.rolling_memory(mt.datasets.load("sunspots"), name=HOSTILE), 1),
        (mt.memory_by_bandwidth(nile, name=HOSTILE), 1),
    ):
        face = result._repr_html_()
        assert face == result._repr_html_()
        assert len(svgs(face)) == n_figures
        ET.fromstring(face)
        assert HOSTILE not in face


# -- many series ------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def panel():
    x = mt.simulate(mt.ARFIMAProcess(d=0.4), 200, n_paths=3, rng=2)
    columns = {HOSTILE: x[0], "b": x[1], "c": x[2], "flat": np.zeros(100), "short": [1.0, 2.0]}
    return mt.estimate_panel(columns)


def test_panel_is_estimate_on_each_series(panel):
    x = mt.simulate(mt.ARFIMAProcess(d=0.4), 200, n_paths=3, rng=2)
    for row, values in zip(panel.rows, x, strict=False):
        alone = mt.estimate(values)
        assert (row.d, row.verdict, row.reason) == (alone.d, alone.verdict, alone.answer)
        assert row.pvalue <= row.qvalue
    assert [row.verdict for row in panel.rows[3:]] == ["not estimated"] * 2
    assert list(panel.to_frame().columns) == [
        *("n_obs", "verdict", "d", "low", "high", "evidence", "pvalue", "qvalue")
    ]


def test_panel_page(panel, tmp_path):
    reports.write(panel, tmp_path / "panel.html")
    page = (tmp_path / "panel.html").read_text()
    assert page.count('<svg class="spark"') == 3
    assert HOSTILE not in page
    assert len(svgs(page)) == 2  # d over the series, for wide and for narrow windows
    reports.write(panel, tmp_path / "panel.md")
    assert "not estimated" in (tmp_path / "panel.md").read_text()
    reports.write(panel, tmp_path / "panel.pdf")
    assert (tmp_path / "panel.pdf").read_bytes().startswith(b"%PDF")


def test_panel_page_tells_the_period():
    report = mt.estimate_panel(mt.datasets.load("nile").to_frame())
    assert "<dt>period</dt><dd>1871 to 1970</dd>" in report.to_html()


def test_panel_of_nothing_that_can_be_estimated_has_a_page(tmp_path):
    nothing = mt.estimate_panel({"flat": np.zeros(100)})
    for suffix in SUFFIXES:
        reports.write(nothing, tmp_path / f"a{suffix}")
    assert "No series could be estimated." in (tmp_path / "a.html").read_text()


def test_markdown_has_its_figures_beside_it(hostile, tmp_path):
    reports.write(hostile, tmp_path / "a b.md")
    addresses = re.findall(r"!\[[^\]]*\]\(<([^>]+)>\)", (tmp_path / "a b.md").read_text())
    assert len(addresses) >= 8
    for address in addresses:
        assert (tmp_path / unquote(address)).read_bytes().startswith(b"\x89PNG")


@pytest.mark.parametrize("kind", ["series", "panel", "network"])
def test_every_verdict_is_told_what_it_means_in_two_sentences(kind):
    verdicts = {"series": VERDICTS, "panel": [""]}.get(kind, DIAGNOSES)
    for verdict in verdicts:
        text, read = meaning(kind, verdict)
        assert "H = d + 1/2" in text or (kind == "network" and "memory" in text)
        assert len(re.findall(r"[a-z.)0-9]\. |\.$", text)) == 2
        assert read.link.startswith("https://")


def test_every_reference_has_a_link():
    for group in ("estimators", "worlds", "series", "network"):
        for note in method_notes(group):
            assert all(r.link.startswith("https://") and " " not in r.link for r in note.references)


@pytest.mark.parametrize(
    ("network", "title"),
    [
        ("LSTM(n_input=1, n_hidden=4, activation='tanh')", "LSTM, 4 hidden units"),
        (
            "Sequential(GRU(n_input=1, n_hidden=1), RNN(n_input=1, n_hidden=8), Linear(n_input=8))",
            "GRU, 1 hidden unit, then RNN, 8 hidden units",
        ),
        ("my_function", "my_function"),
    ],
)
def test_title_of_a_network_page(network, title):
    assert _title(network) == title


def test_pages_of_paper_hold_all_and_part_nothing_that_belongs_together(nile):
    page = reports._page(nile, "again")
    blocks = [*sheets._head(page, 108)]
    for section in page.sections:
        blocks += sheets._section(section, 108, 2.55)
        for table in section.tables:
            blocks += sheets._table(table)
    paged = list(sheets._paged(blocks))
    assert [block for sheet in paged for block in sheet] == blocks
    assert not any(sheet[-1].joined for sheet in paged)
    room = sheets._A4[1] - 2 * sheets._MARGIN
    assert all(sum(block.height for block in sheet) <= room for sheet in paged)


def test_sparkline_has_a_stroke_a_lag(panel):
    assert sparkline(panel.rows[0]).count("M") == len(panel.rows[0].autocorrelations) - 1
    assert sparkline(panel.rows[3]) == ""


def test_bad_panels_are_refused():
    for bad in ({}, np.zeros(5), np.empty((5, 0))):
        with pytest.raises(InvalidInputError, match="data must be"):
            mt.estimate_panel(bad)


@pytest.mark.slow
def test_number_of_processes_changes_nothing():
    x = mt.simulate(mt.ARFIMAProcess(d=0.2), 64, n_paths=48, rng=3).T
    alone, many = (mt.estimate_panel(x, n_jobs=n).to_dict() for n in (1, 2))
    assert alone == many


# -- command line -----------------------------------------------------------------------------


def run(arguments):
    main(list(map(str, arguments)))


@pytest.fixture
def columns(tmp_path):
    x = mt.simulate(mt.ARFIMAProcess(d=0.3), 100, n_paths=2, rng=5)
    rows = [f"{1900 + i},{a},{b}" for i, (a, b) in enumerate(x.T)]
    path = tmp_path / "two.csv"
    path.write_text("\n".join(["year,a,b", *rows]) + "\n")
    return path


def test_several_columns_become_a_row_each(columns, tmp_path, capsys):
    run(["report", columns, "-o", tmp_path / "panel.md"])
    assert "2 series" in capsys.readouterr().out
    text = (tmp_path / "panel.md").read_text()
    assert [f"| {name} |" in text for name in ("a", "b", "year")] == [True, True, False]


def test_one_column_of_several(columns, tmp_path):
    out = tmp_path / "one.md"
    run(["report", columns, "--column", "b", "-o", out])
    text = out.read_text()
    assert text.startswith("# b\n")
    assert f"memtools report {columns} --column b -o {out}" in text


def test_one_column_as_a_table(columns, tmp_path):
    single = tmp_path / "single.csv"
    single.write_text("\n".join(line.split(",")[1] for line in columns.read_text().split()))
    run(["report", single, "--all-columns", "-o", tmp_path / "panel.md"])
    assert "| a |" in (tmp_path / "panel.md").read_text()


def test_column_and_all_columns_exclude_each_other(columns, capsys):
    with pytest.raises(SystemExit):
        main(["report", str(columns), "--column", "a", "--all-columns", "-o", "x.md"])
    assert "exclude each other" in capsys.readouterr().err


# -- text -------------------------------------------------------------------------------------


def test_markdown_escapes():
    assert escaped("a|b\n# *c* <i>") == r"a\|b \# \*c\* \<i\>"
    assert _code("a `` b") == "``` a `` b ```"


def test_pages_need_no_command():
    page = Page(kind="k", title="t", verdict="undecided", tone="care", facts=[], reasons=[])
    assert page.command is None


def results():
    nile = mt.datasets.load("nile")
    report = mt.estimate(nile, name=HOSTILE)
    yield report
    yield report.estimates["gph"]
    yield report.estimates["gph"].test()
    yield mt.correlogram(nile, name=HOSTILE)
    yield mt.periodogram(nile)
    yield mt.classify_decay(np.arange(1.0, 102.0) ** -0.7)
    network = mt.networks.LSTM.initialise(1, 2, 1, rng=0)
    yield mt.ergodicity(network)
    yield mt.impulse_weights(network, n_lags=50)
    fit = mt.ARFIMA(nile, (0, 0)).fit("whittle")
    yield fit
    yield fit.get_forecast(3)
    yield fit.t_test("d = 0")
    yield mt.select_arfima(nile, 1, 0, method="whittle")


def test_notebook_faces():
    for result in results():
        face = result._repr_html_()
        ET.fromstring(face)  # well formed
        assert HOSTILE not in face
        for table in result.tables():
            assert all(len(row) == len(table.header) for row in table.rows)
        assert face.count("<table") == len(result.tables())

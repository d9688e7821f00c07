"""Reports in a real browser: nothing complains, nothing is fetched, the verdict is in sight."""

import base64
import os

import pytest

import memtools as mt
from memtools import reports
from tests.browser import PROGRAM, Browser

HOSTILE = "<img src=x onerror=alert(1)>"
SIZES = [(1280, 800), (390, 844)]
PAGES = ["series", "network", "panel"]

if PROGRAM is None and os.environ.get("CI") != "true":
    pytest.skip("there is no Chromium here", allow_module_level=True)
pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def browser(tmp_path_factory):
    assert PROGRAM is not None, "continuous integration must have a Chromium"
    browser = Browser(tmp_path_factory.mktemp("profile"))
    yield browser
    browser.close()


@pytest.fixture(scope="module")
def pages(tmp_path_factory):
    folder = tmp_path_factory.mktemp("pages")
    paths = {name: folder / f"{name}.html" for name in PAGES}
    x = mt.simulate(mt.ARFIMAProcess(d=0.4), 300, n_paths=4, rng=1)
    reports.write(mt.portray(x[0], HOSTILE), paths["series"], f"memtools {HOSTILE}")
    network = mt.networks.LSTM.initialise(1, 3, 1, rng=0)
    reports.write(mt.diagnose(network, x[1], n_lags=100), paths["network"])
    names = [HOSTILE, "b10", "b9", "c"]
    panel = mt.estimate_panel(dict(zip(names, x, strict=True)), name=HOSTILE)
    reports.write(panel, paths["panel"])
    return paths


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", SIZES, ids=str)
@pytest.mark.parametrize("name", PAGES)
def test_page_is_quiet_fits_and_shows_its_verdict(browser, pages, name, size, scheme):
    browser.open(pages[name], *size, scheme)
    assert browser.requests() == [pages[name].as_uri()]
    width, wide = browser.evaluate("[innerWidth, document.documentElement.scrollWidth]")
    assert wide <= width == size[0]
    top, bottom = browser.evaluate(
        "(r => [r.top, r.bottom])(document.getElementById('verdict').getBoundingClientRect())"
    )
    assert 0 <= top < bottom <= size[1]
    assert browser.complaints() == []


@pytest.mark.parametrize("name", ["series", "panel"])
def test_hostile_name_is_text(browser, pages, name):
    browser.open(pages[name])
    assert browser.evaluate("document.querySelectorAll('img').length") == 0
    assert HOSTILE in browser.evaluate("document.querySelector('h1').textContent")
    assert browser.evaluate("document.title").startswith(HOSTILE)
    assert browser.complaints() == []


CONTRAST = """
(() => {
  const rgb = text => text.match(/[\\d.]+/g).slice(0, 3).map(Number);
  const light = text => rgb(text).map(v => v / 255)
    .map(v => v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4)
    .reduce((sum, v, i) => sum + v * [0.2126, 0.7152, 0.0722][i], 0);
  const paper = light(getComputedStyle(document.body).backgroundColor);
  const ratio = colour => {
    const ink = light(colour);
    return (Math.max(ink, paper) + 0.05) / (Math.min(ink, paper) + 0.05);
  };
  const words = [...document.querySelectorAll("h1, h2, p, dt, dd, td, th, li, cite")];
  const labels = [...document.querySelectorAll("figure svg text")];
  return [Math.min(...words.map(e => ratio(getComputedStyle(e).color))),
          labels.length ? Math.min(...labels.map(e => ratio(getComputedStyle(e).fill))) : 21];
})()
"""


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("name", PAGES)
def test_contrast(browser, pages, name, scheme):
    browser.open(pages[name], scheme=scheme)
    text, labels = browser.evaluate(CONTRAST)
    assert text >= 4.5  # WCAG 2.1, criterion 1.4.3
    assert labels >= 4.5


@pytest.mark.parametrize("name", PAGES)
def test_page_is_whole_without_scripts(browser, pages, name):
    browser.open(pages[name], scripts=False)
    assert browser.evaluate("document.querySelectorAll('button').length") == 0
    assert browser.evaluate("document.getElementById('verdict').textContent.length") > 0
    assert browser.complaints() == []


def rows(browser):
    return browser.evaluate(
        "[...document.querySelectorAll('tbody tr')].map(r => r.cells[0].textContent)"
    )


def test_table_is_sorted_by_a_click(browser, pages):
    browser.open(pages["panel"])
    head = "document.querySelectorAll('table.sortable th[scope=col]')"
    given = rows(browser)
    browser.evaluate(f"{head}[0].querySelector('button').click()")
    assert rows(browser) == [HOSTILE, "b9", "b10", "c"]
    assert browser.evaluate(f"{head}[0].getAttribute('aria-sort')") == "ascending"
    browser.evaluate(f"{head}[3].querySelector('button').click()")
    column = "[...document.querySelectorAll('tbody tr')].map(r => Number(r.cells[3].textContent))"
    values = browser.evaluate(column)
    assert values == sorted(values)
    browser.evaluate(f"{head}[3].querySelector('button').click()")
    assert browser.evaluate(column) == values[::-1]
    assert sorted(rows(browser)) == sorted(given)
    assert browser.complaints() == []


def test_figure_is_enlarged_and_put_back(browser, pages):
    browser.open(pages["series"])
    browser.evaluate("document.querySelector('.picture button').click()")
    assert browser.evaluate("document.querySelectorAll('dialog[open] svg').length") == 1
    browser.evaluate("document.querySelector('dialog button').click()")
    count = "document.querySelectorAll('dialog').length"
    gone = f"new Promise(done => setTimeout(() => done({count}), 50))"
    answer = browser.call(
        "Runtime.evaluate", expression=gone, awaitPromise=True, returnByValue=True
    )
    assert answer["result"]["value"] == 0
    assert browser.evaluate("document.querySelectorAll('figure svg').length") >= 11
    assert browser.complaints() == []


def test_page_prints(browser, pages):
    browser.open(pages["series"], scheme="dark")
    data = base64.b64decode(browser.call("Page.printToPDF")["data"])
    assert data.startswith(b"%PDF")

"""Every page of a built site in a browser: links, pictures, width, console, accessibility.

    python .ci/look.py FOLDER AXE

FOLDER holds what Sphinx built, AXE is axe.min.js of the npm package axe-core.  Each page is opened
at two sizes in light and dark; axe holds it against WCAG 2.1 AA in light, and its colours in dark
as well.  Listings of source, which are all alike, are opened once.  What is wrong is printed, and
then the exit status is 1.
"""

import functools
import json
import sys
import tempfile
import threading
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import unquote

sys.path.insert(0, str(Path(__file__).parents[1]))
from tests.browser import Browser

SIZES = ((1280, 800), (390, 844))
TALK = ("log", "info", "debug")  # of the theme, no complaint
# Addresses that the page leads to, and what can be led to in it.
LINKS = "[...document.querySelectorAll('a[href], link[href]')].map(a => a.href)"
PLACES = "[...document.querySelectorAll('[id]')].map(e => e.id)"
BROKEN = "[...document.images].filter(i => i.complete && !i.naturalWidth).map(i => i.src)"
# The corner of a table may be empty, and axe reads no MathML.
AXE = """axe.run({runOnly: %s, rules: {'empty-table-header': {enabled: false}}})
.then(r => r.violations.map(v => [v.id, v.nodes.length, v.nodes[0].html, v.nodes[0].failureSummary]
.join(' | ').replace(/\\s+/g, ' ')))"""
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "best-practice"]
LOOKS = (  # size, scheme, which rules of axe
    (SIZES[0], "light", RULES),
    (SIZES[0], "dark", None),
    (SIZES[1], "light", None),
    (SIZES[1], "dark", ["color-contrast"]),
)


class Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *told):
        pass


def faults_of(browser, page, size, scheme, rules, axe):
    """What is wrong with one page at one size in one scheme."""
    browser.open(page, *size, scheme)
    for event in browser.complaints():
        if event["params"].get("type") not in TALK:
            yield f"console: {json.dumps(event['params'])[:300]}"
    yield from (f"broken picture: {address}" for address in browser.evaluate(BROKEN))
    width, wide = browser.evaluate("[innerWidth, document.documentElement.scrollWidth]")
    if wide > width:
        yield f"{wide} wide in a window of {width}"
    if rules is not None:
        browser.evaluate(axe)
        yield from (f"axe, {found[:600]}" for found in browser.promised(AXE % rules))


def wrong_links(links, places, root, folder):
    """Inner links to a page, a file or a place that is not there."""
    for page, addresses in links.items():
        for address in addresses:
            target, _, place = address.partition("#")
            if not target.startswith(root):
                continue
            path = target.removeprefix(root).partition("?")[0]
            path += "index.html" if not path or path.endswith("/") else ""
            if path in places:
                if place and unquote(place) not in places[path]:
                    yield page, f"no such place: {address}"
            elif not (folder / unquote(path)).is_file():
                yield page, f"no such page: {address}"


def looked_at(browser, root, folder, axe):
    """Page and fault, page by page; at last the links between them."""
    links, places = {}, {}
    found = (str(path.relative_to(folder)) for path in folder.rglob("*.html"))
    pages = sorted(page for page in found if not page.startswith("_static"))  # parts of the theme
    for page in pages:
        for size, scheme, rules in LOOKS[-1:] if page.startswith("_modules") else LOOKS:
            for fault in faults_of(browser, root + page, size, scheme, rules, axe):
                yield page, f"{size[0]} {scheme}: {fault}"
        links[page], places[page] = browser.evaluate(LINKS), set(browser.evaluate(PLACES))
    yield from wrong_links(links, places, root, folder)
    print(f"{len(pages)} pages, {sum(map(len, links.values()))} links", file=sys.stderr)


def main(folder, axe):
    serving = functools.partial(Quiet, directory=folder)
    with (
        ThreadingHTTPServer(("127.0.0.1", 0), serving) as server,
        tempfile.TemporaryDirectory() as profile,
    ):
        threading.Thread(target=server.serve_forever, daemon=True).start()
        root, n_faults = f"http://127.0.0.1:{server.server_port}/", 0
        browser = Browser(profile)
        try:
            for page, fault in looked_at(browser, root, folder, axe.read_text()):
                n_faults += 1
                print(f"{page}: {fault}", flush=True)
        finally:
            browser.close()
            server.shutdown()
    sys.exit(bool(n_faults))


if __name__ == "__main__":
    main(*(Path(argument).resolve() for argument in sys.argv[1:]))

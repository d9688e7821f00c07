"""Files that are not shipped: found, fetched once, checked; against a server on this machine."""

import hashlib
import http.server
import sys
import threading

import pytest

from memtools import datasets
from memtools.datasets import downloads
from memtools.exceptions import DataFileError, DownloadError, MissingDependencyError

CONTENT = b"x\n1.5\n2.5\n4.0\n"


class Handler(http.server.BaseHTTPRequestHandler):
    answers: dict[str, bytes]
    asked: list[str]

    def do_GET(self):
        self.asked.append(self.path)
        if self.path not in self.answers:
            self.send_error(404)
            return
        body = self.answers[self.path]
        self.send_response(200)
        cut = self.path == "/cut.csv"
        self.send_header("Content-Length", str(len(body) + (1000 if cut else 0)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args):
        pass


@pytest.fixture
def server(monkeypatch, tmp_path):
    """A server in place of the authors' repository, an empty cache."""
    pytest.importorskip("pooch")
    names = ("good", "wrong", "cut", "absent")
    answers = {f"/{n}.csv": CONTENT + (b"3\n" if n == "wrong" else b"") for n in names[:3]}
    handler = type("Answers", (Handler,), {"answers": answers, "asked": []})
    digest = hashlib.sha256(CONTENT).hexdigest()
    fetched = {name: downloads.Download(f"{name}.csv", digest, "Test") for name in names}
    monkeypatch.setattr(downloads, "DOWNLOADS", fetched)
    monkeypatch.setattr(datasets, "DOWNLOADS", fetched)
    monkeypatch.delenv("MEMTOOLS_DATA", raising=False)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as running:
        thread = threading.Thread(target=running.serve_forever)
        thread.start()
        monkeypatch.setattr(downloads, "SOURCE", f"http://127.0.0.1:{running.server_port}/")
        yield handler
        running.shutdown()
        thread.join()


def test_fetched_once(server):
    for _ in range(2):
        series = datasets.load("good")
    assert series.tolist() == [1.5, 2.5, 4.0]
    assert series.name == "good"
    assert server.asked == ["/good.csv"]


def test_wrong_content_is_not_kept(server):
    for _ in range(2):
        with pytest.raises(DownloadError, match="SHA256"):
            datasets.load("wrong")
    assert server.asked == ["/wrong.csv"] * 2


@pytest.mark.parametrize("name", ["cut", "absent"])
def test_a_failed_transfer_says_what_to_do(server, name):
    with pytest.raises(DownloadError, match=rf"{name}\.csv .* fetch it by hand"):
        datasets.load(name)


def test_no_network(server, monkeypatch):
    monkeypatch.setattr(downloads, "SOURCE", "http://127.0.0.1:1/")
    with pytest.raises(DownloadError, match="fetch it by hand and put it into"):
        datasets.load("good")


def test_folder_of_the_user_comes_first(server, monkeypatch, tmp_path):
    monkeypatch.setenv("MEMTOOLS_DATA", str(tmp_path))
    path = tmp_path / "good.csv"
    path.write_bytes(CONTENT)
    assert datasets.path_of("good") == path
    assert server.asked == []
    path.write_bytes(b"x\n1.0\n")
    with pytest.raises(DataFileError, match="SHA-256"):
        datasets.path_of("good")


def test_without_pooch(server, monkeypatch):
    monkeypatch.setitem(sys.modules, "pooch", None)
    with pytest.raises(MissingDependencyError, match="pip install pooch"):
        datasets.load("good")


@pytest.mark.parametrize(("name", "n_obs"), [("arfima", 4001), ("tree7", 4351), ("DJI", 5029)])
def test_the_papers_series(series, name, n_obs, monkeypatch):
    assert len(series(name)) == n_obs
    from tests.conftest import data_folder

    monkeypatch.setenv("MEMTOOLS_DATA", str(data_folder()))
    assert datasets.load(name).to_numpy().tolist() == series(name).tolist()

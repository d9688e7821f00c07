"""Whatever is written is written whole or not at all, and refused before the work is done."""

import os

import pytest

from memtools import _output, networks
from memtools.cli import main
from memtools.exceptions import OutputFileError

_REPLICATE = ["replicate", "short-memory", "--models", "RNN", "--seeds", "2", "--epochs", "1"]


def left_over(folder):
    return sorted(path.name for path in folder.iterdir())


def test_a_file_is_written_whole_or_not_at_all(tmp_path, monkeypatch):
    target = tmp_path / "a.html"
    target.write_bytes(b"before")

    def full(handle):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(_output.os, "fsync", full)
    with pytest.raises(OutputFileError, match="No space left on device"):
        _output.write_whole(target, b"after")
    assert target.read_bytes() == b"before"
    assert left_over(tmp_path) == ["a.html"]


def test_an_interrupt_leaves_nothing_behind(tmp_path, monkeypatch):
    def interrupted(old, new):
        raise KeyboardInterrupt

    monkeypatch.setattr(_output.os, "replace", interrupted)
    with pytest.raises(KeyboardInterrupt):
        _output.write_whole(tmp_path / "a.html", b"after")
    assert left_over(tmp_path) == []


def test_links_and_permissions_stay(tmp_path):
    target, link = tmp_path / "a.html", tmp_path / "link.html"
    target.write_bytes(b"before")
    target.chmod(0o640)
    link.symlink_to(target)
    _output.write_whole(link, b"after")
    assert link.is_symlink()
    assert target.read_bytes() == b"after"
    assert target.stat().st_mode & 0o777 == 0o640


def test_a_new_file_has_the_permissions_of_any_new_file(tmp_path):
    (tmp_path / "any").touch()
    _output.write_whole(tmp_path / "a.html", lambda file: file.write(b"after"))
    assert (tmp_path / "a.html").read_bytes() == b"after"
    assert (tmp_path / "a.html").stat().st_mode == (tmp_path / "any").stat().st_mode


@pytest.mark.parametrize("name", ["x.csv", "x.npy", "boxes.png", "net.safetensors"])
def test_every_writer_writes_whole_or_not_at_all(name, tmp_path, monkeypatch):
    def full(handle):
        raise OSError(28, "No space left on device")

    target = tmp_path / name
    target.write_bytes(b"before")
    monkeypatch.setattr(_output.os, "fsync", full)
    work = {
        ".csv": lambda: main(["simulate", "9", "-o", str(target)]),
        ".npy": lambda: main(["simulate", "9", "-o", str(target)]),
        ".png": lambda: main([*_REPLICATE, "--figure", str(target)]),
        ".safetensors": lambda: networks.save(networks.RNN.initialise(1, 1, 1, rng=0), target),
    }[target.suffix]
    with pytest.raises((SystemExit, OutputFileError)):
        work()
    assert target.read_bytes() == b"before"
    assert left_over(tmp_path) == [name]


@pytest.mark.skipif(os.geteuid() == 0, reason="root writes everywhere")
def test_a_read_only_folder_is_refused(tmp_path):
    tmp_path.chmod(0o500)
    with pytest.raises(OutputFileError, match="cannot be written"):
        _output.write_whole(tmp_path / "a.html", b"x")
    tmp_path.chmod(0o700)


@pytest.mark.parametrize(
    ("out", "told"),
    [
        ("a.doc", "must end in .html"),
        ("a", "must end in .html"),
        ("no/a.html", "there is no folder"),
        ("folder.html", "is a folder"),
    ],
)
def test_bad_output_is_one_line_before_the_work(out, told, tmp_path, capsys, monkeypatch):
    (tmp_path / "folder.html").mkdir()
    monkeypatch.setattr("memtools.portrait.portray", lambda *_: pytest.fail("worked for nothing"))
    with pytest.raises(SystemExit) as stop:
        main(["report", "nile", "-o", str(tmp_path / out)])
    assert stop.value.code == 2
    error = capsys.readouterr().err
    assert told in error
    assert error.count("\n") == 1
    assert left_over(tmp_path) == ["folder.html"]


def test_disk_full_on_the_command_line(tmp_path, capsys, monkeypatch):
    def full(handle):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(_output.os, "fsync", full)
    with pytest.raises(SystemExit) as stop:
        main(["report", "nile", "-o", str(tmp_path / "a.md")])
    assert stop.value.code == 2
    assert "No space left on device" in capsys.readouterr().err
    assert left_over(tmp_path) == []

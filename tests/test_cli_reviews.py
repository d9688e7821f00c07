"""memtools replicate reviews."""

import pytest

from memtools.cli import main
from tests.replication.test_reviews import toy

QUICK = ["--models", "RNN,MLSTMF", "--hidden", "2", "--filter-length", "3", "--epochs", "1"]


def run(capsys, *arguments):
    """Exit status, output, errors."""
    status = 0
    try:
        main([str(argument) for argument in arguments])
    except SystemExit as stop:
        status = stop.code or 0
    captured = capsys.readouterr()
    return status, captured.out, captured.err


@pytest.fixture
def toy_data(monkeypatch):
    monkeypatch.setattr("memtools.replication.review_data", toy)


def test_prints_both_figures(capsys, tmp_path, toy_data):
    out = tmp_path / "runs.jsonl"
    status, text, _ = run(capsys, "replicate", "reviews", *QUICK, "--seeds", "2", "-o", out)
    assert status == 0
    assert "0.3110" in text
    assert "1.4758" in text
    assert "frequencies" in text
    assert len(out.read_text().splitlines()) == 4


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--models", "GRU"], "models must be one of"),
        (["--filter-length", "9"], "filter_length must be below the 9 words"),
        (["--arrangement", "shuffled"], "shuffled"),
    ],
)
def test_refuses(capsys, toy_data, options, message):
    status, _, error = run(capsys, "replicate", "reviews", *options)
    assert status == 2
    assert message in error
    assert len(error.splitlines()) == 1


def test_help_names_it(capsys):
    text = " ".join(run(capsys, "replicate", "--help")[1].split())
    assert "memtools replicate reviews --help" in text
    assert "--arrangement" in run(capsys, "replicate", "reviews", "--help")[1]

"""The review classification: data, models, figures, resumption."""

import builtins
import json
import os
import signal
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import memtools as mt
from memtools.exceptions import (
    DataFileError,
    DivergenceError,
    InvalidInputError,
    MissingDependencyError,
)
from memtools.networks import train
from memtools.replication import (
    REVIEW_MODELS,
    ReviewData,
    compare_reviews,
    review_rivals,
    reviews,
)
from memtools.replication.models import build_classifier
from memtools.replication.review_files import read_reviews, review_data, word_vectors
from memtools.replication.reviews import classification_figures
from tests.conftest import data_folder

OPTIONS = {"n_hidden": 3, "filter_length": 4, "n_epochs": 2}
ROOT = Path(__file__).parents[2]


def toy(n_reviews=24, seed=0, **options):
    rng = np.random.default_rng(seed)
    vectors = [rng.standard_normal((n, 2)) for n in rng.integers(1, 12, n_reviews)]
    labels = rng.integers(0, 5, n_reviews)
    return ReviewData(
        vectors, labels, **{"n_train": 12, "n_validation": 6, "n_words": 9, **options}
    )


def replicate(models=REVIEW_MODELS, n_seeds=2, **options):
    return mt.replicate_reviews(
        models, n_seeds, **{"data": toy(), "n_jobs": 1, **OPTIONS, **options}
    )


def test_a_row_a_run():
    frame = replicate()
    order = [(m, s) for m in REVIEW_MODELS for s in range(2)]
    assert list(frame[["model", "seed"]].itertuples(index=False, name=None)) == order
    assert frame.error.isna().all()
    assert frame.accuracy.between(0.0, 1.0).all()
    assert [len(d) for d in frame.d.dropna()] == [2, 2, 3, 3]  # of inputs, of hidden units


def test_figures_are_those_of_the_test_part():
    data, row = toy(), replicate(["LSTM"], 1).iloc[0]
    (x, y), validation, (x_test, y_test) = (
        data.part(*bounds, "transposed") for bounds in [(0, 12), (12, 18), (18, None)]
    )
    result = train(
        build_classifier("LSTM", 0, 2, 3),
        x, y, validation, loss="cross_entropy", learning_rate=1e-3, weight_decay=5e-4,
        batch_size=64, n_epochs=2, precision="single",
    )  # fmt: skip
    outputs = result.network.forward(x_test)[0][np.nonzero(y_test >= 0)]
    # np.nonzero goes step by step: so do the labels.
    expected = classification_figures(outputs, y_test[y_test >= 0])
    assert row[list(expected)].to_dict() == pytest.approx(expected, rel=1e-12)
    assert row.best_epoch == result.best_epoch


def test_figures_by_hand():
    # Labels 0 0 1 2, predictions 0 1 1 3: classes 0, 1, 2, 3 occur.
    p = np.full((4, 5), 0.1)
    p[[0, 1, 2, 3], [0, 1, 1, 3]] = 0.6
    found = classification_figures(p, np.array([0.0, 0.0, 1.0, 2.0]))
    assert found["accuracy"] == 0.5
    assert found["precision"] == pytest.approx((1 + 0.5 + 0 + 0) / 4)
    assert found["recall"] == pytest.approx((0.5 + 1 + 0 + 0) / 4)
    assert found["f1"] == pytest.approx((2 / 3 + 2 / 3) / 4)
    assert found["cross_entropy"] == pytest.approx(-(2 * np.log(0.6) + 2 * np.log(0.1)) / 4)


def test_transposed_sequences_are_reviews_and_published_ones_are_not():
    data = toy()
    x, labels = data.part(0, 12, "transposed")
    for i in range(12):
        n = min(len(data.vectors[i]), 9)
        np.testing.assert_array_equal(x[:n, i], data.vectors[i][:n])
        assert not x[n:, i].any()
        assert labels[n - 1, i] == data.labels[i]
        assert (labels[:, i] >= 0).sum() == 1
    scrambled, same = data.part(0, 12, "published")
    np.testing.assert_array_equal(scrambled.ravel(), x.transpose(1, 0, 2).ravel())
    np.testing.assert_array_equal(same, labels)
    # Step 1 of the first sequence is word 12 of the flat array: word 3 of the second review.
    padded = np.vstack([data.vectors[1], np.zeros((9, 2))])
    np.testing.assert_array_equal(scrambled[1, 0], padded[3])


def test_arrangements_are_other_runs(tmp_path):
    out = tmp_path / "runs.jsonl"
    meant = replicate(out=out)
    published = replicate(out=out, arrangement="published")
    assert (meant.validation_loss != published.validation_loss).all()
    pd.testing.assert_frame_equal(replicate(out=out), meant, check_exact=True)


@pytest.mark.parametrize("cut", [0, 1, 40, 700])
def test_resumes_after_a_cut_at_any_byte(tmp_path, cut):
    out = tmp_path / "runs.jsonl"
    whole = replicate(out=out)
    out.write_bytes(out.read_bytes()[: -cut or None])
    pd.testing.assert_frame_equal(replicate(out=out), whole, check_exact=True)
    assert len(out.read_text().splitlines()) == len(whole)


def test_finished_runs_are_not_repeated_and_other_data_are_other_runs(tmp_path, monkeypatch):
    out = tmp_path / "runs.jsonl"
    whole = replicate(out=out)
    replicate(out=out, data=toy(seed=1))
    assert len(out.read_text().splitlines()) == 2 * len(whole)
    monkeypatch.setattr(reviews, "run_review", None)
    pd.testing.assert_frame_equal(replicate(out=out), whole, check_exact=True)


def test_an_executor_does_not_change_it():
    with ThreadPoolExecutor(2) as executor:
        found = replicate(executor=executor)
    pd.testing.assert_frame_equal(found, replicate(), check_exact=True)


def test_processes_do_not_change_it():
    pd.testing.assert_frame_equal(replicate(n_jobs=2), replicate(), check_exact=True)


PROGRAM = """
import sys
from tests.replication.test_reviews import replicate
replicate(n_seeds=100, out=sys.argv[1])
"""


@pytest.mark.slow
def test_kill_9_loses_nothing(tmp_path):
    out = tmp_path / "runs.jsonl"
    process = subprocess.Popen([sys.executable, "-c", PROGRAM, str(out)], cwd=ROOT)
    deadline = time.monotonic() + 120
    while (not out.exists() or out.stat().st_size < 3000) and time.monotonic() < deadline:
        time.sleep(0.01)
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    survived = out.read_bytes().rpartition(b"\n")[0].splitlines()
    assert 0 < len(survived) < 400
    resumed = replicate(n_seeds=len(survived) // 4 + 3, out=out)
    whole = replicate(n_seeds=len(survived) // 4 + 3)
    pd.testing.assert_frame_equal(resumed, whole, check_exact=True)
    assert out.read_bytes().splitlines()[: len(survived)] == survived


def test_a_diverged_run_is_recorded(monkeypatch):
    def diverge(*args, **options):
        raise DivergenceError(3, float("nan"), 1.0)

    monkeypatch.setattr(reviews, "train", diverge)
    frame = replicate(n_seeds=1)
    assert frame.accuracy.isna().all()
    assert frame.error.str.contains("diverged in epoch 3").all()
    table = compare_reviews(frame)
    assert (table.n_seeds == 0).all()
    assert (table.n_failed == 1).all()


def test_comparison_has_the_papers_figures():
    frame = replicate(["MLSTMF"], 3)
    table = compare_reviews(frame).set_index("figure")
    assert list(table.index) == ["accuracy", "precision", "recall", "cross_entropy"]
    row = table.loc["accuracy"]
    sd = frame.accuracy.std(ddof=0)
    stderr = np.sqrt(sd**2 / 3 + 0.0204**2 / 100)
    assert (row["paper_mean"], row["paper_sd"]) == (0.3110, 0.0204)
    assert row["difference_in_se"] == pytest.approx((frame.accuracy.mean() - 0.3110) / stderr)
    assert row["best"] == frame.accuracy.max()
    assert table.loc["cross_entropy", "best"] == frame.cross_entropy.min()


@pytest.mark.parametrize("model", REVIEW_MODELS)
def test_initial_values_are_pytorchs_bit_for_bit(model):
    torch = pytest.importorskip("torch")
    torch.manual_seed(5)
    nn, n, h = torch.nn, 16, 128
    if model == "RNN":
        parts = [nn.RNN(n, h), nn.LSTM(h, h), nn.Linear(h, 5)]
    elif model == "LSTM":
        parts = [nn.LSTMCell(n, h), nn.LSTMCell(h, h), nn.Linear(h, 5)]
    elif model == "MRNNF":
        nn.RNNCell(n, h)
        sizes = {"m_m": (h, True), "f_m": (n, False), "h_h": (h, True), "x_h": (n, False)}
        sizes |= {"h_z": (h, True), "m_z": (h, False)}
        lanes = {name: nn.Linear(size, h, bias=bias) for name, (size, bias) in sizes.items()}
        parts = [lanes["f_m"], nn.LSTMCell(h, h), nn.Linear(h, 5)]
    else:
        gates = [nn.Linear(n + k * h, h) for k in (1, 1, 2, 1)]
        nn.Linear(h, h)
        parts = [gates[0], nn.LSTMCell(h, h), nn.Linear(h, 5)]
    network = build_classifier(model, 5)
    layers = [layer for layer in network.layers if layer.params]
    for part, layer in zip(parts[1:], layers[1:], strict=True):
        values = [v.detach().numpy() for v in part.parameters()]
        for found, value in zip(layer.params.values(), values, strict=True):
            np.testing.assert_array_equal(found, value)
    p, values = layers[0].params, [v.detach().numpy() for v in parts[0].parameters()]
    if model == "MRNNF":
        np.testing.assert_array_equal(p["weight_fm"], values[0])
        assert layers[0].output_activation == "tanh"
    elif model == "MLSTMF":
        np.testing.assert_array_equal(p["weight_ih"][h : 2 * h], values[0][:, :n])
        np.testing.assert_array_equal(p["weight_hh"][2 * h :], gates[3].weight.detach()[:, n:])
    else:
        for found, value in zip(p.values(), values, strict=True):
            np.testing.assert_array_equal(found, value)
    assert getattr(layers[0], "d", np.array([0.25])) == pytest.approx(0.25)


def test_rivals_do_not_read():
    rng = np.random.default_rng(2)
    lengths, labels = rng.integers(1, 10, 400), np.zeros(400)
    labels[lengths > 5] = 3.0
    data = ReviewData([rng.standard_normal((n, 1)) for n in lengths], labels, 300, 50, n_words=9)
    rivals = review_rivals(data).set_index("model")
    assert rivals.loc["length", "accuracy"] == 1.0
    assert rivals.loc["length", "cross_entropy"] < 0.01
    share = (labels[:300] == 3.0).mean()
    test = (labels[350:] == 3.0).mean()
    entropy = -test * np.log(share) - (1.0 - test) * np.log(1.0 - share)
    assert rivals.loc["frequencies", "cross_entropy"] == pytest.approx(entropy, abs=0.01)


@pytest.mark.slow
def test_length_alone_is_as_good_as_the_best_cross_entropy_of_table_5(papers):
    rivals = review_rivals(papers).set_index("model")
    assert rivals.loc["length", "cross_entropy"] == pytest.approx(1.4765, abs=5e-4)
    assert rivals.loc["length", "accuracy"] == pytest.approx(0.36)
    assert rivals.loc["frequencies", "cross_entropy"] == pytest.approx(1.5647, abs=5e-4)
    assert rivals.loc["frequencies", "accuracy"] == pytest.approx(0.34)


def review_file(folder, *rows):
    keys = ("lan", "text", "evaluation")
    papers = [{"review": [dict(zip(keys, row, strict=True)) for row in rows]}]
    path = folder / "reviews.json"
    path.write_text(json.dumps({"paper": papers}), encoding="utf-8")
    return path


def test_spanish_reviews_with_a_text_are_read(tmp_path):
    path = review_file(
        tmp_path,
        ("es", "Buen art\u00edculo, claro. (Muy) \u00bfclaro? S\u00ed.", "2"),
        ("en", "Good.", "1"),
        ("es", " ", "0"),
        ("es", "Malo", "-2"),
    )
    words, labels = read_reviews(path)
    assert words == [["buen", "art\u00edculo", "claro", "muy", "claro", "s\u00ed."], ["malo"]]
    assert labels == [4, 0]


@pytest.mark.parametrize("text", ["no JSON", "{}", '{"paper": [{"review": [{"lan": "es"}]}]}'])
def test_refuses_another_file(tmp_path, text):
    path = tmp_path / "reviews.json"
    path.write_text(text)
    with pytest.raises(DataFileError, match="does not hold paper reviews"):
        read_reviews(path)


def test_refuses_a_file_without_spanish_reviews(tmp_path):
    with pytest.raises(DataFileError, match="no Spanish review"):
        read_reviews(review_file(tmp_path, ("en", "Good.", "1")))


def test_refuses_an_unknown_class(tmp_path):
    pytest.importorskip("gensim")
    path = review_file(tmp_path, *[("es", "uno dos tres", str(k)) for k in (-2, 0, 3)])
    with pytest.raises(InvalidInputError, match=r"labels must be classes 0..4; got 5"):
        review_data(path)


def test_says_what_to_install(monkeypatch):
    real = builtins.__import__

    def without_gensim(name, *args, **options):
        if name.startswith("gensim"):
            raise ImportError(name)
        return real(name, *args, **options)

    monkeypatch.setattr(builtins, "__import__", without_gensim)
    with pytest.raises(MissingDependencyError, match="needs gensim: python -m pip install gensim"):
        word_vectors([["a", "b"]])


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"models": ["MRNN"]}, "models must be one of"),
        ({"models": []}, "models must be one or more"),
        ({"n_seeds": 0}, "n_seeds"),
        ({"n_jobs": 0}, "n_jobs"),
        ({"n_hidden": 0}, "n_hidden"),
        ({"arrangement": "shuffled"}, "arrangement must be one of"),
        ({"filter_length": 9}, "filter_length must be below the 9 words"),
        ({"out": "no/such/folder.jsonl"}, "out must be a file that can be written"),
    ],
)
def test_refuses(arguments, message):
    with pytest.raises(InvalidInputError, match=message):
        replicate(**arguments)


@pytest.mark.parametrize(
    ("vectors", "labels", "message"),
    [
        ([np.ones((3, 2)), np.ones((0, 2))], [0, 1], r"vectors\[1\] must be at least one word"),
        ([np.ones((3, 2)), np.ones((3, 1))], [0, 1], r"vectors\[1\]"),
        ([np.ones((3, 2))] * 3, [0, 1], "labels must be of shape"),
        ([np.ones((3, 2))] * 3, [0, 1, 5], r"labels must be classes 0..4; got 5"),
        ([np.ones((3, 2))] * 2, [0, 1], "more than 2 reviews"),
        ([np.full((3, 2), np.nan)], [0], "finite"),
    ],
)
def test_refuses_data(vectors, labels, message):
    with pytest.raises(InvalidInputError, match=message):
        ReviewData(vectors, labels, n_train=1, n_validation=1)


@pytest.fixture(scope="module")
def papers():
    pytest.importorskip("gensim")
    folder = data_folder()
    if folder is None:
        pytest.skip("the paper's reviews are not here: set MEMTOOLS_DATA to their folder")
    return review_data(folder / "reviews.json")


GOLDEN = json.loads(ROOT.joinpath("tests", "golden", "review_epochs.json").read_text())


@pytest.mark.slow
def test_word_vectors_do_not_depend_on_the_hash_seed(papers):
    assert len(papers.vectors) == 382
    # gensim sums in single precision by the processor's own BLAS kernel: OpenBLAS's of Haswell and
    # Zen give the stored digits, those of AVX-512 and of SSE are 1.0e-4 and 0.9e-4 away.
    np.testing.assert_allclose(papers.vectors[0][0], GOLDEN["first_vector"], rtol=0.0, atol=3e-4)
    program = "from memtools.replication.review_files import *; import sys; "
    program += "print(review_data(sys.argv[1]).fingerprint)"
    for seed in ("0", "1"):
        done = subprocess.run(
            [sys.executable, "-c", program, str(data_folder() / "reviews.json")],
            capture_output=True, text=True, cwd=ROOT, check=True,
            env=os.environ | {"PYTHONHASHSEED": seed},
        )  # fmt: skip
        assert done.stdout.strip() == papers.fingerprint


@pytest.mark.slow
@pytest.mark.parametrize("run", GOLDEN["runs"], ids=lambda r: f"{r['model']}-{r['arrangement']}")
def test_first_epochs_equal_the_authors(run, papers):
    result = train(
        build_classifier(run["model"], 0),
        *papers.part(0, 282, run["arrangement"]),
        papers.part(282, 332, run["arrangement"]),
        loss="cross_entropy", learning_rate=1e-3, weight_decay=5e-4, batch_size=64,
        n_epochs=len(run["losses"]), precision="single",
    )  # fmt: skip
    found = np.column_stack([result.history["train_loss"], result.history["validation_loss"]])
    np.testing.assert_allclose(found, run["losses"], rtol=1e-5)

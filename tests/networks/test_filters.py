"""Other patterns of the memory filter: weights, gradients, theorems, files, protocol."""

import itertools

import numpy as np
import pytest

import memtools as mt
from memtools import networks
from memtools.networks.filter_patterns import PATTERNS
from memtools.networks.registry import cell_named
from memtools.networks.tapes import flatten

KINDS = ("MRNNF", "MLSTMF")
CELLS = (*KINDS, *mt.replication.FURTHER)
OTHERS = [name for name in PATTERNS if name != "fractional"]
SIZES = ((1, 1, 1, 1), (2, 3, 2, 2))  # inputs, units, outputs, sequences
CASES = list(itertools.product(CELLS, PATTERNS, SIZES))
N_STEPS, N_LAGS = 40, 12


def drawn(kind, pattern, n_input, n_hidden, n_output, n_lags=N_LAGS, **options):
    cell, more = cell_named(kind)
    network = cell.initialise(
        n_input, n_hidden, n_output, rng=1, filter_length=n_lags, filter=pattern, **more, **options
    )
    own, rng = PATTERNS[pattern].shapes, np.random.default_rng(2)
    moved = {k: v + 0.3 * rng.standard_normal(v.shape) for k, v in network.params.items()}
    return network.replace(network.params | {k: moved[k] for k in own})


def data(n_input, n_output, n_batch):
    rng = np.random.default_rng(0)
    x = rng.standard_normal((N_STEPS, n_batch, n_input))
    return x, rng.standard_normal((N_STEPS, n_batch, n_output))


@pytest.mark.parametrize(("kind", "pattern", "sizes"), CASES)
def test_compiled_passes_are_the_step(kind, pattern, sizes):
    *sizes, n_batch = sizes
    x, _ = data(sizes[0], sizes[2], n_batch)
    network = drawn(kind, pattern, *sizes)
    outputs, end = network.forward(x)
    by_step, end_by_step = network.forward(x, compiled=False)
    np.testing.assert_allclose(outputs, by_step, rtol=0, atol=1e-13)
    _, state = network.forward(x[:17])
    np.testing.assert_allclose(network.forward(x[17:], state)[0], outputs[17:], atol=1e-13)
    np.testing.assert_allclose(flatten(end), flatten(end_by_step), rtol=0, atol=1e-12)


@pytest.mark.parametrize(("kind", "pattern", "sizes"), CASES)
def test_gradients_are_those_of_the_step(kind, pattern, sizes):
    """By fourth-order differences of the definition, every direction of each parameter."""
    *sizes, n_batch = sizes
    x, y = data(sizes[0], sizes[2], n_batch)
    network = drawn(kind, pattern, *sizes)
    _, gradient = networks.loss_and_gradient(network, x, y)
    rng = np.random.default_rng(5)
    for name, value in network.params.items():
        direction, h = rng.standard_normal(value.shape), 1e-3
        losses = [
            ((network.replace(network.params | {name: value + k * h * direction})
              .forward(x)[0] - y) ** 2).mean()
            for k in (-2, -1, 1, 2)
        ]  # fmt: skip
        slope = (losses[0] - 8 * losses[1] + 8 * losses[2] - losses[3]) / (12 * h)
        along = float((gradient[name] * direction).sum())
        assert along == pytest.approx(slope, rel=1e-7, abs=1e-9), name


def test_seasonal_weights_are_gegenbauers():
    p = {"bias_d": np.array([0.4]), "bias_frequency": np.array([-0.7])}
    pattern = PATTERNS["seasonal"]
    d, u = pattern.d(p)[0], np.cos(pattern.frequency(p))[0]
    wanted = [1.0, -2.0 * d * u]
    for j in range(2, 60):
        ahead, back = 2.0 * u * (j - 1.0 - d), j - 2.0 - 2.0 * d
        wanted.append((ahead * wanted[-1] - back * wanted[-2]) / j)
    np.testing.assert_allclose(pattern.weights(p, 59)[0], wanted[1:], rtol=0, atol=1e-14)


def test_one_scale_no_wave_and_no_tempering_are_the_fractional_filter():
    logit = np.array([0.3])
    wanted = mt.fracdiff_weights(0.5 / (1.0 + np.exp(-0.3)), 50)[1:]
    alike = {
        "two-scale": {"bias_d_slow": logit},
        "log-periodic": {"bias_amplitude": [0.0], "bias_log_frequency": [1.0], "bias_phase": [2.0]},
        "tempered": {"bias_tempering": [-80.0]},
    }
    for name, more in alike.items():
        p = {"bias_d": logit} | {key: np.array(value) for key, value in more.items()}
        np.testing.assert_allclose(PATTERNS[name].weights(p, 50)[0], wanted, rtol=1e-13)


def test_free_weights_fall_and_sum_to_their_strength():
    p = {
        "bias_strength": np.array([0.4]),
        "weight_fall": np.random.default_rng(0).normal(size=(6, 1)),
    }
    w = -PATTERNS["free"].weights(p, 100)[0]
    assert (w > 0.0).all()
    assert (np.diff(w) < 0.0).all()
    assert w.sum() == pytest.approx(1.0 / (1.0 + np.exp(-0.4)))


def test_all_tempered_weights_sum_to_less_than_one():
    p = {"bias_d": np.array([3.0]), "bias_tempering": np.log([0.01])}
    total = np.abs(PATTERNS["tempered"].weights(p, 20_000)).sum()
    assert total == pytest.approx(1.0 - (1.0 - np.exp(-0.01)) ** PATTERNS["tempered"].d(p)[0])


@pytest.mark.parametrize("pattern", ["free", "tempered"])
def test_theorem_1_holds_for_any_value_of_these(pattern):
    for seed in range(5):
        network = drawn("MLSTMF", pattern, 1, 2, 1, n_lags=200)
        rng = np.random.default_rng(seed)
        p = {k: 3.0 * rng.standard_normal(v.shape) for k, v in network.params.items()}
        report = mt.ergodicity(network.replace(p))
        assert report.verdict == "geometrically ergodic"


def test_a_slower_second_scale_lets_the_cell_grow():
    """The counter-example: weights of one sign that sum to more than 1."""
    network = networks.MLSTM.initialise(
        1, 1, 1, rng=0, filter_length=500, filter="two-scale", fixed_d=True
    )
    p = network.params | {"bias_d": [5.0], "bias_d_slow": [-2.0], "weight_ih": [[1.0]] * 3}
    network = network.replace(p)
    report = mt.ergodicity(network)
    assert report.verdict == "not ergodic"
    assert report.bound > 1.0
    assert mt.ergodicity(network.replace(p | {"bias_d_slow": [5.0]})).verdict != "not ergodic"
    x = np.ones((3000, 1))
    far = np.abs(network.forward(x)[1][1])
    assert far.max() > 10.0  # the cells of the past


@pytest.mark.parametrize(("kind", "pattern"), list(itertools.product(CELLS, PATTERNS)))
def test_files_keep_the_filter(kind, pattern, tmp_path):
    network = drawn(kind, pattern, 2, 3, 1)
    networks.save(network, tmp_path / "net.safetensors")
    np.savez(tmp_path / "own.npz", **network.params)
    np.savez(tmp_path / "authors.npz", **network.torch_names())
    for name in ("net.safetensors", "own.npz", "authors.npz"):
        told = (
            {}
            if name.startswith("net")
            else {"filter_length": N_LAGS, "output_activation": "identity"}
        )
        found = networks.load(tmp_path / name, **told)
        assert found.options == network.options
        for key, value in network.params.items():
            np.testing.assert_array_equal(found.params[key], value)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"filter": "wavy", "fixed_d": True}, "filter must be one of"),
        ({"filter": "tempered"}, "unless fixed_d=True"),
        ({"filter": "free", "fixed_d": True, "filter_length": np.inf}, "filter_length is a number"),
    ],
)
def test_filters_that_are_refused(options, message):
    for cell in (networks.MRNN, networks.MLSTM):
        with pytest.raises(mt.InvalidInputError, match=message):
            cell.initialise(1, 1, 1, rng=0, **{"filter_length": 10, **options})


def test_runs_of_table_2_with_other_filters(tmp_path):
    x = mt.simulate(mt.ARFIMAProcess(d=0.3), 120, rng=1)
    mine = {"mine": mt.replication.Experiment(x, n_train=60, n_validation=30)}
    how = {"n_seeds": 1, "n_epochs": 3, "n_jobs": 1, "filter_length": 10}
    for pattern in PATTERNS:
        runs = mt.replicate_table2(CELLS, mine, filter=pattern, out=tmp_path / "runs.jsonl", **how)
        assert runs["filter"].tolist() == [pattern] * len(CELLS)
        assert runs.error.isna().all()
        for model, params in zip(CELLS, runs.params, strict=True):
            network = mt.replication.rebuild(model, params, 10, filter=pattern)
            assert network.filter == pattern
    lines = (tmp_path / "runs.jsonl").read_text().splitlines()
    assert len(lines) == len(CELLS) * len(PATTERNS)
    with pytest.raises(mt.InvalidInputError, match=r"MRNNF, MLSTMF, MGRU.* alone"):
        mt.replicate_table2(["LSTM"], mine, filter="free", **how)


def plain(kind, pattern, **own):
    """A linear network that passes the filter on: its weights are those of the theorems."""
    network = drawn(kind, pattern, 1, 1, 1, n_lags=400, activation="identity")
    if kind == "MRNNF":
        p = {name: np.zeros_like(value) for name, value in network.params.items()}
        p |= {name: np.ones((1, 1)) for name in ("weight_fm", "weight_mz")}
    else:
        p = {name: 0.0 * value for name, value in network.params.items()}
        p |= {"weight_ih": np.array([[0.0], [1.0], [0.0]]), "weight_hz": np.ones((1, 1))}
    kept = {name: network.params[name] for name in PATTERNS[pattern].shapes}
    return network.replace(p | kept | {name: np.array(v) for name, v in own.items()})


@pytest.mark.parametrize("kind", KINDS)
def test_diagnosis_of_a_tempered_filter_is_short_memory_whatever_d(kind):
    report = mt.diagnose(plain(kind, "tempered", bias_d=[3.0], bias_tempering=[np.log(0.05)]))
    assert report.verdict == "short memory"
    assert report.decay.verdict == "exponential"
    assert report.decay.rate == pytest.approx(0.05)
    weights = np.abs(report.impulse.values[:, 0, 0])
    assert np.log(weights[100] / weights[200]) / 100 == pytest.approx(0.05, abs=0.02)


@pytest.mark.parametrize(("kind", "rate"), [("MRNNF", 1.3), ("MLSTMF", 0.7)])
def test_diagnosis_of_a_seasonal_filter_tells_rate_and_frequency(kind, rate):
    logit = np.log(0.6 / 0.4)  # d = 0.3
    report = mt.diagnose(plain(kind, "seasonal", bias_d=[logit], bias_frequency=[-1.0]))
    assert report.verdict == "long memory"
    assert report.decay.rate == pytest.approx(rate)
    frequency = np.pi / (1.0 + np.exp(1.0))
    assert report.decay.frequency == pytest.approx(frequency)
    assert report.decay.crossover_lag == 400
    if kind == "MLSTMF":
        return
    j = np.arange(100, 400)  # Szego (1975), (8.21.18): a cosine under j^-(1 + d)
    scaled = report.impulse.values[j - 1, 0, 0] * j**1.3
    waves = np.column_stack([np.cos(frequency * j), np.sin(frequency * j)])
    left = scaled - waves @ np.linalg.lstsq(waves, scaled, rcond=None)[0]
    assert left.std() < 0.02 * scaled.std()


def test_diagnosis_of_free_and_two_scale_filters_tells_the_last_lags():
    fall = np.log(np.expm1([[3.0], [2.0], [1.4]]))
    report = mt.diagnose(plain("MRNNF", "free", bias_strength=[0.0], weight_fall=fall))
    assert report.verdict == "long memory"
    assert report.decay.rate == pytest.approx(1.4)
    report = mt.diagnose(plain("MRNNF", "two-scale", bias_d=[2.0], bias_d_slow=[-1.0]))
    assert report.decay.d == pytest.approx(0.5 / (1.0 + np.e))
    assert "d 0.44 up to lag sqrt(K), d 0.134 beyond" in report.summary()


@pytest.mark.parametrize("pattern", OTHERS)
def test_parameters_far_out_overflow_nowhere(pattern):
    """As a line search tries them."""
    shapes = PATTERNS[pattern].shapes
    for size in (1e3, -1e3):
        p = {k: np.full((3, 1) if v == "N n" else 1, size) for k, v in shapes.items()}
        assert np.isfinite(PATTERNS[pattern].weights(p, 50)).all()
        for value in PATTERNS[pattern].gradient(p, np.ones((50, 1))).values():
            assert np.isfinite(value).all()

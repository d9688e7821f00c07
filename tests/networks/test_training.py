"""Training: what is learned, what is kept, how it stops, how it goes on."""

import numpy as np
import pytest

from memtools import networks
from memtools.exceptions import DivergenceError, InvalidInputError


def ar1(n_obs=600, phi=0.7, seed=0):
    noise = np.random.default_rng(seed).standard_normal(n_obs)
    x = np.zeros(n_obs)
    for t in range(1, n_obs):
        x[t] = phi * x[t - 1] + noise[t]
    return x


def small(kind=networks.RNN, **options):
    return kind.initialise(1, 1, 1, rng=4, filter_length=10, **options)


def halves(x, n=400):
    return (x[:n], x[1 : n + 1]), (x[n:-1], x[n + 1 :])


def loop(network, data, validation, n_epochs, learning_rate):
    """Adam in plain sight: losses of each epoch, parameters after each step."""
    theta = np.concatenate([v.ravel() for v in network.params.values()])
    mean, square = np.zeros_like(theta), np.zeros_like(theta)
    joined = np.concatenate([data[0], validation[0]])[:, np.newaxis]
    losses, path = [], [theta]
    for step in range(1, n_epochs + 1):
        start, params = 0, {}
        for name, value in network.params.items():
            params[name] = theta[start : start + value.size].reshape(value.shape)
            start += value.size
        now = network.replace(params)
        loss, gradient = networks.loss_and_gradient(now, *data)
        outputs, _ = now.forward(joined)
        losses.append((loss, np.mean((outputs[len(data[0]) :, 0] - validation[1]) ** 2)))
        g = np.concatenate([v.ravel() for v in gradient.values()])
        mean, square = 0.9 * mean + 0.1 * g, 0.999 * square + 0.001 * g**2
        unbiased = mean / (1 - 0.9**step), square / (1 - 0.999**step)
        theta = theta - learning_rate * unbiased[0] / (np.sqrt(unbiased[1]) + 1e-8)
        path.append(theta)
    return np.array(losses), path


@pytest.mark.parametrize("kind", [networks.RNN, networks.MRNN, networks.GRU])
def test_adam_on_the_whole_sequence(kind):
    data, validation = halves(ar1())
    losses, path = loop(small(kind), data, validation, 30, 0.05)
    best = losses[:, 1].argmin()
    for keep, epoch in [("evaluated", best), ("stepped", best + 1)]:
        result = networks.train(
            small(kind), *data, validation, n_epochs=30, learning_rate=0.05, keep=keep
        )
        np.testing.assert_allclose(result.history["train_loss"], losses[:, 0], rtol=1e-9)
        np.testing.assert_allclose(result.history["validation_loss"], losses[:, 1], rtol=1e-9)
        assert result.best_epoch == best
        kept = np.concatenate([v.ravel() for v in result.network.params.values()])
        np.testing.assert_allclose(kept, path[epoch], rtol=1e-8)


def test_the_network_given_is_not_changed():
    network = small()
    before = {name: value.copy() for name, value in network.params.items()}
    networks.train(network, *halves(ar1())[0], n_epochs=3)
    assert all((network.params[name] == before[name]).all() for name in before)


def test_lbfgs_finds_the_least_squares_fit_of_a_linear_network():
    x = ar1(2000)
    params = {"weight": [[0.1]], "bias": [0.0]}
    result = networks.train(
        networks.Linear.from_params(params), x[:-1], x[1:], optimizer="lbfgs", n_epochs=100
    )
    slope, intercept = np.polyfit(x[:-1], x[1:], 1)
    assert result.network.params["weight"][0, 0] == pytest.approx(slope, abs=1e-6)
    assert result.network.params["bias"][0] == pytest.approx(intercept, abs=1e-6)


def test_lbfgs_beats_adams_start():
    data, validation = halves(ar1())
    result = networks.train(small(), *data, validation, optimizer="lbfgs", n_epochs=20)
    losses = result.history["train_loss"]
    assert losses[-1] < losses[0]
    assert result.best_epoch == result.history["validation_loss"].argmin()


@pytest.mark.parametrize("seed", range(4))
def test_lbfgs_takes_steps_beyond_the_finite_back(seed):
    x = 100.0 * np.random.default_rng(0).standard_normal(1500)
    start = networks.RNN.initialise(1, 1, 1, rng=seed, activation="identity")
    result = networks.train(start, x[:-1], 0.01 * np.cumsum(x)[1:], optimizer="lbfgs", n_epochs=60)
    losses = result.history["train_loss"]
    assert (np.diff(losses) <= 0.0).all()
    assert losses[-1] < 0.5 * losses[0]


def test_patience_counts_epochs_without_a_gain():
    data, _ = halves(ar1())
    result = networks.train(small(), *data, n_epochs=500, patience=7, min_gain=0.5)
    losses = result.history["train_loss"]
    reference, waited = np.inf, 0
    for epoch, loss in enumerate(losses):
        reference, waited = (loss, 0) if reference - loss > 0.5 else (reference, waited + 1)
        assert (waited == 7) == (epoch == len(losses) - 1)
    assert result.stopped == "patience"


def test_windows_as_long_as_the_sequence_are_no_windows():
    data, validation = halves(ar1())
    one = networks.train(small(), *data, validation, n_epochs=5, truncation=400)
    two = networks.train(small(), *data, validation, n_epochs=5)
    np.testing.assert_array_equal(one.history["train_loss"], two.history["train_loss"])


@pytest.mark.parametrize("kind", [networks.LSTM, networks.MLSTM, networks.MIST, networks.RWA])
def test_truncated_windows_carry_the_state(kind):
    data, validation = halves(ar1())
    options = {"truncation": 50, "learning_rate": 1e-12, "n_epochs": 1}  # parameters stand still
    cut = networks.train(small(kind), *data, validation, **options)
    whole = networks.train(small(kind), *data, validation, n_epochs=1)
    for name in ("train_loss", "validation_loss"):
        assert cut.history[name][0] == pytest.approx(whole.history[name][0], rel=1e-9)


def test_training_goes_on_where_it_was_saved(tmp_path):
    data, validation = halves(ar1())
    path = tmp_path / "training.npz"
    whole = networks.train(small(), *data, validation, n_epochs=60)
    networks.train(small(), *data, validation, n_epochs=35, checkpoint=path)
    parts = networks.train(small(), *data, validation, n_epochs=60, checkpoint=path)
    np.testing.assert_array_equal(parts.history["train_loss"], whole.history["train_loss"])
    for name, value in whole.network.params.items():
        np.testing.assert_array_equal(parts.network.params[name], value)
    with pytest.raises(InvalidInputError, match="a network of 18 parameters"):
        networks.train(small(networks.LSTM), *data, validation, checkpoint=path)


def test_refuses_another_file_as_checkpoint(tmp_path):
    path = tmp_path / "notes.txt"
    path.write_text("no training")
    with pytest.raises(InvalidInputError, match="checkpoint must be a saved training"):
        networks.train(small(), *halves(ar1())[0], checkpoint=path)


def test_divergence_is_an_error():
    network = small(activation="identity")
    params = {name: np.full_like(value, 3.0) for name, value in network.params.items()}
    with pytest.raises(DivergenceError, match="epoch 0"):
        networks.train(network.replace(params), *halves(ar1())[0])


def test_classes_are_learned():
    rng = np.random.default_rng(0)
    x = rng.standard_normal((20, 40, 1))
    labels = np.full((20, 40), -1)
    labels[-1] = x[-3:].sum(axis=(0, 2)) > 0.0
    network = networks.LSTM.initialise(1, 4, 2, rng=0, output_activation="softmax")
    result = networks.train(network, x, labels, loss="cross_entropy", n_epochs=150)
    outputs, _ = result.network.forward(x)
    assert (outputs[-1].argmax(axis=1) == labels[-1]).mean() > 0.9


def test_result_shows_itself():
    data, validation = halves(ar1())
    result = networks.train(small(), *data, validation, n_epochs=3, progress=True)
    assert list(result.to_frame().columns) == ["train_loss", "validation_loss"]
    assert result.to_dict()["best_epoch"] == result.best_epoch
    assert "3 epochs" in result.summary()


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"optimizer": "sgd"}, "optimizer must be one of"),
        ({"learning_rate": 0.0}, "learning_rate"),
        ({"n_epochs": 0}, "n_epochs"),
        ({"patience": 1.5}, "patience"),
        ({"keep": "last"}, "keep must be one of"),
        ({"truncation": 0}, "truncation"),
        ({"validation": 3}, "validation must be a pair"),
        ({"validation": (np.ones((5, 2, 1)), np.ones((5, 2, 1)))}, "the same 1 sequences"),
        ({"validation": (np.ones(5), np.ones(4))}, "validation y must be as long as validation x"),
    ],
)
def test_refuses(options, message):
    with pytest.raises(InvalidInputError, match=message):
        networks.train(small(), np.arange(20.0), np.ones(20), **options)


def test_a_checkpoint_of_another_training_is_refused(tmp_path):
    path = tmp_path / "t.npz"
    x = np.sin(np.arange(60.0))
    start = networks.RNN.initialise(1, 1, 1, rng=0)
    networks.train(start, x[:-1], x[1:], n_epochs=3, checkpoint=path)
    changes = [
        ((start, 2 * x[:-1], x[1:]), {}),
        ((start, x[:-1], x[1:], (x[:-1], x[1:])), {}),
        ((start, x[:-1], x[1:]), {"learning_rate": 0.5}),
        ((networks.RNN.initialise(1, 1, 1, rng=1), x[:-1], x[1:]), {}),
    ]
    for arguments, more in changes:
        with pytest.raises(InvalidInputError, match="checkpoint must be of the same network"):
            networks.train(*arguments, n_epochs=6, checkpoint=path, **more)
    assert len(networks.train(start, x[:-1], x[1:], n_epochs=6, checkpoint=path).history) == 2


@pytest.mark.parametrize("damage", ["cut", "zip of something", "text"])
def test_damaged_checkpoints_are_refused(tmp_path, damage):
    path = tmp_path / "t.npz"
    x = np.sin(np.arange(60.0))
    start = networks.RNN.initialise(1, 1, 1, rng=0)
    networks.train(start, x[:-1], x[1:], n_epochs=3, checkpoint=path)
    if damage == "cut":
        path.write_bytes(path.read_bytes()[:900])
    elif damage == "text":
        path.write_text("PK\x03\x04 not a zip")
    else:
        np.savez(path, **{"progress.theta": np.ones(6), "other": 1})
    with pytest.raises(InvalidInputError, match="checkpoint must be a saved training"):
        networks.train(start, x[:-1], x[1:], n_epochs=6, checkpoint=path)


def test_lbfgs_takes_no_option_of_adam(tmp_path):
    x = np.sin(np.arange(60.0))
    start = networks.RNN.initialise(1, 1, 1, rng=0)
    for more in ({"truncation": 10}, {"checkpoint": tmp_path / "c.npz"}, {"keep": "stepped"}):
        with pytest.raises(InvalidInputError, match="optimizer must be 'adam'"):
            networks.train(start, x[:-1], x[1:], optimizer="lbfgs", **more)
    with pytest.raises(InvalidInputError, match="network must be a network"):
        networks.train(None, x[:-1], x[1:])

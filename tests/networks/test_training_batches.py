"""Training on minibatches of sequences of unequal lengths."""

import numpy as np
import pytest

from memtools import networks
from memtools.exceptions import DivergenceError, InvalidInputError
from memtools.networks._parameters import flatten, unflatten
from memtools.networks.cells import SquashedLSTM
from memtools.networks.pointwise import Activation
from memtools.networks.training.batches import as_batches, record_batch
from memtools.networks.training.data import LOSSES
from memtools.networks.training.progress import Adam

LENGTHS = (9, 14, 3, 14, 1)


def stack(*layers):
    """First layer, squash or not, LSTM, read-out."""
    read_out = np.random.default_rng(9).standard_normal((3, 4))
    params = {"weight": read_out, "bias": [0.1, 0.0, -0.2]}
    last = networks.Linear.from_params(params, output_activation="softmax")
    return networks.Sequential([*layers, last])


def first(kind, n_output=None, **options):
    return kind.initialise(2, 4, n_output, rng=1, filter_length=5, **options)


def second(kind=networks.LSTM):
    return kind.initialise(4, 4, None, rng=2)


TANH = Activation("tanh", 4)
NETWORKS = {
    "RNN": lambda: stack(first(networks.RNN), TANH, second(), TANH),
    "LSTM": lambda: stack(first(SquashedLSTM), second(SquashedLSTM)),
    "MRNNF": lambda: stack(
        first(networks.MRNN, 4, fixed_d=True, output_activation="tanh"), second(SquashedLSTM)
    ),
    "MLSTMF": lambda: stack(first(networks.MLSTM, 4, fixed_d=True), second(SquashedLSTM)),
    "RNN2": lambda: stack(first(networks.TwoLaneRNN, 4), second()),
    "filters second": lambda: stack(
        first(networks.RNN),
        networks.MRNN.initialise(4, 3, 4, rng=3, filter_length=5, fixed_d=True),
        networks.MLSTM.initialise(4, 4, None, rng=4, filter_length=50, fixed_d=True),
    ),
    "one cell": lambda: first(networks.LSTM, 3, output_activation="softmax"),
    "other activations": lambda: stack(
        first(networks.MLSTM, 4, fixed_d=True, activation="sigmoid"),
        networks.RNN.initialise(4, 4, None, rng=3, activation="identity"),
    ),
}


def reviews(lengths=LENGTHS, n_input=2, n_classes=3, seed=0):
    """Sequences with a class at the last step of each."""
    rng = np.random.default_rng(seed)
    x = rng.standard_normal((max(lengths), len(lengths), n_input))
    y = np.full(x.shape[:2], -1)
    y[np.array(lengths) - 1, np.arange(len(lengths))] = rng.integers(0, n_classes, len(lengths))
    return x, y


def evaluate(network, x, y, loss="cross_entropy", dtype=np.float64):
    """Loss and gradient of one batch of all sequences."""
    batch = as_batches(network, x, y, loss, len(x[0]))[0]
    outputs, backward = record_batch(network, flatten(network.params), batch, dtype)
    value, slopes = LOSSES[loss](outputs, batch.y)
    return value, backward(slopes)


@pytest.mark.parametrize("name", NETWORKS)
def test_gradient_against_differences_of_the_plain_steps(name):
    network, (x, y) = NETWORKS[name](), reviews()
    theta = flatten(network.params)

    def value(at):
        outputs, _ = network.replace(unflatten(network.params, at)).forward(x, compiled=False)
        return LOSSES["cross_entropy"](outputs, y)[0]

    found, gradient = evaluate(network, x, y)
    assert found == pytest.approx(value(theta), rel=1e-12)
    h, rng = 1e-4, np.random.default_rng(4)
    for _ in range(12):
        direction = rng.standard_normal(len(theta))
        steps = [value(theta + k * h * direction) for k in (-2, -1, 1, 2)]
        expected = (steps[0] - 8 * steps[1] + 8 * steps[2] - steps[3]) / (12 * h)
        assert gradient @ direction == pytest.approx(expected, rel=1e-6, abs=1e-9)


@pytest.mark.parametrize("name", ["RNN2", "filters second", "one cell", "other activations"])
@pytest.mark.parametrize("loss", ["cross_entropy", "mse"])
def test_packed_and_padded_passes_agree(name, loss, monkeypatch):
    network, (x, y) = NETWORKS[name](), reviews()
    if loss == "mse":
        y = np.random.default_rng(1).standard_normal((*x.shape[:2], 3))
    value, gradient = evaluate(network, x, y, loss=loss)
    monkeypatch.setattr(type(network), "packs", False)
    expected, slopes = evaluate(network, x, y, loss)
    assert value == pytest.approx(expected, rel=1e-13)
    np.testing.assert_allclose(gradient, slopes, rtol=1e-9, atol=1e-12 * np.abs(slopes).max())


@pytest.mark.parametrize("name", NETWORKS)
def test_single_precision_is_double_to_rounding(name):
    network, (x, y) = NETWORKS[name](), reviews()
    value, gradient = evaluate(network, x, y)
    single, slopes = evaluate(network, x, y, dtype=np.float32)
    assert single == pytest.approx(value, rel=1e-5)
    np.testing.assert_allclose(slopes, gradient, atol=2e-5 * np.abs(gradient).max())


def torch_lstm(torch, t, layer, x, squash):
    h = c = torch.zeros(x.shape[1], 4, dtype=torch.float64)
    out = []
    for row in x:
        v = row @ t[f"{layer}.weight_ih"].T + t[f"{layer}.bias_ih"]
        v = v + h @ t[f"{layer}.weight_hh"].T + t[f"{layer}.bias_hh"]
        i, f, g, o = v.chunk(4, 1)
        c = torch.sigmoid(f) * c + torch.sigmoid(i) * torch.tanh(g)
        h = torch.sigmoid(o) * torch.tanh(c)
        h = torch.tanh(h) if squash else h
        out.append(h)
    return torch.stack(out)


def torch_filter(torch, logit, n_lags):
    d, w, weights = 0.5 * torch.sigmoid(logit), torch.ones_like(logit), []
    for j in range(n_lags):
        w = w * (j - d) / (j + 1)
        weights.append(w)
    return weights


def torch_mrnn(torch, t, x):
    w = torch_filter(torch, t["0.bias_d"], 5)
    h, out = torch.zeros(x.shape[1], 4, dtype=x.dtype), []
    m = h
    for s in range(len(x)):
        filtered = sum(w[j] * x[s - j] for j in range(min(5, s + 1)))
        m = torch.tanh(m @ t["0.weight_mm"].T + t["0.bias_m"] + filtered @ t["0.weight_fm"].T)
        h = torch.tanh(h @ t["0.weight_hh"].T + t["0.bias_h"] + x[s] @ t["0.weight_xh"].T)
        z = h @ t["0.weight_hz"].T + m @ t["0.weight_mz"].T + t["0.bias_z"]
        out.append(torch.tanh(z))
    return torch.stack(out)


def torch_mlstm(torch, t, x):
    w = torch_filter(torch, t["0.bias_d"], 5)
    h, cells, out = torch.zeros(x.shape[1], 4, dtype=x.dtype), [], []
    for row in x:
        v = row @ t["0.weight_ih"].T + h @ t["0.weight_hh"].T + t["0.bias"]
        i, g, o = v.chunk(3, 1)
        c = torch.sigmoid(i) * torch.tanh(g)
        for j in range(min(5, len(cells))):
            c = c - w[j] * cells[-1 - j]
        cells.append(c)
        h = torch.sigmoid(o) * torch.tanh(c)
        out.append(h @ t["0.weight_hz"].T + t["0.bias_z"])
    return torch.stack(out)


def torch_stack(torch, name, p):
    """The network of that name in PyTorch: parameters and a function of the inputs."""
    t = {key: torch.tensor(np.array(v), requires_grad=True) for key, v in p.items()}
    first_layer = {
        "LSTM": lambda x: torch_lstm(torch, t, "0", x, True),
        "MRNNF": lambda x: torch_mrnn(torch, t, x),
        "MLSTMF": lambda x: torch_mlstm(torch, t, x),
    }

    def forward(x):
        h = torch_lstm(torch, t, "1", first_layer[name](x), True)
        return h @ t["2.weight"].T + t["2.bias"]

    return t, forward


@pytest.mark.parametrize("name", ["LSTM", "MRNNF", "MLSTMF"])
def test_gradient_against_autograd(name):
    torch = pytest.importorskip("torch")
    network, (x, y) = NETWORKS[name](), reviews()
    t, forward = torch_stack(torch, name, network.params)
    steps = np.nonzero(y >= 0)
    logits = forward(torch.tensor(x))[steps]
    loss = torch.nn.functional.cross_entropy(logits, torch.tensor(y[steps]))
    loss.backward()
    found, gradient = evaluate(network, x, y)
    assert found == pytest.approx(loss.item(), rel=1e-12)
    for key, value in unflatten(network.params, gradient).items():
        expected = t[key].grad.numpy()
        np.testing.assert_allclose(value, expected, rtol=1e-8, atol=1e-8 * expected.std())


def test_weight_decay_is_pytorchs():
    torch = pytest.importorskip("torch")
    rng = np.random.default_rng(0)
    theta, gradients = rng.standard_normal(7), rng.standard_normal((20, 7))
    parameter = torch.nn.Parameter(torch.tensor(theta))
    optimizer = torch.optim.Adam([parameter], lr=0.01, weight_decay=0.3)
    adam = Adam(0.01, weight_decay=0.3)
    for gradient in gradients:
        parameter.grad = torch.tensor(gradient)
        optimizer.step()
        theta = adam.step(theta, gradient)
    np.testing.assert_allclose(theta, parameter.detach().numpy(), rtol=1e-12)


def test_an_epoch_is_a_step_a_batch_in_the_order_given():
    network, (x, y), more = NETWORKS["MLSTMF"](), reviews(), reviews(LENGTHS[1:], seed=1)
    adam, theta, losses = Adam(0.02, 0.1), flatten(network.params), []
    for _ in range(3):
        total = 0.0
        for part in (slice(0, 2), slice(2, 4), slice(4, 5)):
            now = network.replace(unflatten(network.params, theta))
            value, gradient = evaluate(now, x[:, part], y[:, part])
            theta = adam.step(theta, gradient)
            total += value * len(x[0, part])
        now = network.replace(unflatten(network.params, theta))
        losses.append([total / 5, evaluate(now, *more)[0]])
    result = networks.train(
        network, x, y, more, loss="cross_entropy", batch_size=2, learning_rate=0.02,
        weight_decay=0.1, n_epochs=3,
    )  # fmt: skip
    found = np.column_stack([result.history["train_loss"], result.history["validation_loss"]])
    np.testing.assert_allclose(found, losses, rtol=1e-10)
    assert result.best_epoch == np.argmin(losses, axis=0)[1]


@pytest.mark.parametrize("kind", [networks.GRU, networks.MIST, networks.MLSTM])
def test_cells_that_cannot_be_packed_are_trained_too(kind):
    network = kind.initialise(2, 3, 3, rng=0, filter_length=4, output_activation="softmax")
    assert not network.packs
    x, y = reviews()
    one = networks.train(network, x, y, loss="cross_entropy", batch_size=5, n_epochs=4)
    all_at_once = networks.train(network, x, y, loss="cross_entropy", n_epochs=4)
    np.testing.assert_allclose(one.history["train_loss"], all_at_once.history["train_loss"])
    with pytest.raises(InvalidInputError, match="for this precision"):
        networks.train(network, x, y, loss="cross_entropy", batch_size=5, precision="single")


def test_stops_by_patience_and_goes_on_where_it_was_saved(tmp_path):
    network, (x, y), more = NETWORKS["RNN"](), reviews(), reviews(seed=1)
    options = {"loss": "cross_entropy", "batch_size": 2, "weight_decay": 0.01}
    path = tmp_path / "training.npz"
    whole = networks.train(network, x, y, more, n_epochs=30, **options)
    networks.train(network, x, y, more, n_epochs=11, checkpoint=path, **options)
    parts = networks.train(network, x, y, more, n_epochs=30, checkpoint=path, **options)
    np.testing.assert_array_equal(parts.history["train_loss"], whole.history["train_loss"])
    early = networks.train(network, x, y, more, n_epochs=500, patience=3, min_gain=0.5, **options)
    assert early.stopped == "patience"


def test_divergence_is_an_error():
    network, (x, y) = first(networks.RNN, 3, activation="identity"), reviews()
    large = {name: np.full_like(v, 1e200) for name, v in network.params.items()}
    y = np.zeros((*x.shape[:2], 3))
    with pytest.raises(DivergenceError, match="epoch 0"):
        networks.train(network.replace(large), x, y, batch_size=2)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"batch_size": 0}, "batch_size"),
        ({"weight_decay": -1.0}, "weight_decay"),
        ({"precision": "half"}, "precision must be one of"),
        ({"precision": "single", "batch_size": None}, "'double' without batch_size"),
        ({"truncation": 5}, "truncation must be None with batch_size"),
        ({"optimizer": "lbfgs"}, "'adam' with batch_size"),
        (
            {"optimizer": "lbfgs", "batch_size": None, "weight_decay": 0.1},
            "'adam' with weight_decay",
        ),
        ({"validation": 3}, "validation must be a pair"),
    ],
)
def test_refuses(options, message):
    network, (x, y) = NETWORKS["LSTM"](), reviews()
    with pytest.raises(InvalidInputError, match=message):
        networks.train(network, x, y, **{"loss": "cross_entropy", "batch_size": 2, **options})


def test_refuses_a_sequence_without_a_class():
    network, (x, y) = NETWORKS["LSTM"](), reviews()
    y[:, 2] = -1
    with pytest.raises(InvalidInputError, match="none in sequence 2"):
        networks.train(network, x, y, loss="cross_entropy", batch_size=2)

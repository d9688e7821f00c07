"""Impulse weights of ONNX Runtime sessions: by perturbation and by regression."""

import io
import warnings

import numpy as np
import pytest

import memtools as mt
from memtools import networks
from memtools.networks.callables import of_session

torch = pytest.importorskip("torch")
runtime = pytest.importorskip("onnxruntime")
pytest.importorskip("onnx")

SINGLE = 1e-5  # of weights of a float32 model: rounding of 6e-8 over a step of 1e-2


class Model(torch.nn.Module):
    def __init__(self, batch_first=False, state=False, last=False):
        super().__init__()
        torch.manual_seed(0)
        self.rnn = torch.nn.LSTM(2, 4, batch_first=batch_first)
        self.output = torch.nn.Linear(4, 3)
        self.state, self.last = state, last

    def forward(self, x, h=None):
        y = self.rnn(x, (h, h) if self.state else None)[0]
        return self.output(y)[-1:] if self.last else self.output(y)


def session(model, *shapes, dynamic=None):

    buffer, arguments = io.BytesIO(), tuple(torch.zeros(shape) for shape in shapes)
    names = ["x", "h"][: len(shapes)]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        torch.onnx.export(
            model,
            arguments,
            buffer,
            input_names=names,
            output_names=["y"],
            dynamic_axes=dynamic,
            dynamo=False,
        )
    return runtime.InferenceSession(buffer.getvalue())


LAYOUTS = {
    "time first": (False, (9, 1, 2), {0: "time"}),
    "time first, dynamic batch": (False, (9, 1, 2), {0: "time", 1: "batch"}),
    "time first, batch of 3": (False, (9, 3, 2), {0: "time"}),
    "batch first": (True, (1, 9, 2), {1: "time"}),
    "batch first, dynamic batch": (True, (1, 9, 2), {0: "batch", 1: "time"}),
    "no batch": (False, (9, 2), {0: "time"}),
}


@pytest.fixture(scope="module")
def exact():
    """Weights of the same network read by us, along the same data."""
    state = {key: value.numpy() for key, value in Model().state_dict().items()}
    network = networks.LSTM.from_torch_names(state)
    x = np.random.default_rng(0).standard_normal((120, 2))
    return network, x


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("layout", LAYOUTS)
def test_perturbations_of_each_layout(layout, exact):
    batch_first, shape, axes = LAYOUTS[layout]
    model = session(Model(batch_first), shape, dynamic={"x": axes, "y": axes})
    network, x = exact
    found = mt.impulse_weights(model, x, n_lags=12)
    expected = mt.impulse_weights(network, x, n_lags=12, method="perturbation")
    assert found.values.shape == (13, 3, 2)
    np.testing.assert_allclose(found.values, expected.values, rtol=0, atol=SINGLE)


@pytest.mark.filterwarnings("ignore")
def test_regression_of_a_session():
    model = session(Model(), (9, 1, 2), dynamic={"x": {0: "time"}, "y": {0: "time"}})
    state = {key: value.numpy() for key, value in Model().state_dict().items()}
    network = networks.LSTM.from_torch_names(state)
    found = mt.impulse_weights(model, n_lags=8, method="regression", rng=1)
    expected = mt.impulse_weights(network, n_lags=8, method="regression", rng=1)
    np.testing.assert_allclose(found.values, expected.values, rtol=0, atol=SINGLE)
    x = np.random.default_rng(2).standard_normal((2000, 2))
    mean = mt.impulse_weights(network, x, n_lags=8)  # Stein's lemma: the same in the mean
    gap = np.abs(found.values - mean.values) / np.hypot(found.stderr, mean.stderr)
    assert np.mean(gap**2) < 4.0


@pytest.mark.filterwarnings("ignore")
def test_a_session_tells_its_number_of_inputs():
    model = session(Model(), (9, 1, 2), dynamic={"x": {0: "time"}, "y": {0: "time"}})
    assert mt.impulse_weights(model, n_lags=4).values.shape == (5, 3, 2)
    with pytest.raises(mt.InvalidInputError, match="n_input must be 2"):
        mt.impulse_weights(model, n_lags=4, n_input=3)
    with pytest.raises(mt.InvalidInputError, match="x must be of shape"):
        mt.impulse_weights(model, np.zeros((50, 3)), n_lags=4)


@pytest.mark.filterwarnings("ignore")
def test_sessions_that_cannot_be_asked_are_refused():
    time = {0: "time"}
    with pytest.raises(mt.InvalidInputError, match="time axis is dynamic"):
        mt.impulse_weights(session(Model(), (9, 1, 2)), n_lags=4)
    two = session(Model(state=True), (9, 1, 2), (1, 1, 4), dynamic={"x": time})
    with pytest.raises(mt.InvalidInputError, match="one input"):
        mt.impulse_weights(two, n_lags=4)
    fixed = session(Model(True), (2, 9, 2), dynamic={"x": {0: "batch"}})
    with pytest.raises(mt.InvalidInputError, match="is time, export it free"):
        mt.impulse_weights(fixed, n_lags=4)


@pytest.mark.filterwarnings("ignore")
def test_the_last_output_alone_is_that_of_every_beginning(exact):
    last = session(Model(last=True), (9, 1, 2), dynamic={"x": {0: "time"}})
    every = session(Model(), (9, 1, 2), dynamic={"x": {0: "time"}})
    x = exact[1][:40]
    found, expected = (mt.impulse_weights(model, x, n_lags=6) for model in (last, every))
    np.testing.assert_allclose(found.values, expected.values, rtol=0, atol=SINGLE)


@pytest.mark.filterwarnings("ignore")
def test_a_model_without_memory_tells_no_axis_of_time():
    model = session(torch.nn.Linear(2, 1), (9, 1, 2), dynamic={"x": {0: "time", 1: "batch"}})
    with pytest.raises(mt.InvalidInputError, match="memory along one axis"):
        mt.impulse_weights(model, n_lags=4)


class Centred(Model):
    """Sequences of a batch that see each other: not along the batch runs time."""

    def __init__(self, both=False):
        super().__init__()
        self.rnn = torch.nn.GRU(2, 4, bidirectional=both)

    def forward(self, x):
        y = self.rnn(x)[0]
        return y - y.mean(1, keepdim=True) + y.sum(-1, keepdim=True)


@pytest.mark.filterwarnings("ignore")
def test_the_axis_of_time_is_the_causal_one():
    free = {"x": {0: "time", 1: "batch"}}
    box = of_session(session(Centred(), (9, 2, 2), dynamic=free))
    assert "(time, batch, input)" in box.notes[0]
    assert "depend on each other" in box.notes[-1]
    assert box.couples
    both = session(Centred(both=True), (9, 2, 2), dynamic=free)
    with pytest.raises(mt.InvalidInputError, match="function of one sequence"):
        of_session(both)
    assert "not causal" in of_session(both, time_axis=0).notes[1]

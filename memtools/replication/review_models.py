"""The two-layer review classifiers of the paper's authors, with the initial values of a seed.

As their published code builds them: a first layer of 128 units, an LSTM of 128 units, five
classes read out of the last word's hidden units; the hidden units of every LSTM are squashed by
one more tanh, which in the stack of RNN and LSTM does not feed back.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from memtools import _validate
from memtools._validate import FloatArray
from memtools.networks.cells import LSTM, RNN, SquashedLSTM
from memtools.networks.lane_cells import MRNN
from memtools.networks.memory_cells import MLSTM
from memtools.networks.network import Cell, Network
from memtools.networks.squashed import Squash
from memtools.networks.stacks import Linear, Sequential
from memtools.networks.training.initial import TorchGenerator

REVIEW_MODELS = ("RNN", "LSTM", "MRNNF", "MLSTMF")


def build_classifier(
    model: str,
    seed: int,
    n_input: int = 16,
    n_hidden: int = 128,
    n_classes: int = 5,
    filter_length: int = 50,
) -> Sequential:
    """One of the four classifiers.

    Parameters
    ----------
    model : {"RNN", "LSTM", "MRNNF", "MLSTMF"}
        The first layer.
    seed : int
        The authors' seed.
    n_input, n_hidden, n_classes : int
    filter_length : int
        K.
    """
    _validate.as_choice(model, "model", REVIEW_MODELS)
    draws = TorchGenerator(seed)
    layers = _first_layer(model, draws, n_input, n_hidden, filter_length)
    second: type[Cell] = LSTM if model == "RNN" else SquashedLSTM
    layers.append(second.from_params(_recurrent(draws, 4 * n_hidden, n_hidden, n_hidden)))
    if model == "RNN":
        layers.append(Squash(n_hidden))
    tensors = _linear(draws, "", n_hidden, n_classes)
    return Sequential([*layers, Linear.from_params(tensors, output_activation="softmax")])


def _first_layer(
    model: str, draws: TorchGenerator, n_input: int, n_hidden: int, filter_length: int
) -> list[Network]:
    if model == "RNN":
        params = _recurrent(draws, n_hidden, n_input, n_hidden)
        return [RNN.from_params(params), Squash(n_hidden)]
    if model == "LSTM":
        return [SquashedLSTM.from_params(_recurrent(draws, 4 * n_hidden, n_input, n_hidden))]
    if model == "MRNNF":
        _recurrent(draws, n_hidden, n_input, n_hidden)  # inherited and never used
        lanes = {"m_m": n_hidden, "f_m": n_input, "h_h": n_hidden, "x_h": n_input}
        lanes |= {"h_z": n_hidden, "m_z": n_hidden}
        tensors = {"b_d": np.zeros((1, n_input))}
        for name, fan_in in lanes.items():
            bias = name in ("m_m", "h_h", "h_z")
            tensors |= _linear(draws, f"mrnn_cell.{name}.", fan_in, n_hidden, bias)
        options = {"filter_length": filter_length, "output_activation": "tanh"}
        return [MRNN.from_torch_names(tensors, **options)]
    both = n_input + n_hidden
    gates = {"c_gate": both, "i_gate": both, "f_gate": both + n_hidden, "o_gate": both}
    tensors = {"d_values": np.zeros((1, n_hidden))}
    for name, fan_in in (gates | {"output": n_hidden}).items():
        tensors |= _linear(draws, f"mlstm_cell.{name}.", fan_in, n_hidden)
    return [MLSTM.from_torch_names(tensors, filter_length=filter_length)]


def _recurrent(
    draws: TorchGenerator, n_rows: int, n_input: int, n_hidden: int
) -> Mapping[str, FloatArray]:
    """The four tensors of PyTorch's recurrent cells."""
    shapes = {"weight_ih": (n_rows, n_input), "weight_hh": (n_rows, n_hidden)}
    biases = {"bias_ih": (n_rows,), "bias_hh": (n_rows,)}
    return {name: draws.uniform(n_hidden, shape) for name, shape in (shapes | biases).items()}


def _linear(
    draws: TorchGenerator, prefix: str, n_input: int, n_output: int, bias: bool = True
) -> dict[str, FloatArray]:
    tensors = {f"{prefix}weight": draws.uniform(n_input, (n_output, n_input))}
    return tensors | ({f"{prefix}bias": draws.uniform(n_input, (n_output,))} if bias else {})

"""One Keras layer as ours: its configuration and its arrays, in Keras' order.

Keras' LSTM has its blocks in our order (i f c o); its GRU has z r h.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from memtools._validate import FloatArray
from memtools.exceptions import ModelFileError
from memtools.networks.activations import ACTIVATIONS, OUTPUT_ACTIVATIONS
from memtools.networks.cells import GRU, LSTM, RNN
from memtools.networks.graphs import prelu
from memtools.networks.network import Network
from memtools.networks.pointwise import POINTWISE, Activation, Affine, LayerNorm, batch_norm
from memtools.networks.stacks import Linear
from memtools.networks.variant_cells import VariantCell
from memtools.networks.windows import Window

Arrays = Sequence[FloatArray]
CELLS: dict[str, type[RNN | LSTM | GRU]] = {
    **{"LSTM": LSTM, "GRU": GRU, "SimpleRNN": RNN},
    **{"LSTMCell": LSTM, "GRUCell": GRU, "SimpleRNNCell": RNN},
    **{"CuDNNLSTM": LSTM, "CuDNNGRU": GRU},
}
# Layers that do nothing when a trained network is run.
PASSIVE = (
    *("InputLayer", "Dropout", "SpatialDropout1D", "GaussianNoise", "GaussianDropout"),
    *("AlphaDropout", "ActivityRegularization", "Identity"),
)
_OURS_ALONE = ("identity", "gelu_tanh", "hard_sigmoid_fifth", "leaky_relu")
# Keras' names of activations as ours; its leaky_relu has a slope that differs between versions.
_NAMES = {g: g for g in POINTWISE if g not in _OURS_ALONE} | {"linear": "identity", "swish": "silu"}


def class_of(entry: dict[str, Any]) -> str:
    """The class of a layer; one of the user's own, which may be called as Keras' are, is told."""
    own, module = entry.get("registered_name"), str(entry.get("module"))
    if own and not module.startswith(("keras", "tf_keras", "tensorflow")):
        return f"{own} (own code)"
    return str(entry["class_name"])


def activation_of(config: dict[str, Any], key: str, name: str, keras_2: bool) -> str:
    """Our name of an activation."""
    value = config.get(key) or "linear"
    if isinstance(value, dict):  # a layer, or a function of the user's own
        inner = value.get("config")
        value = f"function {inner}" if isinstance(inner, str) else value.get("class_name")
    if value == "hard_sigmoid" and keras_2:
        return "hard_sigmoid_fifth"
    if value == "leaky_relu":
        raise ModelFileError(
            f"layer {name!r} with {key} 'leaky_relu', whose slope differs between versions of Keras"
        )
    if value not in _NAMES:
        known = ", ".join(sorted(_NAMES))
        raise ModelFileError(f"layer {name!r} with {key} {value!r}; known are {known}")
    return _NAMES[value]


def n_arrays(kind: str, config: dict[str, Any]) -> int:
    """How many arrays a cell has: two kernels, and a bias unless it goes without."""
    return 2 + (kind.startswith("CuDNN") or bool(config.get("use_bias", True)))


def cell(
    kind: str, config: dict[str, Any], arrays: Arrays, notes: list[str], keras_2: bool
) -> Network:
    """A recurrent layer, run forward."""
    name = str(config.get("name"))
    cudnn, use_bias = kind.startswith("CuDNN"), n_arrays(kind, config) == 3
    if len(arrays) != 2 + use_bias:
        raise ModelFileError(f"layer {name!r} with {len(arrays)} arrays, not {2 + use_bias}")
    kernel, recurrent = from_cudnn(*arrays[:2]) if cudnn else (arrays[0].T, arrays[1].T)
    bias = arrays[2] if use_bias else np.zeros(len(kernel))
    biases = [bias, np.zeros(len(kernel))]
    options: dict[str, Any] = {}
    if cudnn:  # both biases, one after the other
        biases = np.split(bias, 2)
    if CELLS[kind] is GRU:
        # Keras 2.2 and before: never after, unless the file says so
        options["reset_after"] = kind == "CuDNNGRU" or bool(config.get("reset_after", False))
        if options["reset_after"] and use_bias and kind != "CuDNNGRU":
            if bias.ndim != 2:
                raise ModelFileError(f"layer {name!r}: reset_after, but one bias only")
            biases = [bias[0], bias[1]]
        kernel, recurrent, *biases = (_swap_gates(a) for a in (kernel, recurrent, *biases))
    params = {
        "weight_ih": kernel,
        "weight_hh": recurrent,
        "bias_ih": biases[0],
        "bias_hh": biases[1],
    }
    sigma = "tanh" if cudnn else activation_of(config, "activation", name, keras_2)
    gate = "sigmoid"
    if CELLS[kind] is not RNN and not cudnn:
        gate = activation_of(config, "recurrent_activation", name, keras_2)
    if config.get("stateful"):
        notes.append(f"layer {name!r} is stateful: here each sequence starts from zero")
    if gate == "sigmoid" and sigma in ACTIVATIONS:
        return CELLS[kind](params, activation=sigma, **options)
    return VariantCell(CELLS[kind](params, **options), activation=sigma, gate_activation=gate)


def from_cudnn(kernel: FloatArray, recurrent: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Weights (gH, I) and (gH, H) of a cuDNN layer, whose arrays are cuDNN's in Keras' shapes.

    cuDNN's matrix of a gate is (H, I) row by row; Keras keeps its numbers as (I, H), unturned.
    """
    n_hidden = len(recurrent)
    gates = recurrent.shape[1] // n_hidden
    ins = [block.reshape(n_hidden, -1) for block in np.split(kernel, gates, axis=1)]
    return np.concatenate(ins), np.concatenate(np.split(recurrent, gates, axis=1))


def _swap_gates(array: FloatArray) -> FloatArray:
    """z r h to r z n, along the first axis."""
    z, r, n = np.split(array, 3)
    return np.concatenate([r, z, n])


def dense(config: dict[str, Any], arrays: Arrays, keras_2: bool) -> list[Network]:
    """A linear layer and its activation."""
    weight = arrays[0].T
    bias = arrays[1] if config.get("use_bias", True) else np.zeros(len(weight))
    return linear(weight, bias, activation_of(config, "activation", str(config["name"]), keras_2))


def linear(weight: FloatArray, bias: FloatArray, g: str) -> list[Network]:
    """A linear layer with g behind it."""
    if g in OUTPUT_ACTIVATIONS:
        return [Linear({"weight": weight, "bias": bias}, output_activation=g)]
    return [Linear({"weight": weight, "bias": bias}), Activation(g, len(weight))]


def convolution(config: dict[str, Any], arrays: Arrays, keras_2: bool) -> tuple[list[Network], int]:
    """A convolution along time as windows and a linear layer; how many steps it starts late."""
    name = str(config["name"])
    for key in ("strides", "groups"):
        if any(n != 1 for n in np.ravel(config.get(key, 1))):
            raise ModelFileError(f"layer {name!r} with {key} {config[key]}")
    if config.get("data_format", "channels_last") != "channels_last":
        raise ModelFileError(f"layer {name!r} with channels first")
    kernel, dilation = arrays[0], int(np.ravel(config.get("dilation_rate", 1))[0])
    width, n_input, n_output = kernel.shape
    bias = arrays[1] if config.get("use_bias", True) else np.zeros(n_output)
    reach, padding = (width - 1) * dilation, config.get("padding", "valid")
    if padding not in ("valid", "causal", "same"):
        raise ModelFileError(f"layer {name!r} with padding {padding!r}")
    ahead = reach - reach // 2 if padding == "same" else 0  # more at the end where it is odd
    lags = [reach - ahead - i * dilation for i in range(width)]
    weight = kernel.reshape(width * n_input, n_output).T
    g = activation_of(config, "activation", name, keras_2)
    late = reach if padding == "valid" else 0
    return [Window(lags, n_input), *linear(weight, bias, g)], late


def normalisation(
    kind: str, config: dict[str, Any], arrays: Arrays, size: int, rank: int
) -> Network:
    """Batch, layer, root mean square and unit normalisation, Normalization or Rescaling."""
    name = str(config.get("name"))
    if kind == "Rescaling":
        given = (np.broadcast_to(config.get(key, 0.0), size) for key in ("scale", "offset"))
        return Affine(dict(zip(("scale", "shift"), given, strict=True)))
    axes = np.ravel(config["axis"] if config.get("axis") is not None else []).tolist()
    one, zero = np.ones(size), np.zeros(size)
    if kind != "Normalization" and axes not in ([-1], [rank]):
        raise ModelFileError(f"layer {name!r} over axis {axes}, not the last")
    if kind == "Normalization":
        mean, variance = _moments(config, arrays, name)
        if not {tuple(axes)} <= {(-1,), (rank,), ()}:
            raise ModelFileError(f"layer {name!r} over axis {axes}, not the last")
        scale = 1.0 / np.maximum(np.sqrt(variance), 1e-7)
        if config.get("invert"):
            scale, shift = 1.0 / scale, mean
        else:
            shift = -mean * scale
        return Affine(
            {k: np.broadcast_to(v, size) for k, v in (("scale", scale), ("shift", shift))}
        )
    if kind in ("UnitNormalization", "RMSNormalization"):
        # x / |x| is x over its root mean square, over sqrt(n)
        scale = arrays[0] if arrays else one / np.sqrt(size)
        epsilon = float(config.get("epsilon", 1e-12 / size))
        return LayerNorm({"scale": scale, "shift": zero}, epsilon=epsilon, centred=False)
    if config.get("rms_scaling"):
        raise ModelFileError(f"layer {name!r} with rms_scaling")
    parts = list(arrays)
    gamma = parts.pop(0) if config.get("scale", True) else None
    beta = parts.pop(0) if config.get("center", True) else None
    epsilon = float(config.get("epsilon", 1e-3))
    if kind == "BatchNormalization":
        return batch_norm(parts[0], parts[1], gamma, beta, epsilon)
    params = {
        "scale": one if gamma is None else gamma,
        "shift": zero if beta is None else beta,
    }
    return LayerNorm(params, epsilon=epsilon)


def _moments(config: dict[str, Any], arrays: Arrays, name: str) -> tuple[FloatArray, FloatArray]:
    """Mean and variance of a Normalization layer: adapted, or given."""
    if config.get("mean") is not None and config.get("variance") is not None:
        given = (np.ravel(np.asarray(config[key], float)) for key in ("mean", "variance"))
        mean, variance = given
        return mean, variance
    if len(arrays) < 2:
        raise ModelFileError(f"layer {name!r} without mean and variance")
    return np.ravel(arrays[0]), np.ravel(arrays[1])


def elementwise(kind: str, config: dict[str, Any], size: int, keras_2: bool) -> Network:
    """Activation, ReLU, LeakyReLU, ELU or Softmax."""
    name = str(config.get("name"))
    if kind == "Activation":
        return Activation(activation_of(config, "activation", name, keras_2), size)
    if kind == "Softmax":
        if np.ravel(config.get("axis", -1)).tolist() != [-1]:
            raise ModelFileError(f"layer {name!r} over axis {config['axis']}, not the last")
        return Activation("softmax", size)
    if kind == "ELU":
        return Activation("elu", size, slope=float(config.get("alpha", 1.0)))
    if kind == "LeakyReLU":
        slope = config.get("negative_slope", config.get("alpha", 0.3))
        return Activation("leaky_relu", size, slope=float(slope))
    slope, top = config.get("negative_slope") or 0.0, config.get("max_value")
    if config.get("threshold") or (top is not None and (slope or float(top) != 6.0)):
        raise ModelFileError(f"layer {name!r}: a ReLU with threshold or ceiling")
    if top is not None:
        return Activation("relu6", size)
    return Activation("leaky_relu", size, slope=float(slope)) if slope else Activation("relu", size)


def prelu_of(config: dict[str, Any], arrays: Arrays, size: int) -> Network:
    """A rectifier with a slope for each entry, the same at every step."""
    if arrays[0].size != size:
        raise ModelFileError(f"layer {config.get('name')!r}: slopes that differ between steps")
    return prelu(np.ravel(arrays[0]))


def unread(name: str, kind: str) -> ModelFileError:
    """The error for a layer that is not read."""
    return ModelFileError(f"layer {name!r} of class {kind} is not read")

"""The nine models of Table 2, four further and the review classifiers, from the values of a seed.

PyTorch's generator is drawn from in the order in which the authors' modules are built, unused
tensors included, so that seed s is their seed s.  RNN2, RWA and MIST have no published code:
theirs are drawn in the order of our parameters, all uniform on (-1, 1) / sqrt(n_hidden), as
PyTorch draws those of its recurrent cells.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import numpy as np

from memtools import _validate
from memtools._validate import FloatArray
from memtools.exceptions import InvalidInputError
from memtools.networks._parameters import size_of
from memtools.networks.cells import LSTM, RNN, SquashedLSTM
from memtools.networks.filter_patterns import PATTERNS
from memtools.networks.lane_cells import MRNN
from memtools.networks.memory_cells import MLSTM, FilterCell
from memtools.networks.network import Network
from memtools.networks.pointwise import Activation
from memtools.networks.recurrent_cell import Cell
from memtools.networks.registry import CELLS
from memtools.networks.stacks import Linear, Sequential

MODELS = ("RNN", "RNN2", "RWA", "MIST", "MRNNF", "MRNN", "LSTM", "MLSTMF", "MLSTM")

# Beyond the paper: cells with a constant filter, from initial values of our own.
FURTHER = ("MGRU", "MMinimalGRU", "FractionalStateSpace", "FractionalConvolution")
# Whose filter may have another pattern.
PATTERNED = ("MRNNF", "MLSTMF", *FURTHER)

REVIEW_MODELS = ("RNN", "LSTM", "MRNNF", "MLSTMF")

# Linear layers of the authors' cells in order of construction: what they read, I inputs or H
# hidden units, what they give, d's or O outputs included, and whether they have a bias.
_MOVING_D = {
    "d_d": ("I", "I", True), "h_d": ("H", "I", False), "m_d": ("H", "I", False),
    "x_d": ("I", "I", False),
}  # fmt: skip
_LANES = {
    "m_m": ("H", "H", True), "f_m": ("I", "H", False), "h_h": ("H", "H", True),
    "x_h": ("I", "H", False), "h_z": ("H", "O", True), "m_z": ("H", "O", False),
}  # fmt: skip
_MLSTM = {
    "c_gate": ("I H", "H", True), "i_gate": ("I H", "H", True), "f_gate": ("I H H", "H", True),
    "o_gate": ("I H", "H", True), "output": ("H", "O", True),
}  # fmt: skip
Sizes = tuple[int, int, int]


class TorchGenerator:
    """Uniform numbers as ``torch.manual_seed(seed)`` and ``tensor.uniform_`` give them on a CPU.

    Its CPU generator is the Mersenne Twister seeded as NumPy's legacy one; a uniform float32
    takes the low 24 bits of one 32-bit word.

    Parameters
    ----------
    seed : int
        0 <= seed < 2**32.
    """

    def __init__(self, seed: int) -> None:
        seed = _validate.as_integer(seed, "seed", 0, 2**32 - 1)
        # The legacy generator is the point: it is the one that PyTorch shares.
        self._words = np.random.RandomState(seed)

    def uniform(self, fan_in: int, shape: tuple[int, ...]) -> FloatArray:
        """Uniform on (-1, 1) / sqrt(fan_in): float32 numbers, held as float64."""
        n_values = math.prod(shape)
        words = np.frombuffer(self._words.bytes(4 * n_values), dtype="<u4")
        bound = float(np.float32(1.0 / math.sqrt(fan_in)))
        unit = (words & 0xFFFFFF) * 2.0**-24
        return (unit * (2.0 * bound) - bound).astype(np.float32).astype(np.float64).reshape(shape)


def build(
    model: str,
    seed: int,
    filter_length: float = 100,
    published: bool = False,
    filter: str = "fractional",
) -> Network:
    """One of the nine models, or of the further ones, one input, one hidden unit, one output.

    Parameters
    ----------
    model : str
        A name of Table 2, or MGRU, MMinimalGRU, FractionalStateSpace, FractionalConvolution.
    seed : int
        The authors' seed; the further models are drawn by their `initialise`.
    filter_length : int or math.inf
        K; ``math.inf`` is the whole past of MRNN(F) and MLSTM(F), while RNN2 and MIST, which have
        a parameter or a delay a lag, keep 100.
    published : bool
        As in the published code, where MRNNF squashes its output by tanh.  The paper's formula
        does not, nor did the networks behind its Table 2.
    filter : {"fractional", "free", "tempered", "seasonal", "two-scale", "log-periodic"}
        Of MRNNF, MLSTMF and the further ones; what another filter has of its own is drawn last.
    """
    _validate.as_choice(model, "model", [*MODELS, *FURTHER])
    _validate.as_choice(filter, "filter", [*PATTERNS])
    if filter != "fractional" and model not in PATTERNED:
        raise InvalidInputError("filter", f"'fractional' for {model}", repr(filter))
    draws = TorchGenerator(seed)
    cell, options = CELLS[model]
    if model in FURTHER:
        return cell.initialise(1, 1, 1, seed, filter_length, filter=filter)
    if cell.in_torch:
        return _standard(cell, draws)
    fixed_d = options.get("fixed_d", False)
    if cell is MRNN:
        g = "tanh" if published and fixed_d else "identity"
        return _filtered(_mrnn(draws, (1, 1, 1), filter_length, fixed_d, g), draws, filter)
    if cell is MLSTM:
        return _filtered(_mlstm(draws, (1, 1, 1), filter_length, fixed_d), draws, filter)
    n_lags = 100 if math.isinf(filter_length) else int(filter_length)
    return _unpublished(cell, draws, n_lags)


def rebuild(
    model: str,
    params: Mapping[str, Sequence[float]],
    filter_length: float = 100,
    published: bool = False,
    filter: str = "fractional",
) -> Network:
    """The trained network of a row of :func:`replicate_table2`.

    Parameters
    ----------
    model : str
    params : mapping of str to sequence of float
        The row's `params`.
    filter_length : int
        The row's.
    published : bool
        True for rows with ``selection="published"``.
    filter : str
        The row's.
    """
    start = build(model, 0, filter_length, published, filter)
    if params.keys() != start.params.keys():
        allowed = f"the parameters of {model}: {', '.join(start.params)}"
        raise InvalidInputError("params", allowed, ", ".join(params))
    shaped = {name: np.reshape(params[name], v.shape) for name, v in start.params.items()}
    return start.replace(shaped)


def build_classifier(
    model: str,
    seed: int,
    n_input: int = 16,
    n_hidden: int = 128,
    n_classes: int = 5,
    filter_length: int = 50,
) -> Sequential:
    """One of the authors' four two-layer review classifiers.

    As their published code builds them: a first layer of 128 units, an LSTM of 128 units, five
    classes read out of the last word's hidden units; the hidden units of every LSTM are squashed
    by one more tanh, which in the stack of RNN and LSTM does not feed back.

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
    draws, sizes = TorchGenerator(seed), (n_input, n_hidden, n_hidden)
    layers: list[Network] = []
    if model == "RNN":
        layers = [RNN.from_params(_recurrent(draws, 1, *sizes[:2])), Activation("tanh", n_hidden)]
    elif model == "LSTM":
        layers = [SquashedLSTM.from_params(_recurrent(draws, 4, *sizes[:2]))]
    elif model == "MRNNF":
        layers = [_mrnn(draws, sizes, filter_length, True, "tanh")]
    else:
        layers = [_mlstm(draws, sizes, filter_length, True)]
    second: type[Cell] = LSTM if model == "RNN" else SquashedLSTM
    layers.append(second.from_params(_recurrent(draws, 4, n_hidden, n_hidden)))
    if model == "RNN":
        layers.append(Activation("tanh", n_hidden))
    tensors = _linear(draws, "", n_hidden, n_classes, True)
    return Sequential([*layers, Linear.from_params(tensors, output_activation="softmax")])


def _standard(cell: type[Cell], draws: TorchGenerator) -> Network:
    params = _recurrent(draws, 4 if cell is LSTM else 1, 1, 1)
    params |= {"weight_hz": draws.uniform(1, (1, 1)), "bias_z": draws.uniform(1, (1,))}
    return cell.from_params(params)


def _recurrent(
    draws: TorchGenerator, n_blocks: int, n_input: int, n_hidden: int
) -> dict[str, FloatArray]:
    """The four tensors of PyTorch's recurrent cells."""
    rows = n_blocks * n_hidden
    shapes = {"weight_ih": (rows, n_input), "weight_hh": (rows, n_hidden)}
    biases = {"bias_ih": (rows,), "bias_hh": (rows,)}
    return {name: draws.uniform(n_hidden, shape) for name, shape in (shapes | biases).items()}


def _linear(
    draws: TorchGenerator, prefix: str, fan_in: int, n_output: int, bias: bool
) -> dict[str, FloatArray]:
    params = {f"{prefix}weight": draws.uniform(fan_in, (n_output, fan_in))}
    return params | ({f"{prefix}bias": draws.uniform(fan_in, (n_output,))} if bias else {})


def _layers(
    draws: TorchGenerator, prefix: str, layers: Mapping[str, tuple[str, str, bool]], sizes: Sizes
) -> dict[str, FloatArray]:
    size = dict(zip("IHO", sizes, strict=True))
    tensors: dict[str, FloatArray] = {}
    for name, (read, given, bias) in layers.items():
        fan_in = sum(size[letter] for letter in read.split())
        tensors |= _linear(draws, f"{prefix}.{name}.", fan_in, size[given], bias)
    return tensors


def _mrnn(
    draws: TorchGenerator, sizes: Sizes, filter_length: float, fixed_d: bool, g: str
) -> Network:
    _recurrent(draws, 1, *sizes[:2])  # an RNN cell that their class inherits and never uses
    start = {"b_d": np.zeros((1, sizes[0]))} if fixed_d else {}
    layers = _LANES if fixed_d else _MOVING_D | _LANES
    tensors = start | _layers(draws, "mrnn_cell", layers, sizes)
    options = {"filter_length": filter_length, "fixed_d": fixed_d}
    return MRNN.from_torch_names(tensors, output_activation=g, **options)


def _mlstm(draws: TorchGenerator, sizes: Sizes, filter_length: float, fixed_d: bool) -> Network:
    start = {"d_values": np.zeros((1, sizes[1]))} if fixed_d else {}
    tensors = start | _layers(draws, "mlstm_cell", _MLSTM, sizes)
    return MLSTM.from_torch_names(tensors, filter_length=filter_length, fixed_d=fixed_d)


def _filtered(network: Network, draws: TorchGenerator, filter: str) -> Network:
    """The same with another filter."""
    if filter == "fractional" or not isinstance(network, FilterCell):
        return network
    pattern, n_lags = PATTERNS[filter], int(network.filter_length)
    sizes = {"n": 1, "N": n_lags.bit_length()}
    drawn = {
        name: draws.uniform(1, tuple(sizes[term] for term in shape.split()))
        for name, shape in pattern.shapes.items()
    }
    rest = {name: value for name, value in network.params.items() if name != "bias_d"}
    options = {**network.options, "filter": filter}
    return type(network).from_params(rest | pattern.start(drawn, n_lags), **options)


def _unpublished(cell: type[Cell], draws: TorchGenerator, filter_length: int) -> Network:
    sizes = {"I": 1, "H": 1, "O": 1, "K": filter_length, "N": filter_length.bit_length()}
    params = {
        name: draws.uniform(1, tuple(size_of(term, sizes) for term in shape.split()))
        for name, (shape, _) in cell._shapes_for({}).items()
    }
    return cell.from_params(params)

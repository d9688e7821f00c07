"""The nine models of Table 2 with the initial values of a seed.

PyTorch's generator is drawn from in the order in which the authors' modules are built, unused
tensors included, so that seed s is their seed s.  RNN2, RWA and MIST have no published code:
theirs are drawn in the order of our parameters, all uniform on (-1, 1) / sqrt(n_hidden), as
PyTorch draws those of its recurrent cells.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from memtools import _validate
from memtools._validate import FloatArray
from memtools.exceptions import InvalidInputError
from memtools.networks._parameters import size_of
from memtools.networks.cells import LSTM
from memtools.networks.lane_cells import MRNN
from memtools.networks.memory_cells import MLSTM
from memtools.networks.network import Cell, Network
from memtools.networks.registry import CELLS
from memtools.networks.training.initial import TorchGenerator

MODELS = ("RNN", "RNN2", "RWA", "MIST", "MRNNF", "MRNN", "LSTM", "MLSTMF", "MLSTM")

# Linear layers of the authors' cells in order of construction: (name, bias?), sizes in
# multiples of one input and one hidden unit as (outputs, inputs).
_MOVING_D = (("d_d", True), ("h_d", False), ("m_d", False), ("x_d", False))
_LANES = (
    ("m_m", True), ("f_m", False), ("h_h", True), ("x_h", False), ("h_z", True), ("m_z", False),
)  # fmt: skip
_MLSTM_FAN_IN = {"c_gate": 2, "i_gate": 2, "f_gate": 3, "o_gate": 2, "output": 1}


def build(model: str, seed: int, filter_length: int = 100, published: bool = False) -> Network:
    """One of the nine models, one input, one hidden unit, one output.

    Parameters
    ----------
    model : str
        A name of Table 2.
    seed : int
        The authors' seed.
    filter_length : int
        K.
    published : bool
        As in the published code, where MRNNF squashes its output by tanh.  The paper's formula
        does not, nor did the networks behind its Table 2.
    """
    _validate.as_choice(model, "model", MODELS)
    draws = TorchGenerator(seed)
    cell, options = CELLS[model]
    if cell.in_torch:
        return _standard(cell, draws)
    fixed_d = options.get("fixed_d", False)
    if cell is MRNN:
        g = "tanh" if published and fixed_d else "identity"
        return _mrnn(draws, filter_length, fixed_d, g)
    if cell is MLSTM:
        return _mlstm(draws, filter_length, fixed_d)
    return _unpublished(cell, draws, filter_length)


def rebuild(
    model: str,
    params: Mapping[str, Sequence[float]],
    filter_length: int = 100,
    published: bool = False,
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
    """
    start = build(model, 0, filter_length, published)
    if params.keys() != start.params.keys():
        allowed = f"the parameters of {model}: {', '.join(start.params)}"
        raise InvalidInputError("params", allowed, ", ".join(params))
    shaped = {name: np.reshape(params[name], v.shape) for name, v in start.params.items()}
    return start.replace(shaped)


def _standard(cell: type[Cell], draws: TorchGenerator) -> Network:
    n_rows = 4 if cell is LSTM else 1
    params = {name: draws.uniform(1, (n_rows, 1)) for name in ("weight_ih", "weight_hh")}
    params |= {name: draws.uniform(1, (n_rows,)) for name in ("bias_ih", "bias_hh")}
    params |= {"weight_hz": draws.uniform(1, (1, 1)), "bias_z": draws.uniform(1, (1,))}
    return cell.from_params(params)


def _linear(draws: TorchGenerator, name: str, fan_in: int, bias: bool) -> dict[str, FloatArray]:
    params = {f"{name}.weight": draws.uniform(fan_in, (1, fan_in))}
    return params | ({f"{name}.bias": draws.uniform(fan_in, (1,))} if bias else {})


def _mrnn(
    draws: TorchGenerator, filter_length: int, fixed_d: bool, output_activation: str
) -> Network:
    draws.uniform(1, (4,))  # an RNN cell that their class inherits and never uses
    tensors: dict[str, FloatArray] = {"b_d": np.zeros((1, 1))} if fixed_d else {}
    for name, bias in _LANES if fixed_d else (*_MOVING_D, *_LANES):
        tensors |= _linear(draws, f"mrnn_cell.{name}", 1, bias)
    options = {"filter_length": filter_length, "fixed_d": fixed_d}
    return MRNN.from_torch_names(tensors, output_activation=output_activation, **options)


def _mlstm(draws: TorchGenerator, filter_length: int, fixed_d: bool) -> Network:
    tensors: dict[str, FloatArray] = {"d_values": np.zeros((1, 1))} if fixed_d else {}
    for name, fan_in in _MLSTM_FAN_IN.items():
        tensors |= _linear(draws, f"mlstm_cell.{name}", fan_in, True)
    return MLSTM.from_torch_names(tensors, filter_length=filter_length, fixed_d=fixed_d)


def _unpublished(cell: type[Cell], draws: TorchGenerator, filter_length: int) -> Network:
    sizes = {"I": 1, "H": 1, "O": 1, "K": filter_length, "N": filter_length.bit_length()}
    params = {
        name: draws.uniform(1, tuple(size_of(term, sizes) for term in shape.split()))
        for name, (shape, _) in cell._shapes_for({}).items()
    }
    return cell.from_params(params)

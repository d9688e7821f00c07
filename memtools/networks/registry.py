"""The cells by name: what files, the command line and replication look up.

A new cell is entered here, and nowhere else.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from memtools import _validate
from memtools.networks.causal_convolution import CausalConvolution
from memtools.networks.cells import GRU, LSTM, RNN
from memtools.networks.fractional_inputs import FractionalConvolution, FractionalStateSpace
from memtools.networks.gated_linear import RGLRU, Mamba, Mamba2
from memtools.networks.history_cells import MIST, RWA
from memtools.networks.lane_cells import MRNN, TwoLaneRNN
from memtools.networks.memory_cells import MLSTM
from memtools.networks.memory_gru import MGRU, MMinimalGRU
from memtools.networks.minimal_gru import MinimalGRU
from memtools.networks.mlstm import MLSTMBlock, MLSTMLargeBlock
from memtools.networks.recurrent_cell import Cell
from memtools.networks.released_layer import ReleasedLayer
from memtools.networks.rwkv import RWKV4, RWKV6
from memtools.networks.slstm import SLSTMBlock
from memtools.networks.state_space import LRU, S4D

# name -> class, further options
CELLS: Mapping[str, tuple[type[Cell], Mapping[str, Any]]] = {
    "RNN": (RNN, {}),
    "LSTM": (LSTM, {}),
    "GRU": (GRU, {}),
    "MRNN": (MRNN, {}),
    "MRNNF": (MRNN, {"fixed_d": True}),
    "MLSTM": (MLSTM, {}),
    "MLSTMF": (MLSTM, {"fixed_d": True}),
    "TwoLaneRNN": (TwoLaneRNN, {}),
    "RNN2": (TwoLaneRNN, {}),
    "RWA": (RWA, {}),
    "MIST": (MIST, {}),
    "MinimalGRU": (MinimalGRU, {}),
    "MGRU": (MGRU, {}),
    "MMinimalGRU": (MMinimalGRU, {}),
    "FractionalStateSpace": (FractionalStateSpace, {}),
    "FractionalConvolution": (FractionalConvolution, {}),
}
# The classes by their own names.
CLASSES: Mapping[str, type[Cell]] = {cell.__name__: cell for cell, _ in CELLS.values()}
# Today's sequence mixers, under the tensor names of their releases.
RELEASED: Mapping[str, type[ReleasedLayer]] = {
    cell.__name__: cell
    for cell in (
        S4D,
        LRU,
        Mamba,
        RWKV4,
        RGLRU,
        Mamba2,
        MLSTMBlock,
        MLSTMLargeBlock,
        SLSTMBlock,
        RWKV6,
        CausalConvolution,
    )
}


def cell_named(name: str) -> tuple[type[Cell] | type[ReleasedLayer], dict[str, Any]]:
    """Class and options of a name, in any letter case."""
    known = {key.lower(): key for key in (*CELLS, *RELEASED)}
    key = known.get(name.lower(), name) if isinstance(name, str) else name
    key = _validate.as_choice(key, "cell", list(known.values()))
    if key in RELEASED:
        return RELEASED[key], {}
    cell, options = CELLS[key]
    return cell, dict(options)

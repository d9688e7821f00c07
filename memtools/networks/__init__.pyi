"""The table of public names: what the lazy package holds, for it, editors and type checkers."""

from memtools.exceptions import (
    ModelFileError,
)
from memtools.networks.cells import (
    GRU,
    LSTM,
    RNN,
)
from memtools.networks.files import (
    load,
    save,
)
from memtools.networks.forgetting import (
    time_constants,
)
from memtools.networks.history_cells import (
    MIST,
    RWA,
)
from memtools.networks.impulse import (
    impulse_weights,
    lyapunov_exponent,
    s4d_kernel,
)
from memtools.networks.lane_cells import (
    MRNN,
    TwoLaneRNN,
)
from memtools.networks.memory_cells import (
    MLSTM,
)
from memtools.networks.minimal_gru import (
    MinimalGRU,
)
from memtools.networks.network import Network
from memtools.networks.process import (
    simulate_network,
)
from memtools.networks.recurrent_cell import Cell
from memtools.networks.stacks import (
    Bidirectional,
    Linear,
    Sequential,
)
from memtools.networks.theorems import (
    ergodicity,
)
from memtools.networks.training import (
    loss_and_gradient,
    train,
)

_HOMES: dict[str, str]

__all__ = [
    "GRU",
    "LSTM",
    "MIST",
    "MLSTM",
    "MRNN",
    "RNN",
    "RWA",
    "Bidirectional",
    "Cell",
    "Linear",
    "MinimalGRU",
    "ModelFileError",
    "Network",
    "Sequential",
    "TwoLaneRNN",
    "ergodicity",
    "impulse_weights",
    "load",
    "loss_and_gradient",
    "lyapunov_exponent",
    "s4d_kernel",
    "save",
    "simulate_network",
    "time_constants",
    "train",
]

"""The table of public names: what the lazy package holds, for it, editors and type checkers."""

from memtools.exceptions import (
    ModelFileError,
)
from memtools.networks.causal_convolution import (
    CausalConvolution,
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
from memtools.networks.forecasting import (
    forecast,
)
from memtools.networks.forgetting import (
    time_constants,
)
from memtools.networks.fractional_inputs import (
    FractionalConvolution,
    FractionalStateSpace,
)
from memtools.networks.gated_linear import (
    RGLRU,
    Mamba,
    Mamba2,
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
from memtools.networks.linear_twins import (
    arfima_network,
)
from memtools.networks.memory_cells import (
    MLSTM,
)
from memtools.networks.memory_gru import (
    MGRU,
    MMinimalGRU,
)
from memtools.networks.minimal_gru import (
    MinimalGRU,
)
from memtools.networks.mlstm import (
    MLSTMBlock,
    MLSTMLargeBlock,
)
from memtools.networks.network import Network
from memtools.networks.process import (
    simulate_network,
)
from memtools.networks.recurrent_cell import Cell
from memtools.networks.rwkv import (
    RWKV4,
    RWKV6,
)
from memtools.networks.slstm import (
    SLSTMBlock,
)
from memtools.networks.stacks import (
    Bidirectional,
    Linear,
    Sequential,
)
from memtools.networks.state_space import (
    LRU,
    S4D,
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
    "LRU",
    "LSTM",
    "MGRU",
    "MIST",
    "MLSTM",
    "MRNN",
    "RGLRU",
    "RNN",
    "RWA",
    "RWKV4",
    "RWKV6",
    "S4D",
    "Bidirectional",
    "CausalConvolution",
    "Cell",
    "FractionalConvolution",
    "FractionalStateSpace",
    "Linear",
    "MLSTMBlock",
    "MLSTMLargeBlock",
    "MMinimalGRU",
    "Mamba",
    "Mamba2",
    "MinimalGRU",
    "ModelFileError",
    "Network",
    "SLSTMBlock",
    "Sequential",
    "TwoLaneRNN",
    "arfima_network",
    "ergodicity",
    "forecast",
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

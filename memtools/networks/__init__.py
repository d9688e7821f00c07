"""Recurrent networks without a framework: cells, readers, and the theory of their memory.

Every public name is loaded on first use.
"""

from importlib import import_module as _import_module

# public name -> module of memtools that holds it
_HOMES = {
    "Bidirectional": "networks.stacks",
    "Cell": "networks.network",
    "GRU": "networks.cells",
    "LSTM": "networks.cells",
    "Linear": "networks.stacks",
    "MIST": "networks.history_cells",
    "MLSTM": "networks.memory_cells",
    "MRNN": "networks.memory_cells",
    "ModelFileError": "exceptions",
    "Network": "networks.network",
    "RNN": "networks.cells",
    "RWA": "networks.history_cells",
    "Sequential": "networks.stacks",
    "TwoLaneRNN": "networks.memory_cells",
    "ergodicity": "networks.theorems",
    "impulse_weights": "networks.impulse",
    "load": "networks.files",
    "loss_and_gradient": "networks.training",
    "lyapunov_exponent": "networks.impulse",
    "s4d_kernel": "networks.impulse",
    "save": "networks.files",
    "simulate_network": "networks.process",
    "train": "networks.training",
}

__all__ = list(_HOMES)


def __getattr__(name: str) -> object:
    if name not in _HOMES:
        raise AttributeError(f"module 'memtools.networks' has no attribute {name!r}")
    value = getattr(_import_module(f"memtools.{_HOMES[name]}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted([*globals(), *__all__])

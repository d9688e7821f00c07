"""Recurrent networks without a framework: cells, readers, and the theory of their memory.

Every public name is loaded on first use.
"""

from importlib import import_module as _import_module

# public name -> module of memtools that holds it; the cells are in the registry
_HOMES = {
    "Bidirectional": "networks.stacks",
    "Cell": "networks.recurrent_cell",
    "Linear": "networks.stacks",
    "ModelFileError": "exceptions",
    "Network": "networks.network",
    "Sequential": "networks.stacks",
    "ergodicity": "networks.theorems",
    "impulse_weights": "networks.impulse",
    "load": "networks.files",
    "loss_and_gradient": "networks.training",
    "lyapunov_exponent": "networks.impulse",
    "s4d_kernel": "networks.impulse",
    "save": "networks.files",
    "simulate_network": "networks.process",
    "time_constants": "networks.forgetting",
    "train": "networks.training",
}


def __getattr__(name: str) -> object:
    if name in _HOMES:
        value = getattr(_import_module(f"memtools.{_HOMES[name]}"), name)
    else:
        classes = _import_module("memtools.networks.registry").CLASSES
        if name == "__all__":
            return sorted({*_HOMES, *classes})
        if name not in classes:
            raise AttributeError(f"module 'memtools.networks' has no attribute {name!r}")
        value = classes[name]
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted([*globals(), *__getattr__("__all__")])  # type: ignore[misc]

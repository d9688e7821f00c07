"""Recurrent networks without a framework: cells, readers, and the theory of their memory.

Every public name is loaded on first use.
"""

from importlib import import_module as _import_module

from memtools import _listed

_HOMES = _listed(f"{__file__}i")
__all__ = [*_HOMES]


def __getattr__(name: str) -> object:
    if name not in _HOMES:
        raise AttributeError(f"module 'memtools.networks' has no attribute {name!r}")
    globals()[name] = getattr(_import_module(f"memtools.{_HOMES[name]}"), name)
    return globals()[name]


def __dir__() -> list[str]:
    return sorted([*globals(), *__all__])

"""Does this series, or this trained network, have long memory?

Every public name is loaded on first use, so ``import memtools`` costs next to nothing.
"""

import os as _os
from importlib import import_module as _import_module

__version__ = "0.1.0"

# public name -> module of memtools that holds it
_HOMES = {
    "FractionalDifferencer": "fractional",
    "InvalidInputError": "exceptions",
    "MemoryEstimate": "results",
    "MemtoolsError": "exceptions",
    "TestResult": "results",
    "fracdiff": "fractional",
    "fracdiff_weights": "fractional",
    "fracint": "fractional",
}

_MODULES = (
    "exceptions",
    "fractional",
    "networks",
    "results",
)

__all__ = [*_HOMES, *_MODULES]


def __getattr__(name: str) -> object:
    if name in _HOMES:
        value = getattr(_import_module(f"memtools.{_HOMES[name]}"), name)
    elif name in _MODULES:
        value = _import_module(f"memtools.{name}")
    else:
        raise AttributeError(f"module 'memtools' has no attribute {name!r}")
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted([*globals(), *__all__])


if _os.environ.get("MEMTOOLS_EAGER_IMPORT"):
    for _name in __all__:
        __getattr__(_name)

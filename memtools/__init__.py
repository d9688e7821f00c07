"""Does this series, or this trained network, have long memory?

Every public name is loaded on first use, so ``import memtools`` costs next to nothing.
"""

import os as _os
from importlib import import_module as _import_module
from types import ModuleType as _ModuleType
from typing import Any as _Any
from typing import Never as _Never

__version__ = "0.1.0"


def _listed(stub: str) -> dict[str, str]:
    """Names and the modules of memtools that hold them, as the imports of a stub tell."""
    homes = {}
    with open(stub, encoding="utf-8") as file:
        for statement in file.read().split("\nfrom memtools")[1:]:
            home, _, names = statement.partition(" import ")
            end = ")" if names.startswith("(") else "\n"
            for name in names.partition(end)[0].strip("(").replace(",", " ").split():
                homes[name] = home.removeprefix(".")
    return dict(sorted(homes.items()))


# The stub that editors read is the table: public name -> module of memtools that holds it.
_LISTED = _listed(f"{__file__}i")
_HOMES = {name: home for name, home in _LISTED.items() if home}
_MODULES = tuple(name for name, home in _LISTED.items() if not home)

__all__ = [*_HOMES, *_MODULES]


# What a room above hands to rooms below, which know only the role: loaded when it is asked for.
_REGISTERED = {
    "bandwidth rules": "estimators.bandwidth",
    "guesses": "_guessed",
    "drawer of faces": "plotting.export",
    "drawer of residuals": "plotting",
    "reader of torch names": "networks.torch_names",
    "writer of pages": "reports",
}


def _registered(role: str) -> _Any:
    return _import_module(f"memtools.{_REGISTERED[role]}")


class _Room(_ModuleType):
    """A module that says what it holds where it is taken for a function."""

    def __call__(self, *given: object, **options: object) -> _Never:
        room = self.__name__.removeprefix("memtools.")
        names = [name for name, home in _HOMES.items() if home.split(".")[0] == room]
        held = ", ".join(f"memtools.{name}" for name in names[:10])
        raise TypeError(f"memtools.{room} is a module, not a function; it holds {held or 'none'}")


def __getattr__(name: str) -> object:
    if name not in __all__:
        hint = "" if name.startswith("_") else _registered("guesses").name_hint(name, __all__)
        raise AttributeError(f"module 'memtools' has no attribute {name!r}{hint}")
    module = _import_module(f"memtools.{_HOMES.get(name, name)}")
    globals()[name] = getattr(module, name) if name in _HOMES else module
    for room in set(_MODULES) & set(globals()):
        globals()[room].__class__ = _Room
    return globals()[name]


def __dir__() -> list[str]:
    return sorted([*globals(), *__all__])


if _os.environ.get("MEMTOOLS_EAGER_IMPORT"):
    for _name in __all__:
        __getattr__(_name)

"""The picture of the house, read from the code: its rooms, and who imports whom.

An import counts wherever it stands: at the top of a file, inside a function, or as a name that is
handed to ``import_module``.  Only what a type checker alone reads is free.
"""

import ast
from functools import cache
from pathlib import Path

PACKAGE = Path(__file__).parents[1] / "memtools"
FILES = sorted(PACKAGE.rglob("*.py"))

# From the ground up; a room imports from the lines above its own, and few beside it.
LAYERS = (
    (
        "exceptions",
        "_compiled",
        "_guessed",
        "_validate",
        "_labels",
        "_output",
        "batch",
        "results",
        "_kernels",
    ),
    ("gaps", "exponents", "fractional", "correlation", "spectral", "long_run"),
    ("processes", "toeplitz", "season"),
    ("innovations", "vector_simulation", "simulation", "contamination", "estimators", "decay"),
    ("arfima", "networks"),
    ("inference",),
    (
        "datasets",
        "worlds",
        "memory",
        "diagnosis",
        "many",
        "online",
        "rolling",
        "stability",
        "portrait",
        "panel",
        "montecarlo",
        "replication",
        "selection",
    ),
    ("plotting", "reports", "files", "cli", "lrdbench", "adapters", "__main__"),
)


def room_of(path):
    return path.relative_to(PACKAGE).parts[0].removesuffix(".py")


def module_name(path):
    parts = path.relative_to(PACKAGE.parent).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


MODULES = {module_name(path) for path in FILES}


def is_for_types(node):
    return isinstance(node, ast.If) and ast.unparse(node.test).endswith("TYPE_CHECKING")


def statements(tree):
    """Every node of a file but what only a type checker reads."""
    for node in ast.iter_child_nodes(tree):
        if is_for_types(node):
            for other in node.orelse:
                yield other
                yield from statements(other)
            continue
        yield node
        yield from statements(node)


def by_string(node):
    """The module that a call of import_module or __import__ names, None for other nodes."""
    if not isinstance(node, ast.Call) or not node.args:
        return None
    function = ast.unparse(node.func).split(".")[-1].lstrip("_")
    if function not in {"import_module", "import__"}:
        return None
    name = node.args[0]
    return name.value if isinstance(name, ast.Constant) else ast.unparse(name)


@cache
def parsed(path):
    return ast.parse(path.read_text())


@cache
def imported_modules(path):
    """(absolute module name, line) of each import of a file, wherever it stands."""
    found = []
    for node in statements(parsed(path)):
        if isinstance(node, ast.Import):
            found += [(alias.name, node.lineno) for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}:{node.lineno}: relative import"
            inner = [f"{node.module}.{alias.name}" for alias in node.names]
            modules = [name for name in inner if name in MODULES]
            named = len(modules) == len(inner)
            found += [(name, node.lineno) for name in modules + [node.module] * (not named)]
        elif (name := by_string(node)) is not None:
            found.append((name, node.lineno))
    return found

"""The layers of the house hold: imports run strictly downwards, heavy packages have one door."""

import ast
import configparser
import graphlib
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

import memtools

PACKAGE = Path(memtools.__file__).parent

LAYERS = (
    ("exceptions", "_validate", "_labels", "_output", "_rows", "batch", "results", "_kernels"),
    ("fractional", "correlation", "spectral", "long_run", "gaps"),
    ("processes", "toeplitz"),
    ("simulation", "contamination", "estimators", "decay"),
    ("arfima", "networks"),
    ("inference",),
    ("memory", "diagnosis", "stability", "portrait", "panel", "montecarlo"),
    ("plotting", "reports", "datasets", "replication", "files", "cli", "__main__"),
)
LEVEL = {room: level for level, rooms in enumerate(LAYERS) for room in rooms}
# Inside the ground floor: who may import whom. Inside the top floor the command line sits on top.
WITHIN = {
    "_validate": {"exceptions"},
    "_labels": {"exceptions"},
    "_output": {"exceptions"},
    "_rows": {"exceptions"},
    "batch": {"_validate", "_output"},
    "results": {"exceptions", "_labels", "_validate"},
    "correlation": {"fractional"},
    "spectral": {"correlation"},
    "long_run": {"correlation", "spectral"},
    "toeplitz": {"processes"},
    "portrait": {"memory", "stability"},
    "panel": {"memory"},
    "reports": {"plotting"},
    "replication": {"datasets"},
    "files": {"datasets"},
    "cli": {"reports", "plotting", "datasets", "files", "replication"},
    "__main__": {"cli"},
}
DOORS = {
    "matplotlib": {"plotting"},
    "statsmodels": {"inference", "datasets", "arfima/diagnostics"},
    "patsy": {"arfima/uncertainty"},
    "arch": {"inference", "datasets", "simulation"},
    "dask": {"batch"},
    "distributed": {"batch"},
    "gensim": {"replication"},
    "loky": {"batch"},
    "h5py": set(),
    "onnx": set(),
    "torch": set(),
    "tensorflow": set(),
    "keras": set(),
}
FILES = sorted(PACKAGE.rglob("*.py"))
NAMES = [str(path.relative_to(PACKAGE)) for path in FILES]


def room_of(path):
    return path.relative_to(PACKAGE).parts[0].removesuffix(".py")


def imported_modules(path):
    """(absolute module name, line) of each import of a file."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from ((alias.name, node.lineno) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}:{node.lineno}: relative import"
            yield node.module, node.lineno
            if node.module == "memtools":
                yield from ((f"memtools.{alias.name}", node.lineno) for alias in node.names)


@pytest.mark.parametrize("path", FILES, ids=NAMES)
def test_imports_run_downwards(path):
    room = room_of(path)
    if room == "__init__":
        return
    assert room in LEVEL, f"{room} has no place in the picture of the layers"
    for module, line in imported_modules(path):
        parts = module.split(".")
        if parts[0] != "memtools" or len(parts) == 1 or parts[1] in (room, "__version__"):
            continue
        assert parts[1] in LEVEL, f"{path.name}:{line} imports {module}, which has no layer"
        below = LEVEL[parts[1]] < LEVEL[room]
        assert below or parts[1] in WITHIN.get(room, ()), f"{path.name}:{line} imports {module}"


def module_name(path):
    parts = path.relative_to(PACKAGE.parent).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def imported_at_load(tree, modules):
    """Our modules that are imported when this one is: not in functions, not for types only."""
    statements = list(tree.body)
    while statements:
        node = statements.pop()
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names if alias.name in modules)
        elif isinstance(node, ast.ImportFrom):
            names = {f"{node.module}.{alias.name}" for alias in node.names} & modules
            yield from names or {node.module} & modules
        elif isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING":
            statements += node.orelse
        elif not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            statements += list(ast.iter_child_nodes(node))


def test_no_modules_import_each_other_in_a_circle():
    modules = {module_name(path) for path in FILES}
    graph = {
        module_name(path): set(imported_at_load(ast.parse(path.read_text()), modules))
        for path in FILES
    }
    graphlib.TopologicalSorter(graph).prepare()  # a CycleError names the circle


@pytest.mark.parametrize("path", FILES, ids=NAMES)
def test_heavy_packages_have_one_door(path):
    place = str(path.relative_to(PACKAGE)).removesuffix(".py")
    for module, line in imported_modules(path):
        top = module.split(".")[0]
        if top == "numba":
            assert path.name == "_kernels.py", f"{path.name}:{line} imports numba"
        for door in [DOORS[top]] if top in DOORS else []:
            home = any(place == d or place.startswith(f"{d}/") for d in door)
            assert home, f"{path.name}:{line} imports {top}"


@pytest.mark.parametrize("path", FILES, ids=NAMES)
def test_files_are_short(path):
    assert len(path.read_text().splitlines()) <= 450


@pytest.mark.parametrize("path", FILES, ids=NAMES)
def test_kernels_call_only_their_own_file(path):
    # numba's disk cache does not see changes in a callee of another file.
    if path.name == "_kernels.py":
        assert not [m for m, _ in imported_modules(path) if m.startswith("memtools")]


def test_extras_name_only_packages_that_some_line_imports():
    setup = configparser.ConfigParser()
    setup.read(PACKAGE.parent / "setup.cfg")
    extras = setup["options.extras_require"]
    imported = {module.split(".")[0] for path in FILES for module, _ in imported_modules(path)}
    for extra in ("io", "scale", "data", "text"):
        for requirement in extras.get(extra, "").split("\n"):
            package = re.split(r"[<>=\s]", requirement.strip())[0]
            assert not package or package in imported, f"{extra}: no line imports {package}"


# Being renamed: modules that still hide a function of theirs.
STILL_HIDING = {
    "memtools.networks.author_names",
    "memtools.networks.torch_names",
    "memtools.networks.training.watch",
}


def public_names(path):
    """What a file defines at its top level, without an underscore in front."""
    kinds = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef
    defined = [node.name for node in ast.parse(path.read_text()).body if isinstance(node, kinds)]
    return {name for name in defined if not name.startswith("_")}


def test_no_module_shares_a_name_with_a_public_function_of_its_package():
    hiding = set()
    for folder in {path.parent for path in FILES}:
        defined = set().union(*(public_names(path) for path in folder.rglob("*.py")))
        if folder == PACKAGE:
            defined = set(memtools._HOMES)
        modules = {
            path.parent.name if path.name == "__init__.py" else path.stem
            for path in [*folder.glob("*.py"), *folder.glob("*/__init__.py")]
            if path != folder / "__init__.py"
        }
        package = ".".join(folder.relative_to(PACKAGE.parent).parts)
        # The modules of the command line are its commands.
        hiding |= {f"{package}.{name}" for name in modules & defined if package != "memtools.cli"}
    assert hiding <= STILL_HIDING


@pytest.mark.parametrize("room", memtools._MODULES)
def test_every_name_of_a_room_is_reachable_there(room):
    module = getattr(memtools, room)
    homes = [name for name, home in memtools._HOMES.items() if home.split(".")[0] == room]
    assert not [name for name in homes if not callable(getattr(module, name))]


def test_every_exception_is_at_the_top():
    defined = public_names(PACKAGE / "exceptions.py")
    assert defined == {name for name, home in memtools._HOMES.items() if home == "exceptions"}


@pytest.mark.parametrize("name", memtools.__all__)
def test_every_public_name_loads(name):
    assert getattr(memtools, name) is not None
    assert name in dir(memtools)


def test_unknown_name_is_an_attribute_error():
    with pytest.raises(AttributeError, match="no attribute 'gphh'"):
        memtools.gphh  # noqa: B018


def loaded_after(code):
    program = f"{code}\nimport sys; print(' '.join(sys.modules))"
    environment = {k: v for k, v in os.environ.items() if k != "MEMTOOLS_EAGER_IMPORT"}
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, env=environment, check=True
    )
    return set(done.stdout.split())


def test_import_loads_nothing_heavy():
    loaded = loaded_after("import memtools")
    assert not loaded & {"numpy", "scipy", "pandas", "numba", "matplotlib", "statsmodels", "arch"}


def test_eager_import_loads_every_name():
    environment = os.environ | {"MEMTOOLS_EAGER_IMPORT": "1"}
    code = "import memtools; assert all(name in vars(memtools) for name in memtools.__all__)"
    subprocess.run([sys.executable, "-c", code], env=environment, check=True)


def test_version_is_one_literal():
    assert re.fullmatch(r"\d+\.\d+\.\d+", memtools.__version__)

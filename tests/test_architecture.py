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
from tests.house import (
    FILES,
    LAYERS,
    MODULES,
    PACKAGE,
    by_string,
    imported_modules,
    module_name,
    parsed,
    room_of,
    statements,
)

LEVEL = {room: level for level, rooms in enumerate(LAYERS) for room in rooms}
# Who may import whom on the same floor.
WITHIN = {
    "_compiled": {"exceptions"},
    "_kernels": {"_compiled"},
    "_validate": {"exceptions", "_labels"},
    "_labels": {"exceptions"},
    "_output": {"exceptions"},
    "batch": {"_output", "_validate", "exceptions"},
    "results": {"exceptions", "_labels", "_validate"},
    "correlation": {"fractional", "gaps"},
    "spectral": {"correlation"},
    "long_run": {"correlation", "spectral"},
    "toeplitz": {"processes"},
    "memory": {"worlds"},
    "diagnosis": {"worlds"},
    "simulation": {"innovations", "vector_simulation"},
    "estimators": {"simulation"},
    "portrait": {"memory", "rolling", "stability"},
    "many": {"memory"},
    "panel": {"memory"},
    "replication": {"datasets"},
    "reports": {"plotting"},
    "cli": {"reports", "plotting", "files"},
    "__main__": {"cli"},
}
# The roofs: tables of public names, and what is registered lazily and by name.
ROOFS = {"__init__.py", "networks/__init__.py", "cli/__init__.py"}
DOORS = {
    "matplotlib": {"plotting"},
    "statsmodels": {"arfima/diagnostics", "datasets"},
    "patsy": {"arfima/uncertainty"},
    "arch": {"innovations", "datasets", "inference/differencing"},
    "ruptures": {"inference"},
    "dask": {"many"},
    "distributed": {"many"},
    "gensim": {"replication"},
    "loky": {"batch"},
    "h5py": set(),
    "onnx": {"networks/files"},
    "sklearn": {"adapters"},
    "sktime": {"adapters"},
    "torch": set(),
    "tensorflow": set(),
    "keras": set(),
}


def test_imports_run_downwards():
    for path in FILES:
        room = room_of(path)
        if room == "__init__":
            continue
        assert room in LEVEL, f"{room} has no place in the picture of the layers"
        for module, line in imported_modules(path):
            parts = module.split(".")
            if parts[0] != "memtools" or len(parts) == 1 or parts[1] in (room, "__version__"):
                continue
            assert parts[1] in LEVEL, f"{path.name}:{line} imports {module}, which has no layer"
            below = LEVEL[parts[1]] < LEVEL[room]
            assert below or parts[1] in WITHIN.get(room, ()), f"{path.name}:{line} imports {module}"


def test_only_the_roofs_import_by_name():
    for path in FILES:
        if str(path.relative_to(PACKAGE)) not in ROOFS:
            names = [by_string(node) for node in statements(parsed(path))]
            assert not [name for name in names if name is not None], path


def test_no_modules_import_each_other_in_a_circle():
    graph = {
        module_name(path): {name for name, _ in imported_modules(path) if name in MODULES}
        for path in FILES
    }
    graphlib.TopologicalSorter(graph).prepare()  # a CycleError names the circle


def test_the_rooms_and_doors_of_the_picture_exist():
    assert set(LEVEL) - {"_kernels"} <= {room_of(path) for path in FILES}
    assert set(WITHIN) <= set(LEVEL)
    for package, places in DOORS.items():
        for place in places:
            inside = [path for path in FILES if is_at(path, {place})]
            imports = {name.split(".")[0] for path in inside for name, _ in imported_modules(path)}
            assert package in imports, f"nothing in {place} imports {package}"


def is_at(path, places):
    place = str(path.relative_to(PACKAGE)).removesuffix(".py")
    return any(place == p or place.startswith(f"{p}/") for p in places)


def test_heavy_packages_have_one_door():
    for path, (module, line) in ((p, found) for p in FILES for found in imported_modules(p)):
        top = module.split(".")[0]
        if top == "numba":
            kernels = path.stem == "_compiled" or path.stem.endswith("_kernels")
            assert kernels, f"{path.name}:{line} imports numba"
        elif top in DOORS:
            assert is_at(path, DOORS[top]), f"{path.name}:{line} imports {top}"


def test_files_are_short():
    assert not [path for path in FILES if len(path.read_text().splitlines()) > 400]


def test_functions_are_short():
    for path, node in ((p, node) for p in FILES for node in ast.walk(parsed(p))):
        if isinstance(node, ast.FunctionDef):
            said = (ast.get_docstring(node, clean=False) or "").count("\n")
            assert node.end_lineno - node.lineno - said < 60, f"{path.name}: {node.name}"


def test_no_folder_holds_one_file():
    for folder in {path.parent for path in FILES} - {PACKAGE}:
        inside = [path for path in folder.iterdir() if path.name != "__pycache__"]
        said = (folder / "__init__.py").read_text().splitlines()
        assert len(inside) - (len(said) < 15) > 1, f"{folder.name} exists for one file"


def test_kernels_call_only_those_of_their_folder():
    # The stamp of numba's disk cache sees the kernels of one folder: memtools._compiled.
    for path in (path for path in FILES if path.stem.endswith("_kernels")):
        beside = {module_name(other) for other in path.parent.glob("*_kernels.py")}
        ours = {m for m, _ in imported_modules(path) if m.startswith("memtools")}
        assert ours <= beside | {"memtools._compiled"}  # the decorator, which no kernel calls


def test_extras_name_only_packages_that_some_line_imports():
    setup = configparser.ConfigParser()
    setup.read(PACKAGE.parent / "setup.cfg")
    extras = setup["options.extras_require"]
    imported = {module.split(".")[0] for path in FILES for module, _ in imported_modules(path)}
    for extra in ("io", "scale", "data", "text"):
        for requirement in extras.get(extra, "").split("\n"):
            package = re.split(r"[<>=\s]", requirement.strip())[0]
            assert not package or package in imported, f"{extra}: no line imports {package}"


def public_names(path):
    """What a file defines at its top level, without an underscore in front."""
    kinds = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef
    defined = [node.name for node in parsed(path).body if isinstance(node, kinds)]
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
    assert not hiding


@pytest.mark.parametrize("room", memtools._MODULES)
def test_every_name_of_a_room_is_reachable_there(room):
    module = getattr(memtools, room)
    homes = [name for name, home in memtools._HOMES.items() if home.split(".")[0] == room]
    assert not [name for name in homes if not callable(getattr(module, name))]


def test_every_exception_is_at_the_top():
    defined = public_names(PACKAGE / "exceptions.py")
    assert defined == {name for name, home in memtools._HOMES.items() if home == "exceptions"}


def test_every_public_name_loads():
    assert not [name for name in memtools.__all__ if getattr(memtools, name) is None]
    assert set(memtools.__all__) <= set(dir(memtools))


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


def test_version_is_that_of_the_change_log_and_of_the_citation():
    root = Path(memtools.__file__).parents[1]
    newest = re.search(r"^## (\d+\.\d+\.\d+)", (root / "CHANGELOG.md").read_text(), re.M)
    cited = re.search(r"^version: (\S+)", (root / "CITATION.cff").read_text(), re.M)
    assert newest[1] == cited[1] == memtools.__version__

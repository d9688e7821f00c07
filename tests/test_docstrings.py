"""Docstrings tell the truth: the parameters of the signature, what comes back, what is raised."""

import ast
import functools
import inspect
import re
import sys

import memtools as mt
from memtools.exceptions import MemtoolsError

FUNCTIONS = {
    prefix + name: getattr(home, name)
    for prefix, home in (("", mt), ("networks.", mt.networks))
    for name in home.__all__
    if inspect.isfunction(getattr(home, name, None))
}


def classes():
    """Public classes, without exceptions."""
    homes = mt, mt.networks
    found = {getattr(home, name, None) for home in homes for name in home.__all__}
    return [c for c in found if inspect.isclass(c) and not issubclass(c, Exception | Warning)]


METHODS = sorted(
    {
        f"{c.__name__}.{name}": member
        for c in classes()
        for name, member in vars(c).items()
        if not name.startswith("_") and inspect.isfunction(member)
    }.items()
)


def sections(docstring):
    """{title: lines} of a numpydoc docstring."""
    found, lines = {"": []}, inspect.cleandoc(docstring or "").splitlines()
    title = ""
    for line, rule in zip(lines, [*lines[1:], ""], strict=True):
        if rule and set(rule) == {"-"} and line.strip():
            title = line.strip()
            found[title] = []
        else:
            found[title].append(line)
    return found


def documented(lines):
    """Names that a Parameters section explains."""
    heads = [line for line in lines if re.match(r"[*\w]", line) and set(line) != {"-"}]
    return [name.strip(" *") for head in heads for name in head.split(":")[0].split(",")]


def parameters(function):
    return [name for name in inspect.signature(function).parameters if name not in ("self", "cls")]


def test_functions_document_their_parameters():
    for name, function in FUNCTIONS.items():
        said = documented(sections(function.__doc__).get("Parameters", []))
        assert said == parameters(function), name


def test_functions_say_what_comes_back_and_show_it():
    for name, function in FUNCTIONS.items():
        found = sections(function.__doc__)
        gives = inspect.signature(function).return_annotation != "None"
        assert not gives or {"Returns", "Yields"} & set(found), name
        assert ">>>" in "\n".join(found.get("Examples", [])), name


def test_methods_that_explain_parameters_explain_all():
    for name, method in METHODS:
        said = inspect.getdoc(method)
        found = sections(said)
        assert said, f"{name} has no docstring"
        if "Parameters" in found:
            assert documented(found["Parameters"]) == parameters(method), name


@functools.cache
def own_functions(module):
    tree = ast.parse(inspect.getsource(module))
    return {node.name: node for node in tree.body if isinstance(node, ast.FunctionDef)}


def refuses(name, functions, seen=()):
    """Whether a function of a file raises one of our errors or hands its input to a check."""
    for node in ast.walk(functions[name]):
        if isinstance(node, ast.Raise) and node.exc is not None:
            raised = ast.unparse(node.exc).split("(")[0].split(".")[-1]
            if raised in OURS:
                return True
        if isinstance(node, ast.Call):
            called = ast.unparse(node.func)
            if called.startswith("_validate.as_"):
                return True
            known = called in functions and called not in (*seen, name)
            if known and refuses(called, functions, (*seen, name)):
                return True
    return False


OURS = {name for name in vars(mt.exceptions) if name.endswith("Error")} | {
    "ValueError",
    "TypeError",
}


def test_functions_that_refuse_input_say_so():
    for name, function in FUNCTIONS.items():
        functions = own_functions(sys.modules[function.__module__])
        own = function.__name__
        if own in functions and refuses(own, functions):
            assert "Raises" in sections(function.__doc__), name


def test_every_error_of_ours_has_one_root():
    errors = [value for value in vars(mt.exceptions).values() if inspect.isclass(value)]
    assert all(
        issubclass(e, MemtoolsError | Warning)
        for e in errors
        if e.__module__ == mt.exceptions.__name__
    )

"""Does what an error advises work?  Every way that it names is followed."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np

import memtools as mt
from memtools import networks
from memtools.exceptions import ModelFileError


def followed(folder: Path, written: Any, said: str, check: Any) -> str:
    """What is wrong with the advice in an error; nothing where all of it works.

    Each way must load; one of them must give what the framework gave, unless all there are choose
    a part of the network.
    """
    problems, whole, n_ways = [], [], 0
    for words, way in _ways(folder, written, said):
        n_ways += 1
        try:
            network = way()
        except Exception as error:
            if words == "an ONNX file" and isinstance(error, AssertionError):
                continue  # PyTorch's exporter itself does not take the module
            if words == "x and y" and "nothing reproduces y" in str(error):
                continue  # it says that usual orders are tried, and then that none is this
            problems.append(f"{words}: {type(error).__name__}: {error}")
            continue
        if hasattr(network, "forward") and "prefix" not in words:
            whole.append(check.reproduces(network))
    if not n_ways:
        problems.append("no advice")
    if whole and not any(whole):
        problems.append("nothing gives what the framework gave")
    return "".join(f" -> {problem}" for problem in problems)


def _ways(folder: Path, written: Any, said: str) -> Iterator[tuple[str, Callable[[], Any]]]:
    """(words of the advice, what follows it)."""
    for words, way in written.ways.items():
        assert words in said, f"{words!r} is not advised: {said}"
        yield words, way
    own = {k: v for k, v in written.options.items() if k not in ("x", "y")}
    for found in re.finditer(r"read_out=(\[[^\]]*\]|'[^']*')", said):
        told = ast.literal_eval(found[1])
        yield found[0], lambda told=told: networks.load(written.path, **{**own, "read_out": told})
    for found in re.finditer(r"prefix='([^']*)'|prefix= chooses: ([^\s,.]+)", said):
        prefix = found[1] or found[2]
        yield found[0], lambda prefix=prefix: _part(written, prefix, own)
    if "x and y" in said:
        yield "x and y", lambda: networks.load(written.path, x=written.x, y=written.y, **own)
    if "the model itself in place of its file" in said:
        yield "the model itself", lambda: networks.load(written.model)
    if "an ONNX file of it" in said and _is_torch(written.model):
        yield "an ONNX file", lambda: networks.load(exported(folder, written))
    if re.search(r"function of (a|one) sequence", said) and written.model is not None:
        yield "a function", lambda: weights_of(as_function(written.model), written.x.shape[-1])
    if (
        "torch.save(model.state_dict(), path)" in said
        and "save the weights alone" not in written.ways
    ):
        yield "torch.save", lambda: _state(folder, written)


def _part(written: Any, prefix: str, own: dict[str, Any]) -> Any:
    """A part, with the one of several cells that it has."""
    rest = {key: value for key, value in own.items() if key != "cell"}
    cells = own.get("cell")
    for cell in cells if isinstance(cells, list) else [cells]:
        try:
            return networks.load(written.path, prefix=prefix, cell=cell, **rest)
        except ModelFileError as error:
            failed = error
    raise failed


def _is_torch(model: Any) -> bool:
    return hasattr(model, "state_dict") and not hasattr(model, "get_weights")


def exported(folder: Path, written: Any) -> Path:
    """An ONNX file of a module, its axes free."""
    import torch

    path, x = folder / "advised.onnx", torch.from_numpy(written.x)
    axes = {"x": {i: f"axis_{i}" for i in range(x.ndim - 1)}}
    torch.onnx.export(written.model, (x,), path, dynamo=False, input_names=["x"], dynamic_axes=axes)
    return path


def _state(folder: Path, written: Any) -> Any:
    import torch

    torch.save(written.model.state_dict(), folder / "advised.pt")
    return networks.load(folder / "advised.pt")


def as_function(model: Any) -> Callable[[Any], Any]:
    """A user's function of one sequence around a model; the last output of every beginning."""
    if callable(model) and not hasattr(model, "get_weights") and not hasattr(model, "state_dict"):
        return model

    def given(x: Any) -> Any:
        if _is_torch(model):
            import torch

            first = any(getattr(part, "batch_first", False) for part in model.modules())
            with torch.no_grad():
                y = model(torch.from_numpy(x.astype(np.float32)).unsqueeze(0 if first else 1))
            y = next(iter(y.values())) if isinstance(y, dict) else y
            y = y[0] if isinstance(y, tuple) else y
            return np.asarray(y).take(0, axis=0 if first or y.ndim == 2 else 1)
        n_steps = getattr(model, "input_shape", (None, None))[1]
        if isinstance(n_steps, int):
            x = np.concatenate([np.zeros((n_steps, x.shape[1])), x])[-n_steps:]
        y = model(x[np.newaxis].astype(np.float32))
        return np.asarray((y[0] if isinstance(y, list | tuple) else y).detach())[0]

    def last(x: Any) -> Any:
        try:
            y = given(x)
            return y[-1] if y.ndim == 2 else y
        except (RuntimeError, ValueError, IndexError):  # too short for its windows
            return None

    def function(x: Any) -> Any:
        ends = [last(x[: t + 1]) for t in range(len(x))]
        return np.stack([np.zeros_like(ends[-1]) if y is None else y for y in ends])

    return function


def weights_of(function: Callable[[Any], Any], n_input: int) -> Any:
    """The impulse weights, which is what a function is good for."""
    return mt.impulse_weights(function, np.random.default_rng(0).normal(size=(7, n_input)), 3)

"""A PyTorch module in memory: what it calls in which order, and the module as a function."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Callable, Iterator
from itertools import product
from typing import Any

import numpy as np
from numpy.typing import NDArray

from memtools._validate import FloatArray
from memtools.exceptions import InvalidInputError
from memtools.networks.callables import PROBE_LENGTHS, BlackBox, Run, box_along_time

_SIZES = ("input_size", "in_features", "in_channels", "num_features")
_MOST_SIZES = 64
# How the axes of (n_steps, n_batch, n_input) stand in what a module takes.
_LAYOUTS: dict[str, Callable[[Any], Any]] = {
    "(time, batch, input)": lambda x: x,
    "(batch, time, input)": lambda x: x.transpose(0, 1),
    "(time, input)": lambda x: x[:, 0],
    "(batch, time)": lambda x: x[..., 0].transpose(0, 1),
}

# Batches of sequences are tried first: a module that takes them may run on one alone by accident.
_BATCHES, _SINGLE = (
    ("(time, batch, input)", "(batch, time, input)"),
    ("(time, input)", "(batch, time)"),
)


def told(module: Any) -> dict[str, Any]:
    """What live PyTorch modules tell beyond their state dict."""
    found = {m.nonlinearity for m in module.modules() if hasattr(m, "nonlinearity")}
    return {"activation": found.pop()} if len(found) == 1 else {}


def orders(module: Any) -> list[dict[str, Any]]:
    """Its state dict, the parts in the order in which they are called: those called, and all."""
    state = dict(module.state_dict())
    try:
        called = list(dict.fromkeys(name for name, _ in _Calls(module).of(as_box(module))))
    except InvalidInputError:
        return [state]
    place = {name: i for i, name in enumerate(called)}

    def owner(tensor: str) -> int:
        stems = tensor.split(".")[:-1]
        names = (".".join(stems[:n]) for n in range(len(stems), -1, -1))
        return next((place[name] for name in names if name in place), len(place))

    rows = sorted(state, key=owner)
    used = [name for name in rows if not _idle(module, name, called)]
    return [{name: state[name] for name in names} for names in (used, rows)]


def _idle(module: Any, tensor: str, called: list[str]) -> bool:
    """Whether the part that holds a tensor was never called."""
    part = tensor.rpartition(".")[0]
    outer = part.partition(".parametrizations")[0]
    return bool(part) and part not in called and outer not in called


class _Calls:
    """The parts that a run of a module calls, with the shape of what each is given."""

    def __init__(self, module: Any) -> None:
        self._module = module

    def of(self, box: BlackBox) -> list[tuple[str, tuple[int, ...]]]:
        """Those of one run of the module as a function."""
        with self.recorded() as calls:
            box(np.zeros((PROBE_LENGTHS[0][0], box.n_input)))
        return calls

    @contextlib.contextmanager
    def recorded(self) -> Iterator[list[tuple[str, tuple[int, ...]]]]:
        """Inside, every call is added to the list."""
        calls: list[tuple[str, tuple[int, ...]]] = []

        def hook(name: str) -> Callable[[Any, Any], None]:
            def before(part: Any, given: Any) -> None:
                calls.append((name, tuple(getattr(given[0], "shape", ())) if given else ()))

            return before

        handles = [
            part.register_forward_pre_hook(hook(name))
            for name, part in self._module.named_modules()
        ]
        try:
            yield calls
        finally:
            for handle in handles:
                handle.remove()


def as_box(module: Any) -> BlackBox:
    """The module as a function of a sequence of vectors.

    Raises
    ------
    InvalidInputError
        Where it takes no single sequence.
    """
    tables = [part for part in module.modules() if hasattr(part, "num_embeddings")]
    ways: list[tuple[Any, int]] = [(None, size) for size in _sizes(module)]
    ways += [(table, int(table.embedding_dim)) for table in tables]
    failures = []
    for (table, n_input), words in product(ways, (_BATCHES, _SINGLE)):
        kept = [word for word in words if n_input == 1 or word != "(batch, time)"]
        runs = {word: (_run(module, table, word), None) for word in kept}
        try:
            box = box_along_time(runs, n_input, _told_axis(module, runs, n_input))
        except InvalidInputError as error:
            failures.append(error)
            continue
        if table is not None:
            box.notes = ("its embedding left out: the inputs are its vectors", *box.notes)
        return box
    allowed = "a module whose parts tell its number of inputs"
    raise failures[0] if failures else InvalidInputError("network", allowed, "none")


def _sizes(module: Any) -> list[int]:
    """Numbers of inputs that the module may have: those of its parts, and the smaller ones."""
    found = [
        size
        for part in module.modules()
        for name in _SIZES
        if isinstance(size := getattr(part, name, None), int)
    ]
    smaller = range(1, min(max(found, default=1), _MOST_SIZES))  # beside which it puts others
    return list(dict.fromkeys([*found, *smaller]))


def _told_axis(module: Any, runs: dict[str, tuple[Run, None]], n_input: int) -> str | None:
    """The layout in which the recurrent parts run over the steps, if there are such."""
    parts = dict(module.named_modules())
    n_steps = PROBE_LENGTHS[0][0]
    for n_batch in (2, 1):
        for words, (run, _) in runs.items():
            with _Calls(module).recorded() as calls, contextlib.suppress(Exception):
                run(np.zeros((n_steps, n_batch, n_input)))
                for name, shape in calls:
                    if _steps_of(parts[name], name, shape, calls) == n_steps:
                        return words
    return None


def _steps_of(part: Any, name: str, shape: tuple[int, ...], calls: list[Any]) -> int | None:
    """Steps that a recurrent part runs over: along its input, or by being called for each."""
    if hasattr(part, "weight_hh") and hasattr(part, "hidden_size"):
        return sum(other == name for other, _ in calls)
    if not hasattr(part, "weight_hh_l0"):
        return None
    return shape[1 if part.batch_first and len(shape) == 3 else 0] if len(shape) > 1 else None


def _run(module: Any, table: Any, words: str) -> Run:
    """Runs of the module, evaluated, on batches in a layout."""

    def run(x: FloatArray) -> NDArray[Any]:
        torch = sys.modules["torch"]
        like = next((p for p in module.parameters() if p.is_floating_point()), torch.zeros(1))
        given = _LAYOUTS[words](torch.as_tensor(x).to(like.dtype).to(like.device))
        handle, vectors, called = None, None, list[Any]()

        def stands_in(part: Any, given: Any, output: Any) -> Any:
            called.append(part)
            return vectors

        if table is not None:  # it takes indices: any, for the vectors stand in for what it gives
            vectors, given = given, torch.zeros(given.shape[:-1], dtype=torch.long)
            handle = table.register_forward_hook(stands_in)
        modes = [(part, part.training) for part in module.modules()]
        module.eval()
        try:
            with torch.no_grad():
                y = _array(module(given))
            if table is not None and len(called) != 1:
                got = f"an embedding that is called {len(called)} times"
                raise InvalidInputError("network", "a module of one sequence", got)
            return y
        finally:
            for part, training in modes:
                part.training = training
            if handle is not None:
                handle.remove()

    return run


def _array(y: Any) -> NDArray[Any]:
    """The first tensor of what a module gives."""
    while not hasattr(y, "detach"):
        if hasattr(y, "batch_sizes"):
            y = sys.modules["torch"].nn.utils.rnn.pad_packed_sequence(y)[0]
        elif isinstance(y, dict) and y:
            y = next(iter(y.values()))
        elif isinstance(y, tuple | list) and y:
            y = y[0]
        else:
            raise InvalidInputError("network", "a module that gives tensors", type(y).__name__)
    found: NDArray[Any] = y.detach().cpu().double().numpy()
    return found

"""Models in memory: PyTorch modules and Keras models, known by what they can do.

What is read of one is held against the model itself; where it does more, it is taken as a function.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

import numpy as np

from memtools.exceptions import InvalidInputError, MemtoolsError, ModelFileError
from memtools.networks.callables import BLACK_BOX, PROBE_LENGTHS, BlackBox
from memtools.networks.files import flax, keras, torch_module
from memtools.networks.files.self_check import Model, Request, SelfCheck
from memtools.networks.files.state_dicts import network_from_groups
from memtools.networks.network import Network

_LENGTHS = (9, 50)  # of the inputs on which a model in memory is compared with what was read


def read(model: Any, request: Request) -> Model:
    """A network, or the model as a function, from a model in memory or a mapping of tensors."""
    cells, options = request.cells, request.options
    if hasattr(model, "get_config") and hasattr(model, "get_weights"):
        # first: on PyTorch's backend a Keras model has a state dict too
        return _held_against(
            partial(keras.as_box, model),
            lambda check: [partial(keras.read_model, model, request)],
            request,
        )
    if hasattr(model, "state_dict") and hasattr(model, "modules"):
        states = [model.state_dict()] if _is_part(request) else torch_module.orders(model)
        options = {**torch_module.told(model), **options}
        return _held_against(
            partial(torch_module.as_box, model),
            lambda check: [
                partial(network_from_groups, {"": state}, cells, options, check) for state in states
            ],
            request,
        )
    if isinstance(model, Mapping):
        if flax.has_names(model):
            return flax.network_of_tree(model, request)
        return network_from_groups({"": model}, cells, options, request.check)
    allowed = "a path, a torch module, a Keras model or a mapping of tensors"
    raise InvalidInputError("path", allowed, type(model).__name__)


def _is_part(request: Request) -> bool:
    """Whether the user asks for a part of the model."""
    return bool({"prefix", "read_out"} & set(request.options))


def _held_against(
    as_box: Callable[[], BlackBox],
    readings: Callable[[SelfCheck | None], list[Callable[[], Network]]],
    request: Request,
) -> Model:
    """The first reading that gives what the model itself gives; else the model as a function.

    Parameters
    ----------
    as_box : callable
        Makes the model a function of a sequence.
    readings : callable
        Readings of the model, from the check that may decide between several.
    request : Request
    """
    if _is_part(request):
        return readings(request.check)[0]()
    try:
        box = as_box()
    except MemtoolsError as error:
        network = readings(request.check)[-1]()
        if request.check is None:
            note = f"not held against the model itself, which does not run on a sequence ({error})"
            network.notes = (*network.notes, note)
        return network
    checks = _checks(box)
    failed: MemtoolsError = ModelFileError("it does more than the layers found in it")
    for reading in readings(checks[0]):
        try:
            network = reading()
        except MemtoolsError as error:
            failed = error
            continue
        if all(check.reproduces(network) for check in checks):
            steps = " and ".join(str(len(check.x)) for check in checks)
            note = f"held against the model itself on sequences of {steps} steps"
            kept = [note for note in network.notes if not note.startswith("checked")]
            network.notes = (*kept, note)
            return network
    cause = failed.__cause__ or failed  # without the ways that are left to a file
    reason = getattr(cause, "what", None) or str(cause)
    box.notes = (f"run as a function: {reason}", BLACK_BOX, *box.notes)
    return box


def _checks(box: BlackBox) -> list[SelfCheck]:
    """Noise of several lengths, as far as the model takes them, and what it gives."""
    checks = []
    for n_steps in (*_LENGTHS, *PROBE_LENGTHS[0]):
        x = np.random.default_rng(0).standard_normal((n_steps, box.n_batch or 1, box.n_input))
        with contextlib.suppress(InvalidInputError):
            checks.append(SelfCheck(x, box.own(x)))
        if len(checks) == len(_LENGTHS):
            break
    return checks

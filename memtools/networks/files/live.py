"""Models in memory: PyTorch modules and Keras models, known by what they can do."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from typing import Any

import numpy as np

from memtools._validate import FloatArray
from memtools.exceptions import InvalidInputError, MemtoolsError, ModelFileError
from memtools.networks.callables import BLACK_BOX
from memtools.networks.files import flax, keras
from memtools.networks.files.request import Request
from memtools.networks.files.self_check import SelfCheck
from memtools.networks.files.state_dicts import network_from_groups
from memtools.networks.network import Network

_STEPS = 9  # of the input on which a module in memory is compared with what was read


def read(model: Any, request: Request) -> Network:
    """A network from a torch module, a Keras model or layer, or a mapping of tensors."""
    if is_keras(model):  # first: on PyTorch's backend a Keras model has a state dict too
        return keras.read_model(model, request)
    if is_torch(model):
        return _from_torch(model, request)
    if isinstance(model, Mapping):
        if flax.has_names(model):
            return flax.network_of_tree(model, request)
        return network_from_groups({"": model}, request.cells, request.options, request.check)
    allowed = "a path, a torch module, a Keras model or a mapping of tensors"
    raise InvalidInputError("path", allowed, type(model).__name__)


def is_keras(model: Any) -> bool:
    """A Keras model or layer."""
    return hasattr(model, "get_config") and hasattr(model, "get_weights")


def is_torch(model: Any) -> bool:
    """A PyTorch module."""
    return hasattr(model, "state_dict") and hasattr(model, "modules")


def _from_torch(module: Any, request: Request) -> Network:
    """The network of a module's state dict, held against what the module itself gives."""
    options = {**_told(module), **request.options}
    check = request.check
    whole = not {"prefix", "read_out"} & set(request.options)
    if check is None and whole:
        check = _own_check(module)
    state = module.state_dict()
    if check is None:
        return network_from_groups({"": state}, request.cells, options, None)
    found = network_from_groups({"": state}, request.cells, options, check)
    if not check.reproduces(found) and request.check is None:
        raise ModelFileError(
            f"read as {found!r}, which differs from the module itself by {check.error(found):.3g}: "
            "it does more than its state dict tells; diagnose takes it as a function of a "
            "sequence, and so does impulse_weights"
        )
    return found


def _told(module: Any) -> dict[str, Any]:
    """What live PyTorch modules tell beyond their state dict."""
    found = {m.nonlinearity for m in module.modules() if hasattr(m, "nonlinearity")}
    return {"activation": found.pop()} if len(found) == 1 else {}


def _own_check(module: Any) -> SelfCheck | None:
    """Inputs, and what the module gives for them; None where it does not take a sequence alone."""
    function = torch_function(module)
    if function is None:
        return None
    x = np.random.default_rng(0).standard_normal((_STEPS, function.n_input))
    try:
        return SelfCheck(x, function.raw(x))
    except MemtoolsError:
        return None


class TorchFunction:
    """A torch module as a function from (n_steps, n_input) to (n_steps, n_output).

    Parameters
    ----------
    module : torch.nn.Module
    n_input : int
        Of its first recurrent module.
    batch_first : bool
    """

    def __init__(self, module: Any, n_input: int, batch_first: bool) -> None:
        self.module, self.n_input, self.batch_first = module, n_input, batch_first
        self.notes: tuple[str, ...] = (BLACK_BOX,)

    def raw(self, x: FloatArray) -> FloatArray:
        """What the module gives for one sequence, the axis of the batch taken away."""
        torch = sys.modules["torch"]
        like = next(self.module.parameters(), torch.zeros(1))
        axis = 0 if self.batch_first else 1
        given = torch.as_tensor(x).to(like.dtype).to(like.device).unsqueeze(axis)
        training = self.module.training
        self.module.eval()
        try:
            with torch.no_grad():
                y = self.module(given)
        except Exception as error:  # whatever the user's own code raises
            raise ModelFileError(f"the module does not take a sequence alone: {error}") from error
        finally:
            self.module.train(training)
        while isinstance(y, tuple | list) and y:
            y = y[0]
        if not hasattr(y, "detach"):
            raise ModelFileError(f"the module gives {type(y).__name__}, no tensor")
        values: FloatArray = y.detach().cpu().double().numpy()
        if values.ndim == 3:
            return np.asarray(values.take(0, axis=axis))
        return values[0] if values.ndim == 2 and len(values) == 1 else values

    def __call__(self, x: FloatArray) -> FloatArray:
        """The outputs at every step; of a module that gives the last alone, of every beginning."""
        y = self.raw(x)
        if y.ndim == 2 and len(y) == len(x):
            return y
        return np.stack([self.raw(x[: t + 1]).reshape(-1) for t in range(len(x))])


def torch_function(module: Any) -> TorchFunction | None:
    """The module as a function of a sequence of vectors, if its parts tell their number."""
    batch_first = any(getattr(part, "batch_first", False) for part in module.modules())
    for part in module.modules():
        if hasattr(part, "num_embeddings"):
            return None  # its inputs are no vectors but indices
        size = getattr(part, "input_size", getattr(part, "in_features", None))
        if isinstance(size, int):
            return TorchFunction(module, size, batch_first)
    return None


class KerasFunction:
    """A Keras model as a function from (n_steps, n_input) to (n_steps, n_output)."""

    def __init__(self, model: Any, n_input: int) -> None:
        self.model, self.n_input = model, n_input
        self.notes: tuple[str, ...] = (BLACK_BOX,)

    def __call__(self, x: FloatArray) -> FloatArray:
        """The outputs at every step; of a model that gives the last alone, of every beginning."""
        y = np.asarray(self.model.predict_on_batch(x[np.newaxis]), dtype=float)[0]
        if y.ndim == 2 and len(y) == len(x):
            return y
        starts = [x[np.newaxis, : t + 1] for t in range(len(x))]
        return np.stack([np.ravel(self.model.predict_on_batch(start)) for start in starts])


def as_function(model: Any) -> TorchFunction | KerasFunction | None:
    """A model in memory as a function of a sequence, None for what is none."""
    if is_keras(model):
        shape = getattr(model, "input_shape", None)
        known = isinstance(shape, tuple) and len(shape) == 3 and isinstance(shape[2], int)
        return KerasFunction(model, int(shape[2])) if known and shape is not None else None
    return torch_function(model) if is_torch(model) else None

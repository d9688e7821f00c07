"""Trained networks from files, without the frameworks that wrote them.

Nothing in a file is executed, and a damaged or hostile file costs little time and memory: it
ends in a :class:`~memtools.exceptions.ModelFileError`.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from numpy.typing import ArrayLike

from memtools import _validate
from memtools._output import write_whole
from memtools.exceptions import InvalidInputError, ModelFileError
from memtools.networks.activations import ACTIVATIONS, OUTPUT_ACTIVATIONS
from memtools.networks.callables import BlackBox
from memtools.networks.files import formats, live, opened, saved
from memtools.networks.files.self_check import Model, Request, SelfCheck
from memtools.networks.memory_filters import as_filter_length
from memtools.networks.network import Network
from memtools.networks.registry import cell_named


def load(
    path: Any,
    cell: str | type[Network] | Sequence[str | type[Network]] | None = None,
    activation: str | None = None,
    filter_length: float | None = None,
    prefix: str | None = None,
    read_out: str | Sequence[str] | None = None,
    template: Any = None,
    x: ArrayLike | None = None,
    y: ArrayLike | None = None,
    *,
    output_activation: str | None = None,
) -> Network | BlackBox:
    """Read a trained recurrent network from a file, or take it from a live model.

    Parameters
    ----------
    path : path-like, torch module, Keras model or mapping of str to array
        A safetensors file or the index (.json) of several, a PyTorch state dict or checkpoint
        (.pt, .pth), a NumPy archive (.npz) with the tensors by PyTorch's, the paper authors' or
        our own names, a Keras file (.keras, .h5), an ONNX file, Flax' (.msgpack), Equinox' (.eqx,
        with `template`); or the model itself, or its tensors.  The content decides, not the
        ending.
    cell : str, type or None
        The cell of the (first) recurrent layer, such as "LSTM" or "MRNNF"; None reads it from
        the file.
    activation : {"tanh", "sigmoid", "relu", "identity", "positive"} or None
        Of the hidden units; needed where the file does not tell it (a plain RNN's state dict).
    filter_length : int, math.inf or None
        K of MRNN and MLSTM, which no file but our own tells.
    prefix : str or None
        Read only the tensors whose names start so; of an ONNX graph the recurrent operation.
    read_out : str, sequence of str or None
        The layer to end with; or layers, and activations between them, in their order.
    template : module, mapping of str to shape, or None
        What names the arrays of an Equinox file: a module of its shape, or names and shapes in
        the order of its leaves.
    x, y : array_like or None
        Inputs, shape (n_steps, n_input) or (n_steps, n_batch, n_input), and the outputs that the
        framework gave for them (or the last step's): the network read must reproduce them.
    output_activation : {"identity", "tanh", "sigmoid", "relu", "softmax"} or None
        Of the read-out; None is what the file tells, else the identity ("tanh" for the authors'
        MRNNF, whose code has it).

    Returns
    -------
    Network or BlackBox
        `notes` tells what was assumed and what was left out.  A model that is more than layers
        that are read (an ONNX file or a model in memory) is a function of a sequence, with
        `n_input`, `n_output`, `forward` and `notes`.

    Raises
    ------
    ModelFileError
        Where the file cannot be read safely, says too little (the error names the argument that
        is wanted), or does not reproduce `y`.
    InvalidInputError
        Where an argument is not what it may be.

    Notes
    -----
    `y` is compared to 1e-4 of its largest value (at least 1): single precision over long
    sequences errs by less, a wrong order of gates by far more.

    Examples
    --------
    >>> import tempfile, numpy as np
    >>> from memtools import networks
    >>> cell = networks.LSTM.initialise(1, 2, 1, rng=0)
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     np.savez(f"{folder}/lstm.npz", **cell.params)
    ...     networks.load(f"{folder}/lstm.npz").n_hidden
    2
    """
    options = _options(activation, filter_length, output_activation)
    cells, options = _cell_classes(cell, options)
    if prefix is not None and not isinstance(prefix, str):
        raise InvalidInputError("prefix", "a string", repr(prefix))
    options |= {} if prefix is None else {"prefix": prefix}
    options |= {} if read_out is None else {"read_out": _as_read_out(read_out)}
    check = None if x is None and y is None else SelfCheck(x, y)
    request = Request(cells=cells, options=options, template=template, check=check)
    name = type(path).__name__
    try:
        if isinstance(path, str | os.PathLike):
            name = os.fspath(path)
            network: Model = opened.read(Path(path), request)
        else:
            network = live.read(path, request)
        if isinstance(network, Network):
            _require_told(cells, options, network)
        if check is not None:
            check.require(network)
    # Damaged bytes make the parsers below fail in any way; the user gets one error for all.
    except Exception as error:
        if isinstance(error, InvalidInputError) and error.name in ("x", "y", "path"):
            raise
        raise ModelFileError(f"{name}: {_reason(error)}") from error
    return network


def save(network: Network, path: str | os.PathLike[str]) -> None:
    """Write a network as a safetensors file, in double precision.

    Parameters
    ----------
    network : Network
    path : path-like
        Where to; an existing file is replaced.

    Raises
    ------
    OutputFileError
        Where the file cannot be written; what was there before stays as it was.

    Notes
    -----
    :func:`load` reads it back with all options, bit for bit.  PyTorch reads it too, with
    ``safetensors.torch.load_file``: the names are those of torch.nn's modules (``recurrent.`` and
    ``output.`` before them where the cell has a read-out), for MRNN and MLSTM those of the paper
    authors' modules (``load_state_dict(..., strict=False)``: theirs have unused tensors besides).

    Examples
    --------
    >>> import tempfile
    >>> from memtools import networks
    >>> cell = networks.MRNN.initialise(1, 2, 1, rng=0, filter_length=25)
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     networks.save(cell, f"{folder}/mrnn.safetensors")
    ...     networks.load(f"{folder}/mrnn.safetensors").filter_length
    25
    """
    write_whole(path, saved.to_bytes(network))


def _require_told(
    cells: Sequence[type[Network] | None], options: Mapping[str, Any], network: Network
) -> None:
    """What the user says is in the network, also where the file tells it all itself."""
    parts = list(network.cells())
    for cell in cells:
        if cell is not None and not any(isinstance(part, cell) for part in parts):
            raise ModelFileError(f"no {cell.__name__} in it, but {network!r}")
    for name in ("activation", "filter_length", "fixed_d", "output_activation"):
        if name not in options:
            continue
        places = parts[-1:] if name == "output_activation" else parts
        told = [getattr(part, name) for part in places if hasattr(part, name)]
        if told and options[name] not in told:
            found = " and ".join(dict.fromkeys(map(repr, told)))
            raise ModelFileError(f"{name} {options[name]!r} asked for, {found} in it: {network!r}")
        if not told and not any(name in note for note in network.notes):
            network.notes = (*network.notes, f"{name} not used: nothing in it has one")


def _reason(error: Exception) -> str:
    if isinstance(error, ModelFileError | InvalidInputError):
        return str(error)
    return f"a damaged file, or none of {formats.KINDS} ({type(error).__name__}: {error})"


def _options(
    activation: str | None, filter_length: float | None, output_activation: str | None
) -> dict[str, Any]:
    options: dict[str, Any] = {}
    if activation is not None:
        options["activation"] = _validate.as_choice(
            activation, "activation", [*ACTIVATIONS, "positive"]
        )
    if filter_length is not None:
        options["filter_length"] = as_filter_length(filter_length)
    if output_activation is not None:
        options["output_activation"] = _validate.as_choice(
            output_activation, "output_activation", [*OUTPUT_ACTIVATIONS]
        )
    return options


def _cell_classes(
    cell: str | type[Network] | Sequence[str | type[Network]] | None, options: dict[str, Any]
) -> tuple[tuple[type[Network] | None, ...], dict[str, Any]]:
    """The classes, and the options with what "MRNNF" says of d."""
    if cell is None or isinstance(cell, str | type):
        cell = [cell]  # type: ignore[list-item]
    if not isinstance(cell, Sequence) or not cell:
        raise InvalidInputError("cell", "a name, a class or a list of them", repr(cell))
    found: list[type[Network] | None] = []
    for item in cell:
        if item is None or (isinstance(item, type) and issubclass(item, Network)):
            found.append(item)
        else:
            kind, own = cell_named(item)
            found.append(kind)
            options = {**options, **own}
    return tuple(found), options


def _as_read_out(read_out: Any) -> str | list[str]:
    """A name, or names in order; one string may hold them with commas, as the command line does."""
    if isinstance(read_out, str):
        names = [name.strip() for name in read_out.split(",")]
        return names[0] if len(names) == 1 else names
    if isinstance(read_out, list | tuple) and all(isinstance(name, str) for name in read_out):
        return list(read_out)
    raise InvalidInputError("read_out", "a name, or a list of names in order", repr(read_out))

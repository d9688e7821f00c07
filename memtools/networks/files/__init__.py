"""Trained networks from files, without the frameworks that wrote them.

Nothing in a file is executed, and a damaged or hostile file costs little time and memory: it
ends in a :class:`~memtools.exceptions.ModelFileError`.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from memtools import _validate, networks
from memtools._output import write_whole
from memtools.exceptions import InvalidInputError, ModelFileError
from memtools.networks.activations import ACTIVATIONS, OUTPUT_ACTIVATIONS
from memtools.networks.files import hdf5, keras, live, npz, onnx, safetensors, saved, torch_pickle
from memtools.networks.files.archive import Archive
from memtools.networks.files.state_dicts import cells_of, network_from_groups
from memtools.networks.network import Cell, Network

CELLS = (
    "RNN",
    "LSTM",
    "GRU",
    "MRNN",
    "MRNNF",
    "MLSTM",
    "MLSTMF",
    "TwoLaneRNN",
    "RNN2",
    "RWA",
    "MIST",
)
# Of the comparison with y: see the notes of `load`.
_TOLERANCE = 1e-4
_KINDS = ".safetensors, .pt/.pth (state dicts), .npz, .keras, .h5, .onnx"


def load(
    path: Any,
    cell: str | type[Cell] | None = None,
    activation: str | None = None,
    filter_length: int | None = None,
    *,
    output_activation: str | None = None,
    prefix: str = "",
    x: ArrayLike | None = None,
    y: ArrayLike | None = None,
) -> Network:
    """Read a trained recurrent network from a file, or take it from a live model.

    Parameters
    ----------
    path : path-like, torch module or Keras model
        A safetensors file, a PyTorch state dict or checkpoint (.pt, .pth), a NumPy archive
        (.npz) with the tensors by PyTorch's, the paper authors' or our own names, a Keras file
        (.keras, .h5), an ONNX file; or the model itself.  The content decides, not the ending.
    cell : str, type or None
        The cell of the (first) recurrent layer, such as "LSTM" or "MRNNF"; None reads it from
        the file.
    activation : {"tanh", "sigmoid", "relu", "identity"} or None
        Of the hidden units; needed where the file does not tell it (a plain RNN's state dict).
    filter_length : int or None
        K of MRNN and MLSTM, which no file tells.
    output_activation : {"identity", "tanh", "sigmoid", "relu", "softmax"} or None
        Of the read-out; None is what the file tells, else the identity ("tanh" for the authors'
        MRNNF, whose code has it).
    prefix : str
        Read only the tensors whose names start so.
    x, y : array_like or None
        Inputs, shape (n_steps, n_input) or (n_steps, n_batch, n_input), and the outputs that the
        framework gave for them (or the last step's): the network read must reproduce them.

    Returns
    -------
    Network
        `notes` tells what was assumed and which tensors were not used.

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
    kind, options = _cell_class(cell, options)
    if not isinstance(prefix, str):
        raise InvalidInputError("prefix", "a string", repr(prefix))
    name = type(path).__name__
    try:
        if isinstance(path, str | os.PathLike):
            name = os.fspath(path)
            network = _from_file(Path(path), kind, options, prefix)
        else:
            network = live.read(path, kind, options, prefix)
        if kind is not None and not any(isinstance(part, kind) for part in cells_of(network)):
            raise ModelFileError(f"no {kind.__name__} in it, but {network!r}")
        if x is not None or y is not None:
            _reproduce(network, x, y)
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


def _reason(error: Exception) -> str:
    if isinstance(error, ModelFileError | InvalidInputError):
        return str(error)
    return f"a damaged file, or none of {_KINDS} ({type(error).__name__}: {error})"


def _options(
    activation: str | None, filter_length: int | None, output_activation: str | None
) -> dict[str, Any]:
    options: dict[str, Any] = {}
    if activation is not None:
        options["activation"] = _validate.as_choice(activation, "activation", [*ACTIVATIONS])
    if filter_length is not None:
        options["filter_length"] = _validate.as_integer(filter_length, "filter_length", 1)
    if output_activation is not None:
        options["output_activation"] = _validate.as_choice(
            output_activation, "output_activation", [*OUTPUT_ACTIVATIONS]
        )
    return options


def _cell_class(
    cell: str | type[Cell] | None, options: dict[str, Any]
) -> tuple[type[Cell] | None, dict[str, Any]]:
    """The class, and the options with what "MRNNF" says of d."""
    if cell is None or (isinstance(cell, type) and issubclass(cell, Cell)):
        return cell, options
    _validate.as_choice(cell, "cell", CELLS)
    if cell in ("MRNNF", "MLSTMF"):
        options = {**options, "fixed_d": True}
    name = {"RNN2": "TwoLaneRNN", "MRNNF": "MRNN", "MLSTMF": "MLSTM"}.get(str(cell), str(cell))
    return getattr(networks, name), options


def _from_file(
    path: Path, cell: type[Cell] | None, options: Mapping[str, Any], prefix: str
) -> Network:
    if not path.is_file():
        raise ModelFileError("no such file")
    data = path.read_bytes()
    if data.startswith(hdf5.START):
        return keras.read_h5(data)
    if data.startswith(b"PK"):
        archive = Archive(data)
        if "model.weights.h5" in archive:
            return keras.read_archive(archive)
        if any(name.endswith(".npy") for name in archive.names):
            groups: Mapping[str, Mapping[str, Any]] = {"": npz.read(archive)}
        else:
            groups = torch_pickle.read_archive(archive, len(data))
    elif data.startswith(torch_pickle.LEGACY_START):
        groups = torch_pickle.read_legacy(data)
    elif data[8:9] == b"{":
        tensors, metadata = safetensors.read(data)
        if saved.KEY in metadata:
            return saved.from_tensors(metadata[saved.KEY], tensors)
        groups = {"": tensors}
    elif data.startswith(b"\x80"):
        raise ModelFileError("a pickled object, which is never loaded; save the weights alone")
    elif data.startswith(b"\x08"):
        return onnx.read(data)
    else:
        raise ModelFileError(f"none of {_KINDS}")
    return network_from_groups(groups, cell, options, prefix)


def _reproduce(network: Network, x: ArrayLike | None, y: ArrayLike | None) -> None:
    """Run the network on x and compare with what the framework gave."""
    if x is None or y is None:
        raise InvalidInputError("y" if y is None else "x", "given with the other", "None")
    outputs, _ = network.forward(x)
    expected = _validate.as_array(y, "y")
    if expected.shape == outputs.shape[1:]:
        outputs = outputs[-1]
    if expected.shape != outputs.shape:
        raise InvalidInputError("y", f"of shape {outputs.shape}", f"shape {expected.shape}")
    error = float(np.abs(outputs - expected).max())
    if error > _TOLERANCE * max(1.0, float(np.abs(expected).max())):
        raise ModelFileError(
            f"the network read does not reproduce y: they differ by up to {error:.3g}; what the "
            f"file does not tell may be wrong (read as {network!r})"
        )

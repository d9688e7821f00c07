"""A file to a network: its content decides which reader."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from memtools.exceptions import ModelFileError
from memtools.networks.files import (
    equinox,
    flax,
    formats,
    hdf5,
    keras,
    npz,
    onnx,
    safetensors,
    saved,
    shards,
    torch_pickle,
)
from memtools.networks.files.archive import Archive
from memtools.networks.files.self_check import Model, Request
from memtools.networks.files.state_dicts import network_from_groups
from memtools.networks.network import Network


def read(path: Path, request: Request) -> Model:
    """The network of a file."""
    if path.is_dir():
        formats.refuse_folder(path)
    if not path.is_file():
        raise ModelFileError("no such file")
    formats.refuse_shard(path)
    data = path.read_bytes()
    if request.template is not None:
        return _by_names({"": equinox.read(data, request.template)}, request)
    if data[:1] == b"{" and path.name.endswith(".json"):
        return _of_json(path, data, request)
    if equinox.is_equinox(path, data):
        raise ModelFileError(equinox.ADVICE)
    formats.refuse_known(path, data)
    if data.startswith(hdf5.START):
        return keras.read_h5(data, request)
    if data.startswith(b"PK"):
        return _of_archive(Archive(data), len(data), request)
    if data.startswith(torch_pickle.LEGACY_START):
        return _by_names(torch_pickle.read_legacy(data), request)
    if data[8:9] == b"{":
        tensors, metadata = safetensors.read(data)
        if saved.KEY in metadata:
            request.refuse("prefix", "read_out")
            return saved.from_tensors(metadata[saved.KEY], tensors)
        return _by_names({"": tensors}, request, ordered=False)
    if data.startswith(b"\x80"):
        raise ModelFileError(
            "a pickled object, which is never loaded; save the weights alone, by name: "
            "numpy.savez(path, **arrays)"
        )
    if data.startswith(b"\x08"):
        return onnx.read(data, path.parent, request)
    if flax.is_tree(data):
        return _by_names({"": flax.read(data)}, request, ordered=False)
    raise ModelFileError(f"none of {formats.KINDS}")


def _of_json(path: Path, data: bytes, request: Request) -> Network:
    """The index of a model in several files."""
    index = json.loads(data)
    if isinstance(index, dict) and isinstance(index.get("weight_map"), dict):
        tensors = shards.read(path, index["weight_map"])
        return _by_names({"": tensors}, request, ordered=False)
    raise ModelFileError("a configuration, not the weights; give the model's file of weights")


def _of_archive(archive: Archive, size: int, request: Request) -> Network:
    if "model.weights.h5" in archive:
        return keras.read_archive(archive, request)
    if any(name.endswith(".npy") for name in archive.names):
        return _by_names({"": npz.read(archive)}, request)
    return _by_names(torch_pickle.read_archive(archive, size), request)


def _by_names(
    groups: Mapping[str, Mapping[str, Any]], request: Request, ordered: bool = True
) -> Network:
    """A network from named tensors: PyTorch's, the authors', our own, or Flax' names."""
    if len(groups) == 1 and flax.has_names(next(iter(groups.values()))):
        tensors = next(iter(groups.values()))
        return flax.network_of_tree(tensors, request)
    return network_from_groups(groups, request.cells, request.options, request.check, ordered)

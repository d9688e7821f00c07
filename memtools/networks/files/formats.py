"""What a file is, by its content; and what is said of those that hold no network to read."""

from __future__ import annotations

import re
from pathlib import Path

from memtools.exceptions import ModelFileError

KINDS = ".safetensors, .pt/.pth (state dicts), .npz, .keras, .h5, .onnx, .msgpack (Flax)"
_SHARD = re.compile(r".*-(\d{5})-of-(\d{5})\.(?:safetensors|bin|pt)")
# What files start with that are no model, or none that can be read; and what to do.
_STARTS = (
    (
        b"version https://git-lfs",
        "a Git LFS pointer, not the model: fetch it with 'git lfs pull', or download the file",
    ),
    (b"\x1f\x8b", "a gzip archive: unpack it (gunzip, tar -xzf) and give the model inside"),
    (b"BZh", "a bzip2 archive: unpack it (bunzip2) and give the model inside"),
    (b"\xfd7zXZ", "an xz archive: unpack it (unxz) and give the model inside"),
    (b"7z\xbc\xaf", "a 7z archive: unpack it and give the model inside"),
    (b"GGUF", "a GGUF file of quantised weights: give the model's safetensors file"),
    (b"\x93NUMPY", "a single NumPy array; arrays by name are an .npz (numpy.savez)"),
)


def refuse_known(path: Path, data: bytes) -> None:
    """Say of what is plainly no model what it is, and what to do."""
    start = data[:4096].lstrip()
    lowered = start[:64].lower()
    if lowered.startswith((b"<!doctype", b"<html", b"<?xml")):
        raise ModelFileError(
            "a web page, not a model: download the file itself (on a hub, the 'raw' or 'resolve' "
            "address, not the page that shows it)"
        )
    for mark, what in _STARTS:
        if data.startswith(mark):
            raise ModelFileError(what)
    if data[4:8] == b"TFL3":
        raise ModelFileError(
            "a TensorFlow Lite program; save the Keras model itself: model.save('name.keras')"
        )
    if data[257:262] == b"ustar":
        raise ModelFileError("a tar archive: unpack it (tar -xf) and give the model inside")
    if not data:
        raise ModelFileError("an empty file")
    if path.name.endswith((".index", ".data-00000-of-00001")) and not data.startswith(b"{"):
        raise ModelFileError(
            "a TensorFlow checkpoint, whose tensors are in no order and under no cell; load it in "
            "TensorFlow and save the model with model.save('name.keras'), or the arrays by "
            "PyTorch's names with numpy.savez"
        )


def refuse_folder(path: Path) -> None:
    """Say what a folder is."""
    names = sorted(item.name for item in path.iterdir())[:10_000]
    if "saved_model.pb" in names:
        raise ModelFileError(
            "a TensorFlow SavedModel folder; load it in TensorFlow and save the model as one file: "
            "model.save('name.keras')"
        )
    if any(name in names for name in ("_METADATA", "manifest.ocdbt", "_CHECKPOINT_METADATA")):
        raise ModelFileError(
            "an Orbax checkpoint folder; save the tree with flax.serialization.to_bytes(params) "
            "(.msgpack), or its arrays with numpy.savez"
        )
    for ending in (".index.json", ".safetensors", ".keras", ".onnx", ".pt", ".pth", ".npz", ".h5"):
        found = [name for name in names if name.endswith(ending)]
        if found:
            raise ModelFileError(f"a folder; give a file in it, such as {path / found[0]}")
    raise ModelFileError(f"a folder, not a file, and none of {KINDS} in it")


def refuse_shard(path: Path) -> None:
    """One of several files has a part of the weights only."""
    if match := _SHARD.fullmatch(path.name):
        stem = path.name[: match.start(1) - 1]
        index = f"{stem}{path.suffix}.index.json"
        raise ModelFileError(
            f"part {int(match[1])} of {int(match[2])} of a model: give its index, {index}"
        )

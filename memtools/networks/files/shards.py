"""A model in several safetensors or PyTorch files, with an index that says where each tensor is."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from memtools.exceptions import ModelFileError
from memtools.networks.files import safetensors, torch_pickle
from memtools.networks.files.archive import Archive

_MAX_FILES = 1000


def read(index: Path, places: Mapping[str, Any]) -> dict[str, Any]:
    """Tensors by name, from the files beside the index."""
    files = dict.fromkeys(places.values())
    if len(files) > _MAX_FILES:
        raise ModelFileError(f"an index of more than {_MAX_FILES} files")
    found: dict[str, Any] = {}
    for name in files:
        found |= _tensors(sibling(index.parent, name))
    missing = [name for name in places if name not in found]
    if missing:
        more = f" and {len(missing) - 1} more" if len(missing) > 1 else ""
        raise ModelFileError(f"tensor {missing[0]!r}{more} of the index is in none of its files")
    return {name: found[name] for name in places}


def sibling(folder: Path, name: Any) -> Path:
    """A plain file in that folder; names that lead elsewhere are refused."""
    if not isinstance(name, str) or not name or name != Path(name).name or "\\" in name:
        raise ModelFileError(f"a part {name!r} outside the model's folder, which is not opened")
    path = folder / name
    if path.is_symlink() and path.resolve().parent != folder.resolve():
        raise ModelFileError(f"a part {name!r} that links out of the model's folder")
    if not path.is_file():
        raise ModelFileError(f"its part {name!r} is not beside it in {folder}")
    return path


def _tensors(path: Path) -> dict[str, Any]:
    data = path.read_bytes()
    if data[8:9] == b"{":
        return dict(safetensors.read(data)[0])
    if data.startswith(b"PK"):
        groups = torch_pickle.read_archive(Archive(data), len(data))
        return {name: tensor for group in groups.values() for name, tensor in group.items()}
    raise ModelFileError(f"{path.name}: neither safetensors nor PyTorch's weights")

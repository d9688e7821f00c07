"""What a Keras model's configuration says of its layers and of which feeds which."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from memtools.exceptions import ModelFileError


def entries_of(model: dict[str, Any]) -> list[dict[str, Any]]:
    """Layers of a model's configuration; Keras 2.2's Sequential is a bare list of them."""
    config = model["config"]
    found: list[dict[str, Any]] = config if isinstance(config, list) else config["layers"]
    return found


def output_names(model: dict[str, Any]) -> list[str]:
    """Names of the layers that give a Functional model's outputs, the first first."""
    config = model["config"]
    given = config.get("output_layers", []) if isinstance(config, dict) else []
    if not isinstance(given, list):
        return list(_references(given))
    if len(given) == 3 and isinstance(given[0], str):
        given = [given]
    return [str(item[0]) for item in given]


def _references(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        for item in value.values():
            yield from _references(item)
    elif isinstance(value, list) and len(value) == 3 and isinstance(value[0], str):
        yield value[0]


def sources_of(inbound: Any, name: str) -> list[str]:
    """Names of the layers that feed a layer, from Keras 3's or Keras 2's description."""
    if isinstance(inbound, list) and len(inbound) > 1 and name:
        calls = [call for call in inbound if call]
        if len(calls) > 1:
            raise ModelFileError(f"layer {name!r} is used {len(calls)} times")
    return list(_histories(inbound, name))


def _histories(value: Any, name: str) -> Iterator[str]:
    if isinstance(value, dict):
        if "keras_history" in value:
            yield from _first_tensor(value["keras_history"], name)
            return
        for item in value.values():
            yield from _histories(item, name)
    elif isinstance(value, list):
        if len(value) in (3, 4) and isinstance(value[0], str) and isinstance(value[1], int):
            yield from _first_tensor(value, name)
            return
        for item in value:
            yield from _histories(item, name)


def _first_tensor(history: list[Any], name: str) -> Iterator[str]:
    source, _, tensor = history[:3]
    if tensor:
        raise ModelFileError(
            f"layer {name!r} takes the state of {source!r}: an encoder and a decoder, which are no "
            "row of layers; save each as a model of its own"
        )
    yield str(source)


def shape_of(shape: list[Any]) -> dict[str, Any]:
    """Size and steps from (batch, steps, size) or (batch, size)."""
    if len(shape) == 3:
        return {"size": shape[2], "steps": shape[1], "sequence": True}
    return {"size": None, "steps": None, "sequence": True}

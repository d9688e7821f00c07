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


def ends_of(model: dict[str, Any], key: str) -> list[tuple[str, int]]:
    """(layer, its call) of a Functional model's "input_layers" or "output_layers"."""
    config = model["config"]
    given = config.get(key, []) if isinstance(config, dict) else []
    if isinstance(given, list) and len(given) == 3 and isinstance(given[0], str):
        given = [given]
    return list(_references(given))


def _references(value: Any) -> Iterator[tuple[str, int]]:
    if isinstance(value, dict):
        value = list(value.values())
    for item in value if isinstance(value, list) else []:
        if isinstance(item, list) and len(item) == 3 and isinstance(item[0], str):
            yield str(item[0]), int(item[1])
        else:
            yield from _references(item)


def calls_of(inbound: Any, name: str) -> list[list[tuple[str, int]]]:
    """(layer, its call) that feed each call of a layer, by Keras 3's or Keras 2's description."""
    calls = inbound if isinstance(inbound, list) else [inbound]
    return [list(dict.fromkeys(_histories(call, name))) for call in calls if call]


def _histories(value: Any, name: str) -> Iterator[tuple[str, int]]:
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


def _first_tensor(history: list[Any], name: str) -> Iterator[tuple[str, int]]:
    source, call, tensor = history[:3]
    if tensor:
        raise ModelFileError(
            f"layer {name!r} takes the state of {source!r}: an encoder and a decoder, which are no "
            "row of layers; save each as a model of its own"
        )
    yield str(source), int(call)


def shape_of(shape: list[Any]) -> dict[str, Any]:
    """Size and steps from (batch, steps, size) or (batch, size)."""
    if len(shape) == 3:
        return {"size": shape[2], "steps": shape[1], "sequence": True}
    return {"size": None, "steps": None, "sequence": True}

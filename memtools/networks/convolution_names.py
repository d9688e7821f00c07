"""Temporal convolutional networks in a state dict, by the names of their release."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import numpy as np

from memtools.exceptions import InvalidInputError
from memtools.networks._tensors import Tensors, few
from memtools.networks.causal_convolution import CausalConvolution
from memtools.networks.graphs import INPUT, Graph
from memtools.networks.network import Network
from memtools.networks.parametrised import recomputed
from memtools.networks.pointwise import Activation
from memtools.networks.stacks import Linear, joined

_BLOCK = re.compile(
    r"((?:.*\.)?)network\.(\d+)\.(conv1|conv2|downsample)\.(weight|bias)", re.DOTALL
)
_COPY = re.compile(r"(?:.*\.)?network\.\d+\.net\.\d+\..*", re.DOTALL)


def read_convolutions(mapping: Mapping[str, Any], named: bool) -> Network | None:
    """The network of blocks network.0., network.1., ..., or one convolution; None without any.

    Parameters
    ----------
    mapping : mapping of str to array_like
    named : bool
        Whether the user says that it is a causal convolution.
    """
    notes: list[str] = []
    if not named and not any(re.search(r"network\.\d+\.conv1\.", str(name)) for name in mapping):
        return None
    # the release lists each convolution twice: by its name and in the row of its block
    own = {str(k): v for k, v in mapping.items() if not _COPY.fullmatch(str(k))}
    whole = recomputed(own, notes)
    tensors = Tensors(whole)
    blocks: dict[int, dict[str, str]] = {}
    stems = set()
    for name in tensors:
        if match := _BLOCK.fullmatch(name):
            blocks.setdefault(int(match[2]), {})[f"{match[3]}.{match[4]}"] = name
            stems.add(match[1])
    if not blocks:
        network: Network = CausalConvolution.from_torch_names(whole)
        network.notes = (*notes, "dilation=1 taken: the tensors do not tell")
        return network
    if len(stems) > 1 or sorted(blocks) != list(range(len(blocks))):
        got = few([f"{stem}network" for stem in sorted(stems)])
        raise InvalidInputError(
            "mapping", "one network.0., network.1., ...: choose by prefix=", got
        )
    stem = stems.pop()
    layers: list[Network] = [_block(tensors, blocks[i], stem, i) for i in range(len(blocks))]
    notes.append("dilations 1, 2, 4, ... a block and ReLU as released: the tensors do not tell")
    rest = [name for name in tensors if name not in tensors.used]
    matrices = [name for name in rest if name.endswith(".weight") and len(tensors.shape(name)) == 2]
    if len(matrices) == 1 and tensors.shape(matrices[0])[1] == layers[-1].n_output:
        weight, head = tensors.take(matrices[0], 2), f"{matrices[0].removesuffix('weight')}bias"
        bias = tensors.take(head, 1) if head in tensors else np.zeros(len(weight))
        layers.append(Linear({"weight": weight, "bias": bias}))
        rest = [name for name in rest if name not in tensors.used]
    if rest:
        raise InvalidInputError("mapping", "the tensors of convolutions and one linear layer",
                                f"also {few(rest)}")  # fmt: skip
    network = joined(layers)
    network.notes = tuple(notes)
    return network


def _block(tensors: Tensors, names: Mapping[str, str], stem: str, level: int) -> Graph:
    """relu(conv2(conv1(x)) + x), convolutions with ReLU, x through downsample if it is there."""
    layers: dict[str, CausalConvolution] = {}
    for part in ("conv1", "conv2", "downsample"):
        skip = part == "downsample"
        there = {"downsample.weight", "downsample.bias"} & set(names)
        if skip and not there and layers["conv1"].n_input == layers["conv2"].n_output:
            continue
        own = {}
        for leaf, ndim in (("weight", 3), ("bias", 1)):
            name = names.get(f"{part}.{leaf}", f"{stem}network.{level}.{part}.{leaf}")
            own[leaf] = tensors.take(name, ndim)
        layers[part] = CausalConvolution(
            own,
            dilation=1 if skip else 2**level,
            output_activation="identity" if skip else "relu",
        )
    skip_from = "downsample" if "downsample" in layers else INPUT
    nodes: list[Any] = [("conv1", layers["conv1"], [INPUT]), ("conv2", layers["conv2"], ["conv1"])]
    nodes += [("downsample", layers["downsample"], [INPUT])] if "downsample" in layers else []
    nodes.append(("sum", "add", ["conv2", skip_from]))
    nodes.append(("relu", Activation("relu", layers["conv2"].n_output), ["sum"]))
    return Graph(nodes, layers["conv1"].n_input)

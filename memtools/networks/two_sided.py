"""What of a network with layers that see the future runs forward."""

from __future__ import annotations

import numpy as np

from memtools.networks.graphs import INPUT, Graph
from memtools.networks.network import Network
from memtools.networks.pointwise import Affine
from memtools.networks.stacks import Bidirectional, Linear, Sequential
from memtools.networks.windows import Late, Repeated, Reversed, Window

FORWARD_NOTE = (
    "the network has layers that run backward: its output at a step depends on later inputs too, "
    "so that weights of past inputs do not describe it alone; what is said here is of its forward "
    "part, the outputs of the backward layers set to zero"
)


def forward_part(network: Network) -> Network:
    """The network with nothing of what looks ahead: outputs of backward layers are zeros.

    Parameters
    ----------
    network : Network

    Returns
    -------
    Network
        Causal; the network itself where it is.
    """
    if network.causal:
        return network
    if isinstance(network, Bidirectional):
        ahead, n_back = network.forward_layer, network.backward_layer.n_output
        both: list[tuple[str, Network | str, list[str]]] = [
            ("forward", forward_part(ahead), [INPUT]),
            ("backward", _zeros(network.n_input, n_back), [INPUT]),
            ("both", "concatenate", ["forward", "backward"]),
        ]
        part: Network = Graph(both, network.n_input)
    elif isinstance(network, Reversed):
        part = _zeros(network.n_input, network.n_output)
    elif isinstance(network, Window):
        seen = np.repeat([float(lag >= 0) for lag in network.lags], network.n_input)
        kept = Affine({"scale": seen, "shift": np.zeros(len(seen))})
        part = Sequential([Window([max(lag, 0) for lag in network.lags], network.n_input), kept])
    elif isinstance(network, Sequential):
        part = Sequential([forward_part(layer) for layer in network.layers])
    elif isinstance(network, Late):
        part = Late(forward_part(network.layer), network.n_steps)
    elif isinstance(network, Repeated):
        part = Repeated(forward_part(network.layer), network.n_steps, last=network.last)
    elif isinstance(network, Graph):
        nodes = [
            (name, forward_part(layer) if isinstance(layer, Network) else layer, sources)
            for name, layer, sources in network.nodes
        ]
        part = Graph(nodes, network.n_input)
    else:
        return network
    part.notes = (*network.notes, FORWARD_NOTE)
    return part


def _zeros(n_input: int, n_output: int) -> Linear:
    return Linear({"weight": np.zeros((n_output, n_input)), "bias": np.zeros(n_output)})

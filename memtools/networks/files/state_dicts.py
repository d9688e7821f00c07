"""From named tensors of a file to a network: which container, which names, what they lack."""

from __future__ import annotations

import re
import warnings
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from memtools.exceptions import InvalidInputError, MemtoolsWarning, ModelFileError
from memtools.networks._tensors import LANES, UntoldError, few
from memtools.networks.cells import LSTM, RNN
from memtools.networks.files.self_check import SelfCheck
from memtools.networks.lane_cells import MRNN
from memtools.networks.network import Network
from memtools.networks.other_layers import TO_CHECK
from memtools.networks.released_layer import ReleasedLayer
from memtools.networks.released_names import read_released, released_layers
from memtools.networks.torch_names import Readings, readings

_OUTPUT = "output_activation"
_START = re.compile(
    r"(?:^|[._])(?:h_?0|c_?0|h_?init|c_?init|init(?:ial)?_?(?:h|c|state|hidden)\w*)$"
)
# Ways that are open to every state dict.
_LAST_WAYS = (
    "the model itself in place of its file, an ONNX file of it, or a function of a sequence"
)
_OTHER_WAYS = (
    "x and y (what the model gives for x), with which the usual orders and activations are tried, "
    + _LAST_WAYS
)


def network_from_groups(
    groups: Mapping[str, Mapping[str, Any]],
    cells: Sequence[type[Network] | None],
    options: Mapping[str, Any],
    check: SelfCheck | None = None,
    ordered: bool = True,
) -> Network:
    """The one network among the containers of a checkpoint.

    Parameters
    ----------
    groups : mapping
        Tensors by name, by path of their container.
    cells : sequence of type or None
        Of the recurrent layers, as the user says them.
    options : mapping
        Keyword arguments of the cells, `prefix` and `read_out`.
    check : SelfCheck or None
        Decides where the tensors leave several networks possible.
    ordered : bool
        Whether the tensors stand in the order in which their layers were made.
    """
    options = dict(options)
    prefix = options.pop("prefix", None) or ""
    chosen = _starting(groups, prefix)
    released = [group for group in chosen.values() if released_layers(group)]
    if len(released) < 2 or _is_released(cells[0]):
        tensors = (released or list(chosen.values()))[0]
        layer = read_released(tensors, cells[0], options, bool(prefix))
        if layer is not None:
            return layer
    recurrent = {path: group for path, group in chosen.items() if any(map(_is_recurrent, group))}
    if len(recurrent) > 1:
        names = few(list(recurrent))
        first = f"{next(iter(recurrent))}."
        raise ModelFileError(f"networks in {names}: choose one by prefix={first!r}")
    path, tensors = next(iter((recurrent or chosen).items()))
    if prefix:
        options["prefix"] = ""  # done here; yet a part was chosen
    try:
        # a released layer has been read or refused above: these are cells
        found = readings(cells, tensors, options, ordered, chosen=bool(prefix))  # type: ignore[arg-type]
    except UntoldError as error:
        ways = f"{error.ways}; or " if error.ways else ""
        raise ModelFileError(f"{error.what}: {ways}give {_LAST_WAYS}") from error
    network = _decided(found, check, options)
    left = [name for name in groups[path] if name not in tensors]
    if left:
        network.notes = (*network.notes, f"left out by prefix=: {few(left)}")
    starts = [name for name in (*left, *tensors) if _START.search(name.lower())]
    if starts:
        note = f"{few(starts)} may be an initial state: here it is zero"
        network.notes = (*network.notes, note)
    authors = any(LANES.fullmatch(name) for name in tensors)
    theirs = isinstance(network, MRNN) and network.fixed_d and network.filter == "fractional"
    if theirs and authors and _OUTPUT not in options:
        notes = (*network.notes, "read-out activation tanh, as in the authors' MRNNF code")
        network = MRNN(network.params, **{**network.options, _OUTPUT: "tanh"})  # type: ignore[attr-defined]
        network.notes = notes
    for part in network.cells():
        if isinstance(part, LSTM):
            _warn_of_order(part)
    return network


def _decided(found: Readings, check: SelfCheck | None, options: Mapping[str, Any]) -> Network:
    """The network that the tensors tell; where they do not, the one that reproduces y."""
    doubt = found.reading.doubt
    if check is None and doubt is not None:
        raise ModelFileError(f"{doubt.what}: {doubt.ways}; or give {_OTHER_WAYS}") from doubt
    if check is None:
        return next(found.networks())
    n_input, sizes = check.x.shape[-1], set[int]()
    for network in found.tried():
        sizes.add(network.n_input)
        if network.n_input != n_input:
            continue
        for candidate in (network, *_with_relu(network, options)):
            if check.reproduces(candidate):
                kept = [note for note in candidate.notes if not note.endswith(TO_CHECK)]
                candidate.notes = (*kept, "checked: it reproduces y")
                return candidate
    if n_input not in sizes:
        allowed = " or ".join(f"(n_steps, {size})" for size in sorted(sizes))
        raise InvalidInputError("x", f"of shape {allowed}", f"shape {check.x.shape}")
    if doubt is not None:
        raise ModelFileError(
            f"{doubt.what}, and of what was tried (orders, usual activations) nothing reproduces "
            f"y: {doubt.ways}; or give {_LAST_WAYS}"
        ) from doubt
    return next(found.networks())  # whose error then says by how much it differs


def _with_relu(network: Network, options: Mapping[str, Any]) -> list[Network]:
    """The network with ReLU in its plain RNNs, where nobody said their activation."""
    if "activation" in options or not any(type(part) is RNN for part in network.cells()):
        return []
    other = network.mapped(_rectified)
    kept = [note for note in network.notes if "is taken" not in note]
    other.notes = (*kept, "activation of the RNN: relu, found by x and y")
    return [other]


def _rectified(cell: Network) -> Network:
    if type(cell) is not RNN:
        return cell
    return RNN(cell.params, **{**cell.options, "activation": "relu"})


def _warn_of_order(cell: LSTM) -> None:
    """Biases near 1 mark the forget gate: frameworks start it there, and training keeps it near."""
    biases = np.split(cell.params["bias_ih"] + cell.params["bias_hh"], 4)
    near_one = [i for i, b in enumerate(biases) if abs(b.mean() - 1.0) < 0.2 and b.std() < 0.2]
    if cell.n_hidden >= 4 and len(near_one) == 1 and near_one != [1]:
        block = "ifgo"[near_one[0]]
        warnings.warn(
            f"the biases near 1 of an LSTM stand in block {block}, not in f: are the gates in the "
            "order i, f, g, o? Give x and y to check",
            MemtoolsWarning,
            stacklevel=5,
        )


def _starting(groups: Mapping[str, Mapping[str, Any]], prefix: str) -> dict[str, dict[str, Any]]:
    """The tensors of that module, else those whose names start so, by container."""
    for start in (f"{prefix.rstrip('.')}.", prefix) if prefix else ("",):
        chosen = {
            path: {
                name: value
                for name, value in group.items()
                if (f"{path}.{name}" if path else name).startswith(start)
            }
            for path, group in groups.items()
        }
        if any(chosen.values()):
            return {path: group for path, group in chosen.items() if group}
    names = [name for group in groups.values() for name in group]
    raise ModelFileError(f"no tensors with prefix {prefix!r}; found {few(names)}")


def _is_released(cell: type[Network] | None) -> bool:
    return cell is not None and issubclass(cell, ReleasedLayer)


def _is_recurrent(name: str) -> bool:
    return any(
        part in name for part in ("weight_hh", "w_hh", "m_m.weight", "mm.weight", "_gate.", "gate.")
    )

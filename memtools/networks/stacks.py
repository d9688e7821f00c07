"""Layers put together: Sequential, both directions, and a linear layer without memory."""

from __future__ import annotations

import math
from abc import abstractmethod
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Self

import numpy as np

from memtools import _validate
from memtools._validate import FloatArray
from memtools.exceptions import InvalidInputError
from memtools.networks._parameters import Shapes, check_params
from memtools.networks.activations import OUTPUT_ACTIVATIONS
from memtools.networks.network import Network, State
from memtools.networks.packing import Packing
from memtools.networks.recurrent_cell import BOUNDED, Cell
from memtools.networks.tapes import Array, Gradient, Tape, with_read_out

_LINEAR: Shapes = {"weight": ("O I", "I"), "bias": ("O", "I")}


class Linear(Network):
    """A layer without memory, z_t = g(W x_t + b).

    Parameters
    ----------
    params : mapping of str to array_like
        weight (O, I), bias (O,).
    output_activation : {"identity", "tanh", "sigmoid", "relu", "softmax"}
    """

    def __init__(self, params: Mapping[str, Any], *, output_activation: str = "identity") -> None:
        self.output_activation: str = _validate.as_choice(
            output_activation, "output_activation", [*OUTPUT_ACTIVATIONS]
        )
        self.params, sizes = check_params(params, _LINEAR, (), "Linear")
        self.n_input, self.n_output = sizes["I"], sizes["O"]

    @classmethod
    def from_params(cls, params: Mapping[str, Any], **options: Any) -> Self:
        """Build the layer from its parameters."""
        return cls(params, **options)

    def replace(self, params: Mapping[str, Any]) -> Self:
        return type(self)(params, output_activation=self.output_activation)

    def initial_state(self, n_batch: int) -> State:
        return ()

    def step(self, x: FloatArray, state: State) -> tuple[FloatArray, State]:
        z = x @ self.params["weight"].T + self.params["bias"]
        return OUTPUT_ACTIVATIONS[self.output_activation](z), state

    def record(self, x: FloatArray, state: State) -> Tape:
        inputs = Tape(x, state, lambda dx: ({}, lambda: dx))
        return with_read_out(inputs, self.params, self.output_activation, "weight", "bias")

    packs = True

    def record_packed(self, x: Array, packing: Packing) -> Tape:
        return self.record(x, ())

    @property
    def is_linear(self) -> bool:
        return self.output_activation == "identity"

    def output_bound(self, input_bound: float) -> float:
        if self.output_activation in BOUNDED:
            return 1.0
        p = self.params
        return float((np.abs(p["weight"]).sum(axis=1) * input_bound + np.abs(p["bias"])).max())

    def __repr__(self) -> str:
        sizes = f"n_input={self.n_input}, n_output={self.n_output}"
        return f"Linear({sizes}, output_activation={self.output_activation!r})"


class Compound(Network):
    """A network of networks: parameters and states of the parts side by side."""

    parts: dict[str, Network]

    @property
    def params(self) -> dict[str, FloatArray]:  # type: ignore[override]
        """All parameters, each under ``part.name``."""
        return {
            f"{label}.{key}": value
            for label, part in self.parts.items()
            for key, value in part.params.items()
        }

    def _params_of_parts(self, params: Mapping[str, Any]) -> list[dict[str, Any]]:
        groups: dict[str, dict[str, Any]] = {label: {} for label in self.parts}
        for key, value in params.items():
            label, _, rest = key.partition(".")
            if label not in groups:
                allowed = f"names that start with {', '.join(f'{part}.' for part in self.parts)}"
                raise InvalidInputError("params", allowed, repr(key))
            groups[label][rest] = value
        return list(groups.values())

    def replace(self, params: Mapping[str, Any]) -> Self:
        groups = zip(self.parts.values(), self._params_of_parts(params), strict=True)
        return self._of([part.replace(group) for part, group in groups])

    def with_values(self, params: dict[str, FloatArray]) -> Self:
        groups = zip(self.parts.values(), self._params_of_parts(params), strict=True)
        return self._of([part.with_values(group) for part, group in groups])

    @abstractmethod
    def _of(self, parts: Sequence[Network]) -> Self:
        """The same of other parts."""

    def cells(self) -> Iterator[Network]:
        for part in self.parts.values():
            yield from part.cells()

    def mapped(self, change: Callable[[Network], Network]) -> Network:
        return self._of([part.mapped(change) for part in self.parts.values()])

    def _seeing_the_past(self) -> Network:
        return self._of([part.forward_part() for part in self.parts.values()])

    @property
    def causal(self) -> bool:  # type: ignore[override]
        return all(part.causal for part in self.parts.values())

    def initial_state(self, n_batch: int) -> State:
        return tuple(part.initial_state(n_batch) for part in self.parts.values())

    def __repr__(self) -> str:
        return f"{type(self).__name__}({', '.join(map(repr, self.parts.values()))})"


class Sequential(Compound):
    """Layers one after the other, each fed with the outputs of the one before.

    Parameters
    ----------
    layers : sequence of Network
        At least one; sizes must fit.  Parameters are named ``0.weight_ih``, ``1.weight_ih``, ...

    Notes
    -----
    The state is the tuple of the layers' states.

    Examples
    --------
    >>> from memtools import networks
    >>> first = networks.MRNN.initialise(1, 4, 4, rng=0, filter_length=50, fixed_d=True)
    >>> second = networks.LSTM.initialise(4, 4, 5, rng=1, output_activation="softmax")
    >>> networks.Sequential([first, second]).n_output
    5
    """

    def __init__(self, layers: Sequence[Network]) -> None:
        if isinstance(layers, Network):
            raise InvalidInputError("layers", "a sequence of networks", "one network")
        self.layers = tuple(layers)
        if not self.layers or not all(isinstance(layer, Network) for layer in self.layers):
            kinds = ", ".join(type(layer).__name__ for layer in self.layers) or "nothing"
            raise InvalidInputError("layers", "a non-empty sequence of networks", kinds)
        for i in range(1, len(self.layers)):
            n_from, n_to = self.layers[i - 1].n_output, self.layers[i].n_input
            if n_from != n_to:
                allowed = f"layers that fit (layer {i} takes {n_to} inputs)"
                raise InvalidInputError("layers", allowed, f"{n_from} outputs of layer {i - 1}")
        self.parts = {str(i): layer for i, layer in enumerate(self.layers)}
        self.n_input, self.n_output = self.layers[0].n_input, self.layers[-1].n_output

    def _of(self, parts: Sequence[Network]) -> Self:
        return type(self)(parts)

    def step(self, x: FloatArray, state: State) -> tuple[FloatArray, State]:
        return self._in_turn(x, state, lambda layer: layer.step)

    def _run_steps(self, x: FloatArray, state: State) -> tuple[FloatArray, State]:
        # Layer by layer, not step by step: a layer of both directions needs the whole sequence.
        return self._in_turn(x, state, lambda layer: layer._run_steps)

    def _in_turn(
        self, x: FloatArray, state: State, run: Callable[[Network], Any]
    ) -> tuple[FloatArray, State]:
        states = []
        for layer, part in zip(self.layers, state, strict=True):
            x, after = run(layer)(x, part)
            states.append(after)
        return x, tuple(states)

    def record(self, x: FloatArray, state: State) -> Tape:
        tapes: list[Tape] = []
        for layer, part in zip(self.layers, state, strict=True):
            tapes.append(layer.record(tapes[-1].outputs if tapes else x, part))
        return self._joined_tape(tapes)

    def record_packed(self, x: Array, packing: Packing) -> Tape:
        tapes: list[Tape] = []
        for layer in self.layers:
            tapes.append(layer.record_packed(tapes[-1].outputs if tapes else x, packing))
        return self._joined_tape(tapes)

    @property
    def packs(self) -> bool:  # type: ignore[override]
        return all(layer.packs for layer in self.layers)

    def _joined_tape(self, tapes: list[Tape]) -> Tape:
        gates = {
            f"layer {label} {name}": values
            for label, tape in zip(self.parts, tapes, strict=True)
            for name, values in tape.gates.items()
        }

        def backward(dz: FloatArray) -> tuple[Gradient, Callable[[], FloatArray]]:
            gradient: Gradient = {}
            for label, tape in zip(reversed(self.parts), reversed(tapes), strict=True):
                own, dx = tape.backward(dz)
                gradient |= {f"{label}.{name}": value for name, value in own.items()}
                dz = dx() if label != "0" else dz
            return gradient, dx

        end = tuple(tape.end for tape in tapes)
        return Tape(tapes[-1].outputs, end, backward, gates)

    @property
    def is_linear(self) -> bool:
        return all(layer.is_linear for layer in self.layers)

    @property
    def last_lag(self) -> float:
        return math.fsum(layer.last_lag for layer in self.layers)

    @property
    def has_filter(self) -> bool:  # type: ignore[override]
        return any(layer.has_filter for layer in self.layers)


class Bidirectional(Compound):
    """Two networks, one run forward and one backward; outputs joined in that order.

    Parameters
    ----------
    forward_layer, backward_layer : Network
        Of equal input size.  Parameters are named ``forward.weight_ih``, ...

    Notes
    -----
    The state is (state of the forward layer after the last step, state of the backward layer
    after the first step).  Such a layer sees the future: it has no `step`.
    """

    def __init__(self, forward_layer: Network, backward_layer: Network) -> None:
        for name, layer in [("forward_layer", forward_layer), ("backward_layer", backward_layer)]:
            if not isinstance(layer, Network):
                raise InvalidInputError(name, "a network", type(layer).__name__)
        if forward_layer.n_input != backward_layer.n_input:
            allowed = f"of {forward_layer.n_input} inputs"
            raise InvalidInputError("backward_layer", allowed, str(backward_layer.n_input))
        self.forward_layer, self.backward_layer = forward_layer, backward_layer
        self.parts = {"forward": forward_layer, "backward": backward_layer}
        self.n_input = forward_layer.n_input
        self.n_output = forward_layer.n_output + backward_layer.n_output

    causal = False

    def _of(self, parts: Sequence[Network]) -> Self:
        return type(self)(*parts)

    def _seeing_the_past(self) -> Network:
        ahead = self.forward_layer.forward_part()
        room = np.eye(self.n_output, ahead.n_output)
        return Sequential([ahead, Linear({"weight": room, "bias": np.zeros(self.n_output)})])

    def step(self, x: FloatArray, state: State) -> tuple[FloatArray, State]:
        raise InvalidInputError(
            "network", "causal (a backward layer needs the whole sequence)", repr(self)
        )

    def _run_steps(self, x: FloatArray, state: State) -> tuple[FloatArray, State]:
        ahead, state_ahead = self.forward_layer._run_steps(x, state[0])
        back, state_back = self.backward_layer._run_steps(x[::-1], state[1])
        return np.concatenate([ahead, back[::-1]], axis=-1), (state_ahead, state_back)

    def record(self, x: FloatArray, state: State) -> Tape:
        ahead = self.forward_layer.record(x, state[0])
        back = self.backward_layer.record(np.ascontiguousarray(x[::-1]), state[1])

        def backward(dz: FloatArray) -> tuple[Gradient, Callable[[], FloatArray]]:
            # the backward layer starts at the end, which may have no part in the loss
            padded = np.zeros((len(x), *dz.shape[1:]))
            padded[: len(dz)] = dz
            n = self.forward_layer.n_output
            own, dx = ahead.backward(padded[..., :n])
            other, dx_back = back.backward(padded[::-1, :, n:])
            gradient = {f"forward.{name}": value for name, value in own.items()}
            gradient |= {f"backward.{name}": value for name, value in other.items()}
            return gradient, lambda: (dx() + dx_back()[::-1])[: len(dz)]

        outputs = np.concatenate([ahead.outputs, back.outputs[::-1]], axis=-1)
        return Tape(outputs, (ahead.end, back.end), backward)


def add_read_out(
    layers: list[Network], weight: FloatArray, bias: FloatArray, output_activation: str
) -> None:
    """Read out the last layer: in its own cell where that has none yet, else by a new layer."""
    last = layers[-1]
    if isinstance(last, Cell) and last._optional and "weight_hz" not in last.params:
        params = {**last.params, "weight_hz": weight, "bias_z": bias}
        options = {**last.options, "output_activation": output_activation}
        layers[-1] = type(last)(params, **options)
    else:
        params = {"weight": weight, "bias": bias}
        layers.append(Linear(params, output_activation=output_activation))


def joined(layers: Sequence[Network]) -> Network:
    """One layer as it is, several as a Sequential."""
    return layers[0] if len(layers) == 1 else Sequential(layers)

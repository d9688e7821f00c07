"""What every recurrent cell answers: parameters, read-out, tape, gates and bounds."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from functools import cached_property
from typing import Any, ClassVar, Self

import numpy as np

import memtools
from memtools import _validate
from memtools._validate import FloatArray, RandomState
from memtools.exceptions import InvalidInputError
from memtools.networks._parameters import Shapes, check_params, draw_params
from memtools.networks.activations import ACTIVATIONS, OUTPUT_ACTIVATIONS, sigmoid
from memtools.networks.network import KernelsOfOne, Network
from memtools.networks.packing import Packing
from memtools.networks.tapes import Array, State, Tape, with_read_out
from memtools.results.networks import ErgodicityReport

_READ_OUT = ("weight_hz", "weight_mz")
BOUNDED = ("tanh", "sigmoid", "softmax")


class Cell(Network):
    """One recurrent layer with its read-out, z_t = g(W_z [...] + b_z).

    Parameters
    ----------
    params : mapping of str to array_like
        All the parameters of the cell, by name; finite.
    activation : {"tanh", "sigmoid", "relu", "identity"}
        sigma, of the hidden units.
    output_activation : {"identity", "tanh", "sigmoid", "relu", "softmax"}
        g, of the read-out.

    Attributes
    ----------
    n_hidden : int
    """

    # All parameters with shape and fan-in; `_optional` names those of an optional read-out.
    _shapes: ClassVar[Shapes]
    _optional: ClassVar[tuple[str, ...]] = ("weight_hz", "bias_z")
    state_names: ClassVar[tuple[str, ...]]
    # Whether PyTorch has the cell, by its names weight_ih, weight_hh, bias_ih, bias_hh.
    in_torch: ClassVar[bool] = False
    # Name of the kernels of one unit, where they win.
    _one: ClassVar[str | None] = None
    _activations: ClassVar[tuple[str, ...]] = tuple(ACTIVATIONS)
    # gate -> its block among the `_n_blocks` of the pre-activations
    _n_blocks: ClassVar[int] = 1
    _gate_blocks: ClassVar[Mapping[str, int]] = {}
    # Of the gates of a step.
    gate: Callable[[FloatArray], FloatArray] = staticmethod(sigmoid)
    # The theorem by which a bounded activation bounds all states, for any weights.
    _bounded_by: ClassVar[str | None] = None

    def __init__(
        self,
        params: Mapping[str, Any],
        *,
        activation: str = "tanh",
        output_activation: str = "identity",
    ) -> None:
        known = list(self._activations)
        self.activation: str = _validate.as_choice(activation, "activation", known)
        self.output_activation: str = _validate.as_choice(
            output_activation, "output_activation", [*OUTPUT_ACTIVATIONS]
        )
        shapes = self._shapes_for(self.options)
        self.params, self._sizes = check_params(params, shapes, self._optional, type(self).__name__)
        self.n_input, self.n_hidden = self._sizes["I"], self._sizes["H"]
        self.n_output = self._sizes.get("O", self.n_hidden)

    @property
    def options(self) -> dict[str, Any]:
        """Keyword arguments that, with `params`, build this cell again."""
        return {name: getattr(self, name) for name in self.option_names()}

    @classmethod
    def option_names(cls) -> tuple[str, ...]:
        """Keyword arguments of the class."""
        return "activation", "output_activation"

    def torch_names(self) -> dict[str, FloatArray]:
        """Parameters as PyTorch's modules, or the paper authors', name them; else as we do."""
        return dict(self.params)

    @classmethod
    def _shapes_for(cls, options: Mapping[str, Any]) -> Shapes:
        return cls._shapes

    @classmethod
    def from_params(cls, params: Mapping[str, Any], **options: Any) -> Self:
        """Build the cell from its parameters.

        Parameters
        ----------
        params : mapping of str to array_like
            Names and shapes as the class lists them.
        **options
            Keyword arguments of the class.
        """
        return cls(params, **options)

    @classmethod
    def from_torch_names(cls, mapping: Mapping[str, Any], **options: Any) -> Network:
        """Build the network from PyTorch's, or the paper authors', parameter names.

        Parameters
        ----------
        mapping : mapping of str to array_like
            A state dict as arrays; prefixes such as ``lstm.`` may stand before the names.
        **options
            Keyword arguments of the class: what a state dict does not hold.

        Returns
        -------
        Network
            A cell, or a Sequential where the tensors tell of several layers or directions;
            `notes` names the tensors that were not used.
        """
        network: Network = memtools._registered("reader of torch names").network_from_torch(
            cls, mapping, options
        )
        return network

    @classmethod
    def initialise(
        cls,
        n_input: int,
        n_hidden: int,
        n_output: int | None = None,
        rng: RandomState = None,
        filter_length: float = 100,
        **options: Any,
    ) -> Self:
        """Build the cell with random initial values, as PyTorch draws them.

        Parameters
        ----------
        n_input, n_hidden : int
        n_output : int or None
            None leaves the read-out away: the outputs are the hidden units.
        rng : int, SeedSequence, Generator or None
        filter_length : int or math.inf
            K, the filter's (MIST: the longest delay's) number of lags, ``math.inf`` for the whole
            past; other cells have none.
        **options
            Keyword arguments of the class.

        Returns
        -------
        Cell
            Values uniform on (-1, 1) / sqrt(fan-in); a constant d starts at 1/4.
        """
        whole = cls.has_filter and filter_length == math.inf  # K = 0 stands for no end
        sizes = {
            "I": _validate.as_integer(n_input, "n_input", 1),
            "H": _validate.as_integer(n_hidden, "n_hidden", 1),
            "K": 0 if whole else _validate.as_integer(filter_length, "filter_length", 1),
        }
        sizes["N"] = sizes["K"].bit_length()  # delays 1, 2, 4, ... <= K
        sizes |= cls._own_sizes(options)
        shapes = dict(cls._shapes_for(options))
        if n_output is not None:
            sizes["O"] = _validate.as_integer(n_output, "n_output", 1)
        elif not cls._optional:
            raise InvalidInputError("n_output", f"an integer for {cls.__name__}", "None")
        else:
            shapes = {key: value for key, value in shapes.items() if key not in cls._optional}
        params = draw_params(shapes, sizes, _validate.as_rng(rng))
        return cls._initialised(params, sizes, options)

    @classmethod
    def _own_sizes(cls, options: dict[str, Any]) -> dict[str, int]:
        """Further sizes, taken out of the options."""
        return {}

    @classmethod
    def _initialised(
        cls, params: dict[str, FloatArray], sizes: Mapping[str, int], options: dict[str, Any]
    ) -> Self:
        return cls(params, **options)

    def initial_state(self, n_batch: int) -> State:
        return tuple(np.zeros((n_batch, self.n_hidden)) for _ in self.state_names)

    def replace(self, params: Mapping[str, Any]) -> Self:
        return type(self)(params, **self.options)

    def record(self, x: FloatArray, state: State) -> Tape:
        return self._with_read_out(self._run_hidden(x, *state))

    def record_packed(self, x: Array, packing: Packing) -> Tape:
        return self._with_read_out(self._run_packed(x, packing))

    def _with_read_out(self, tape: Tape) -> Tape:
        if "weight_hz" not in self.params:
            return tape
        return with_read_out(tape, self.params, self.output_activation, "weight_hz", "bias_z")

    def _run_hidden(self, x: FloatArray, *state: FloatArray) -> Tape:
        """The tape of the hidden units; `backward` may write over what it is given."""
        bare = self.with_values({k: v for k, v in self.params.items() if k not in self._optional})
        bare.n_output = self.n_hidden
        return Network.record(bare, x, state)

    @property
    def _is_one(self) -> bool:
        """One input, one unit, one output of a read-out."""
        sizes = self.n_input, self.n_hidden, self.n_output
        read_out = "weight_hz" in self.params and self.output_activation != "softmax"
        return sizes == (1, 1, 1) and read_out

    @cached_property
    def kernels_of_one(self) -> KernelsOfOne | None:  # type: ignore[override]
        if self._one is None or not self._is_one:
            return None
        from memtools.networks import gated_kernels as kernels

        names = f"{self._one}_one_forward", f"{self._one}_one_backward"
        return getattr(kernels, names[0]), getattr(kernels, names[1])

    def _run_packed(self, x: Array, packing: Packing) -> Tape:
        """Likewise, of rows."""
        raise NotImplementedError

    @cached_property
    def sigma(self) -> Callable[[FloatArray], FloatArray]:
        """Of the hidden units of a step."""
        return ACTIVATIONS[self.activation]

    @property
    def _code(self) -> int:
        """The activation as the kernels know it."""
        return [*ACTIVATIONS].index(self.activation)

    def _gates(self, v: FloatArray) -> dict[str, FloatArray]:
        """The gates among the blocks of a tape."""
        return {name: v[block] for name, block in self._gate_blocks.items()}

    @property
    def bounded(self) -> bool:  # type: ignore[override]
        """True if the activation is."""
        return self.activation in BOUNDED

    @property
    def constant_gates(self) -> bool:
        """True if no gate of the cell looks at inputs or hidden units."""
        return not any(
            np.split(self.params[name], self._n_blocks)[block].any()
            for name in ("weight_ih", "weight_hh")
            for block in self._gate_blocks.values()
        )

    @property
    def is_linear(self) -> bool:
        activations = self.activation, self.output_activation
        return self.may_be_linear and activations == ("identity",) * 2 and self.constant_gates

    @property
    def may_be_linear(self) -> bool:
        """Nothing but activations and gates keeps the cell from being linear."""
        return True

    def theorem(self, input_bound: float, feedback: bool) -> ErgodicityReport | None:
        if not self.bounded or self._bounded_by is None:
            return None
        reason = f"{self.activation} bounds all states: no condition on the weights."
        return ErgodicityReport.of(True, self._bounded_by, 0.0, {}, reason)

    def output_bound(self, input_bound: float) -> float:
        if self.output_activation in BOUNDED:
            return 1.0
        if not self.bounded:
            return math.inf
        rows = [np.abs(self.params[k]).sum(axis=1) for k in _READ_OUT if k in self.params]
        return float((sum(rows) + np.abs(self.params["bias_z"])).max()) if rows else 1.0

    def read_out(self, h: FloatArray) -> FloatArray:
        """z = g(W_hz h + b_z), or h itself where the cell has no read-out."""
        if "weight_hz" not in self.params:
            return h
        z = h @ self.params["weight_hz"].T + self.params["bias_z"]
        return OUTPUT_ACTIVATIONS[self.output_activation](z)

    def __repr__(self) -> str:
        sizes = f"n_input={self.n_input}, n_hidden={self.n_hidden}, n_output={self.n_output}"
        options = ", ".join(f"{key}={value!r}" for key, value in self.options.items())
        return f"{type(self).__name__}({sizes}, {options})"

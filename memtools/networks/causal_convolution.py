"""Causal convolutions, whose memory ends exactly, and how far a network of them sees."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any, ClassVar, Self

import numpy as np

from memtools import _validate
from memtools._validate import FloatArray, RandomState
from memtools.exceptions import InvalidInputError
from memtools.networks._tensors import Tensors, few
from memtools.networks.activations import OUTPUT_ACTIVATIONS
from memtools.networks.linear_recurrence import times, uniform
from memtools.networks.network import Network, State
from memtools.networks.recurrent_cell import BOUNDED
from memtools.networks.released_layer import ReleasedLayer
from memtools.networks.tapes import Tape
from memtools.results.networks import ErgodicityReport


class CausalConvolution(ReleasedLayer):
    """z_t = g(b + sum_j W_j x_{t - j dilation}), j = 0..K-1: a finite impulse response.

    Parameters
    ----------
    params : mapping of str to array_like
        weight (O, I, K), the newest input last as in PyTorch's Conv1d, bias (O,) or none.
    dilation : int
        Steps between the inputs that are seen: no tensor tells it.
    output_activation : {"identity", "tanh", "sigmoid", "relu", "softmax"}

    References
    ----------
    Bai, S., Kolter, J. Z. and Koltun, V. (2018). An empirical evaluation of generic convolutional
    and recurrent networks for sequence modeling. arXiv:1803.01271, section 3.

    Examples
    --------
    >>> import memtools as mt
    >>> layer = mt.networks.CausalConvolution.initialise(1, 3, 1, rng=0, dilation=10)
    >>> report = mt.diagnose(layer)
    >>> report.verdict, report.decay.verdict, report.decay.crossover_lag
    ('short memory', 'finite', 20)
    """

    own_process = True
    speaks_at_rest = True
    _shapes: ClassVar[Mapping[str, str]] = {"weight": "O H K", "bias": "O"}
    _optional: ClassVar[tuple[str, ...]] = ("bias",)
    _defaults: ClassVar[Mapping[str, Any]] = {"dilation": 1, "output_activation": "identity"}

    def __init__(self, params: Mapping[str, Any], **options: Any) -> None:
        super().__init__(params, **options)
        self.dilation = _validate.as_integer(self.options["dilation"], "dilation", 1)
        g = self.options["output_activation"]
        self.output_activation: str = _validate.as_choice(
            g, "output_activation", [*OUTPUT_ACTIVATIONS]
        )
        self.n_output = self.sizes["O"]

    @classmethod
    def from_torch_names(
        cls, mapping: Mapping[str, Any], prefix: str | None = None, **options: Any
    ) -> Self:
        """Build the layer from the one convolution of a state dict, or of what `prefix` chooses."""
        tensors = Tensors(Tensors(mapping).starting(prefix or ""))
        found = [
            name for name in tensors if name.endswith("weight") and len(tensors.shape(name)) == 3
        ]
        if len(found) != 1:
            names = few(found) or few(list(tensors)) or "nothing"
            raise InvalidInputError("mapping", "the tensors of one causal convolution", names)
        stem = found[0].removesuffix("weight")
        own = {name: tensors.take(stem + name, n) for name, n in (("weight", 3), ("bias", 1))
               if stem + name in tensors}  # fmt: skip
        return cls(own, **options)

    @classmethod
    def places(cls, names: Collection[str]) -> dict[str, float]:
        """None by name alone: any layer has a weight."""
        return {}

    @classmethod
    def initialise(
        cls,
        n_input: int,
        n_hidden: int,
        n_output: int | None = None,
        rng: RandomState = None,
        filter_length: int | None = None,
        **options: Any,
    ) -> Self:
        """Build the layer with PyTorch's initial values; n_hidden is the width K."""
        i = _validate.as_integer(n_input, "n_input", 1)
        k = _validate.as_integer(n_hidden, "n_hidden", 1)
        o = i if n_output is None else _validate.as_integer(n_output, "n_output", 1)
        generator = _validate.as_rng(rng)
        weight, bias = uniform(generator, (o, i, k), i * k), uniform(generator, (o,), i * k)
        return cls({"weight": weight, "bias": bias}, **options)

    @property
    def last_lag(self) -> int:
        """The largest lag that is seen."""
        return (self.sizes["K"] - 1) * self.dilation

    @property
    def n_state(self) -> int:
        return self.last_lag * self.n_input

    def rates(self) -> FloatArray:
        return np.full(self.n_output, np.inf)  # nothing is kept beyond the last lag

    def initial_state(self, n_batch: int) -> State:
        if not self.last_lag:
            return ()
        return (np.zeros((n_batch, self.last_lag, self.n_input)),)

    def step(self, x: FloatArray, state: State) -> tuple[FloatArray, State]:
        outputs, after = self._run_steps(x[np.newaxis], state)
        return outputs[0], after

    def _run_steps(self, x: FloatArray, state: State) -> tuple[FloatArray, State]:
        weight, n, width = self.params["weight"], len(x), self.sizes["K"]
        whole = np.concatenate([state[0].swapaxes(0, 1), x]) if state else x
        bias = np.asarray(self.params.get("bias", 0.0))
        taps = self.dilation * np.arange(width)
        if n * self.n_input * self.n_output < width:  # many taps of little: a product a step
            seen = np.stack([whole[start + taps] for start in range(n)])
            total = np.einsum("nkbi,oik->nbo", seen, weight) + bias
        else:
            total = bias + sum(times(whole[j : j + n], weight[..., k]) for k, j in enumerate(taps))
        after = whole[len(whole) - self.last_lag :].swapaxes(0, 1)
        return OUTPUT_ACTIVATIONS[self.output_activation](total), (after,) if state else ()

    def record(self, x: FloatArray, state: State) -> Tape:
        outputs, end = self._run_steps(x, state)
        return Tape(outputs, end, self._no_backward)

    def kernel(self, n_lags: int) -> FloatArray:
        """Exact impulse weights before the activation, (n_lags + 1, n_output, n_input)."""
        n_lags = _validate.as_integer(n_lags, "n_lags", 0)
        values = np.zeros((n_lags + 1, self.n_output, self.n_input))
        taps = self.params["weight"].transpose(2, 0, 1)[::-1][: n_lags // self.dilation + 1]
        values[: len(taps) * self.dilation : self.dilation] = taps
        return values

    @property
    def is_linear(self) -> bool:
        return self.output_activation == "identity"

    def absolute_twin(self) -> Network | None:
        if self.output_activation not in ("identity", "relu"):
            return None
        return type(self)({"weight": np.abs(self.params["weight"])}, dilation=self.dilation)

    def theorem(self, input_bound: float, feedback: bool) -> ErgodicityReport | None:
        if feedback and self.output_activation not in BOUNDED:
            return None
        return forgotten(self.last_lag)

    def output_bound(self, input_bound: float) -> float:
        if self.output_activation in BOUNDED:
            return 1.0
        reach = np.abs(self.params["weight"]).sum(axis=(1, 2)) * input_bound
        return float((reach + np.abs(self.params.get("bias", 0.0))).max())

    def __repr__(self) -> str:
        sizes = f"n_input={self.n_input}, n_output={self.n_output}, width={self.sizes['K']}"
        options = f"dilation={self.dilation}, output_activation={self.output_activation!r}"
        return f"CausalConvolution({sizes}, {options})"


def forgotten(last: float) -> ErgodicityReport:
    """Of a state that is the last inputs alone."""
    return ErgodicityReport(
        verdict="geometrically ergodic",
        theorem="Theorem 1",
        bound=0.0,
        conditions=(),
        reasons=(f"The state is the last {last:g} inputs: forgotten after as many steps.",),
    )

"""xLSTM's matrix memory (mLSTM), of the block stack and of the large model."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any, ClassVar, Self

import numpy as np
from numpy.random import Generator

from memtools._validate import FloatArray
from memtools.networks.activations import sigmoid, tanh
from memtools.networks.linear_recurrence import (
    Entered,
    LinearRecurrence,
    convolved,
    in_blocks,
    log_sigmoid,
    normalised,
    reach,
    silu,
)
from memtools.networks.network import State
from memtools.networks.pointwise import modulus
from memtools.networks.tapes import Array

_CELL_EPSILON = 1e-6  # beside the normaliser, in both releases


class MatrixMemory(LinearRecurrence):
    """C_t = f_t C_{t-1} + i_t v_t k_t' a head, f_t = s(.), i_t = exp(.), with its normaliser."""

    exponential_gate = True

    def _heads(self) -> int:
        return self.sizes["P"]

    def _widths(self) -> tuple[int, int]:
        """Of keys and of values, all heads together."""
        raise NotImplementedError

    def _state_shape(self) -> tuple[int, ...]:
        keys, values = self._widths()
        # one column more: the normaliser
        return self._heads(), keys // self._heads(), values // self._heads() + 1

    def _scale_shape(self) -> tuple[int, ...]:
        return self._heads(), 1, 1

    def initial_state(self, n_batch: int) -> State:
        h, scale, *past = super().initial_state(n_batch)
        return (h, np.zeros_like(scale), *past)  # as released: it moves the epsilon alone

    def _in_heads(self, v: Array) -> Array:
        return v.reshape(*v.shape[:-1], self._heads(), -1)

    def _remembered(
        self, k: Array, v: Array, log_i: Array, log_f: Array, kept: tuple[Any, ...], past: Any
    ) -> Entered:
        values = np.concatenate([v, np.ones_like(v[..., :1])], axis=-1)
        drive = k[..., np.newaxis] * values[..., np.newaxis, :]
        gates = (gate[..., np.newaxis, np.newaxis] for gate in (log_f, log_i))
        log_decay, log_scale = gates
        return Entered(log_decay, drive, kept, past, log_scale)

    def _retrieved(self, path: Array, scales: Array | None, q: Array) -> Array:
        """C q / max(|n q|, 1), in units of the scale."""
        assert scales is not None
        read = np.matmul(q[..., np.newaxis, :], path[1:])[..., 0, :]
        least = np.exp(-scales[1:, ..., 0])
        norm = np.maximum(modulus(read[..., -1:]), least) + _CELL_EPSILON
        return np.asarray(read[..., :-1] / norm)

    def _gate_bias(self) -> FloatArray:
        """Of the forget gate."""
        raise NotImplementedError

    def _base_log_decay(self) -> FloatArray:
        return log_sigmoid(self._gate_bias())


class MLSTMBlock(MatrixMemory):
    """xLSTM's mLSTM layer with its projections, convolution and skip.

    (u_t, g_t) = W_up x_t,  a_t = silu(conv(u_t)),  q, k of a_t, v of u_t, in blocks,
    log i_t, log f_t = W_i (q, k, v) + b_i, log s(W_f (q, k, v) + b_f) a head,
    C_t = f_t C_{t-1} + i_t v_t k_t',  n_t = f_t n_{t-1} + i_t k_t (k divided by sqrt of its size),
    z_t = W_down ((norm(C_t q_t / max(|n_t q_t|, 1)) + skip a_t) silu(g_t)).

    Parameters
    ----------
    params : mapping of str to array_like
        proj_up.weight (2E, H), conv1d.conv.weight (E, 1, W), conv1d.conv.bias (E,), q_proj, k_proj,
        v_proj .weight (N, B, B), mlstm_cell.igate, .fgate .weight (P, 3E), .bias (P,),
        mlstm_cell.outnorm.weight (E,), the norm's scale less 1, learnable_skip (E,),
        proj_down.weight (H, E); P heads.  Those of the large model, q.weight, k.weight, ...,
        make an `MLSTMLargeBlock`.

    References
    ----------
    Beck, M. et al. (2024). xLSTM: extended long short-term memory. NeurIPS, equations (19) to
    (27) and figure 11.
    """

    _shapes: ClassVar[Mapping[str, str]] = {
        "proj_up.weight": "2E H",
        "proj_up.bias": "2E",
        "conv1d.conv.weight": "E 1 W",
        "conv1d.conv.bias": "E",
        **{f"{name}_proj.weight": "N B B" for name in "qkv"},
        **{f"{name}_proj.bias": "E" for name in "qkv"},
        "mlstm_cell.igate.weight": "P 3E",
        "mlstm_cell.igate.bias": "P",
        "mlstm_cell.fgate.weight": "P 3E",
        "mlstm_cell.fgate.bias": "P",
        "mlstm_cell.outnorm.weight": "E",
        "learnable_skip": "E",
        "proj_down.weight": "H E",
        "proj_down.bias": "H",
    }
    _optional: ClassVar[tuple[str, ...]] = tuple(
        f"{name}.bias" for name in ("proj_up", "q_proj", "k_proj", "v_proj", "proj_down")
    )
    _defaults: ClassVar[Mapping[str, Any]] = {"epsilon": 1e-5}

    def __new__(cls, params: Mapping[str, Any] | None = None, **options: Any) -> Self:
        large = cls is MLSTMBlock and params is not None and "igate_preact.weight" in params
        return object.__new__(MLSTMLargeBlock if large else cls)  # type: ignore[return-value]

    @classmethod
    def _drawn(cls, n_input: int, n_hidden: int, rng: Generator) -> dict[str, FloatArray]:
        """n_hidden is the inner width E, in one head and one block."""
        h, e = n_input, n_hidden
        small = math.sqrt(2.0 / (5.0 * h))
        projections = {
            f"{name}_proj.weight": small * rng.standard_normal((1, e, e)) for name in "qkv"
        }
        return {
            "proj_up.weight": small * rng.standard_normal((2 * e, h)),
            "conv1d.conv.weight": rng.uniform(-0.5, 0.5, (e, 1, 4)),
            "conv1d.conv.bias": rng.uniform(-0.5, 0.5, e),
            **projections,
            "mlstm_cell.igate.weight": np.zeros((1, 3 * e)),
            "mlstm_cell.igate.bias": 0.1 * rng.standard_normal(1),
            "mlstm_cell.fgate.weight": np.zeros((1, 3 * e)),
            "mlstm_cell.fgate.bias": np.full(1, 3.0),
            "mlstm_cell.outnorm.weight": np.zeros(e),
            "learnable_skip": np.ones(e),
            "proj_down.weight": 2.0 / math.sqrt(h) * rng.standard_normal((h, e)),
        }

    def _derived(
        self, sizes: Mapping[str, int], arrays: Mapping[str, FloatArray]
    ) -> dict[str, int]:
        self._divided("proj_down.weight", sizes["E"], sizes["P"], "heads")
        return {"B": self._divided("proj_down.weight", sizes["E"], sizes["N"], "blocks")}

    def _widths(self) -> tuple[int, int]:
        return self.sizes["E"], self.sizes["E"]

    def _past_shape(self) -> tuple[int, int]:
        return self.sizes["W"] - 1, self.sizes["E"]

    def _enter(self, x: Array, past: Array | None) -> Entered:
        p = self.params
        both = self._linear(x, "proj_up")
        u, gate = np.split(both, 2, axis=-1)
        past = np.zeros((x.shape[1], 0, self.sizes["E"])) if past is None else past
        a, past = convolved(u, past, p["conv1d.conv.weight"][:, 0], p["conv1d.conv.bias"])
        a = silu(a)
        q, k, v = (
            in_blocks(source, p[f"{name}_proj.weight"]) + p.get(f"{name}_proj.bias", 0.0)
            for name, source in (("q", a), ("k", a), ("v", u))
        )
        joint = np.concatenate([q, k, v], axis=-1)
        log_i, f = (self._linear(joint, f"mlstm_cell.{name}") for name in ("igate", "fgate"))
        q, k, v = (self._in_heads(part) for part in (q, k, v))
        k = k / math.sqrt(k.shape[-1])
        past = past if past.shape[1] else None
        return self._remembered(k, v, log_i, log_sigmoid(f), (q, a, gate), past)

    def _leave(self, path: Array, scales: Array | None, kept: tuple[Any, ...]) -> Array:
        p, (q, a, gate) = self.params, kept
        y = self._retrieved(path, scales, q)
        y = normalised(y, self.options["epsilon"], True).reshape(gate.shape)
        y = y * (1.0 + p["mlstm_cell.outnorm.weight"]) + p["learnable_skip"] * a
        return self._linear(y * silu(gate), "proj_down")

    def _gate_bias(self) -> FloatArray:
        return self.params["mlstm_cell.fgate.bias"]

    def _largest_log_decay(self, input_bound: float) -> FloatArray:
        p, e = self.params, self.sizes["E"]
        u = reach(p["proj_up.weight"][:e], input_bound)
        u = u + np.abs(p["proj_up.bias"][:e]) if "proj_up.bias" in p else u
        a = np.abs(p["conv1d.conv.weight"][:, 0]).sum(axis=1) * u + np.abs(p["conv1d.conv.bias"])
        parts = [
            in_blocks(source, np.abs(p[f"{name}_proj.weight"]))
            + np.abs(p.get(f"{name}_proj.bias", 0.0))
            for name, source in (("q", a), ("k", a), ("v", u))
        ]
        away = reach(p["mlstm_cell.fgate.weight"], np.concatenate(parts))
        return log_sigmoid(self._gate_bias() + away)


class MLSTMLargeBlock(MLSTMBlock):
    """The mLSTM layer of the large xLSTM: gates of the input itself, softly capped.

    cap(v) = 15 tanh(v / 15) of both gates; z_t = W_out (s(W_o x_t) norm(h_t)), keys and values of
    their own sizes; else as MLSTMBlock.

    Parameters
    ----------
    params : mapping of str to array_like
        q.weight, k.weight (K, H), v.weight (V, H), ogate_preact.weight (V, H), igate_preact,
        fgate_preact .weight (P, H), .bias (P,), multihead_norm.weight (V,), out_proj.weight
        (H, V); P heads.
    cap : float
        Of the gates' pre-activations.
    epsilon : float
        Of the norm.

    References
    ----------
    Beck, M. et al. (2025). xLSTM 7B: a recurrent LLM for fast and efficient inference. ICML,
    section 3.
    """

    _shapes: ClassVar[Mapping[str, str]] = {
        "q.weight": "K H",
        "k.weight": "K H",
        "v.weight": "V H",
        "ogate_preact.weight": "V H",
        "igate_preact.weight": "P H",
        "igate_preact.bias": "P",
        "fgate_preact.weight": "P H",
        "fgate_preact.bias": "P",
        "multihead_norm.weight": "V",
        "out_proj.weight": "H V",
    }
    _optional = ()
    _defaults: ClassVar[Mapping[str, Any]] = {"cap": 15.0, "epsilon": 1e-6}

    @classmethod
    def _drawn(cls, n_input: int, n_hidden: int, rng: Generator) -> dict[str, FloatArray]:
        """n_hidden is the width of keys; values are as wide as the inputs, in one head."""
        h, k, small = n_input, n_hidden, math.sqrt(2.0 / (5.0 * n_input))
        shapes = {"q": (k, h), "k": (k, h), "v": (h, h), "ogate_preact": (h, h)}
        return {
            **{f"{name}.weight": small * rng.standard_normal(s) for name, s in shapes.items()},
            "igate_preact.weight": np.zeros((1, h)),
            "igate_preact.bias": np.full(1, -10.0),
            "fgate_preact.weight": np.zeros((1, h)),
            "fgate_preact.bias": np.full(1, 3.0),
            "multihead_norm.weight": np.ones(h),
            "out_proj.weight": 2.0 / math.sqrt(h) * rng.standard_normal((h, h)),
        }

    def _derived(
        self, sizes: Mapping[str, int], arrays: Mapping[str, FloatArray]
    ) -> dict[str, int]:
        for name, letter in (("k.weight", "K"), ("out_proj.weight", "V")):
            self._divided(name, sizes[letter], sizes["P"], "heads")
        return {}

    def _widths(self) -> tuple[int, int]:
        return self.sizes["K"], self.sizes["V"]

    def _past_shape(self) -> tuple[int, int]:
        return 0, 0

    def _capped(self, v: Array) -> Array:
        return np.asarray(self.options["cap"] * tanh(v / self.options["cap"]))

    def _enter(self, x: Array, past: Array | None) -> Entered:
        q, k, v = (self._in_heads(self._linear(x, name)) for name in "qkv")
        log_i, f = (self._capped(self._linear(x, f"{name}_preact")) for name in ("igate", "fgate"))
        side = sigmoid(self._linear(x, "ogate_preact"))
        k = k / math.sqrt(k.shape[-1])
        return self._remembered(k, v, log_i, log_sigmoid(f), (q, side), None)

    def _leave(self, path: Array, scales: Array | None, kept: tuple[Any, ...]) -> Array:
        p, (q, side) = self.params, kept
        y = normalised(self._retrieved(path, scales, q), self.options["epsilon"], True)
        y = y.reshape(side.shape) * p["multihead_norm.weight"]
        return self._linear(side * y, "out_proj")

    def _gate_bias(self) -> FloatArray:
        return self._capped(self.params["fgate_preact.bias"])

    def _largest_log_decay(self, input_bound: float) -> FloatArray:
        p = self.params
        away = reach(p["fgate_preact.weight"], input_bound)
        return log_sigmoid(self._capped(p["fgate_preact.bias"] + away))

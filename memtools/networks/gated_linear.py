"""Linear recurrences whose decay looks at the input: RG-LRU, Mamba, Mamba-2."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any, ClassVar

import numpy as np
from numpy.random import Generator

from memtools._validate import FloatArray
from memtools.networks.activations import sigmoid
from memtools.networks.linear_recurrence import (
    Entered,
    LinearRecurrence,
    convolved,
    normalised,
    reach,
    silu,
    softplus,
    uniform,
)
from memtools.networks.pointwise import POINTWISE
from memtools.networks.tapes import Array

_RG_LRU_RATE = 8.0  # c of equation (4)


class RGLRU(LinearRecurrence):
    """Griffin's recurrent block around the real-gated linear recurrent unit.

    u_t = conv(W_x x_t + b_x),  r_t = s(A u_t + b_a),  i_t = s(I u_t + b_i),
    log a_t = -8 r_t softplus(a_param),  h_t = a_t h_{t-1} + sqrt(1 - a_t^2) i_t u_t (the factor is
    1 at the first step),  z_t = W_o (h_t gelu(W_y x_t + b_y)) + b_o.

    Parameters
    ----------
    params : mapping of str to array_like
        linear_x, linear_y .weight (W, H), .bias (W,), linear_out.weight (H, W), .bias (H,),
        conv_1d.w (K, W), .b (W,), rg_lru.a_param (W,), rg_lru.input_gate and .a_gate .w
        (P, B, B), .b (P, B), P blocks of size B.

    References
    ----------
    De, S. et al. (2024). Griffin: mixing gated linear recurrences with local attention for
    efficient language models. arXiv:2402.19427, equations (1) to (4) and figure 2.
    """

    _shapes: ClassVar[Mapping[str, str]] = {
        "linear_x.weight": "W H",
        "linear_x.bias": "W",
        "linear_y.weight": "W H",
        "linear_y.bias": "W",
        "conv_1d.w": "K W",
        "conv_1d.b": "W",
        "rg_lru.a_param": "W",
        "rg_lru.input_gate.w": "P B B",
        "rg_lru.input_gate.b": "P B",
        "rg_lru.a_gate.w": "P B B",
        "rg_lru.a_gate.b": "P B",
        "linear_out.weight": "H W",
        "linear_out.bias": "H",
    }
    # Transformers' names; the rest is alike
    _spellings: ClassVar[tuple[Mapping[str, str], ...]] = (
        {
            **{name: name for name in _shapes if name.startswith("linear_")},
            "conv_1d.weight": "conv_1d.w",
            "conv_1d.bias": "conv_1d.b",
            "rg_lru.recurrent_param": "rg_lru.a_param",
            "rg_lru.input_gate_weight": "rg_lru.input_gate.w",
            "rg_lru.input_gate_bias": "rg_lru.input_gate.b",
            "rg_lru.recurrent_gate_weight": "rg_lru.a_gate.w",
            "rg_lru.recurrent_gate_bias": "rg_lru.a_gate.b",
        },
    )

    @classmethod
    def _drawn(cls, n_input: int, n_hidden: int, rng: Generator) -> dict[str, FloatArray]:
        """n_hidden is the width W, in one block; a at full gates from 0.9 to 0.999."""
        square = rng.uniform(0.9**2, 0.999**2, n_hidden)  # of a at r = 1
        spread = {"linear_x": n_input, "linear_y": n_input, "linear_out": n_hidden}
        drawn = {}
        for name, shape in {
            "linear_x": (n_hidden, n_input),
            "linear_y": (n_hidden, n_input),
            "linear_out": (n_input, n_hidden),
        }.items():
            drawn[f"{name}.weight"] = rng.standard_normal(shape) / math.sqrt(spread[name])
            drawn[f"{name}.bias"] = np.zeros(shape[0])
        for gate in ("input_gate", "a_gate"):
            weight = rng.standard_normal((1, n_hidden, n_hidden)) / math.sqrt(n_hidden)
            drawn |= {f"rg_lru.{gate}.w": weight, f"rg_lru.{gate}.b": np.zeros((1, n_hidden))}
        return {
            **drawn,
            "conv_1d.w": 0.05 * rng.standard_normal((4, n_hidden)),
            "conv_1d.b": np.zeros(n_hidden),
            "rg_lru.a_param": np.log(np.expm1(-0.5 * np.log(square) / _RG_LRU_RATE)),
        }

    def _derived(
        self, sizes: Mapping[str, int], arrays: Mapping[str, FloatArray]
    ) -> dict[str, int]:
        return {"B": self._divided("rg_lru.a_param", sizes["W"], sizes["P"], "blocks")}

    def _laid(self, name: str, array: FloatArray) -> FloatArray:
        if name == "conv_1d.w" and array.ndim == 3 and array.shape[1] == 1:  # Transformers
            return array[:, 0].T
        return array

    def _state_shape(self) -> tuple[int, ...]:
        return (self.sizes["W"],)

    def _past_shape(self) -> tuple[int, int]:
        # one column more: whether there was a step before
        return max(self.sizes["K"] - 1, 1), self.sizes["W"] + 1

    def _gate(self, name: str, v: Array) -> Array:
        p = self.params
        blocks = v.reshape(*v.shape[:-1], self.sizes["P"], self.sizes["B"])
        gate = np.einsum("tbpi,pij->tbpj", blocks, p[f"rg_lru.{name}.w"]) + p[f"rg_lru.{name}.b"]
        return np.asarray(sigmoid(gate.reshape(v.shape)))

    def _enter(self, x: Array, past: Array | None) -> Entered:
        p = self.params
        assert past is not None
        u = self._linear(x, "linear_x")
        there = np.ones_like(u[..., :1])
        whole = np.concatenate([past.swapaxes(0, 1), np.concatenate([u, there], axis=-1)])
        n, width = len(x), len(p["conv_1d.w"])
        kept = whole[len(whole) - past.shape[1] :].swapaxes(0, 1)
        before = past[:, past.shape[1] - (width - 1) :, :-1]
        v, _ = convolved(u, before, p["conv_1d.w"].T, p["conv_1d.b"])
        first = whole[past.shape[1] - 1 : past.shape[1] - 1 + n, :, -1:].real == 0.0
        log_a = -_RG_LRU_RATE * self._gate("a_gate", v) * softplus(p["rg_lru.a_param"])
        factor = np.where(first, 1.0, np.sqrt(-np.expm1(2.0 * log_a)))
        side = POINTWISE["gelu_tanh"](self._linear(x, "linear_y"))
        return Entered(log_a, factor * self._gate("input_gate", v) * v, (side,), kept)

    def _leave(self, path: Array, scales: Array | None, kept: tuple[Any, ...]) -> Array:
        return self._linear(path[1:] * kept[0], "linear_out")

    def _base_log_decay(self) -> FloatArray:
        p = self.params
        gate = sigmoid(p["rg_lru.a_gate.b"].ravel())
        return np.asarray(-_RG_LRU_RATE * gate * softplus(p["rg_lru.a_param"]))

    def _largest_log_decay(self, input_bound: float) -> FloatArray:
        p = self.params
        u = reach(p["linear_x.weight"], input_bound) + np.abs(p["linear_x.bias"])
        v = np.abs(p["conv_1d.w"]).sum(axis=0) * u + np.abs(p["conv_1d.b"])
        blocks = v.reshape(self.sizes["P"], self.sizes["B"])
        away = np.einsum("pi,pij->pj", blocks, np.abs(p["rg_lru.a_gate.w"]))
        gate = sigmoid((p["rg_lru.a_gate.b"] - away).ravel())
        return np.asarray(-_RG_LRU_RATE * gate * softplus(p["rg_lru.a_param"]))


class Mamba(LinearRecurrence):
    """Mamba's mixer: a state space whose step and weights are selected by the input.

    (u_t, g_t) = W_in x_t,  v_t = silu(conv(u_t)),  (d_t, B_t, C_t) = W_x v_t,
    dt_t = softplus(W_dt d_t + b_dt),  h_t = exp(dt_t A) h_{t-1} + dt_t v_t B_t, A = -exp(A_log),
    z_t = W_out (silu(g_t) (C_t h_t + D v_t)).

    Parameters
    ----------
    params : mapping of str to array_like
        in_proj.weight (2E, H), conv1d.weight (E, 1, W), conv1d.bias (E,), x_proj.weight
        (R + 2N, E), dt_proj.weight (E, R), dt_proj.bias (E,), A_log (E, N), D (E,),
        out_proj.weight (H, E); conv1d.bias, in_proj.bias (2E,) and out_proj.bias (H,) may be
        missing.

    References
    ----------
    Gu, A. and Dao, T. (2024). Mamba: linear-time sequence modeling with selective state spaces.
    COLM, equations (1) to (4), algorithm 2 and figure 3.
    """

    _shapes: ClassVar[Mapping[str, str]] = {
        "in_proj.weight": "2E H",
        "in_proj.bias": "2E",
        "conv1d.weight": "E 1 W",
        "conv1d.bias": "E",
        "x_proj.weight": "R+2N E",
        "dt_proj.weight": "E R",
        "dt_proj.bias": "E",
        "A_log": "E N",
        "D": "E",
        "out_proj.weight": "H E",
        "out_proj.bias": "H",
    }
    _optional = ("in_proj.bias", "conv1d.bias", "out_proj.bias")

    @classmethod
    def _drawn(cls, n_input: int, n_hidden: int, rng: Generator) -> dict[str, FloatArray]:
        """n_hidden is N; E = 2 H, R = H / 16 upward, a convolution of four steps."""
        h, n, e, r = n_input, n_hidden, 2 * n_input, -(-n_input // 16)
        dt = np.exp(rng.uniform(math.log(0.001), math.log(0.1), e))
        return {
            "in_proj.weight": uniform(rng, (2 * e, h), h),
            "conv1d.weight": uniform(rng, (e, 1, 4), 4),
            "conv1d.bias": uniform(rng, (e,), 4),
            "x_proj.weight": uniform(rng, (r + 2 * n, e), e),
            "dt_proj.weight": uniform(rng, (e, r), r),
            "dt_proj.bias": dt + np.log(-np.expm1(-dt)),
            "A_log": np.tile(np.log(np.arange(1.0, n + 1.0)), (e, 1)),
            "D": np.ones(e),
            "out_proj.weight": uniform(rng, (h, e), e),
        }

    def _state_shape(self) -> tuple[int, ...]:
        return self.sizes["E"], self.sizes["N"]

    def _past_shape(self) -> tuple[int, int]:
        return self.sizes["W"] - 1, self.sizes["E"]

    def _enter(self, x: Array, past: Array | None) -> Entered:
        p, r, n = self.params, self.sizes["R"], self.sizes["N"]
        both = self._linear(x, "in_proj")
        u, gate = np.split(both, 2, axis=-1)
        past = np.zeros((x.shape[1], 0, self.sizes["E"])) if past is None else past
        v, past = convolved(u, past, p["conv1d.weight"][:, 0], p.get("conv1d.bias"))
        v = silu(v)
        low, b, c = np.split(self._linear(v, "x_proj"), [r, r + n], axis=-1)
        dt = softplus(self._linear(low, "dt_proj"))
        log_decay = -dt[..., np.newaxis] * np.exp(p["A_log"])
        drive = (dt * v)[..., np.newaxis] * b[..., np.newaxis, :]
        return Entered(log_decay, drive, (v, c, gate), past if past.shape[1] else None)

    def _leave(self, path: Array, scales: Array | None, kept: tuple[Any, ...]) -> Array:
        p, (v, c, gate) = self.params, kept
        y = np.matmul(path[1:], c[..., np.newaxis])[..., 0] + p["D"] * v
        return self._linear(y * silu(gate), "out_proj")

    def _base_log_decay(self) -> FloatArray:
        dt = softplus(self.params["dt_proj.bias"])
        return np.asarray(-dt[:, np.newaxis] * np.exp(self.params["A_log"]))

    def _largest_log_decay(self, input_bound: float) -> FloatArray:
        p, e = self.params, self.sizes["E"]
        u = reach(p["in_proj.weight"][:e], input_bound)
        u = u + np.abs(p["in_proj.bias"][:e]) if "in_proj.bias" in p else u
        v = np.abs(p["conv1d.weight"][:, 0]).sum(axis=1) * u
        v = v + np.abs(p["conv1d.bias"]) if "conv1d.bias" in p else v
        low = reach(p["x_proj.weight"][: self.sizes["R"]], v)
        dt = softplus(p["dt_proj.bias"] - reach(p["dt_proj.weight"], low))
        return np.asarray(-dt[:, np.newaxis] * np.exp(p["A_log"]))


class Mamba2(LinearRecurrence):
    """Mamba-2's mixer: one decay a head.

    (g_t, u_t, d_t) = W_in x_t,  (v_t, B_t, C_t) = silu(conv(u_t)),  dt_t = softplus(d_t + dt_bias),
    h_t = exp(-dt_t exp(A_log)) h_{t-1} + dt_t v_t B_t,  y_t = C_t h_t + D v_t,
    z_t = W_out norm(y_t silu(g_t)), norm by the root mean square within each group.

    Parameters
    ----------
    params : mapping of str to array_like
        in_proj.weight (2E + 2GN + P, H), conv1d.weight (E + 2GN, 1, W), conv1d.bias, dt_bias (P,),
        A_log (P,), D (P,) or (E,), norm.weight (E,), out_proj.weight (H, E); P heads; conv1d.bias,
        in_proj.bias and out_proj.bias may be missing.
    n_groups : int
        G, which the tensors do not tell.
    epsilon : float
        Of the norm.

    References
    ----------
    Dao, T. and Gu, A. (2024). Transformers are SSMs: generalized models and efficient algorithms
    through structured state space duality. ICML, equation (1) and section 7.
    """

    _shapes: ClassVar[Mapping[str, str]] = {
        "in_proj.weight": "E+Q+P H",
        "in_proj.bias": "E+Q+P",
        "conv1d.weight": "Q 1 W",
        "conv1d.bias": "Q",
        "dt_bias": "P",
        "A_log": "P",
        "D": "S",
        "norm.weight": "E",
        "out_proj.weight": "H E",
        "out_proj.bias": "H",
    }
    _optional = ("in_proj.bias", "conv1d.bias", "out_proj.bias")
    _defaults: ClassVar[Mapping[str, Any]] = {"n_groups": 1, "epsilon": 1e-5}

    @classmethod
    def _drawn(cls, n_input: int, n_hidden: int, rng: Generator) -> dict[str, FloatArray]:
        """n_hidden is N; E = 2 H in heads of 64, or one head, one group."""
        h, n, e = n_input, n_hidden, 2 * n_input
        heads = e // 64 if e % 64 == 0 else 1
        q = e + 2 * n
        dt = np.exp(rng.uniform(math.log(0.001), math.log(0.1), heads))
        return {
            "in_proj.weight": uniform(rng, (e + q + heads, h), h),
            "conv1d.weight": uniform(rng, (q, 1, 4), 4),
            "conv1d.bias": uniform(rng, (q,), 4),
            "dt_bias": dt + np.log(-np.expm1(-dt)),
            "A_log": np.log(rng.uniform(1.0, 16.0, heads)),
            "D": np.ones(heads),
            "norm.weight": np.ones(e),
            "out_proj.weight": uniform(rng, (h, e), e),
        }

    def _derived(
        self, sizes: Mapping[str, int], arrays: Mapping[str, FloatArray]
    ) -> dict[str, int]:
        e, groups = sizes["E"], self.options["n_groups"]
        self._divided("A_log", sizes["P"], groups, "groups")
        both = self._divided("conv1d.weight", sizes["Q"] - e, 2 * groups, "parts beside x")
        per_head = self._divided("out_proj.weight", e, sizes["P"], "heads")
        n_skip = e if arrays["D"].shape == (e,) else sizes["P"]
        return {"N": both, "B": per_head, "S": n_skip}

    def _state_shape(self) -> tuple[int, ...]:
        return self.sizes["P"], self.sizes["B"], self.sizes["N"]

    def _past_shape(self) -> tuple[int, int]:
        return self.sizes["W"] - 1, self.sizes["Q"]

    def _enter(self, x: Array, past: Array | None) -> Entered:
        p, e, q = self.params, self.sizes["E"], self.sizes["Q"]
        heads, n, groups = self.sizes["P"], self.sizes["N"], self.options["n_groups"]
        all_parts = self._linear(x, "in_proj")
        gate, u, dt = np.split(all_parts, [e, e + q], axis=-1)
        past = np.zeros((x.shape[1], 0, q)) if past is None else past
        v, past = convolved(u, past, p["conv1d.weight"][:, 0], p.get("conv1d.bias"))
        v, b, c = np.split(silu(v), [e, e + groups * n], axis=-1)
        v = v.reshape(*v.shape[:-1], heads, -1)
        b, c = (
            np.repeat(part.reshape(*part.shape[:-1], groups, n), heads // groups, axis=-2)
            for part in (b, c)
        )
        dt = softplus(dt + p["dt_bias"])
        log_decay = (-dt * np.exp(p["A_log"]))[..., np.newaxis, np.newaxis]
        drive = (dt[..., np.newaxis] * v)[..., np.newaxis] * b[..., np.newaxis, :]
        return Entered(log_decay, drive, (v, c, gate), past if past.shape[1] else None)

    def _leave(self, path: Array, scales: Array | None, kept: tuple[Any, ...]) -> Array:
        p, (v, c, gate) = self.params, kept
        skip = p["D"].reshape(self.sizes["P"], -1)
        y = np.matmul(path[1:], c[..., np.newaxis])[..., 0] + skip * v
        y = y.reshape(gate.shape) * silu(gate)
        grouped = y.reshape(*y.shape[:-1], self.options["n_groups"], -1)
        y = normalised(grouped, self.options["epsilon"], False).reshape(y.shape) * p["norm.weight"]
        return self._linear(y, "out_proj")

    def _base_log_decay(self) -> FloatArray:
        return np.asarray(-softplus(self.params["dt_bias"]) * np.exp(self.params["A_log"]))

    def _largest_log_decay(self, input_bound: float) -> FloatArray:
        p, heads = self.params, self.sizes["P"]
        away = reach(p["in_proj.weight"][-heads:], input_bound)
        away = away - p["in_proj.bias"][-heads:] if "in_proj.bias" in p else away
        return np.asarray(-softplus(p["dt_bias"] - away) * np.exp(p["A_log"]))


__all__ = ["RGLRU", "Mamba", "Mamba2"]

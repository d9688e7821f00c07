"""RWKV's time mixing of the fourth and of the sixth generation."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any, ClassVar

import numpy as np
from numpy.random import Generator

from memtools._validate import FloatArray
from memtools.networks.activations import sigmoid, tanh
from memtools.networks.linear_recurrence import (
    Entered,
    LinearRecurrence,
    normalised,
    shifted,
    silu,
    times,
    uniform,
)
from memtools.networks.tapes import Array


class TimeMixing(LinearRecurrence):
    """What both generations share: the input of one step before, mixed in."""

    def _laid(self, name: str, array: FloatArray) -> FloatArray:
        if name.startswith("time_") and array.ndim == 3 and array.shape[:2] == (1, 1):
            return array[0, 0]  # vectors are released as (1, 1, H)
        return array

    def _past_shape(self) -> tuple[int, int]:
        return 1, self.n_input


class RWKV4(TimeMixing):
    """RWKV-4's time mixing: a mean of values weighted by exp(key), older ones by a decay.

    z_t = W_o (s(r_t) n_t / d_t),  n_t = sum_{i<t} exp(-(t-1-i) w + k_i) v_i + exp(u + k_t) v_t, d_t
    the same without v; w = exp(time_decay), u = time_first; r, k, v linear in
    m x_t + (1 - m) x_{t-1}, m the mix of each.

    Parameters
    ----------
    params : mapping of str to array_like
        time_decay, time_first (A,), time_mix_k, time_mix_v, time_mix_r (H,) or (1, 1, H),
        key.weight, value.weight, receptance.weight (A, H), output.weight (H, A).

    Notes
    -----
    Numerator and denominator are kept divided by their largest term, so no key overflows.

    References
    ----------
    Peng, B. et al. (2023). RWKV: reinventing RNNs for the transformer era. Findings of EMNLP,
    equations (11) to (18) and appendix D.
    """

    _shapes: ClassVar[Mapping[str, str]] = {
        "time_decay": "A",
        "time_first": "A",
        "time_mix_k": "H",
        "time_mix_v": "H",
        "time_mix_r": "H",
        "key.weight": "A H",
        "value.weight": "A H",
        "receptance.weight": "A H",
        "output.weight": "H A",
    }
    _spellings: ClassVar[tuple[Mapping[str, str], ...]] = (
        {
            **{name: name for name in _shapes if "mix" not in name},
            "time_mix_key": "time_mix_k",
            "time_mix_value": "time_mix_v",
            "time_mix_receptance": "time_mix_r",
        },
    )
    selective = False
    exponential_gate = True

    @classmethod
    def _drawn(cls, n_input: int, n_hidden: int, rng: Generator) -> dict[str, FloatArray]:
        """n_hidden is the width A; decays and mixes as of the middle layer."""
        place = np.linspace(0.0, 1.0, n_hidden)
        mix = np.sqrt(np.arange(n_input) / n_input)
        weights = {f"{name}.weight": (n_hidden, n_input) for name in ("key", "value", "receptance")}
        return {
            "time_decay": -5.0 + 8.0 * place**1.35,
            "time_first": math.log(0.3) + 0.5 * ((np.arange(n_hidden) + 1) % 3 - 1),
            "time_mix_k": mix,
            "time_mix_v": mix + 0.15,
            "time_mix_r": 0.5 * mix,
            **{name: uniform(rng, shape, n_input) for name, shape in weights.items()},
            "output.weight": uniform(rng, (n_input, n_hidden), n_hidden),
        }

    def _state_shape(self) -> tuple[int, ...]:
        return 2, self.sizes["A"]

    def _scale_shape(self) -> tuple[int, ...]:
        return 1, self.sizes["A"]

    def _enter(self, x: Array, past: Array | None) -> Entered:
        p = self.params
        assert past is not None
        before, past = shifted(x, past)
        r, k, v = (
            self._linear(before + (x - before) * p[f"time_mix_{short}"], name)
            for short, name in (("r", "receptance"), ("k", "key"), ("v", "value"))
        )
        drive = np.stack([v, np.ones_like(v)], axis=2)
        log_decay = -np.exp(p["time_decay"])[np.newaxis, np.newaxis, np.newaxis]
        return Entered(log_decay, drive, (sigmoid(r), k, v), past, k[:, :, np.newaxis])

    def _leave(self, path: Array, scales: Array | None, kept: tuple[Any, ...]) -> Array:
        p, (r, k, v) = self.params, kept
        assert scales is not None
        now, scale = p["time_first"] + k, scales[:-1, :, 0]
        top = np.maximum(scale, now)
        old, new = np.exp(scale - top), np.exp(now - top)
        mean = (old * path[:-1, :, 0] + new * v) / (old * path[:-1, :, 1] + new)
        return self._linear(r * mean, "output")

    def _base_log_decay(self) -> FloatArray:
        return np.asarray(-np.exp(self.params["time_decay"]))


class RWKV6(TimeMixing):
    """RWKV-6's time mixing: matrix states, decays that look at the input.

    S_t = diag(w_t) S_{t-1} + k_t v_t',  y_t = r_t (S_{t-1} + diag(u) k_t v_t') a head,
    w_t = exp(-exp(time_decay + tanh(x^w_t W_1) W_2)),  z_t = W_o (norm(y_t) silu(g_t)).

    Parameters
    ----------
    params : mapping of str to array_like
        time_maa_x, _w, _k, _v, _r, _g (H,) or (1, 1, H), time_maa_w1 (H, 5 L), time_maa_w2
        (5, L, H), time_decay (A,) or (1, 1, A), time_decay_w1 (H, M), time_decay_w2 (M, A),
        time_faaaa (P, B), receptance, key, value, gate .weight (A, H), output.weight (H, A),
        ln_x.weight, ln_x.bias (A,); P heads of size B.
    epsilon : float
        Of ln_x, the norm within heads.

    References
    ----------
    Peng, B. et al. (2024). Eagle and Finch: RWKV with matrix-valued states and dynamic recurrence.
    COLM, equations (14) to (20).
    """

    _shapes: ClassVar[Mapping[str, str]] = {
        **{f"time_maa_{name}": "H" for name in "xwkvrg"},
        "time_maa_w1": "H 5L",
        "time_maa_w2": "5 L H",
        "time_decay": "A",
        "time_decay_w1": "H M",
        "time_decay_w2": "M A",
        "time_faaaa": "P B",
        "receptance.weight": "A H",
        "key.weight": "A H",
        "value.weight": "A H",
        "gate.weight": "A H",
        "output.weight": "H A",
        "ln_x.weight": "A",
        "ln_x.bias": "A",
    }
    _defaults: ClassVar[Mapping[str, Any]] = {"epsilon": 64e-5}

    @classmethod
    def _drawn(cls, n_input: int, n_hidden: int, rng: Generator) -> dict[str, FloatArray]:
        """n_hidden is the width A, in heads of 64 or one head; as of the middle layer."""
        h, a, low = n_input, n_hidden, 32
        heads = a // 64 if a % 64 == 0 else 1
        place = np.linspace(0.0, 1.0, a)
        mix = 1.0 - np.sqrt(np.arange(h) / h)
        small = 1e-2
        names = ("receptance", "key", "value", "gate")
        return {
            **{f"time_maa_{name}": mix for name in "xwkvrg"},
            "time_maa_w1": rng.uniform(-small, small, (h, 5 * low)),
            "time_maa_w2": rng.uniform(-small, small, (5, low, h)),
            "time_decay": -6.0 + 5.0 * place**1.35,
            "time_decay_w1": rng.uniform(-small, small, (h, 2 * low)),
            "time_decay_w2": rng.uniform(-small, small, (2 * low, a)),
            "time_faaaa": (0.5 * (1.0 - place)).reshape(heads, -1),
            **{f"{name}.weight": uniform(rng, (a, h), h) for name in names},
            "output.weight": uniform(rng, (h, a), a),
            "ln_x.weight": np.ones(a),
            "ln_x.bias": np.zeros(a),
        }

    def _derived(
        self, sizes: Mapping[str, int], arrays: Mapping[str, FloatArray]
    ) -> dict[str, int]:
        return {"B": self._divided("output.weight", sizes["A"], sizes["P"], "heads")}

    def _state_shape(self) -> tuple[int, ...]:
        return self.sizes["P"], self.sizes["B"], self.sizes["B"]

    def _in_heads(self, v: Array) -> Array:
        return v.reshape(*v.shape[:-1], self.sizes["P"], self.sizes["B"])

    def _enter(self, x: Array, past: Array | None) -> Entered:
        p = self.params
        assert past is not None
        before, past = shifted(x, past)
        change = before - x
        mixed = tanh(times(x + change * p["time_maa_x"], p["time_maa_w1"].T))
        mixed = mixed.reshape(*mixed.shape[:-1], 5, self.sizes["L"])
        mixes = np.einsum("tbjl,jlh->jtbh", mixed, p["time_maa_w2"])
        parts = dict(zip("wkvrg", mixes, strict=True))
        inputs = {name: x + change * (p[f"time_maa_{name}"] + m) for name, m in parts.items()}
        names = {"r": "receptance", "k": "key", "v": "value", "g": "gate"}
        r, k, v, g = (self._linear(inputs[short], name) for short, name in names.items())
        w = p["time_decay"] + times(
            tanh(times(inputs["w"], p["time_decay_w1"].T)), p["time_decay_w2"].T
        )
        r, k, v, log_decay = (self._in_heads(part) for part in (r, k, v, -np.exp(w)))
        drive = k[..., np.newaxis] * v[..., np.newaxis, :]
        return Entered(log_decay[..., np.newaxis], drive, (r, k, v, silu(g)), past)

    def _leave(self, path: Array, scales: Array | None, kept: tuple[Any, ...]) -> Array:
        p, (r, k, v, gate) = self.params, kept
        y = np.matmul(r[..., np.newaxis, :], path[:-1])[..., 0, :]
        y = y + (r * p["time_faaaa"] * k).sum(axis=-1, keepdims=True) * v
        y = normalised(y, self.options["epsilon"], True).reshape(gate.shape)
        return self._linear((y * p["ln_x.weight"] + p["ln_x.bias"]) * gate, "output")

    def _base_log_decay(self) -> FloatArray:
        return np.asarray(-np.exp(self.params["time_decay"]))

    def _largest_log_decay(self, input_bound: float) -> FloatArray:
        p = self.params  # tanh keeps what is added within the sums of |W_2|
        return np.asarray(-np.exp(p["time_decay"] - np.abs(p["time_decay_w2"]).sum(axis=0)))


__all__ = ["RWKV4", "RWKV6"]

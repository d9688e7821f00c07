"""State spaces with constant diagonal recurrences: S4D and the linear recurrent unit."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any, ClassVar

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from memtools import _validate
from memtools._validate import FloatArray
from memtools.exceptions import InvalidInputError
from memtools.networks.activations import sigmoid
from memtools.networks.linear_recurrence import Entered, LinearRecurrence, times
from memtools.networks.pointwise import POINTWISE
from memtools.networks.tapes import Array


class DiagonalStateSpace(LinearRecurrence):
    """h_t = diag(lambda) h_{t-1} + B x_t with complex lambda, kept as real and imaginary part."""

    selective = False
    speaks_at_rest = True

    @property
    def log_eigenvalues(self) -> NDArray[np.complex128]:
        """log lambda of each mode."""
        raise NotImplementedError

    def log_modes(self, x: FloatArray | None = None) -> NDArray[np.complex128]:
        return self.log_eigenvalues.ravel()

    def _base_log_decay(self) -> FloatArray:
        return self.log_eigenvalues.real

    def _scan(
        self, entered: Entered, h: Array, scale: Array | None, n_steps: int
    ) -> tuple[Array, None]:
        eigenvalues = np.exp(self.log_eigenvalues)
        real, imaginary = eigenvalues.real, eigenvalues.imag
        path = np.empty((n_steps + 1, *h.shape), np.result_type(h, entered.drive))
        path[0] = h
        for t in range(n_steps):
            before, after = path[t], path[t + 1]
            after[:, 0] = real * before[:, 0] - imaginary * before[:, 1] + entered.drive[t, :, 0]
            after[:, 1] = real * before[:, 1] + imaginary * before[:, 0] + entered.drive[t, :, 1]
        return path, None


class S4D(DiagonalStateSpace):
    """Diagonal state-space layer (S4D), one state space a channel.

    s_t = D x_t + 2 Re sum_n C_n (exp(dt A_n) - 1) / A_n h_{n,t},  h_t = exp(dt A) h_{t-1} + x_t,
    A = -exp(log_A_real) + i A_imag; with output_linear, z_t = (u_1 s(u_2)) of
    (u_1, u_2) = W gelu(s_t) + b, else z_t = s_t.

    Parameters
    ----------
    params : mapping of str to array_like
        D (H,), kernel.C (H, M, 2) real and imaginary part, kernel.log_dt (H,), kernel.log_A_real
        (H, M), kernel.A_imag (H, M), one mode of each pair of conjugates; and, unless the outputs
        are those of the state space, output_linear.0.weight (2H, H, 1), output_linear.0.bias (2H,).

    References
    ----------
    Gu, A., Gupta, A., Goel, K. and Re, C. (2022). On the parameterization and initialization of
    diagonal state space models. NeurIPS, equation (6) and section 4.

    Examples
    --------
    >>> import memtools as mt
    >>> layer = mt.networks.S4D.initialise(2, 8, rng=0)
    >>> mt.diagnose(layer).verdict
    'short memory'
    """

    _shapes: ClassVar[Mapping[str, str]] = {
        "D": "H",
        "kernel.C": "H M 2",
        "kernel.log_dt": "H",
        "kernel.log_A_real": "H M",
        "kernel.A_imag": "H M",
        "output_linear.0.weight": "2H H 1",
        "output_linear.0.bias": "2H",
    }
    _optional = ("output_linear.0.weight", "output_linear.0.bias")
    _head = "output_linear.0.weight"

    def __init__(self, params: Mapping[str, Any], **options: Any) -> None:
        super().__init__(params, **options)
        if len([name for name in self._optional if name in self.params]) == 1:
            allowed = "output_linear.0.weight and output_linear.0.bias, or neither"
            raise InvalidInputError("params", allowed, "one of them")

    @classmethod
    def _drawn(cls, n_input: int, n_hidden: int, rng: Generator) -> dict[str, FloatArray]:
        """As S4D-Lin: n_hidden real modes a channel, in conjugate pairs."""
        shape = (n_input, max(n_hidden // 2, 1))
        return {
            "D": rng.standard_normal(n_input),
            "kernel.C": rng.standard_normal((*shape, 2)) * math.sqrt(0.5),
            "kernel.log_dt": rng.uniform(math.log(0.001), math.log(0.1), n_input),
            "kernel.log_A_real": np.full(shape, math.log(0.5)),
            "kernel.A_imag": math.pi * np.tile(np.arange(shape[1]), (n_input, 1)),
        }

    @property
    def log_eigenvalues(self) -> NDArray[np.complex128]:
        p = self.params
        a = -np.exp(p["kernel.log_A_real"]) + 1j * p["kernel.A_imag"]
        return np.asarray(np.exp(p["kernel.log_dt"])[:, np.newaxis] * a)

    @property
    def _output_weights(self) -> NDArray[np.complex128]:
        """2 C (exp(dt A) - 1) / A."""
        p = self.params
        a = -np.exp(p["kernel.log_A_real"]) + 1j * p["kernel.A_imag"]
        c = p["kernel.C"][..., 0] + 1j * p["kernel.C"][..., 1]
        return np.asarray(2.0 * c * np.expm1(self.log_eigenvalues) / a)

    def _state_shape(self) -> tuple[int, ...]:
        return 2, self.sizes["H"], self.sizes["M"]

    def _enter(self, x: Array, past: Array | None) -> Entered:
        drive = np.zeros((*x.shape[:2], *self._state_shape()), x.dtype)
        drive[:, :, 0] = x[..., np.newaxis]
        return Entered(np.zeros((1, 1, 1)), drive, (x,))

    def _leave(self, path: Array, scales: Array | None, kept: tuple[Any, ...]) -> Array:
        p, weights = self.params, self._output_weights
        real = np.einsum("tbhm,hm->tbh", path[1:, :, 0], weights.real)
        s = real - np.einsum("tbhm,hm->tbh", path[1:, :, 1], weights.imag) + p["D"] * kept[0]
        if self._head not in p:
            return np.asarray(s)
        u = times(POINTWISE["gelu"](s), p[self._head][..., 0], p["output_linear.0.bias"])
        left, right = np.split(u, 2, axis=-1)
        return np.asarray(left * sigmoid(right))

    def own_kernels(self, n_lags: int) -> FloatArray:
        """(n_lags + 1, H): what each channel makes of its own past, without D."""
        lags = np.arange(n_lags + 1.0)[:, np.newaxis, np.newaxis]
        powers = np.exp(lags * self.log_eigenvalues)
        return np.einsum("hm,khm->kh", self._output_weights, powers).real

    def kernel(self, n_lags: int) -> FloatArray:
        """Exact impulse weights of the state space, before output_linear.

        Returns
        -------
        ndarray, shape (n_lags + 1, H, H)
            Diagonal: each channel sees its own past alone.
        """
        own = self.own_kernels(_validate.as_integer(n_lags, "n_lags", 0))
        own[0] += self.params["D"]
        values = np.zeros((n_lags + 1, self.n_output, self.n_input))
        channels = np.arange(self.n_input)
        values[:, channels, channels] = own
        return values

    @property
    def is_linear(self) -> bool:
        return self._head not in self.params


class LRU(DiagonalStateSpace):
    """Linear recurrent unit.

    h_t = diag(lambda) h_{t-1} + diag(exp gamma_log) B x_t,  z_t = Re(C h_t) + D x_t,
    lambda = exp(-exp(nu_log) + i exp(theta_log)).

    Parameters
    ----------
    params : mapping of str to array_like
        nu_log, theta_log, gamma_log (N,), B_re, B_im (N, H), C_re, C_im (H, N), D (H,).

    References
    ----------
    Orvieto, A., Smith, S. L., Gu, A., Fernando, A., Gulcehre, C., Pascanu, R. and De, S. (2023).
    Resurrecting recurrent neural networks for long sequences. ICML, section 3 and table 1.

    Examples
    --------
    >>> import memtools as mt
    >>> layer = mt.networks.LRU.initialise(2, 8, rng=0)
    >>> mt.impulse_weights(layer, n_lags=10).method
    'closed form'
    """

    _shapes: ClassVar[Mapping[str, str]] = {
        "nu_log": "N",
        "theta_log": "N",
        "gamma_log": "N",
        "B_re": "N H",
        "B_im": "N H",
        "C_re": "H N",
        "C_im": "H N",
        "D": "H",
    }

    is_linear = True

    @classmethod
    def _drawn(cls, n_input: int, n_hidden: int, rng: Generator) -> dict[str, FloatArray]:
        """On the whole ring, as the paper's table 8 has its defaults."""
        modulus = np.sqrt(rng.uniform(0.0, 1.0, n_hidden))
        shapes = {"B_re": (n_hidden, n_input), "B_im": (n_hidden, n_input)}
        shapes |= {"C_re": (n_input, n_hidden), "C_im": (n_input, n_hidden)}
        spread = {"B": math.sqrt(2.0 * n_input), "C": math.sqrt(n_hidden)}
        drawn = {k: rng.standard_normal(v) / spread[k[0]] for k, v in shapes.items()}
        return {
            "nu_log": np.log(-np.log(modulus)),
            "theta_log": np.log(rng.uniform(0.0, 6.28, n_hidden)),
            "gamma_log": 0.5 * np.log(1.0 - modulus**2),
            **drawn,
            "D": rng.standard_normal(n_input),
        }

    @property
    def log_eigenvalues(self) -> NDArray[np.complex128]:
        return np.asarray(-np.exp(self.params["nu_log"]) + 1j * np.exp(self.params["theta_log"]))

    def _state_shape(self) -> tuple[int, ...]:
        return 2, self.sizes["N"]

    def _enter(self, x: Array, past: Array | None) -> Entered:
        p, gamma = self.params, np.exp(self.params["gamma_log"])
        parts = [gamma * times(x, p[name]) for name in ("B_re", "B_im")]
        return Entered(np.zeros((1, 1, 1)), np.stack(parts, axis=2), (x,))

    def _leave(self, path: Array, scales: Array | None, kept: tuple[Any, ...]) -> Array:
        p = self.params
        z = times(path[1:, :, 0], p["C_re"]) - times(path[1:, :, 1], p["C_im"])
        return np.asarray(z + p["D"] * kept[0])

    def kernel(self, n_lags: int) -> FloatArray:
        """Exact impulse weights Re[C diag(lambda^k) diag(exp gamma_log) B], and D at lag 0.

        Returns
        -------
        ndarray, shape (n_lags + 1, H, H)
        """
        n_lags = _validate.as_integer(n_lags, "n_lags", 0)
        p = self.params
        b = np.exp(p["gamma_log"])[:, np.newaxis] * (p["B_re"] + 1j * p["B_im"])
        c = p["C_re"] + 1j * p["C_im"]
        powers = np.exp(np.arange(n_lags + 1.0)[:, np.newaxis] * self.log_eigenvalues)
        values = np.matmul(c * powers[:, np.newaxis], b).real
        values[0] += np.diag(p["D"])
        return values


__all__ = ["LRU", "S4D", "DiagonalStateSpace"]

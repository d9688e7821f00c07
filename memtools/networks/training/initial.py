"""PyTorch's initial values, bit for bit, without PyTorch.

Its CPU generator is the Mersenne Twister seeded as NumPy's legacy one; a uniform float32 takes
the low 24 bits of one 32-bit word.
"""

from __future__ import annotations

import math

import numpy as np

from memtools import _validate
from memtools._validate import FloatArray


class TorchGenerator:
    """Uniform numbers as ``torch.manual_seed(seed)`` and ``tensor.uniform_`` give them on a CPU.

    Parameters
    ----------
    seed : int
        0 <= seed < 2**32.
    """

    def __init__(self, seed: int) -> None:
        seed = _validate.as_integer(seed, "seed", 0, 2**32 - 1)
        # The legacy generator is the point: it is the one that PyTorch shares.
        self._words = np.random.RandomState(seed)

    def uniform(self, fan_in: int, shape: tuple[int, ...]) -> FloatArray:
        """Uniform on (-1, 1) / sqrt(fan_in): float32 numbers, held as float64."""
        n_values = math.prod(shape)
        words = np.frombuffer(self._words.bytes(4 * n_values), dtype="<u4")
        bound = float(np.float32(1.0 / math.sqrt(fan_in)))
        unit = (words & 0xFFFFFF) * 2.0**-24
        return (unit * (2.0 * bound) - bound).astype(np.float32).astype(np.float64).reshape(shape)

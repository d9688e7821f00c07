"""Do these weights decay polynomially or exponentially?  A question about a sequence of numbers.

Rival laws are fitted to the same lags: on one side power laws with corrections, whole or cut at a
lag; on the other sums of (complex) exponentials, tempered power laws and stretched exponentials.
"""

from memtools.decay.verdict import classify_decay

__all__ = ["classify_decay"]

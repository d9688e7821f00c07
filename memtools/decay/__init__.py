"""By which law do these weights decay?  A question about sequences of numbers.

Rival laws are fitted to the same lags, all sequences at once: power laws (with a floor, turning,
cut at a lag), 1 / log k, sums of real and complex modes, tempered power laws and stretched
exponentials, and laws of the size alone.
"""

from memtools.decay.verdict import classify_decay

__all__ = ["classify_decay"]

"""Where a training stands."""

from __future__ import annotations

import math
from dataclasses import dataclass, field

from memtools._validate import FloatArray


@dataclass
class Progress:
    """Where a training stands: enough to stop it early, to keep the best, to go on later."""

    theta: FloatArray
    best: FloatArray
    best_epoch: int = -1
    best_score: float = math.inf
    reference: float = math.inf  # training loss that the patience measures against
    waited: int = 0
    losses: list[float] = field(default_factory=list)
    validation_losses: list[float] = field(default_factory=list)

    def record(self, loss: float, score: float, kept: FloatArray, min_gain: float) -> None:
        """One epoch: its losses and the parameters to keep if it is the best so far."""
        if score < self.best_score:
            self.best_score, self.best_epoch, self.best = score, len(self.losses), kept
        if self.reference - loss > min_gain:
            self.reference, self.waited = loss, 0
        else:
            self.waited += 1
        self.losses.append(loss)
        self.validation_losses.append(score)

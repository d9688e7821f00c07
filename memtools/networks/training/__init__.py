"""Training without a framework: gradients by back-propagation through time, Adam, L-BFGS."""

from memtools.networks.training.objective import loss_and_gradient
from memtools.networks.training.optimise import train

__all__ = ["loss_and_gradient", "train"]

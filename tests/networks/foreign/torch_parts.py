"""PyTorch modules, their outputs and files, for the cases."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from torch import nn

from tests.networks.foreign.case import Written, random


def seeded(seed: int = 0) -> None:
    torch.manual_seed(seed)


class Recurrent(nn.Module):
    """A recurrent module and layers behind it, applied at every step."""

    def __init__(self, rnn: nn.Module, *head: tuple[str, nn.Module], first: Any = None) -> None:
        super().__init__()
        if first is not None:
            self.first = first
        self.rnn = rnn
        self.names = [name for name, _ in head]
        for name, layer in head:
            setattr(self, name, layer)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        if hasattr(self, "first"):
            x = self.first(x)
        x = self.rnn(x)[0]
        for name in self.names:
            x = getattr(self, name)(x)
        return x


def spread(model: nn.Module) -> nn.Module:
    """Weights away from their initial values, batch statistics away from 0 and 1."""
    generator = torch.Generator().manual_seed(7)
    with torch.no_grad():
        for tensor in [*model.parameters()]:
            tensor.add_(0.3 * torch.randn(tensor.shape, generator=generator))
        for module in model.modules():
            if hasattr(module, "running_mean") and module.running_mean is not None:
                module.running_mean.normal_(generator=generator)
                module.running_var.uniform_(0.5, 2.0, generator=generator)
    return model.eval()


def outputs(model: nn.Module, x: np.ndarray) -> np.ndarray:
    with torch.no_grad():
        y = model(torch.from_numpy(x))
    return (y[0] if isinstance(y, tuple) else y).numpy()


def saved(folder: Any, model: nn.Module, x: np.ndarray, told: bool = False) -> Written:
    """Its state dict; `told` gives the reader x and y."""
    torch.save(model.state_dict(), folder / "model.pt")
    y = outputs(model, x)
    options = {"x": x, "y": y} if told else {}
    return Written(path=folder / "model.pt", x=x, y=y, options=options, model=model)


X = random(9, 2, 3)

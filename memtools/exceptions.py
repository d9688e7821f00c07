"""Errors and warnings of memtools, each with its text."""

from __future__ import annotations


class MemtoolsError(Exception):
    """Base class of every error that memtools raises on purpose."""


class InvalidInputError(MemtoolsError, ValueError):
    """An argument is not what the function takes.

    Parameters
    ----------
    name : str
        The argument at fault, as the caller wrote it.
    allowed : str
        What would have been accepted ("a bandwidth between 2 and 64").
    got : str
        What came instead.
    """

    def __init__(self, name: str, allowed: str, got: str) -> None:
        super().__init__(f"{name} must be {allowed}; got {got}")
        self.name, self.allowed, self.got = name, allowed, got

    def __reduce__(self) -> tuple[type, tuple[str, str, str]]:
        return type(self), (self.name, self.allowed, self.got)


class DataFileError(MemtoolsError, ValueError):
    """A data file cannot be read as the series that was asked for."""


class OutputFileError(MemtoolsError, OSError):
    """A file cannot be written; nothing is left half done."""


class ModelFileError(MemtoolsError, ValueError):
    """A file does not hold a network that can be read, or says too little about it."""


class MissingDependencyError(MemtoolsError, ImportError):
    """An optional package is needed for what was asked.

    Parameters
    ----------
    package : str
        Name of the package on PyPI.
    purpose : str
        What it is needed for ("reading Parquet files").
    """

    def __init__(self, package: str, purpose: str) -> None:
        super().__init__(f"{purpose} needs {package}: python -m pip install {package}")
        self.package, self.purpose = package, purpose

    def __reduce__(self) -> tuple[type, tuple[str, str]]:
        return type(self), (self.package, self.purpose)


class DownloadError(MemtoolsError, OSError):
    """A data file could not be fetched, or came damaged.

    Parameters
    ----------
    url : str
        Its address.
    folder : str
        The user's cache, where a copy fetched by hand is found.
    reason : str
    """

    def __init__(self, url: str, folder: str, reason: str) -> None:
        by_hand = f"fetch it by hand and put it into {folder}, or into the folder MEMTOOLS_DATA"
        super().__init__(f"cannot download {url} ({reason}); {by_hand}")
        self.url, self.folder, self.reason = url, folder, reason

    def __reduce__(self) -> tuple[type, tuple[str, str, str]]:
        return type(self), (self.url, self.folder, self.reason)


class DivergenceError(MemtoolsError, ArithmeticError):
    """A training came to a loss, or a step, that is not finite.

    Parameters
    ----------
    epoch : int
        From 0.
    loss, validation_loss : float
        Losses of that epoch.
    """

    def __init__(self, epoch: int, loss: float, validation_loss: float) -> None:
        losses = f"training loss {loss:g}, validation loss {validation_loss:g}"
        super().__init__(f"the training diverged in epoch {epoch} ({losses}); lower learning_rate")
        self.epoch, self.loss, self.validation_loss = epoch, loss, validation_loss

    def __reduce__(self) -> tuple[type, tuple[int, float, float]]:
        return type(self), (self.epoch, self.loss, self.validation_loss)


class EngineError(MemtoolsError, RuntimeError):
    """The workers that a work was given to are lost."""


class MemtoolsWarning(UserWarning):
    """Base class of every warning that memtools gives."""


class ConvergenceWarning(MemtoolsWarning):
    """An optimiser stopped before its tolerance was reached."""

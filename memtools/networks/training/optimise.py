"""`train`: Adam or L-BFGS on one sequence or a batch of sequences."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import ArrayLike

from memtools import _validate
from memtools._output import interrupts_as_such
from memtools.exceptions import InvalidInputError
from memtools.networks._parameters import flatten, unflatten
from memtools.networks.network import Network
from memtools.networks.training.batches import batch_run
from memtools.networks.training.data import LOSSES, as_training_data
from memtools.networks.training.progress import Adam, Progress, identity_of, watched
from memtools.networks.training.runs import AdamRun, EpochRun, run_lbfgs
from memtools.results import TrainingResult


def train(
    network: Network,
    x: ArrayLike,
    y: ArrayLike,
    validation: tuple[ArrayLike, ArrayLike] | None = None,
    *,
    loss: str = "mse",
    optimizer: str = "adam",
    learning_rate: float = 0.01,
    n_epochs: int = 1000,
    patience: int = 100,
    min_gain: float = 1e-5,
    truncation: int | None = None,
    batch_size: int | None = None,
    weight_decay: float = 0.0,
    precision: str = "double",
    keep: str = "evaluated",
    checkpoint: str | Path | None = None,
    progress: bool | None = None,
) -> TrainingResult:
    """Train a network by back-propagation through time.

    Parameters
    ----------
    network : Network
        Start values and kind; it is not changed.
    x : array_like, shape (n_steps,), (n_steps, n_input) or (n_steps, n_batch, n_input)
        Inputs; one dimension where the network has one input.
    y : array_like
        Targets: of the shape of the outputs, or, with "cross_entropy", class numbers of shape
        (n_steps,) or (n_steps, n_batch), -1 at steps without a target.
    validation : tuple of (x, y) or None
        Goes on where `x` ends: the state is carried over; with `batch_size` it holds other
        sequences, from the zero state.  The epoch with the best validation loss is kept;
        without it, the one with the best training loss.
    loss : {"mse", "cross_entropy"}
    optimizer : {"adam", "lbfgs"}
    learning_rate : float
        Of Adam.
    n_epochs : int
        Largest number of passes over `x`; of iterations with "lbfgs".
    patience : int
        Stop after as many epochs without a training loss `min_gain` below the best so far.
    min_gain : float
    truncation : int or None
        Number of steps after which the gradient is cut and Adam steps; None takes the whole
        sequence.
    batch_size : int or None
        Number of sequences after which Adam steps, in the order given; None takes all at once.
        Validation losses, and what is kept, are those of the parameters after an epoch's steps.
    weight_decay : float
        Times the parameters is added to the gradient, as PyTorch's Adam does.
    precision : {"double", "single"}
        Of the passes with `batch_size`; "single" is about twice as fast for wide layers and
        knows RNN, LSTM, TwoLaneRNN and the cells with a constant d.
    keep : {"evaluated", "stepped"}
        Parameters kept for an epoch: those that its losses were evaluated at, or those after
        its step, as the paper's authors do.
    checkpoint : path or None
        File in which the training is saved as it goes; if it exists, the training goes on there.
    progress : bool, optional
        Draw a progress bar on standard error; by default in a terminal or a notebook.

    Returns
    -------
    TrainingResult
        With `network`, `history`, `best_epoch`.

    Raises
    ------
    InvalidInputError
        Where the data do not fit the network.
    DivergenceError
        Where a loss or gradient is not finite.

    References
    ----------
    Kingma, D. P. and Ba, J. (2015). Adam: a method for stochastic optimization. ICLR, Alg. 1.

    Examples
    --------
    >>> import numpy as np
    >>> from memtools import networks
    >>> x = np.sin(np.arange(200.0))
    >>> result = networks.train(networks.RNN.initialise(1, 1, 1, rng=0), x[:-1], x[1:], n_epochs=5)
    >>> len(result.history["train_loss"])
    5
    """
    _check_words(loss, optimizer, keep, precision)
    learning_rate = _validate.as_real(learning_rate, "learning_rate", 0.0, closed=False)
    n_epochs = _validate.as_integer(n_epochs, "n_epochs", 1)
    patience = _validate.as_integer(patience, "patience", 1)
    min_gain = _validate.as_real(min_gain, "min_gain", 0.0)
    weight_decay = _validate.as_real(weight_decay, "weight_decay", 0.0)
    truncation, batch_size = _as_parts(truncation, batch_size, precision)
    if not isinstance(network, Network):
        raise InvalidInputError("network", "a network", type(network).__name__)
    theta, adam = flatten(network.params), Adam(learning_rate, weight_decay)
    start = Progress(theta=theta, best=theta)
    if optimizer == "lbfgs":
        _check_lbfgs(truncation, checkpoint, keep, batch_size, weight_decay)
        data = as_training_data(network, x, y, validation, loss)
        end = run_lbfgs(network, data, start, n_epochs, min_gain)
    else:
        run: EpochRun
        if batch_size is None:
            data = as_training_data(network, x, y, validation, loss)
            run = AdamRun(network, data, truncation, keep == "stepped", adam)
        else:
            run = batch_run(network, x, y, validation, loss, batch_size, precision, adam)
        settings = (loss, learning_rate, weight_decay, truncation, batch_size, precision, keep)
        told = (x, y, *(validation or ()), *settings)
        identity = "" if checkpoint is None else identity_of(network, *told)
        with (
            watched(run.adam, start, n_epochs, checkpoint, identity, progress) as after_epoch,
            interrupts_as_such(),
        ):
            end = run.until(start, n_epochs, patience, min_gain, after_epoch)
    return _result(network, end, patience, validation is not None)


def _result(
    network: Network, end: Progress, patience: int, with_validation: bool
) -> TrainingResult:
    return TrainingResult(
        network=network.replace(unflatten(network.params, end.best)),
        history={
            "train_loss": np.array(end.losses),
            "validation_loss": np.array(end.validation_losses if with_validation else []),
        },
        best_epoch=end.best_epoch,
        stopped="patience" if end.waited >= patience else "epochs",
    )


def _check_words(loss: str, optimizer: str, keep: str, precision: str) -> None:
    _validate.as_choice(loss, "loss", [*LOSSES])
    _validate.as_choice(optimizer, "optimizer", ["adam", "lbfgs"])
    _validate.as_choice(keep, "keep", ["evaluated", "stepped"])
    _validate.as_choice(precision, "precision", ["double", "single"])


def _as_parts(
    truncation: int | None, batch_size: int | None, precision: str
) -> tuple[int | None, int | None]:
    if truncation is not None:
        truncation = _validate.as_integer(truncation, "truncation", 1)
    if batch_size is not None:
        batch_size = _validate.as_integer(batch_size, "batch_size", 1)
    if batch_size is not None and truncation is not None:
        raise InvalidInputError("truncation", "None with batch_size", str(truncation))
    if batch_size is None and precision == "single":
        raise InvalidInputError("precision", "'double' without batch_size", repr(precision))
    return truncation, batch_size


def _check_lbfgs(
    truncation: int | None,
    checkpoint: str | Path | None,
    keep: str,
    batch_size: int | None,
    weight_decay: float,
) -> None:
    only_adam = {
        "batch_size": batch_size is not None,
        "weight_decay": weight_decay > 0.0,
        "truncation": truncation is not None,
        "checkpoint": checkpoint is not None,
        "keep='stepped'": keep == "stepped",
    }
    asked = [name for name, is_asked in only_adam.items() if is_asked]
    if asked:
        raise InvalidInputError("optimizer", f"'adam' with {' and '.join(asked)}", "'lbfgs'")

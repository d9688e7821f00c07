"""The process a network generates: y_t = z(y_{t-1}, s_{t-1}) + eps_t."""

from __future__ import annotations

import numpy as np

from memtools import _validate
from memtools._validate import FloatArray, RandomState
from memtools.exceptions import InvalidInputError
from memtools.networks.network import Network


def simulate_network(
    network: Network,
    n_obs: int,
    noise_scale: float = 1.0,
    rng: RandomState = None,
    burn_in: int = 500,
) -> FloatArray:
    """Simulate y_t = z(y_{t-1}, s_{t-1}) + eps_t, eps Gaussian white noise.

    Parameters
    ----------
    network : Network
        With as many outputs as inputs.
    n_obs : int
    noise_scale : float
        Standard deviation of eps, positive.
    rng : int, SeedSequence, Generator or None
    burn_in : int
        Steps from the zero state that are thrown away.

    Returns
    -------
    ndarray, shape (n_obs,) or (n_obs, n_output) if there are several outputs

    Raises
    ------
    InvalidInputError
        Where inputs and outputs differ in number, or the process explodes.

    References
    ----------
    Zhao, J. et al. (2020). Do RNN and LSTM have long memory? ICML, section 3.

    Examples
    --------
    >>> import memtools as mt
    >>> network = mt.networks.RNN.initialise(1, 3, 1, rng=0)
    >>> y = mt.simulate_network(network, 2000, rng=1)
    >>> bool(mt.local_whittle(y).test(0.0).pvalue > 0.05)
    True
    """
    require_square(network)
    n_obs = _validate.as_integer(n_obs, "n_obs", 1)
    burn_in = _validate.as_integer(burn_in, "burn_in", 0)
    scale = _validate.as_real(noise_scale, "noise_scale", 0.0)
    noise = scale * _validate.as_rng(rng).standard_normal((burn_in + n_obs, network.n_output))
    y, state = np.empty_like(noise), network.initial_state(1)
    previous = np.zeros((1, network.n_input))
    with np.errstate(over="ignore", invalid="ignore"):
        for t in range(len(noise)):
            z, state = network.step(previous, state)
            previous = z + noise[t]
            if not np.abs(previous).max() < 1e100:
                got = f"one that exceeds 1e100 after {t + 1} steps"
                raise InvalidInputError("network", "one whose process does not explode", got)
            y[t] = previous[0]
    y = y[burn_in:]
    return y[:, 0] if network.n_output == 1 else y


def require_square(network: Network) -> None:
    """Refuse networks whose output cannot be their next input."""
    if not isinstance(network, Network):
        raise InvalidInputError("network", "a network", type(network).__name__)
    if network.n_input != network.n_output:
        got = f"{network.n_input} inputs and {network.n_output} outputs"
        raise InvalidInputError("network", "of as many outputs as inputs", got)

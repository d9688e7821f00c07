"""The verdict: which side has the better law."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from memtools import _validate
from memtools._validate import FloatArray
from memtools.decay.exponentials import (
    bent_fits,
    cut_modes,
    exponential_fits,
    polished,
    rate_stderr,
)
from memtools.decay.laws import MIN_VISIBLE, STARTS, Data, Fit, curve, envelope, prepare
from memtools.decay.power_laws import one_step_fits, power_fits
from memtools.exceptions import InvalidInputError
from memtools.results.networks import DecayReport

_POLISHED = 3
_MARGIN = 3.0  # in BIC, between the best laws of the two sides, for a verdict


def classify_decay(weights: ArrayLike, noise: ArrayLike | None = None) -> DecayReport:
    """Decide whether weights decay polynomially or exponentially.

    Parameters
    ----------
    weights : array_like, shape (n_lags + 1,)
        Weights A_0, A_1, ..., lag 0 first, at least 16 lags; 200 are plenty.  They may change
        sign, oscillate, sink into noise or underflow.  Lag 0 is not used.
    noise : float, array_like of shape (n_lags + 1,), optional
        Standard errors of the weights, in their units; by default read off the later half.

    Returns
    -------
    DecayReport
        `verdict` "polynomial", "exponential" or "undecided"; `rate` the exponent a of k^-a, or
        the rate r of exp(-r k) of the slowest mode; `d` with its interval for a polynomial
        decay; `crossover_lag` where a power law ends and exponentials go on.

    Raises
    ------
    InvalidInputError
        Where the weights are no finite sequence of 17 values or more, or `noise` does not fit.

    Notes
    -----
    Each law is fitted by weighted least squares on lags 1, 2, ...; the weights allow for the
    noise and for an error of 0.2 percent in the law itself.  Power laws: k^-a with terms in
    1/k and 1/k^2, and ARFIMA(1, d, 2) weights with a further mode; each whole, or up to a lag
    after which exponentials go on; the first lags may be left free.  Against them: sums of up to
    eight real or complex modes found by ESPRIT, k^-a exp(-r k), exp(-r k^b), and products of
    random factors.  With s the residual sum over n lags, the law with the smallest
    n log(1 + s/n) + p log n of each side is kept (p parameters, free lags counted); a difference
    below 3, or more where no law fits within one percent, is undecided.

    Of more than 800 lags those are used up to where the weights are lost in the noise, and of
    these every s-th, at most 800: power laws and exponentials are such there too.

    Weights ~ k^-a stand for d = a - 1 if a > 1, the weights of (1 - B)^d, and for d = 1 - a if
    a < 1, the weights of (1 - B)^-d.

    A filter cut at K lags is a power law up to about K and exponential beyond.  The verdict is
    then "polynomial", with `crossover_lag` near K: the sequence imitates long memory that far, in
    the limit its memory is short.

    References
    ----------
    Zhao, J. et al. (2020). Do RNN and LSTM have long memory? ICML, definition 3.
    Roy, R. and Kailath, T. (1989). ESPRIT - estimation of signal parameters via rotational
    invariance techniques. IEEE Transactions on Acoustics, Speech, and Signal Processing 37,
    984-995.

    Examples
    --------
    >>> import numpy as np
    >>> import memtools as mt
    >>> report = mt.classify_decay(mt.fracdiff_weights(0.3, 200))
    >>> report.verdict, round(report.d, 3)
    ('polynomial', 0.3)
    >>> mt.classify_decay(0.99 ** np.arange(201)).verdict
    'exponential'
    """
    values = _validate.as_series(weights, "weights", min_obs=17)
    errors = _as_noise(noise, len(values))
    if (
        np.mean(np.sign(values[2:]) * np.sign(values[1:-1]) < 0.0) > 0.9
    ):  # a mode of period two under the law
        values = values * (-1.0) ** np.arange(len(values))
    data = prepare(values, errors)
    n = len(data.lags)
    if data.visible < MIN_VISIBLE:
        return _too_few(data, len(values) - 1)
    one_step = one_step_fits(data)
    sums = [fit for first in STARTS for fit in exponential_fits(data, first)]
    powers = [*power_fits(data), *one_step[1]]
    cut = cut_modes(data, powers)
    for fits in (sums, cut):  # the best few are worth the nearest modes
        fits.sort(key=lambda fit: fit.bic(n))
        fits[:_POLISHED] = [polished(data, fit) for fit in fits[:_POLISHED]]
    rivals = [*sums, *cut, *bent_fits(data), *one_step[0]]
    exponential = min(rivals, key=lambda fit: fit.bic(n))
    mode = min(sums, key=lambda fit: fit.bic(n))
    mode = replace(mode, stderr=rate_stderr(data, mode) if mode.modes else math.nan)
    power = min(powers, key=lambda fit: fit.bic(n))
    margin = exponential.bic(n) - power.bic(n)
    shared: dict[str, Any] = {
        "bic_difference": margin,
        "laws": _smallest_bic(n, powers, rivals),
        "n_lags": len(values) - 1,
        "curves": _curves(data, powers, rivals, len(values) - 1),
    }
    # Where no law fits within one percent (25 in units of 0.2 percent squared), BIC means less.
    needed = _MARGIN * (1.0 + min(power.rss, exponential.rss) / (25.0 * n))
    if exponential.law == "tempered" and power.last is not None:
        needed *= 3.0  # in noise, a filter cut at K lags and a tempered power law look alike
    if margin > needed and not _contrived(data, power):
        return _polynomial(data, power, shared)
    if margin < -needed:
        return _exponential(data, exponential, mode, shared)
    text = f"Neither side is ahead by {needed:.3g} in BIC (difference {margin:.1f})."
    if margin > needed:
        text = "The best law, a power law that ends, misses the weights by more than they scatter."
    return DecayReport(
        verdict="undecided",
        rate=math.nan,
        stderr=math.nan,
        d=None,
        crossover_lag=None,
        evidence=(text, _seen(data)),
        **shared,
    )


def _smallest_bic(n: int, powers: list[Fit], rivals: list[Fit]) -> dict[str, float]:
    """Smallest BIC of each kind of law, the best kind first."""
    laws: dict[str, float] = {}
    for fit in (*powers, *rivals):
        name = "power law, cut" if fit.law == "power" and fit.last is not None else fit.law
        laws[name] = min(laws.get(name, math.inf), float(fit.bic(n)))
    return dict(sorted(laws.items(), key=lambda item: item[1]))


def _curves(data: Data, powers: list[Fit], rivals: list[Fit], n_lags: int) -> dict[str, FloatArray]:
    """Envelope of the best law of each kind."""
    best: dict[str, Fit] = {}
    n = len(data.lags)
    for fit in sorted((*powers, *rivals), key=lambda fit: fit.bic(n)):
        best.setdefault("polynomial" if fit.law == "power" else fit.law, fit)
    return {name: curve(data, fit, n_lags) for name, fit in best.items()}


def _contrived(data: Data, power: Fit) -> bool:
    """True for a cut power law that misses by far more than the weights scatter.

    A smooth misfit of a flexible law is no evidence; scatter, by fourth differences, is noise.
    """
    if power.last is None or power.tail is None:
        return False
    # from lag 9 on, where the envelope is smooth
    head = _misses(data, power.head_rss / (power.last - power.first + 1), 9, power.last)
    tail = power.tail.rss / (len(data.lags) - power.last)
    return head or _misses(data, tail, power.last + 1, data.visible)


def _misses(data: Data, misfit: float, first: int, last: int) -> bool:
    """True if the mean squared misfit is large, and not by scatter of these lags."""
    scatter = np.diff((data.values / data.sigma)[first - 1 : last], 4)
    if scatter.size == 0:
        return False
    # 70 = 1 + 16 + 36 + 16 + 1, and 0.455 is the median of chi-squared(1)
    return bool(misfit > 5.0 and misfit > 3.0 * np.median(scatter**2) / (70.0 * 0.455))


def _as_noise(noise: ArrayLike | None, size: int) -> FloatArray | None:
    if noise is None:
        return None
    errors = _validate.as_array(noise, "noise")
    if errors.ndim > 1 or (errors.ndim == 1 and len(errors) != size):
        raise InvalidInputError("noise", f"a number or of shape ({size},)", f"{errors.shape}")
    if np.any(errors < 0.0):
        raise InvalidInputError("noise", "standard errors of at least 0", f"{errors.min():g}")
    return np.broadcast_to(errors, (size,))


def _seen(data: Data) -> str:
    step = "" if data.stride == 1 else f" (every {data.stride}th lag used)"
    return f"{data.visible} of {len(data.lags)} lags stand out of the noise{step}."


def _too_few(data: Data, n_lags: int) -> DecayReport:
    """Weights that vanish at once: a finite memory if they are exact, else unknown."""
    exact = bool(np.all(data.sigma[data.visible :] < 1e-4))
    text = "exactly: a finite memory" if exact else "into the noise: too few to tell laws apart"
    return DecayReport(
        verdict="exponential" if exact else "undecided",
        rate=math.inf if exact else math.nan,
        stderr=math.nan,
        d=None,
        crossover_lag=None,
        evidence=(f"The weights vanish after lag {data.visible * data.stride}, {text}.",),
        bic_difference=math.nan,
        laws={},
        n_lags=n_lags,
    )


def _polynomial(data: Data, fit: Fit, shared: dict[str, Any]) -> DecayReport:
    d = abs(fit.rate - 1.0)
    last = data.stride * (len(data.lags) if fit.last is None else fit.last)
    law = f"k^-{fit.rate:.3g}, d = {d:.3g}, for lags {data.stride * fit.first} to {last}"
    if fit.last is None:
        text = f"The weights decay like {law}: long memory as far as they were given."
    else:
        text = f"The weights imitate {law}, then decay exponentially: in the limit short memory."
    behind = f"Exponential laws are behind by {shared['bic_difference']:.1f} in BIC."
    return DecayReport(
        verdict="polynomial",
        rate=fit.rate,
        stderr=fit.stderr,
        d=d,
        crossover_lag=None if fit.last is None else last,
        evidence=(text, behind, _seen(data)),
        **shared,
    )


def _envelope_slope(data: Data) -> float:
    """Mean rate of the envelope over the visible lags."""
    seen = slice(data.visible)
    slope = np.polyfit(data.lags[seen], np.log(envelope(data.values[seen]) + 1e-300), 1)[0]
    return max(-float(slope), 1e-12)


def _exponential(data: Data, best: Fit, mode: Fit, shared: dict[str, Any]) -> DecayReport:
    size = np.abs(data.values)
    lasts = size[-len(size) // 4 :].max() > 0.5 * size.max()
    still = bool(lasts and (mode.rate <= 0.0 or mode.rate < 2.0 * mode.stderr))
    if still:
        text = "The weights do not decay within these lags: a mode on or beyond the unit circle."
    else:
        if mode.rate <= 0.0:  # a spurious mode that carries next to nothing
            mode = replace(mode, rate=_envelope_slope(data), stderr=math.nan)
        mode = replace(mode, rate=mode.rate / data.stride, stderr=mode.stderr / data.stride)
        half_life = math.log(2.0) / mode.rate
        text = f"The slowest mode decays like exp(-{mode.rate:.3g} k), half-life {half_life:.3g}."
    shape = {"tempered": "k^-a exp(-r k)", "stretched": "exp(-r k^b)"}.get(best.law)
    shape = shape or f"a sum of {len(best.modes) or 1} exponentials"
    behind = f"Best law {shape}; power laws are behind by {-shared['bic_difference']:.1f} in BIC."
    return DecayReport(
        verdict="undecided" if still else "exponential",
        rate=mode.rate,
        stderr=mode.stderr,
        d=None,
        crossover_lag=None,
        evidence=(text, behind, _seen(data)),
        **shared,
    )

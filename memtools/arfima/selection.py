"""The order (p, q) of an ARFIMA model by an information criterion."""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from itertools import product

from numpy.typing import ArrayLike

from memtools import _validate
from memtools.arfima.model import ARFIMA, METHODS
from memtools.arfima.results import ARFIMAResults
from memtools.exceptions import ConvergenceWarning
from memtools.results import OrderSelection

CRITERIA = ("aic", "bic", "hqic")
Order = tuple[int, int]
# The most by which an exact fit lowers a criterion below that at Whittle's estimate: the log-
# likelihood rises by some tenths, and by up to 2.5 where parts nearly cancel.
_MARGIN = 6.0
# Orders p + q that are fitted in any case: it costs little.
_SMALL = 2


def select_arfima(
    x: ArrayLike,
    max_p: int = 3,
    max_q: int = 3,
    criterion: str = "bic",
    exog: ArrayLike | None = None,
    trend: str = "c",
    method: str = "exact",
) -> OrderSelection[ARFIMAResults]:
    """Fit all orders up to (max_p, max_q) and take the one of lowest criterion.

    Parameters
    ----------
    x : array_like, shape (n_obs,)
        The series.
    max_p, max_q : int
        Largest orders.
    criterion : {"bic", "aic", "hqic"}
        BIC is consistent; AIC keeps more terms.
    exog : array_like, shape (n_obs, k), optional
    trend : {"n", "c", "t", "ct"}
    method : {"exact", "whittle", "css"}
        How each order is fitted.

    Returns
    -------
    OrderSelection
        `best` is the fit, its bias corrected, `to_frame()` the comparison of the maxima.

    Raises
    ------
    InvalidInputError
        As :class:`ARFIMA`.

    Warns
    -----
    ConvergenceWarning
        Where the chosen fit has not converged; the others tell in the table.

    Notes
    -----
    All orders are fitted on one number of differences, that of ARFIMA(1, d, 0) (or of
    ARFIMA(0, d, 0) with ``max_p=0``), so that their likelihoods are of the same data.

    With ``method="exact"`` and no gaps the exact likelihood at Whittle's estimates screens orders
    of more than two terms; those within 6 of the lowest criterion are fitted.

    References
    ----------
    Beran, J., Bhansali, R. J. and Ocker, D. (1998). On unified model selection for stationary and
    nonstationary short- and long-memory autoregressive processes. Biometrika 85, 921-934.

    Examples
    --------
    >>> import memtools as mt
    >>> x = mt.simulate(mt.ARFIMAProcess(d=0.3), 400, rng=1)
    >>> mt.select_arfima(x, max_p=1, max_q=0).order
    (0, 0)
    """
    max_p = _validate.as_integer(max_p, "max_p", 0)
    max_q = _validate.as_integer(max_q, "max_q", 0)
    _validate.as_choice(criterion, "criterion", CRITERIA)
    _validate.as_choice(method, "method", METHODS)
    first = ARFIMA(x, (min(max_p, 1), 0), exog, trend)
    ARFIMA(x, (max_p, max_q), exog, trend)  # refuses orders too large for the sample
    orders = list(product(range(max_p + 1), range(max_q + 1)))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        integration = first.fit(method).integration
        models = {order: ARFIMA(x, order, exog, trend, integration) for order in orders}
        screen = method == "exact" and not len(first.design.gaps)
        fits = _screened(models, criterion) if screen else _all(models, method)
        order = min(orders, key=lambda order: float(getattr(fits[order], criterion)))
        best = models[order].fit(method)
    if not best.converged:
        warnings.warn(best.notes[0], ConvergenceWarning, stacklevel=2)
    shown = ("d", "llf", *CRITERIA, "converged")
    rows = tuple(
        {"p": p, "q": q}
        | {name: getattr(fits[p, q], name) for name in shown}
        | {"screened": fits[p, q].method == "screened"}
        for p, q in orders
    )
    return OrderSelection(best=best, order=order, criterion=criterion, fits=rows)


def _all(models: Mapping[Order, ARFIMA], method: str) -> dict[Order, ARFIMAResults]:
    return {order: model.fit(method, bias_correction=False) for order, model in models.items()}


def _screened(models: Mapping[Order, ARFIMA], criterion: str) -> dict[Order, ARFIMAResults]:
    """Exact fits of the orders that can win, the others as screened."""

    def value(fit: ARFIMAResults) -> float:
        return float(getattr(fit, criterion))

    small = [order for order in models if sum(order) <= _SMALL]
    fits = {order: models[order].fit(bias_correction=False) for order in small}
    lowest = min(value(fit) for fit in fits.values())
    for order in models:
        if order not in fits:
            fits[order] = models[order].screened(int(models[order].integration or 0))
    large = [order for order in models if sum(order) > _SMALL]
    for order in sorted(large, key=lambda order: value(fits[order])):
        if value(fits[order]) - _MARGIN > lowest:
            break
        fits[order] = models[order].fit(bias_correction=False)
        lowest = min(lowest, value(fits[order]))
    return fits

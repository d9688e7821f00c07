"""All tests of one series."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from numpy.typing import ArrayLike

from memtools import _validate
from memtools.exceptions import InvalidInputError
from memtools.inference.cointegrating_rank import cointegration_rank
from memtools.inference.cointegration_residuals import residual_cointegration_test
from memtools.inference.contaminated import contamination_test
from memtools.inference.differenced import difference_test
from memtools.inference.equality import (
    equal_memory_test,
    split_sample_test,
    temporal_aggregation_test,
)
from memtools.inference.goodness import goodness_of_fit_test
from memtools.inference.mean_shift import mean_shift_test
from memtools.inference.memory_change import memory_change_test
from memtools.inference.paired import paired_memory_test
from memtools.inference.short_memory import (
    kpss_test,
    lobato_robinson,
    modified_rescaled_range,
    phillips_perron_test,
    robinson_lm,
    vs_test,
)
from memtools.inference.spurious import qu_test
from memtools.inference.spurious_panel import multivariate_spurious_test
from memtools.inference.tempering import tempering_test
from memtools.inference.trend import trend_test
from memtools.results import CointegrationRank, TestResult, TestTable
from memtools.season import season_note

# Tests of one series, in the order in which they are shown.
TESTS: dict[str, Callable[..., TestResult]] = {
    "modified_rescaled_range": modified_rescaled_range,
    "vs_test": vs_test,
    "kpss_test": kpss_test,
    "phillips_perron_test": phillips_perron_test,
    "robinson_lm": robinson_lm,
    "lobato_robinson": lobato_robinson,
    "qu_test": qu_test,
    "contamination_test": contamination_test,
    "difference_test": difference_test,
    "split_sample_test": split_sample_test,
    "temporal_aggregation_test": temporal_aggregation_test,
    "mean_shift_test": mean_shift_test,
    "trend_test": trend_test,
    "memory_change_test": memory_change_test,
    "tempering_test": tempering_test,
    "goodness_of_fit_test": goodness_of_fit_test,
}

# Of several series at once, the columns of a frame.
TESTS_OF_SEVERAL: dict[str, Callable[..., TestResult | CointegrationRank]] = {
    "cointegration_rank": cointegration_rank,
    "residual_cointegration_test": lambda x: residual_cointegration_test(
        x.iloc[:, 0], x.iloc[:, 1:]
    ),
    "paired_memory_test": lambda x: paired_memory_test(x.iloc[:, 0], x.iloc[:, 1:]),
    "equal_memory_test": equal_memory_test,
    "multivariate_spurious_test": multivariate_spurious_test,
}


def memory_tests(
    x: ArrayLike, tests: str | Sequence[str] = "all", name: str | None = None
) -> TestTable:
    """Every test of memory on one series, with its defaults.

    Parameters
    ----------
    x : array_like, shape (n_obs,)
        The series.
    tests : str or sequence of str
        "all", or names of tests.
    name : str, optional
        Of the series; by default that of a pandas Series, or "series".

    Returns
    -------
    TestTable
        A row a test; a test that the series is not fit for is left out with its reason.  A season
        or cycle, which the tests do not allow for, is told in `notes`.

    Raises
    ------
    InvalidInputError
        Where `x` is no finite, varying series, a test is not known, or the only one asked for
        refuses the series.

    Notes
    -----
    The p-values are those of each test alone: of many tests under their nulls one in twenty is
    below 0.05.

    References
    ----------
    Those of the tests.

    Examples
    --------
    >>> import memtools as mt
    >>> found = mt.memory_tests(mt.datasets.load("nile"), ["vs_test", "mean_shift_test"])
    >>> list(found.to_frame().index)
    ['vs_test', 'mean_shift_test']
    """
    values = _validate.as_varying_series(x)
    names = list(TESTS) if tests == "all" else [tests] if isinstance(tests, str) else list(tests)
    for key in names:
        _validate.as_choice(key, "tests", [*TESTS, "all"])
    results: dict[str, TestResult] = {}
    skipped: dict[str, str] = {}
    given: Any = x
    for key in dict.fromkeys(names):
        try:
            results[key] = TESTS[key](given)
        except InvalidInputError as error:
            if len(names) == 1:
                raise
            skipped[key] = str(error)
    note = season_note(values)
    return TestTable(
        name=_validate.as_name(x, name),
        n_obs=len(values),
        results=results,
        skipped=skipped,
        notes=() if note is None else (note,),
    )

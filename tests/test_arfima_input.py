"""What ARFIMA refuses, and with which words."""

import numpy as np
import pandas as pd
import pytest

import memtools as mt

RNG = np.random.default_rng(1)
X = RNG.standard_normal(100)


@pytest.mark.parametrize(
    "order", [(-1, 0), (0, -2), (13, 0), (0, 50), (1,), (1, 0, 1, 0), 1, "ab", (1.0, 0), (True, 0)]
)
def test_orders(order):
    with pytest.raises(mt.InvalidInputError, match=r"^order must be \(p, q\)"):
        mt.ARFIMA(X, order)


@pytest.mark.parametrize(
    ("endog", "words"),
    [
        (np.ones(50), "a constant"),
        (np.zeros(50), "a constant"),
        (X[:10], "at least 16"),
        (np.where(np.arange(100) == 7, np.inf, X), "finite; got inf .*positions 7"),
        (X.reshape(50, 2), "one-dimensional"),
        (["a"] * 50, "real numbers"),
        (1e100 * X, "rescale"),
        (1e-100 * X, "rescale"),
    ],
)
def test_series(endog, words):
    with pytest.raises(mt.InvalidInputError, match=f"^endog must be .*{words}"):
        mt.ARFIMA(endog)


def test_perfect_fits():
    exog = RNG.standard_normal(100)
    with pytest.raises(mt.InvalidInputError, match="explain exactly"):
        mt.ARFIMA(2.0 + 3.0 * exog, exog=exog)
    with pytest.raises(mt.InvalidInputError, match="explain exactly"):
        mt.ARFIMA(np.arange(100.0), trend="ct")
    with pytest.raises(mt.InvalidInputError, match="constant after 1 difference"):
        mt.ARFIMA(np.arange(100.0), integration=1)


@pytest.mark.parametrize(
    ("exog", "words"),
    [
        (np.ones(100), "linearly independent.*'x1', a linear combination of 'const'"),
        (np.column_stack([X, 2 * X]), "linearly independent.*'x2'"),
        (np.zeros((100, 1)), "vary"),
        (np.ones((99, 1)), "matrix of 100 rows"),
        (np.full((100, 1), np.inf), "finite"),
        (RNG.standard_normal((100, 40)), "at most 25 regressors"),
    ],
)
def test_regressors(exog, words):
    with pytest.raises(mt.InvalidInputError, match=f"^exog must be .*{words}"):
        mt.ARFIMA(X, exog=exog)


@pytest.mark.parametrize("trend", ["ctt", None, 1, "C"])
def test_trends(trend):
    with pytest.raises(mt.InvalidInputError, match=r"^trend must be one of"):
        mt.ARFIMA(X, trend=trend)


@pytest.mark.parametrize(
    ("params", "words"),
    [
        ([0.0, 0.2, 1.0, 0.3, 1.0], "stationary AR"),
        ([0.0, 0.2, -1.5, 0.3, 1.0], "stationary AR"),
        ([0.0, 0.2, 0.5, 1.0, 1.0], "invertible MA"),
        ([0.0, 0.2, 0.5, 0.3, 0.0], "a positive sigma2"),
        ([0.0, 0.2, 0.5, 0.3, -1.0], "a positive sigma2"),
        ([0.0, -1.0, 0.5, 0.3, 1.0], r"d in \(-1, 3.5\)"),
        ([0.0, 9.0, 0.5, 0.3, 1.0], r"d in \(-1, 3.5\)"),
        ([0.2, 0.5, 0.3, 1.0], "5 values"),
        ([0.0, 1.2, 0.5, 0.3, 1.0], "4 values"),
        ([1.0], "5 values"),
        ([0.0, np.nan, 0.5, 0.3, 1.0], "finite"),
    ],
)
def test_parameters(params, words):
    with pytest.raises(mt.InvalidInputError, match=f"^params must be .*{words}"):
        mt.ARFIMA(X, (1, 1)).loglike(params)


def test_methods():
    with pytest.raises(mt.InvalidInputError, match=r"^method must be one of 'exact'"):
        mt.ARFIMA(X).fit("mle")
    with pytest.raises(mt.InvalidInputError, match=r"^bias_correction must be"):
        mt.ARFIMA(X).fit(bias_correction="yes")
    with pytest.raises(mt.InvalidInputError, match=r"^integration must be"):
        mt.ARFIMA(X, integration=4)


@pytest.fixture(scope="module")
def fit():
    return mt.ARFIMA(X).fit()


@pytest.mark.parametrize("steps", [0, -1, 1001, 2.5, "3", True])
def test_steps(fit, steps):
    with pytest.raises(mt.InvalidInputError, match=r"^steps must be an integer in 1..1000"):
        fit.forecast(steps)


@pytest.mark.parametrize("level", [0, 1, 95, 0.05, None])
def test_levels(fit, level):
    for result in (fit, fit.get_forecast(2), fit.t_test("d = 0")):
        with pytest.raises(mt.InvalidInputError, match=r"^level must be"):
            result.confidence_interval(level)


@pytest.mark.parametrize("alpha", [0, 1, 0.95, 5, None])
def test_alphas(fit, alpha):
    for result in (fit, fit.get_forecast(2), fit.t_test("d = 0")):
        with pytest.raises(mt.InvalidInputError, match=r"^alpha must be"):
            result.conf_int(alpha)


def test_regressors_of_the_future(fit):
    with pytest.raises(mt.InvalidInputError, match=r"^exog must be None"):
        fit.forecast(2, exog=np.ones((2, 1)))
    exog = pd.DataFrame({"a": RNG.standard_normal(100)})
    other = mt.ARFIMA(X, exog=exog).fit()
    for bad, words in (
        (None, "given for the 3 steps"),
        (np.ones((2, 1)), "3 rows"),
        (np.ones((3, 2)), "1 columns"),
        (pd.DataFrame({"b": np.ones(3)}), "named"),
    ):
        with pytest.raises(mt.InvalidInputError, match=f"^exog must be .*{words}"):
            other.forecast(3, bad)
    with pytest.raises(mt.InvalidInputError, match=r"^exog must be given"):
        other.append(X[:5])


def test_predictions_start_where_there_is_one(fit):
    for start, end in ((-1, None), (9999, None), (5, 4)):
        with pytest.raises(mt.InvalidInputError, match=r"^(start|end) must be"):
            fit.predict(start, end)


def test_given_parameters_have_no_standard_errors():
    with pytest.raises(mt.InvalidInputError, match="estimated for standard errors"):
        mt.ARFIMA(X).at([0.0, 0.1, 1.0]).bse  # noqa: B018


def test_parts_that_cancel_have_no_standard_errors():
    fit = mt.ARFIMA(X, (1, 1)).at([0.0, 0.1, 0.5, -0.5, 1.0])
    from memtools.arfima.uncertainty import covariance

    matrix = covariance(fit.level, fit.dynamics, fit.sigma2, held=[])
    assert np.isnan(matrix[1:4, 1:4]).all()
    assert np.isfinite(matrix[0, 0])


@pytest.mark.parametrize("name", ["max_p", "max_q"])
def test_selection(name):
    with pytest.raises(mt.InvalidInputError, match=f"^{name} must be"):
        mt.select_arfima(X, **{name: -1})
    with pytest.raises(mt.InvalidInputError, match=r"^order must be"):
        mt.select_arfima(X, **{name: 40})
    with pytest.raises(mt.InvalidInputError, match=r"^criterion must be"):
        mt.select_arfima(X, criterion="cv")


def test_regressors_with_other_labels_are_refused():
    endog = pd.Series(X, pd.date_range("2001-01-01", periods=100))
    exog = pd.Series(RNG.standard_normal(100), name="heat")
    with pytest.raises(mt.InvalidInputError, match="exog must be labelled as endog is"):
        mt.ARFIMA(endog, exog=exog)
    assert mt.ARFIMA(endog, exog=exog.to_numpy()).param_names[1] == "x1"


def test_an_interrupt_within_compiled_code_is_an_interrupt(monkeypatch):
    """It arrives as a SystemError about the result that the code was giving back."""

    def interrupted(*_):
        try:
            raise KeyboardInterrupt
        except KeyboardInterrupt as error:
            raise SystemError("returned a result with an exception set") from error

    for kernel in ("innovations", "schur"):
        monkeypatch.setattr(f"memtools._kernels.{kernel}", interrupted)
    with pytest.raises(KeyboardInterrupt):
        mt.ARFIMA(X).fit()

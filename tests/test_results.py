"""What all results share: print, repr, plain dictionaries, intervals, pages."""

import json
from dataclasses import replace
from importlib import import_module

import numpy as np
import pytest

import memtools as mt
from memtools import results
from memtools.results import Result


def subclasses(kind):
    return {kind}.union(*map(subclasses, kind.__subclasses__()))


@pytest.fixture(scope="module")
def examples():
    """One result of every class there is."""
    x = mt.simulate(mt.ARFIMAProcess(d=0.3), 300, rng=1)
    fit = mt.ARFIMA(x, (1, 0)).fit("whittle")
    noise = np.random.default_rng(2).standard_normal((300, 3))
    network = mt.networks.LSTM.initialise(1, 2, 1, rng=0)
    report = mt.diagnose(network, n_lags=60)
    estimate, portrait = mt.local_whittle(x), mt.portray(x)
    panel = mt.estimate_panel({"a": x, "flat": np.zeros(40)}, n_jobs=1)
    trained = mt.train(network, x[:50, None], x[:50, None], n_epochs=2)
    made = [fit, fit.get_forecast(3), fit.t_test("d = 0"), mt.select_arfima(x, 1, 0, method="css")]
    made += [mt.fit_artfima(x, method="whittle"), mt.mean_breaks(x, max_breaks=1)]
    made += [estimate, estimate.test(), portrait, portrait.report, portrait.correlogram, panel]
    made += [portrait.periodogram, portrait.bandwidth_curve, portrait.rolling, panel.rows[0]]
    made += [report, report.decay, report.theorem, report.impulse, trained, mt.rescaled_range(x)]
    made += [report.theorem.conditions[0]]
    made += [import_module("memtools.arfima.diagnostics").residual_diagnostics(fit)]
    study = mt.montecarlo.run(mt.gph, mt.ARFIMAProcess(d=0.2), 128, 4, rng=1, n_jobs=1)
    made += [study, study.cells[0], mt.mean_shift_test(x), mt.memory_tests(x)]
    chrono = mt.networks.LSTM.initialise(1, 64, 1, rng=0).params
    forget = np.log(np.random.default_rng(0).uniform(1.0, 300.0, 64))
    bias = np.concatenate([-forget, forget, np.zeros(128)])
    held = mt.networks.LSTM.from_params({**chrono, "bias_ih": bias, "bias_hh": 0.0 * bias})
    constants = mt.time_constants(held)
    together = mt.multivariate_local_whittle(np.column_stack([x, x[::-1]]))
    made += [together, together.total_memory]
    common = mt.cointegration_rank(np.column_stack([x + x[::-1], x, x[::-1]]) + 0.1 * noise)
    made += [mt.minimum_difference(x)]
    made += [common, mt.narrow_band_least_squares(x + 0.1 * noise[:, 0], x)]
    made += [mt.estimate_many(np.stack([x, x[::-1]]))]
    made += [mt.networks.forecast(mt.networks.arfima_network(d=0.3), x, 3)]
    made += [mt.select_network(x, ["RNN"], n_starts=1, n_epochs=3)]
    made += [mt.mfdfa(x, n_surrogates=10, rng=1), mt.dcca(x, x[::-1], n_paths=20, rng=1)]
    made += [constants, constants.imitates, constants.inverse_gamma]
    return {type(result).__name__: result for result in made}


def classes():
    for module in mt._MODULES:
        getattr(mt, module)
    ours = {kind for kind in subclasses(Result) if kind.__module__.startswith("memtools")}
    made = [kind for kind in ours if "__dataclass_fields__" in vars(kind)]
    # What only others are built on: the estimates below ARFIMAResults.
    return sorted({kind.__name__ for kind in made} - {"Estimates"})


@pytest.mark.parametrize("name", classes())
def test_print_is_the_summary_and_repr_one_line(examples, name):
    result = examples[name]
    assert str(result) == result.summary()
    assert repr(result).startswith(f"{name}(")
    assert "\n" not in repr(result)
    assert len(repr(result)) <= 160


@pytest.mark.parametrize("name", classes())
def test_plain_dictionaries_are_json(examples, name):
    shown = examples[name].to_dict()
    assert json.loads(json.dumps(shown, allow_nan=False)) == shown


@pytest.mark.parametrize("name", classes())
def test_every_result_of_the_house_lives_in_results(name):
    assert hasattr(results, name) or name == "ARFIMAResults"


@pytest.mark.parametrize("name", classes())
def test_intervals_refuse_the_others_argument(examples, name):
    result = examples[name]
    if hasattr(result, "confidence_interval"):
        low, high = result.confidence_interval(0.9)
        assert not np.any(np.asarray(low) > np.asarray(high))  # NaN where there is no d
        with pytest.raises(mt.InvalidInputError, match=r"^level must be .*; got 0.05"):
            result.confidence_interval(0.05)
    if hasattr(result, "conf_int"):
        with pytest.raises(mt.InvalidInputError, match=r"^alpha must be .*; got 0.95"):
            result.conf_int(0.95)


@pytest.mark.slow
def test_every_page_is_written_and_given_as_text(examples, tmp_path):
    for name in ("MemoryReport", "SeriesPortrait", "NetworkReport", "PanelReport"):
        result = examples[name]
        if name == "SeriesPortrait":  # with figures that are soon drawn
            result = replace(result, tests=None, scaling={}, rolling=None)
        page = result.to_html()
        assert page.startswith("<!doctype")
        result.to_html(tmp_path / "a.html")
        result.write(tmp_path / "b.html")
        assert (tmp_path / "a.html").read_text() != page  # it names the path in its last line
        assert len((tmp_path / "b.html").read_text()) == len((tmp_path / "a.html").read_text())
        with pytest.raises(mt.InvalidInputError, match=r"path must be a name in \.html"):
            result.to_html(tmp_path / "a.pdf")


def test_what_has_no_page_says_so(examples, tmp_path):
    with pytest.raises(mt.InvalidInputError, match="got Spectrum"):
        mt.reports.write(examples["Spectrum"], tmp_path / "a.html")

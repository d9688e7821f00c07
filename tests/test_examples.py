"""Every example runs in its quick mode and shows what it exists to show."""

import os
import re
import runpy
import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest
from matplotlib import pyplot as plt

from tests.conftest import data_folder

ROOT = Path(__file__).parents[1]
EXAMPLES = ROOT / "examples"
# These need data that are not installed with the tests.
NEED_DATA = {"arfima_compared_with_r", "arfima_paper_series", "trained_networks"}
NAMES = sorted(path.stem for path in EXAMPLES.glob("*.py"))
NUMBER = r"-?\d+(?:\.\d+)?(?:e[-+]\d+)?"


@cache
def output_of(name):
    """What an example prints; run once."""
    folder = data_folder()
    if name in NEED_DATA and folder is None:
        pytest.skip("the paper's series are not here: set MEMTOOLS_DATA to their folder")
    if name == "shipped_networks" and "MEMTOOLS_NETWORKS" not in os.environ:
        pytest.skip("the packages are not here: set MEMTOOLS_NETWORKS to their folder")
    done = subprocess.run(
        [sys.executable, str(EXAMPLES / f"{name}.py"), "--quick"],
        capture_output=True,
        text=True,
        env=os.environ
        | ({} if folder is None else {"MEMTOOLS_DATA": str(folder)})
        | {"PYTHONPATH": str(ROOT)},
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def numbers(line):
    return [float(found) for found in re.findall(NUMBER, line)]


def line_of(text, start):
    """The one line that begins so, blanks in front aside."""
    (line,) = [line for line in text.splitlines() if line.strip().startswith(start)]
    return line.strip()


def check_arfima_compared_with_r(text):
    page = (ROOT / "docs" / "arfima_compared_with_r.md").read_text()
    assert re.sub(NUMBER, "#", text) == re.sub(NUMBER, "#", page), "write the page again"
    pairs = zip(re.findall(NUMBER, text), re.findall(NUMBER, page), strict=True)
    assert not [pair for pair in pairs if not close(*pair)], "write the page again"


def close(found, printed):
    """Equal but for two units of the last digit printed, which the machine may turn."""
    digits = len(printed.partition(".")[2])
    return "e" in printed or abs(float(found) - float(printed)) < 2.5 * 10.0**-digits


def check_arfima_nile(text):
    best = min(
        re.findall(rf"^\((\d), (\d)\) +{NUMBER} +{NUMBER} +{NUMBER} +({NUMBER})", text, re.M),
        key=lambda row: float(row[2]),
    )
    assert best[:2] == ("0", "0")
    d, low, high = numbers(line_of(text, "d ="))[:3]
    assert low < d < high
    assert low > 0.0
    years = [line for line in text.splitlines() if re.match(r"19\d\d ", line)]
    assert [line[:4] for line in years] == ["1971", "1972", "1973", "1974", "1975"]
    widths = [numbers(line)[4] - numbers(line)[3] for line in years]
    assert widths == sorted(widths)  # the further ahead, the less is known


def check_arfima_paper_series(text):
    rows = [
        line for line in text.splitlines() if re.match(r"(d|ar\.L\d|ma\.L\d) .*\[.*covers", line)
    ]
    assert [row.split()[0] for row in rows] == ["d", "ar.L1", "ar.L2", "ma.L1"]
    assert all(row.endswith(" covers") for row in rows)


def check_arfima_vix(text):
    rows = [
        numbers(line)
        for line in text.splitlines()
        if re.match(rf" +\d+ +{NUMBER} +{NUMBER}$", line)
    ]
    assert [row[0] for row in rows] == [1.0, 5.0, 20.0]
    assert all(arfima < ar for _, arfima, ar in rows)


def check_network_memory(text):
    for cell in ("RNN", "LSTM", "GRU"):
        rejected, mean = numbers(line_of(text, cell))
        assert rejected <= 20.0  # of few paths; 5% where d = 0
        assert abs(mean) < 0.05
    verdicts = re.findall(rf"^  ({NUMBER}) (not )?ergodic|^  ({NUMBER}) geometrically", text, re.M)
    assert all((float(a or b) > 1.0) == bool(no) for a, no, b in verdicts)
    slopes = [numbers(line) for line in text.splitlines() if re.match(r"  -1\.\d+ -1\.\d+$", line)]
    assert len(slopes) == 3
    assert all(abs(slope - theory) < 0.002 for slope, theory in slopes)
    assert "polynomial" in line_of(text, "Decay of the weights")


def check_nile(text):
    rows = [line.split() for line in text.splitlines() if re.match(r" +0\.\d+ +\d+ \|", line)]
    assert len(rows) == (0 if data_folder() is None else 6)
    flow = [line.split() for line in text.splitlines() if re.match(r" +\d+ \| +0", line)]
    assert len(flow) == 4
    for row in rows:
        assert row[3] == row[4]  # Stata's lwhittle
        assert row[7] == row[8]  # Stata's exact local Whittle


def check_planted_decay(text):
    right, undecided = numbers(line_of(text, "right"))
    assert right >= 95.0
    assert undecided <= 15.0


def check_published_monte_carlo(text):
    rows = [line for line in text.splitlines() if re.match(rf" +{NUMBER} \| ", line)]
    assert len(rows) == 16
    assert all(abs(numbers(row)[3]) < 4.0 for row in rows)


def check_reanalysis_grid(text):
    alone, adjusted = (numbers(line_of(text, w)) for w in ("each cell at", "adjusted, at"))
    assert alone[2] > 20.0
    assert adjusted[2] < 9.0  # 5% and four standard errors of a hundred discoveries
    assert adjusted[4] > 80.0
    assert abs(numbers(line_of(text, "mean error"))[1]) < 0.02


def check_reviews(text):
    meant, published = text.split("published")
    for model in ("LSTM", "RNN"):
        assert numbers(line_of(meant, f"{model} "))[0] > numbers(line_of(published, f"{model} "))[0]


def check_shipped_networks(text):
    for name in ("speaker encoder", "voice detector", "speller, encoder", "speller, decoder"):
        error = float(re.search(r"checked to (\S+)", line_of(text, f"{name}:"))[1])
        assert error < 1e-5


def check_todays_networks(text):
    rows = [line for line in text.splitlines() if line.endswith("geometrically ergodic")]
    assert len(rows) == 9
    for row in rows:
        shortest, median, longest = numbers(re.sub(r"^\S+", "", row))[1:4]
        assert 0.0 < shortest <= median <= longest
    assert "ends exactly at lag 32" in line_of(text, "CausalConvolution")


def check_trained_networks(text):
    assert re.match(r"RNN +traffic +0% +100%", line_of(text, "RNN"))
    row = line_of(text, "MRNNF")
    assert re.match(r"MRNNF +traffic +100% +0%", row)
    law, learnt = re.search(rf"({NUMBER}) +\d+ +({NUMBER}) \(", row).groups()
    assert abs(float(law) - float(learnt)) <= 0.02


def check_whole_past(text):
    errors = dict(numbers(line) for line in text.splitlines()[1:11])
    assert errors[36] <= 1e-6 < errors[28]
    whole = numbers(line_of(text, "whole past, learnt"))
    assert whole[0] <= 1.02
    assert abs(whole[1] - 0.25) < 0.01
    assert numbers(line_of(text, "cut at 100, learnt"))[1] > 1.2
    computed, true = (line_of(text, f"cut at 100, {w}") for w in ("computed", "the true d"))
    assert abs(numbers(true)[1] / numbers(computed)[1] - 1.0) < 0.02


def check_filter_patterns(text):
    rows = [line for line in text.splitlines() if re.match(r"period 12|ARFIMA", line)]
    assert len(rows) == 12
    found = [float(re.search(r" (\d\.\d{3})  ", row)[1]) for row in rows]
    assert min(found) > 0.95  # no less than the innovations
    assert found[6] < 1.05  # the fractional filter of a fractional series
    assert all(" d 0." in row for row in rows if " free " not in row)


def check_other_networks(text):
    for name in ("MMinimalGRU", "MGRU, c = 0"):
        assert line_of(text, name).endswith("0.70  long memory, k^-0.7")
    for name in ("MGRU, c = -1", "FractionalConvolution"):
        row = line_of(text, name)
        assert row.endswith("long memory, k^-1.3")
        assert abs(numbers(row.removeprefix(name))[0] - 1.3) < 0.1
    sizes = [numbers(line)[-1] for line in text.splitlines() if "of the border" in line]
    assert sizes[0] < sizes[1] < 0.1 < sizes[2] < sizes[3]


def check_time_constants(text):
    shapes = [numbers(line)[0] for line in text.splitlines() if "Law of" in line]
    assert len(shapes) == 3
    assert shapes[2] == pytest.approx(0.56, abs=0.1)  # about three standard errors of 400 units
    imitated = [line for line in text.splitlines() if "The units together" in line]
    assert "no power law" in imitated[0]
    assert re.search(r"k\^-0\.\d+ at lags", imitated[2])


def check_volatility_baselines(text):
    one_day = {
        line.split("  ")[1].strip(): numbers(line.split("error")[1])[0]
        for line in text.splitlines()
        if "percent" in line
    }
    assert one_day.pop("the mean") > 1.15 * max(one_day.values())
    assert set(one_day) == {"ARFIMA(0, d, 1)", "GARCH", "FIGARCH", "HAR"}
    assert max(one_day.values()) < 1.03 * min(one_day.values())
    (whittle,) = numbers(line_of(text, "d of |return|").split("Whittle")[1])
    (figarch,) = numbers(line_of(text, "d of the squares"))
    assert abs(whittle - figarch) < 0.2
    vix = text.split("log VIX")[1]
    ours, har = (numbers(line_of(vix, name).split("error")[1])[0] for name in ("ARFIMA", "HAR"))
    assert 0.9 < ours / har < 1.1


def check_volatility(text):
    returns = numbers(line_of(text, "sp500 "))[1:]
    absolute = numbers(line_of(text, "sp500_abs "))[1:]
    assert max(map(abs, returns[1:])) < 0.03
    assert min(absolute[:3]) > 0.1
    whittle = [
        numbers(line)[0] for line in text.splitlines() if line.startswith("  local_whittle  ")
    ]
    assert len(whittle) == 2
    assert min(whittle) > 0.4


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("series_nile", "Undecided: "),  # long memory, or lower since 1899
        ("trained_lstm", "short memory; weights decay: exponential"),
        ("trained_mrnn", "long memory; weights decay: polynomial"),
    ],
)
def test_a_picture_of_the_gallery_says_what_stands_above_it(name, said, capsys):
    plt.switch_backend("agg")
    runpy.run_path(str(EXAMPLES / "gallery" / f"{name}.py"))
    plt.close("all")
    assert capsys.readouterr().out.startswith(said)


@pytest.mark.slow
@pytest.mark.parametrize("name", NAMES)
def test_example_shows_what_it_exists_to_show(name):
    globals()[f"check_{name}"](output_of(name))

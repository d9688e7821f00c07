"""Everything at once from several threads gives what one thread gives."""

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

import memtools as mt
from tests.test_properties import OF_COLUMNS, OF_ONE_SERIES, OF_TWO_SERIES, X, Y, Z, numbers

N_THREADS = 8


def fitted():
    return mt.ARFIMA(X, (1, 0)).fit().params


def passed():
    network = mt.networks.MRNN.initialise(1, 3, 1, rng=1, filter_length=20)
    return network.forward(X[:, np.newaxis])[0]


def trained():
    network = mt.networks.LSTM.initialise(1, 2, 1, rng=1)
    x = X[:60, np.newaxis]
    return mt.train(network, x, x, n_epochs=2).network.params["weight_hh"]


def streamed():
    stream = mt.OnlineMemory(64)
    for part in np.split(X, 10):
        stream.update(part)
    return stream.d


def written():
    return mt.simulate(mt.ARFIMAProcess(d=0.3), 500, rng=3)


def works():
    found = {name: lambda name=name: numbers(name, X) for name in OF_ONE_SERIES}
    for table, series in ((OF_TWO_SERIES, (X, Y)), (OF_COLUMNS, (Z.T,))):
        for name, (options, taken) in table.items():
            found[name] = lambda name=name, options=options, taken=taken, series=series: np.ravel(
                taken(getattr(mt, name)(*series, **options))
            )
    more = (fitted, passed, trained, streamed, written)
    return found | {work.__name__: work for work in more}


def together(names):
    """Threads come first: nothing is cached, imported or compiled for them by a call before."""
    every = works()
    rng = np.random.default_rng(1)
    names = [str(name) for name in rng.permutation(np.repeat(names or list(every), 2))]
    with ThreadPoolExecutor(N_THREADS) as pool:
        found = list(pool.map(lambda name: np.array(every[name](), dtype=float), names))
    alone = {name: np.array(every[name](), dtype=float) for name in set(names)}
    for name, values in zip(names, found, strict=True):
        np.testing.assert_array_equal(values, alone[name], err_msg=name)


def test_threads_calling_at_once_change_nothing():
    some = ("gph", "exact_local_whittle", "fgn_whittle", "wavelet_variance", "vs_test", "qu_test")
    together([*some, "fitted", "passed", "streamed", "written", "periodogram"])


@pytest.mark.slow
def test_threads_calling_everything_at_once_change_nothing():
    together(None)


@pytest.mark.slow
def test_threads_may_be_the_first_to_import():
    """A process in which nothing is loaded yet, and eight threads that want all of it."""
    root = Path(__file__).parents[1]
    program = "from tests.test_threads import together; together(['estimate', 'fitted', 'trained'])"
    for _ in range(3):
        subprocess.run([sys.executable, "-c", program], cwd=root, check=True, timeout=120)

"""Where the tests find the series that are not shipped with the project."""

import os
import signal
import threading
from pathlib import Path

import numpy as np
import pytest
from hypothesis import settings

# The first call of anything is slow (imports, compilation); time is no property of a result.
# The same examples at each run of continuous integration, new ones at every desk.
settings.register_profile("memtools", deadline=None, derandomize="CI" in os.environ)
settings.load_profile("memtools")

# A shell starts background jobs deaf to interrupts, and so are those that they start.
_DEAF = signal.getsignal(signal.SIGINT) is signal.SIG_IGN
if _DEAF and threading.current_thread() is threading.main_thread():
    signal.signal(signal.SIGINT, signal.default_int_handler)

_PLACES = (os.environ.get("MEMTOOLS_DATA"), Path(__file__).parents[2] / "shared" / "data")
_COLUMNS = {"nile": 1, "tree7": 0, "arfima": 0, "DJI": 0, "traffic": 1}


def data_folder():
    for place in _PLACES:
        if place and Path(place, "nile.csv").exists():
            return Path(place)
    return None


@pytest.fixture(scope="session")
def series():
    """Read one of the paper's series, or the Nile minima, by name."""
    folder = data_folder()
    if folder is None:
        pytest.skip("the paper's series are not here: set MEMTOOLS_DATA to their folder")

    def read(name):
        return np.loadtxt(folder / f"{name}.csv", delimiter=",", skiprows=1, usecols=_COLUMNS[name])

    return read

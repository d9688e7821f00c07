"""Golden values of MFDFA and DCCA from the Python packages MFDFA and fathon.

python multifractal_peers.py sunspots.txt    one number a line: memtools.datasets.load("sunspots")
"""

import importlib.metadata
import json
import sys

import fathon
import numpy as np
from fathon import fathonUtils
from MFDFA import MFDFA

SCALES = [16, 20, 26, 34, 44, 60]
Q = [-3.0, -1.0, 2.0, 4.0]


def main():
    x = np.loadtxt(sys.argv[1])
    y = np.roll(x, 3) + np.sin(np.arange(len(x)))
    _, own = MFDFA(x, lag=np.array(SCALES), q=np.array(Q), order=1)
    # fathon takes sums; toAggregated takes the mean off first.
    sums, others = (fathonUtils.toAggregated(v) for v in (x, y))
    _, theirs = fathon.MFDFA(sums).computeFlucVec(np.array(SCALES), np.array(Q), 1, revSeg=True)
    _, rho = fathon.DCCA(sums, others).computeRho(np.array(SCALES), polOrd=1)
    print(
        json.dumps(
            {
                "program": {k: importlib.metadata.version(k) for k in ("MFDFA", "fathon", "numpy")},
                "command": "python multifractal_peers.py sunspots.txt",
                "conventions": "y = numpy.roll(x, 3) + numpy.sin(numpy.arange(len(x)))",
                "scales": SCALES,
                "q": Q,
                "MFDFA": own.tolist(),
                "fathon": np.asarray(theirs).T.tolist(),
                "rho": np.asarray(rho).tolist(),
            },
            indent=1,
        )
    )


main()

"""Golden values of wavelet coefficients and of exponents by leaders from pymultifracs.

python pymultifracs_peer.py sp500_abs.txt    one number a line: memtools.datasets.load("sp500_abs")

Its own leaders are not those of the definition (0.3.1): at the finest octave the three neighbours
are summed instead of compared, and every octave is halved before it is compared with the next.
So leaders are laid in, made from its coefficients by the definition, and its regressions do the
rest.
"""

import importlib.metadata
import json
import sys
import warnings

import numpy as np
from pymultifracs.mf_analysis import mfa
from pymultifracs.multiresquantity import WaveletLeader
from pymultifracs.wavelet import wavelet_analysis

# At each octave an even number of values, where its coefficients end with the series.
N_OBS = 2048
Q = [-2.0, -1.0, 1.0, 2.0, 3.0]
OCTAVES = (3, 7)


def leaders(coefficients):
    """The largest of three neighbours and of all that lies below them."""
    found = WaveletLeader(
        gamint=0,
        n_channel=1,
        p_exp=np.inf,
        origin_mrq=coefficients,
        interval_size=3,
        wt_name=coefficients.wt_name,
    )
    below = None
    for octave, values in coefficients.values.items():
        size = np.abs(values[:, 0])
        if below is not None:
            n = min(len(size), len(below) // 2)
            finer = np.maximum(below[: 2 * n : 2], below[1 : 2 * n : 2])
            size[:n] = np.maximum(size[:n], finer)
            size[n:] = np.nan
        below = size
        largest = np.full_like(size, np.nan)
        largest[1:-1] = np.maximum(size[1:-1], np.maximum(size[:-2], size[2:]))
        found._add_values(largest[:, np.newaxis], octave)
    return found


def main():
    warnings.simplefilter("ignore")
    x = np.loadtxt(sys.argv[1])[:N_OBS]
    x = x - x.mean()
    coefficients = wavelet_analysis(x, wt_name="db3", normalization=2).values
    laid_in = leaders(wavelet_analysis(np.cumsum(x), wt_name="db3"))
    found = mfa(laid_in, scaling_ranges=[OCTAVES], weighted="Nj", q=np.array(Q), n_cumul=2)
    print(
        json.dumps(
            {
                "program": {k: importlib.metadata.version(k) for k in ("pymultifracs", "numpy")},
                "command": "python pymultifracs_peer.py sp500_abs.txt",
                "conventions": 'wavelet_analysis(x, wt_name="db3", normalization=2) of the '
                'series less its mean; of its sums, normalization=1, mfa(..., weighted="Nj")',
                "n_obs": N_OBS,
                "q": Q,
                "octaves": OCTAVES,
                "variances": [float(np.nanmean(v**2)) for v in coefficients.values()],
                "counts": [int(np.isfinite(v).sum()) for v in coefficients.values()],
                "zeta": np.ravel(found.structure.zeta).tolist(),
                "c2": float(np.ravel(found.cumulants.log_cumulants)[1]),
            },
            indent=1,
        )
    )


main()

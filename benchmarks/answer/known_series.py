"""What the verdict says of well-known series, beside what the literature says of them.

    python known_series.py

writes docs/known_series.md.  Tree rings and traffic are downloaded once (see `memtools datasets`),
Nile minima are read from MEMTOOLS_NILE_MINIMA (a CSV of year and level) where that is set.
"""

import os
from pathlib import Path

import numpy as np
import pandas as pd
import statsmodels.api as sm

import memtools as mt
from memtools.worlds.words import two

PAGE = Path(__file__).parents[2] / "docs" / "known_series.md"
# Box, Jenkins and Reinsel, series G: monthly passengers of international airlines, thousands.
PASSENGERS = """
112 118 132 129 121 135 148 148 136 119 104 118 115 126 141 135 125 149 170 170 158 133 114 140
145 150 178 163 172 178 199 199 184 162 146 166 171 180 193 181 183 218 230 242 209 191 172 194
196 196 236 235 229 243 264 272 237 211 180 201 204 188 235 227 234 264 302 293 259 229 203 229
242 233 267 269 270 315 364 347 312 274 237 278 284 277 317 313 318 374 413 405 355 306 271 306
315 301 356 348 355 422 465 467 404 347 305 336 340 318 362 348 363 435 491 505 404 359 310 337
360 342 406 396 420 472 548 559 463 407 362 405 417 391 419 461 472 535 622 606 508 461 390 432
"""
LITERATURE = {
    "nile": "A change of level about 1898 (Cobb, 1978, as R's `datasets::Nile` quotes it), or long "
    "memory: R/S gave Hurst (1951) H of about 0.73 on average of natural records.  A hundred "
    "observations leave it open.",
    "Nile minima, 622-1284": "Yearly minima at the Roda gauge near Cairo: the first data set of "
    "Beran's book on long memory (1994, p. 20-22).",
    "sunspots": "A cycle of about 11 years: a regression on the two years before (Yule, 1927), or "
    "a pole at the cycle, not at frequency zero (Gray, Zhang and Woodward, 1989; Hunt, Peiris and "
    "Weber, 2022).",
    "vix": "So persistent that regressions on the last day, week and month (HAR; Corsi, 2009) do "
    "as well as long memory and are hard to beat (Fernandes, Medeiros and Scharth, 2014).",
    "sp500": "Returns: no long memory once the short run is allowed for (Lo, 1991).",
    "sp500_abs": "Long memory (Ding, Granger and Engle, 1993); or short memory and shifts of the "
    "level, as log squared returns of the same index behave (Perron and Qu, 2010).",
    "tree7": "Used as a series with long memory by Zhao et al. (2020); six tree-ring series of the "
    "USA are no noise by detrended fluctuation analysis, one has long memory (Kim, Kim and Min, "
    "Applied Mathematics).",
    "traffic": "Used as a series with long memory by Zhao et al. (2020).",
    "log passengers": "The textbook example of a nonstationary seasonal series: differenced at "
    "lags 1 and 12, the airline model ARIMA(0, 1, 1) x (0, 1, 1)12 (Box and Jenkins, 1976).",
    "CO2 at Mauna Loa": "A rising trend and a year; seasonal ARIMA models that are fitted to it "
    "difference it at lags 1 and 12 (Inston, undated).",
}
REFERENCES = """
Looked up in public sources: abstracts, library records and the documentation of R and SAS.

Beran, J. (1994). Statistics for Long-Memory Processes. Chapman and Hall.  Data set 1 in the
documentation of R's longmemo.

Box, G. E. P. and Jenkins, G. M. (1976). Time Series Analysis: Forecasting and Control.  Series G;
SAS/ETS User's Guide, The ARIMA Procedure, seasonal model for the airline series.

Cobb, G. W. (1978). The problem of the Nile: conditional solution to a change-point problem.
Biometrika 65, 243-251.

Corsi, F. (2009). A simple approximate long-memory model of realized volatility. Journal of
Financial Econometrics 7, 174-196.

Ding, Z., Granger, C. W. J. and Engle, R. F. (1993). A long memory property of stock market returns
and a new model. Journal of Empirical Finance 1, 83-106.

Fernandes, M., Medeiros, M. C. and Scharth, M. (2014). Modeling and predicting the CBOE market
volatility index. Journal of Banking and Finance 40, 1-10.

Gray, H. L., Zhang, N.-F. and Woodward, W. A. (1989). On generalized fractional processes. Journal
of Time Series Analysis 10.

Hunt, R., Peiris, S. and Weber, N. (2022). Estimation methods for stationary Gegenbauer processes.
Statistical Papers. doi:10.1007/s00362-022-01290-3

Hurst, H. E. (1951). Long-term storage capacity of reservoirs. Transactions of the American Society
of Civil Engineers 116. doi:10.1061/taceat.0006518

Inston, J. R. Atmospheric CO2 time series: SARIMA(0, 1, 3) x (0, 1, 1)12 for Mauna Loa, 1959-1990.
johnrobininston.com/projects/atmospheric_co2_time_series

Kim, B., Kim, H. and Min, S. Hurst's memory for chaotic, tree ring, and SOI series. Applied
Mathematics, Scientific Research, paper 41956 of scirp.org.

Lo, A. W. (1991). Long-term memory in stock market prices. Econometrica 59, 1279-1313.

Perron, P. and Qu, Z. (2010). Long-memory and level shifts in the volatility of stock market return
indices. Journal of Business and Economic Statistics 28, 275-290.

Yule, G. U. (1927). On a method of investigating periodicities in disturbed series, with special
reference to Wolfer's sunspot numbers. Philosophical Transactions of the Royal Society A 226.

Zhao, J. et al. (2020). Do RNN and LSTM have long memory? ICML.
"""


def series():
    for name in ("nile", "sunspots", "vix", "sp500", "sp500_abs"):
        yield name, mt.datasets.load(name)
    if "MEMTOOLS_NILE_MINIMA" in os.environ:
        levels = pd.read_csv(os.environ["MEMTOOLS_NILE_MINIMA"], index_col=0).iloc[:, 0]
        yield "Nile minima, 622-1284", levels.astype(float)
    for name in ("tree7", "traffic"):
        yield name, mt.datasets.load(name)
    months = pd.period_range("1949-01", periods=144, freq="M")
    yield "log passengers", pd.Series(np.log(np.array(PASSENGERS.split(), float)), months)
    weekly = sm.datasets.co2.load_pandas().data["co2"]
    yield "CO2 at Mauna Loa", weekly.resample("MS").mean().interpolate()


def main():
    lines = [
        "# Known series",
        "",
        "What `estimate` says of series that everybody knows, beside what the literature says;",
        "made by `python benchmarks/answer/known_series.py`.",
        "",
    ]
    for name, x in series():
        report = mt.estimate(x)
        low, high = report.confidence_interval()
        lines += [
            f"## {name}",
            "",
            f"**{report.verdict}** ({report.n_obs:,} observations, d = {two(report.d)}, 95% "
            f"interval {two(low)} to {two(high)}).  {report.answer}",
            "",
            f"Literature: {LITERATURE[name]}",
            "",
        ]
        print(lines[-4])
    lines += ["## References", REFERENCES]
    PAGE.write_text("\n".join(lines).rstrip() + "\n")


if __name__ == "__main__":
    main()

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
    "nile": "A lower level since the first dam of 1899 (Cobb 1978), or long memory; with the shift "
    "taken out little memory is left (Durbin and Koopman 2012).",
    "Nile minima, 622-1284": "The series of Hurst (1951): long memory, H = 0.83 to 0.9 "
    "(Beran 1994).",
    "sunspots": "A cycle of about 11 years; short autoregressions since Yule (1927), also "
    "fractional at the cycle (Gil-Alana 2009).",
    "vix": "Strong memory, d about 0.7 to 1 or HAR; shifts of level in crises (Fernandes, Medeiros "
    "and Scharth 2014).",
    "sp500": "Returns: no memory to speak of (Lo 1991).",
    "sp500_abs": "Long memory, d about 0.4 (Ding, Granger and Engle 1993), or shifts of the level "
    "of volatility (Granger and Hyung 2004).",
    "tree7": "Long memory (Zhao et al. 2020, after local Whittle).",
    "traffic": "Long memory of counts (Zhao et al. 2020), with a week.",
    "log passengers": "A trend and a multiplicative season: seasonal random walk (Box and "
    "Jenkins 1970).",
    "CO2 at Mauna Loa": "A rising trend and a season: nonstationary.",
}


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
    PAGE.write_text("\n".join(lines).rstrip() + "\n")


if __name__ == "__main__":
    main()

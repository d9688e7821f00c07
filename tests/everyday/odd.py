"""Odder files: ages, codes of missing values, headers of numbers, JSON, instruments."""

import json
import re

import numpy as np
import pandas as pd

from tests.everyday.made import (
    COUNTS,
    DAYS,
    ENDS,
    EXACT,
    HOURS,
    LARGE,
    LEVEL,
    MONTH_ENDS,
    MONTHS,
    N_OBS,
    QUARTER_ENDS,
    Case,
    dated,
    dotted,
    gaps_at,
    iso,
    lines,
    put,
    rows,
)

FRENCH = {3: "mars", 4: "avril"}
# The end of a day as 24:00, as many loggers write it.
ENDS_OF_HOURS = [
    f"{h:%Y-%m-%d %H:%M}" if h.hour else f"{h - pd.Timedelta('1D'):%Y-%m-%d} 24:00" for h in HOURS
]
WEEKS = [d.isocalendar() for d in pd.date_range("2001-01-01", periods=N_OBS, freq="7D")]
PRESSURE = np.round(LEVEL + 960.0, 1)


def fill(code, values=LEVEL, places=(9, 10)):
    return Case(
        "a.csv", dated(iso, put(values, places, code)), error=re.escape(f"--na {code}, if it was")
    )


FILES = {
    # ages
    **{
        f"ages as {name}": Case(
            "a.csv",
            dated([f"{100 * i}" for i in range(N_OBS)], head=f"{name},x"),
            LEVEL[::-1].copy(),
            ("-5900", "0"),
            note="counts back",
        )
        for name in ("age_BP", "age_ka", "yr BP", "Age (ka BP)")
    },
    # codes of missing values
    **{
        f"the code {code}": fill(code)
        for code in ("-9.99e+33", "-8888", "-999", "99999", "-32768", "1e+20", "-6999", "9998")
    },
    "a pressure of 0": fill("0", PRESSURE),
    "one pressure of 0": fill("0", PRESSURE, (9,)),
    "-8888 near 10000": fill("-8888", np.round(LEVEL + 9950.0, 1)),
    "a code, told": Case(
        "a.csv",
        dated(iso, put(PRESSURE, (9, 10), "0")),
        np.where(np.isin(np.arange(N_OBS), (9, 10)), np.nan, PRESSURE),
        ENDS,
        options={"missing": "gaps", "na": ["0"]},
    ),
    # headers of numbers
    "two decimal names over a fixed number of decimals": Case(
        "a.csv",
        "0.5,1.5\n" + lines([(f"{v:.3f}", f"{-v:.3f}") for v in LEVEL]),
        LEVEL,
        column="0.5",
        note="fewer decimals",
    ),
    "two short numbers first": Case(
        "a.csv",
        "0.5,1.5\n" + lines([(int(c), -int(c)) for c in COUNTS]),
        [0.5, *COUNTS],
        column="0",
        note="line 1 .0.5, 1.5. is taken as values",
    ),
    "a whole number first": Case(
        "a.csv",
        lines([(int(c),) for c in COUNTS]),
        COUNTS,
        note="is taken as values; if names, say --header",
    ),
    "the number of values first": Case(
        "a.csv", lines([(N_OBS,), *((int(c),) for c in COUNTS)]), error="say --header to leave it"
    ),
    "a walk from 0 in six digits": Case(
        "a.csv",
        lines([(0,), *((f"{v:g}",) for v in np.cumsum(EXACT))]),
        error="may be a header or a value; say --header or --no-header",
    ),
    "5000 first, far from all": Case(
        "a.csv",
        lines([(5000,), *((f"{v:g}",) for v in np.r_[LEVEL, 50, 51, 52])]),
        error="may be a header or a value",
    ),
    # numbers
    "three decimals in all cells of a German file": Case(
        "a.csv",
        "Datum;v\n" + lines([(d, f"{v / 7:.3f}") for d, v in rows(dotted, LEVEL)], ";"),
        error="say --decimal '.' or --thousands '.'",
    ),
    "thousands in quotes": Case(
        "a.csv",
        "date,x\n" + lines([(d, f'"{int(v):,}"') for d, v in rows(iso, LARGE)]),
        np.floor(LARGE),
        ENDS,
        options={"thousands": ","},
    ),
    **{
        f"a cell {cell}": Case(
            "a.csv",
            dated(iso, put(LEVEL, (9, 10), cell)),
            gaps_at((9, 10)),
            ENDS,
            options={"missing": "gaps", "na": [cell]},
        )
        for cell in ("M", "T", "***", "9.188 # bad", "12.3*")
    },
    "a cell M, not told": Case(
        "a.csv", dated(iso, put(LEVEL, (9,), "M")), error="missing value say --na 'M'"
    ),
    "nothing at the ends": Case(
        "a.csv",
        dated(iso, put(LEVEL, (0, 58, 59), "")),
        LEVEL[1:-2],
        ("2019-03-02", "2019-04-27"),
        note="1 missing values at the start and 2 at the end are left out",
    ),
    "a sum below the table": Case(
        "a.csv", dated(iso) + "Total,1234\n", LEVEL, ENDS, note="text below the table"
    ),
    "pairs of words above the table": Case(
        "a.csv", "Station,Foo\nUnit,m\n" + dated(iso), LEVEL, ENDS, note="text before the table"
    ),
    # programs
    "R: print of a vector": Case(
        "a.txt",
        "".join(
            f"{'[' + str(i + 1) + ']':>5} " + " ".join(f"{v:5.2f}" for v in LEVEL[i : i + 7]) + "\n"
            for i in range(0, N_OBS, 7)
        ),
        LEVEL,
        note="as R prints a vector",
    ),
    "R: print of a yearly ts": Case(
        "a.txt",
        "Time Series:\nStart = 1871 \nEnd = 1930 \nFrequency = 1 \n"
        + " [1] "
        + " ".join(map(str, LEVEL[:40]))
        + "\n[41] "
        + " ".join(map(str, LEVEL[40:]))
        + "\n",
        LEVEL,
        ("1871", "1930"),
    ),
    "R: print of a quarterly ts": Case(
        "a.txt",
        "     Qtr1 Qtr2 Qtr3 Qtr4\n"
        + lines([(2001 + i, *LEVEL[4 * i : 4 * i + 4]) for i in range(15)], " "),
        LEVEL,
        QUARTER_ENDS,
        note="one quarterly series",
    ),
    "FRED: JSON as it comes": Case(
        "a.json",
        json.dumps(
            {
                "realtime_start": "2024-01-01",
                "count": N_OBS,
                "observations": [
                    {
                        "realtime_start": "2024-01-01",
                        "realtime_end": "2024-01-01",
                        "date": d,
                        "value": str(v),
                    }
                    for d, v in rows(iso, LEVEL.tolist())
                ],
            }
        ),
        LEVEL,
        ENDS,
    ),
    "broker: JSON of days by name": Case(
        "a.json",
        json.dumps(
            {
                "Meta Data": {"1. Information": "made up", "2. Symbol": "AB"},
                "Time Series (Daily)": {
                    d: {"1. open": str(v - 1), "4. close": str(v)}
                    for d, v in rows(iso, LEVEL.tolist())[::-1]
                },
            }
        ),
        LEVEL,
        ENDS,
        column="close",
        note="newest first",
    ),
    "JSON of two series": Case(
        "a.json",
        json.dumps({"a": LEVEL.tolist(), "b": EXACT.tolist()[1:]}),
        error="holds a, b; choose one with --variable",
    ),
    "JSON of two series, told": Case(
        "a.json",
        json.dumps({"a": LEVEL.tolist(), "b": EXACT.tolist()[1:]}),
        EXACT[1:],
        options={"variable": "b"},
    ),
    # instruments and offices
    "year, month, value without names": Case(
        "a.txt",
        lines([(m.year, m.month, v) for m, v in rows(MONTHS, LEVEL)], " "),
        LEVEL,
        MONTH_ENDS,
    ),
    "years by months without names": Case(
        "a.txt",
        lines([(2010 + i, *LEVEL[12 * i : 12 * i + 12]) for i in range(5)], " "),
        LEVEL,
        MONTH_ENDS,
        note="one monthly series",
    ),
    "year and month in words without names over them": Case(
        "a.csv",
        "A title;;\n;;Index\n"
        + lines(
            [(m.year, f"{m:%B}", f"{v:.2f}".replace(".", ",")) for m, v in rows(MONTHS, LEVEL)], ";"
        ),
        LEVEL,
        MONTH_ENDS,
    ),
    "a logger of four lines of head and a count of its records": Case(
        "a.csv",
        '"TOA5","CR1000"\n"TIMESTAMP","RECORD","Air"\n"TS","RN","Deg C"\n"","","Avg"\n'
        + lines([(f'"{h}"', i, v) for i, (h, v) in enumerate(rows(HOURS, LEVEL))]),
        LEVEL,
        ("2019-03-01", "2019-03-03 11:00:00"),
        note="counts of rows",
    ),
    "months in French, newest first": Case(
        "a.csv",
        '"Libellé";"Indice"\n"Dernière mise à jour";"14/06/2024"\n"Période";""\n'
        + lines([(f'"{m}"', f'"{v}"') for m, v in rows(MONTHS, LEVEL)][::-1], ";"),
        LEVEL,
        MONTH_ENDS,
        note="newest first",
    ),
    "dates in French": Case(
        "a.csv",
        "jour;débit\n"
        + lines(
            [
                (f"{d.day} {'mars' if d.month == 3 else 'avril'} {d.year}", v)
                for d, v in rows(DAYS, LEVEL)
            ],
            ";",
        ),
        LEVEL,
        ENDS,
    ),
    "dates of Japan": Case(
        "a.csv",
        dated([f"{d.year}年{d.month}月{d.day}日" for d in DAYS], head="日付,終値"),
        LEVEL,
        ENDS,
    ),
    "clocks with zones by name": Case(
        "a.csv",
        dated([f"{h:%d.%m.%Y %H:%M} CET" for h in HOURS]),
        LEVEL,
        ("2019-03-01 00:00:00+01:00", "2019-03-03 11:00:00+01:00"),
    ),
    "24:00 for the end of a day": Case(
        "a.csv",
        dated(
            [
                f"{h:%Y-%m-%d %H:%M}" if h.hour else f"{h - pd.Timedelta('1D'):%Y-%m-%d} 24:00"
                for h in HOURS
            ]
        ),
        LEVEL,
        ("2019-03-01", "2019-03-03 11:00:00"),
    ),
    "ISO weeks": Case(
        "a.csv",
        dated(
            [
                f"{d.isocalendar()[0]}-W{d.isocalendar()[1]:02d}"
                for d in pd.date_range("2001-01-01", periods=N_OBS, freq="7D")
            ]
        ),
        LEVEL,
        ("2001-01-01", "2002-02-18"),
    ),
    "modified Julian days": Case(
        "a.csv",
        dated([f"{58543.5 + i}" for i in range(N_OBS)], head="MJD,mag"),
        LEVEL,
        ("2019-03-01 12:00:00", "2019-04-29 12:00:00"),
    ),
    "two rows named, columns of years": Case(
        "a.csv",
        lines([("Country", *range(1901, 1961)), ("A", *LEVEL), ("B", *LARGE)]),
        error="say --orient rows .and --column for one of them.",
    ),
    "two rows named, columns of years, told": Case(
        "a.csv",
        lines([("Country", *range(1901, 1961)), ("A", *LEVEL), ("B", *LARGE)]),
        LARGE,
        ("1901", "1960"),
        column="B",
        options={"orient": "rows"},
    ),
    "hours and minutes in one number, newest first": Case(
        "a.csv",
        dated([f"{h:%Y%m%d%H%M}" for h in HOURS], newest_first=True),
        LEVEL,
        ("2019-03-01", "2019-03-03 11:00:00"),
    ),
    "days counted from a day that the file does not name": Case(
        "a.csv",
        dated([str(43525 + i) for i in range(N_OBS)]),
        LEVEL,
        ENDS,
        note="43525 is read as 2019-03-01",
    ),
}

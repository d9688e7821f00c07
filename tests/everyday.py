"""Everyday files in the writing of the programs and offices that make them, with what they hold.

Each is made here of numbers drawn here; none is anybody's data.  `FILES` maps a description to a
`Case`: what is written, how it is asked for, and the series it must give, or what it is refused
with.
"""

import csv
import gzip
import io
import json
import zipfile
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

N_OBS = 60
_RNG = np.random.default_rng(20)
LEVEL = np.round(50.0 + np.cumsum(_RNG.standard_normal(N_OBS)), 2)
LEVEL[::7] += 0.01  # decimals in most cells
LEVEL = np.round(LEVEL, 2)
EXACT = _RNG.standard_normal(N_OBS)  # all 17 digits
COUNTS = _RNG.integers(20, 90, N_OBS).astype(float)
LARGE = np.round(1000.0 + 40_000.0 * _RNG.random(N_OBS), 2)
DAYS = pd.date_range("2019-03-01", periods=N_OBS, freq="D")
WEEKDAYS = pd.bdate_range("2019-03-01", periods=N_OBS + 3).delete([20, 35, 36])
MONTHS = pd.period_range("2010-01", periods=N_OBS, freq="M")
YEARS = range(1901, 1901 + N_OBS)


@dataclass
class Case:
    """A file, the question, and the answer: values and first and last label, or an error."""

    name: str
    data: bytes | str
    values: object = None
    ends: tuple[str, str] | None = None
    column: str | None = None
    options: dict = field(default_factory=dict)
    error: str | None = None
    note: str | None = None


def lines(rows, separator=",", end="\n"):
    return end.join(separator.join(map(str, row)) for row in rows) + end


def rows(*columns):
    return list(zip(*columns, strict=True))


def put(values, places, cell):
    """The values with a cell of its own at some places."""
    return [cell if i in places else value for i, value in enumerate(values)]


def gaps_at(places):
    return np.where(np.isin(np.arange(N_OBS), places), np.nan, LEVEL)


def comma(value, digits=2):
    return f"{value:.{digits}f}".replace(".", ",")


def german(value):
    """1.234,50"""
    return f"{value:,.2f}".replace(",", "_").replace(".", ",").replace("_", ".")


def text_of(frame, **options):
    return frame.to_csv(**options)


def quoted(rows, **options):
    out = io.StringIO()
    csv.writer(out, **options).writerows(rows)
    return out.getvalue()


DATED = pd.Series(LEVEL, DAYS)
ENDS = ("2019-03-01", "2019-04-29")
MONTH_ENDS = ("2010-01", "2014-12")
YEAR_ENDS = ("1901", "1960")
iso = [f"{day:%Y-%m-%d}" for day in DAYS]
us = [f"{day:%m/%d/%Y}" for day in DAYS]
dotted = [f"{day:%d.%m.%Y}" for day in DAYS]

FILES = {
    # pandas
    "pandas: Series without a name": Case("a.csv", text_of(DATED), LEVEL, ENDS, note="header"),
    "pandas: Series with a name": Case("a.csv", text_of(DATED.rename("flow")), LEVEL, ENDS),
    "pandas: frame without names or index": Case(
        "a.csv", text_of(pd.DataFrame(EXACT), index=False), EXACT, note="header"
    ),
    "pandas: frame without names, with index": Case("a.csv", text_of(pd.DataFrame(EXACT)), EXACT),
    "pandas: a column called 2020": Case(
        "a.csv", text_of(pd.DataFrame({2020: LEVEL}), index=False), LEVEL, note="header"
    ),
    "pandas: an array without header": Case(
        "a.csv", text_of(pd.DataFrame(EXACT), index=False, header=False), EXACT
    ),
    "pandas: periods": Case(
        "a.csv", text_of(pd.Series(LEVEL, MONTHS, name="rate")), LEVEL, MONTH_ENDS
    ),
    "pandas: quarters": Case(
        "a.csv",
        text_of(pd.Series(LEVEL, pd.period_range("2001Q1", periods=N_OBS, freq="Q"), name="gdp")),
        LEVEL,
        ("2001Q1", "2015Q4"),
    ),
    "pandas: index after a filter": Case(
        "a.csv", text_of(pd.Series(LEVEL, np.arange(N_OBS) * 3, name="x")), LEVEL
    ),
    "pandas: with zones": Case(
        "a.csv",
        text_of(pd.Series(LEVEL, DAYS.tz_localize("UTC"), name="x")),
        LEVEL,
        ("2019-03-01", "2019-04-29"),
    ),
    "pandas: columns of two levels": Case(
        "a.csv",
        text_of(
            pd.DataFrame(
                np.column_stack([LEVEL, LARGE]),
                DAYS.rename("Date"),
                pd.MultiIndex.from_tuples([("Close", "AB"), ("Volume", "AB")], names=["P", "T"]),
            )
        ),
        LEVEL,
        ENDS,
        column="close",
    ),
    "pandas: records": Case(
        "a.json",
        json.dumps([{"date": d, "x": v} for d, v in zip(iso, EXACT.tolist(), strict=True)]),
        EXACT,
        ENDS,
    ),
    "pandas: columns of JSON": Case(
        "a.json", pd.DataFrame({"x": LEVEL}, index=iso).to_json(), LEVEL, ENDS
    ),
    "pandas: split": Case(
        "a.json", pd.DataFrame({"x": LEVEL}, index=iso).to_json(orient="split"), LEVEL, ENDS
    ),
    "pandas: JSON lines": Case(
        "a.jsonl",
        pd.DataFrame({"date": iso, "x": LEVEL}).to_json(orient="records", lines=True),
        LEVEL,
        ENDS,
    ),
    # R
    "R: write.csv of a vector": Case(
        "a.csv", '"","x"\n' + lines([(f'"{i + 1}"', v) for i, v in enumerate(LEVEL)]), LEVEL
    ),
    "R: write.csv2": Case(
        "a.csv",
        '"";"x"\n' + lines([(f'"{i + 1}"', comma(v)) for i, v in enumerate(LEVEL)], ";"),
        LEVEL,
        note="comma",
    ),
    "R: write.table": Case(
        "a.txt", '"x"\n' + lines([(f'"{i + 1}"', v) for i, v in enumerate(LEVEL)], " "), LEVEL
    ),
    "R: write.zoo": Case(
        "a.txt",
        '"Index" "flow"\n' + lines(rows(iso, LEVEL), " "),
        LEVEL,
        ENDS,
    ),
    "R: yearmon": Case(
        "a.csv",
        '"Index","x"\n' + lines([(f'"{m:%b %Y}"', v) for m, v in zip(MONTHS, LEVEL, strict=True)]),
        LEVEL,
        MONTH_ENDS,
    ),
    "R: yearqtr": Case(
        "a.csv",
        '"Index","x"\n'
        + lines([(f'"{1990 + i // 4} Q{i % 4 + 1}"', v) for i, v in enumerate(LEVEL)]),
        LEVEL,
        ("1990Q1", "2004Q4"),
    ),
    "R: time of a monthly ts": Case(
        "a.csv",
        '"","time","value"\n'
        + lines(
            [(f'"{i + 1}"', f"{1959 + i / 12:.4f}", v) for i, v in enumerate(LEVEL)],
        ),
        LEVEL,
        ("1959-01", "1963-12"),
    ),
    "R: print of a monthly ts": Case(
        "a.txt",
        "      Jan   Feb   Mar   Apr   May   Jun   Jul   Aug   Sep   Oct   Nov   Dec\n"
        + lines([(2010 + i, *LEVEL[12 * i : 12 * i + 12]) for i in range(5)], " "),
        LEVEL,
        MONTH_ENDS,
    ),
    # Excel
    "Excel: German": Case(
        "a.csv",
        "Jahr;Abfluss\r\n"
        + lines([(y, comma(v)) for y, v in zip(YEARS, LEVEL, strict=True)], ";", "\r\n"),
        LEVEL,
        YEAR_ENDS,
    ),
    "Excel: German, with a mark of the order of bytes": Case(
        "a.csv",
        b"\xef\xbb\xbf"
        + (
            "Datum;Wert\r\n"
            + lines([(d, german(v)) for d, v in zip(dotted, LARGE, strict=True)], ";", "\r\n")
        ).encode(),
        LARGE,
        ENDS,
        note="points part thousands",
    ),
    "Excel: sep=": Case(
        "a.csv",
        "sep=;\r\nDate;x\r\n"
        + lines([(d, comma(v)) for d, v in zip(iso, LEVEL, strict=True)], ";", "\r\n"),
        LEVEL,
        ENDS,
    ),
    "Excel: Unicode text": Case(
        "a.txt",
        ("Date\tx\r\n" + lines(rows(iso, LEVEL), "\t", "\r\n")).encode("utf-16"),
        LEVEL,
        ENDS,
    ),
    "Excel: Windows letters": Case(
        "a.csv",
        (
            "Tag;Höhe\r\n" + lines([(d, comma(v)) for d, v in zip(dotted, LEVEL, strict=True)], ";")
        ).encode("cp1252"),
        LEVEL,
        ENDS,
        note="Latin-1",
    ),
    "Excel: French thousands": Case(
        "a.csv",
        "Date;Débit\n"
        + lines(
            [
                (d, f"{v:,.2f}".replace(",", "\u202f").replace(".", ","))
                for d, v in zip(iso, LARGE, strict=True)
            ],
            ";",
        ),
        LARGE,
        ENDS,
    ),
    "Excel: Swiss thousands": Case(
        "a.csv",
        "Datum;Wert\n"
        + lines(
            [(d, f"{v:,.2f}".replace(",", "'")) for d, v in zip(dotted, LARGE, strict=True)], ";"
        ),
        LARGE,
        ENDS,
    ),
    "Excel: accounting": Case(
        "a.csv",
        quoted(
            [("Month", "Profit")]
            + [
                (f"{m:%b-%y}", f"${v:,.2f}" if i % 3 else f"(${v:,.2f})")
                for i, (m, v) in enumerate(zip(MONTHS, LARGE, strict=True))
            ]
        ),
        np.where(np.arange(N_OBS) % 3, LARGE, -LARGE),
        MONTH_ENDS,
        note="parentheses",
    ),
    "Excel: percent": Case(
        "a.csv",
        "Date,Share\n" + lines([(d, f"{v:.2f}%") for d, v in zip(iso, LEVEL, strict=True)]),
        LEVEL,
        ENDS,
        note="percent",
    ),
    "Excel: title, units, footer": Case(
        "a.csv",
        "Daily level of a river,\n,\nDate,Level\n,(m)\n"
        + lines(rows(iso, LEVEL))
        + "Source: made up,\n",
        LEVEL,
        ENDS,
        note="text before the table",
    ),
    "Excel: serial dates": Case(
        "a.csv",
        "Date,Level\n" + lines([(43525 + i, v) for i, v in enumerate(LEVEL)]),
        LEVEL,
        ENDS,
    ),
    # brokers
    "broker: newest first": Case(
        "a.csv",
        "Date,Close\n"
        + lines(
            [(f"{d:%b %d, %Y}".join('""'), v) for d, v in zip(WEEKDAYS, LEVEL, strict=True)][::-1]
        ),
        LEVEL,
        ("2019-03-01", "2019-05-28"),
        note="newest first",
    ),
    "broker: columns of a quote, one asked for": Case(
        "a.csv",
        "Date,Open,High,Low,Close,Adj Close,Volume\n"
        + lines(
            [(d, v, v + 1, v - 1, v + 0.5, v + 0.5, 1000) for d, v in zip(iso, LEVEL, strict=True)]
        ),
        LEVEL + 0.5,
        ENDS,
        column="close",
    ),
    "broker: columns of a quote, none asked for": Case(
        "a.csv",
        "Date,Open,Close,Volume\n"
        + lines([(d, v, v + 0.5, i + 7) for i, (d, v) in enumerate(zip(iso, LEVEL, strict=True))]),
        error="several numeric columns; choose one of: Open, Close, Volume",
    ),
    "broker: prices with thousands beside a count": Case(
        "a.csv",
        quoted(
            [("Date", "n", "Price")]
            + [(d, n % 5 + 1, f"{v:,.2f}") for n, (d, v) in enumerate(zip(us, LARGE, strict=True))]
        ),
        LARGE,
        ENDS,
        column="Price",
    ),
    "broker: prices nobody can read beside a count": Case(
        "a.csv",
        quoted(
            [("Date", "n", "Price")]
            + [
                (d, n % 5 + 1, f"about {v:,.2f} or so" if n == 7 else f"{v:,.2f}")
                for n, (d, v) in enumerate(zip(us, LARGE, strict=True))
            ]
        ),
        error="line 9, column Price: 'about",
    ),
    "broker: German prices beside a volume": Case(
        "a.csv",
        "Datum;Menge;Kurs\n"
        + lines(
            [
                (d, f"{int(m) * 97:,}".replace(",", "."), comma(k))
                for d, m, k in zip(dotted, COUNTS, LEVEL, strict=True)
            ],
            ";",
        ),
        COUNTS.astype(int) * 97.0,
        ENDS,
        column="Menge",
    ),
    "broker: intraday in two columns": Case(
        "a.csv",
        "Date,Time,Close\n"
        + lines(
            [
                (
                    "2019-03-01" if i < 30 else "2019-03-02",
                    f"{9 + i % 30 // 4:02d}:{15 * (i % 30 % 4):02d}",
                    v,
                )
                for i, v in enumerate(LEVEL)
            ]
        ),
        LEVEL,
        ("2019-03-01 09:00:00", "2019-03-02 16:15:00"),
    ),
    "broker: seconds since 1970": Case(
        "a.csv",
        "timestamp,price\n" + lines([(1_551_398_400 + 86_400 * i, v) for i, v in enumerate(LEVEL)]),
        LEVEL,
        ENDS,
    ),
    # FRED, NOAA, USGS, Eurostat
    "FRED: points on holidays": Case(
        "a.csv",
        "observation_date,DGS10\n" + lines(rows(iso, put(LEVEL, (20, 41), "."))),
        gaps_at((20, 41)),
        ENDS,
        options={"missing": "drop"},
    ),
    "FRED: points on holidays, nothing said": Case(
        "a.csv",
        "observation_date,DGS10\n" + lines(rows(iso, put(LEVEL, (20, 41), "."))),
        error="line 22, column DGS10: '.' is no number; 2 of 60 are missing: say --missing longest",
    ),
    "FRED: JSON": Case(
        "a.json",
        json.dumps(
            {
                "units": "lin",
                "observations": [
                    {"date": d, "value": str(v)} for d, v in zip(iso, LEVEL, strict=True)
                ],
            }
        ),
        LEVEL,
        ENDS,
    ),
    "NOAA: comments, year, month, decimal year": Case(
        "a.txt",
        "# monthly means\n# not real\n#\nyear,month,decimal,average\n"
        + lines(
            [
                (m.year, m.month, f"{m.year + (m.month - 0.5) / 12:.4f}", v)
                for m, v in zip(MONTHS, LEVEL, strict=True)
            ]
        ),
        LEVEL,
        MONTH_ENDS,
    ),
    "NOAA: fill values": Case(
        "a.csv",
        "DATE,TMAX\n" + lines(rows(iso, put(LEVEL, (9, 10), -9999))),
        error="line 11, column TMAX: -9999 lies far from .* .2 of 60 cells.*--na -9999",
    ),
    "NOAA: fill values, told": Case(
        "a.csv",
        "DATE,TMAX\n" + lines(rows(iso, put(LEVEL, (9, 10), 999.9))),
        gaps_at((9, 10)),
        ENDS,
        options={"missing": "gaps", "na": ["999.9"]},
    ),
    "NOAA: years by months": Case(
        "a.txt",
        lines([["Year", *pd.date_range("2001-01", periods=12, freq="MS").strftime("%b")]], " ")
        + lines([(2010 + i, *LEVEL[12 * i : 12 * i + 12]) for i in range(5)], "  "),
        LEVEL,
        MONTH_ENDS,
        note="one monthly series",
    ),
    "USGS: RDB": Case(
        "a.rdb",
        "# made up\n#\nagency_cd\tsite_no\tdatetime\t1_00060_00003\t1_00060_00003_cd\n"
        "5s\t15s\t20d\t14n\t10s\n"
        + lines(
            [
                ("USGS", "01491000", d, v, "A" if i < 40 else "P")
                for i, (d, v) in enumerate(zip(iso, LEVEL, strict=True))
            ],
            "\t",
        ),
        LEVEL,
        ENDS,
        note="site_no",
    ),
    "USGS: a month is missing": Case(
        "a.csv",
        "month,flow\n"
        + lines([(m, v) for i, (m, v) in enumerate(zip(MONTHS, LEVEL, strict=True)) if i != 30]),
        error="has no row for 2012-07; 1 of 60 are missing",
    ),
    "office: months as 2020M01": Case(
        "a.tsv",
        "TIME_PERIOD\tOBS_VALUE\n"
        + lines([(f"{m.year}M{m.month:02d}", v) for m, v in zip(MONTHS, LEVEL, strict=True)], "\t"),
        LEVEL,
        MONTH_ENDS,
    ),
    "office: two thirds empty beside another": Case(
        "a.csv",
        "date,flow,temperature\n"
        + lines(
            [
                (d, "" if i % 3 else v, c)
                for i, (d, v, c) in enumerate(zip(iso, LEVEL, COUNTS, strict=True))
            ]
        ),
        error="several numeric columns; choose one of: flow, temperature",
    ),
    "office: names in a comment, a station first": Case(
        "a.txt",
        "# made up\n# STN,YYYYMMDD,   TG\n\n"
        + lines(rows(["  260"] * N_OBS, [f"{day:%Y%m%d}" for day in DAYS], LEVEL)),
        LEVEL,
        ENDS,
        note="comment",
    ),
    "office: a row a country, a column a year": Case(
        "a.csv",
        '"Source","made up"\n\n"Country Name","Country Code",'
        + lines([[f'"{year}"' for year in YEARS], ["Nowhere", "NWH", *LEVEL]]).replace(
            "Nowhere", '"Nowhere"'
        ),
        LEVEL,
        YEAR_ENDS,
        note="one row",
    ),
    "office: months as M01 beside a year": Case(
        "a.csv",
        "Series Id:,LNS\nNot adjusted\n\nYear,Period,Value\n"
        + lines(rows([m.year for m in MONTHS], [f"M{m.month:02d}" for m in MONTHS], LEVEL)),
        LEVEL,
        MONTH_ENDS,
    ),
    "office: year and quarter": Case(
        "a.csv",
        "Year,Quarter,Output\n"
        + lines([(2001 + i // 4, i % 4 + 1, v) for i, v in enumerate(LEVEL)]),
        LEVEL,
        ("2001Q1", "2015Q4"),
    ),
    "office: a station's name that looks like a number": Case(
        "a.csv",
        " ID,PARAM,Date,Value,SYM\n"
        + lines([("05AA", 1, f"{d:%Y/%m/%d}", v, "") for d, v in rows(DAYS, LEVEL)]),
        LEVEL,
        ENDS,
    ),
    "office: a cell that holds a blank": Case(
        "a.csv",
        "x\n" + lines([(v,) for v in put(LEVEL, (3,), " ")]),
        error="line 5, column x: an empty cell is no number",
    ),
    "office: a note with a line's end in it": Case(
        "a.csv",
        "date,note,x\n" + lines([(d, '"a\nb"', v) for d, v in rows(iso, LEVEL)]),
        LEVEL,
        ENDS,
    ),
    "office: text before the table, no commas in it": Case(
        "a.csv",
        "A river\nIts flow\n\nDate;Flow\n" + lines(rows(iso, LEVEL), ";"),
        LEVEL,
        ENDS,
        note="before the table",
    ),
    # loggers, programs
    "NumPy: savetxt": Case("a.txt", lines([(f"{v:.18e}",) for v in EXACT]), EXACT),
    "NumPy: savetxt with a header": Case(
        "a.txt",
        "# time flow\n"
        + lines([(f"{0.1 * i:.3f}", f"{v:.18e}") for i, v in enumerate(EXACT)], " "),
        EXACT,
    ),
    "Fortran: columns": Case(
        "a.dat",
        lines([(f"{i + 1:5d}", f"{v:14.6E}".replace("E", "D")) for i, v in enumerate(LEVEL)], ""),
        LEVEL,
    ),
    "MATLAB: one row": Case("a.csv", lines([EXACT.tolist()]), EXACT, note="one row"),
    "pipes": Case(
        "a.txt",
        "day|flow\n" + lines(rows(iso, LEVEL), "|"),
        LEVEL,
        ENDS,
    ),
    "logger: a header with blanks": Case(
        "a.csv", "Adj Close\n" + lines([(v,) for v in LEVEL]), LEVEL
    ),
    "logger: day first": Case(
        "a.csv",
        "date,x\n" + lines([(f"{d:%d/%m/%Y}", v) for d, v in zip(DAYS, LEVEL, strict=True)]),
        LEVEL,
        ENDS,
        note="day first",
    ),
    "logger: month first, months": Case(
        "a.csv",
        "date,x\n"
        + lines([(f"{m.month}/1/{m.year}", v) for m, v in zip(MONTHS, LEVEL, strict=True)]),
        LEVEL,
        ("2010-01-01", "2014-12-01"),
        note="month first",
    ),
    "logger: a decimal comma or a thousand": Case(
        "a.csv",
        "t;x\n" + lines([(i, f"{i + 1},{(37 * i) % 900 + 100}") for i in range(N_OBS)], ";"),
        error="line 2, column x: '1,100' may be 1.100 or 1100; say --decimal ','",
    ),
    "logger: a decimal comma or a thousand, told": Case(
        "a.csv",
        "t;x\n" + lines([(i, f"{i + 1},{(37 * i) % 900 + 100}") for i in range(N_OBS)], ";"),
        [float(f"{i + 1}.{(37 * i) % 900 + 100}") for i in range(N_OBS)],
        options={"decimal": ","},
    ),
    "logger: a date twice": Case(
        "a.csv",
        "date,x\n" + lines([(d, v) for d, v in zip([iso[0], *iso[:-1]], LEVEL, strict=True)]),
        error="line 3, column date: 2019-03-01 a second time",
    ),
    "logger: dates in no order": Case(
        "a.csv",
        "date,x\n"
        + lines([(d, v) for d, v in zip([iso[1], iso[0], *iso[2:]], LEVEL, strict=True)]),
        error="line 3, column date: 2019-03-01 after 2019-03-02; sort",
    ),
    "logger: 100_5": Case(
        "a.csv",
        "x\n" + lines([(f"{int(v)}_5",) for v in LEVEL]),
        error="line 2, column x: '[0-9]+_5' is no number",
    ),
    "compressed": Case(
        "a.csv.gz", gzip.compress(lines([("x",), *[(v,) for v in LEVEL]]).encode()), LEVEL
    ),
    "an identity that no float holds": Case(
        "a.csv",
        "x\n" + lines([(9007199254740993 + 2 * i,) for i in range(N_OBS)]),
        error="line 2, column x: 9007199254740993 has more digits",
    ),
}


def zipped(name, text):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr(name, text)
    return out.getvalue()


FILES["an archive"] = Case(
    "a.zip", zipped("flow.csv", lines([("x",), *[(v,) for v in LEVEL]])), LEVEL
)

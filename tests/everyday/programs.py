"""Files as programs write them: pandas, R, Excel, NumPy, loggers."""

import gzip
import io
import json
import zipfile

import numpy as np
import pandas as pd

from tests.everyday.made import (
    DATED,
    DAYS,
    ENDS,
    EXACT,
    LARGE,
    LEVEL,
    MONTH_ENDS,
    MONTHS,
    N_OBS,
    YEAR_ENDS,
    YEARS,
    Case,
    comma,
    dotted,
    german,
    iso,
    lines,
    quoted,
    rows,
    text_of,
)

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

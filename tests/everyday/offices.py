"""Files of brokers and of statistical offices."""

import json

import pandas as pd

from tests.everyday.made import (
    COUNTS,
    DAYS,
    ENDS,
    LARGE,
    LEVEL,
    MONTH_ENDS,
    MONTHS,
    N_OBS,
    WEEKDAYS,
    YEAR_ENDS,
    YEARS,
    Case,
    comma,
    dotted,
    gaps_at,
    iso,
    lines,
    put,
    quoted,
    rows,
    us,
)

FILES = {
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
}

"""Labels of time: quarters, seasons, two digits of a year, several columns."""

import pandas as pd

from tests.everyday.made import (
    COUNTS,
    DAYS,
    ENDS,
    HOURS,
    LEVEL,
    MONTH_ENDS,
    MONTHS,
    N_OBS,
    QUARTER_ENDS,
    Case,
    dated,
    lines,
    rows,
)

QUARTERS = [(2001 + i // 4, i % 4 + 1) for i in range(N_OBS)]
OLD_MONTHS = pd.period_range("1960-01", periods=N_OBS, freq="M")

FILES = {
    f"quarters as {form}, {order}": Case(
        "a.csv",
        dated([form.format(*q) for q in QUARTERS], newest_first=order == "newest first"),
        LEVEL,
        QUARTER_ENDS,
        note=order if order == "newest first" else None,
    )
    for form in ("{}:{}", "{}:Q{}", "{}-Q{}", "{}-{}", "{}.{}", "{}/0{}", "Q{1}/{0}", "{1}Q{0}")
    for order in ("oldest first", "newest first")
}
FILES |= {
    # two digits of a year
    "Jan-60": Case(
        "a.csv",
        dated([f"{m:%b-%y}" for m in OLD_MONTHS]),
        LEVEL,
        ("1960-01", "1964-12"),
        note="years of two digits are read as 1960 to 1964",
    ),
    "01.01.65": Case(
        "a.csv",
        dated([f"{d:%d.%m.%y}" for d in pd.date_range("1965-01-01", periods=N_OBS)]),
        LEVEL,
        ("1965-01-01", "1965-03-01"),
        note="1965",
    ),
    "01/01/68, month first, over the end of a century of clocks": Case(
        "a.csv",
        dated([f"{d:%m/%d/%y}" for d in pd.date_range("1967-01-01", periods=N_OBS, freq="MS")]),
        LEVEL,
        ("1967-01-01", "1971-12-01"),
        note="1967 to 1971",
    ),
    "Dec-99 and Jan-00": Case(
        "a.csv",
        dated(
            [f"{m:%b-%y}" for m in pd.period_range("1998-01", periods=N_OBS, freq="M")],
            newest_first=True,
        ),
        LEVEL,
        ("1998-01", "2002-12"),
        note="newest first",
    ),
    "a day and a month without a year": Case(
        "a.csv",
        dated([f"{d:%d/%m}" for d in DAYS]),
        LEVEL,
        note="read as no date",
    ),
    # years from one to the next
    **{
        f"1990/91, {n} of them": Case(
            "a.csv",
            dated([f"{1990 + i}/{(1991 + i) % 100:02d}" for i in range(n)], LEVEL[:n], "season,x"),
            LEVEL[:n],
            ("1990", f"{1989 + n}"),
            note="named by the first",
        )
        for n in (34, N_OBS)
    },
    "2000-01 of years, newest first": Case(
        "a.csv",
        dated([f"{1950 + i}-{(1951 + i) % 100:02d}" for i in range(N_OBS)], newest_first=True),
        LEVEL,
        ("1950", "2009"),
        note="newest first",
    ),
    "labels with years, newest first": Case(
        "a.csv",
        dated(
            [f"{'WS' if i % 2 else 'SS'} {1990 + i // 2}" for i in range(N_OBS)],
            head="term,x",
            newest_first=True,
        ),
        LEVEL,
        note="newest first",
    ),
    # time in several columns
    "year and day of the year": Case(
        "a.csv",
        "year,doy,v\n" + lines([(d.year, d.day_of_year, v) for d, v in rows(DAYS, LEVEL)]),
        LEVEL,
        ENDS,
    ),
    "date and hour": Case(
        "a.csv",
        "Date,Hour,x\n" + lines([(f"{h:%Y-%m-%d}", h.hour, v) for h, v in rows(HOURS, LEVEL)]),
        LEVEL,
        ("2019-03-01", "2019-03-03 11:00:00"),
    ),
    "date and hours with minutes": Case(
        "a.csv",
        "YYYYMMDD,HHMM,x\n"
        + lines([(f"{h:%Y%m%d}", h.hour * 100, v) for h, v in rows(HOURS, LEVEL)]),
        LEVEL,
        ("2019-03-01", "2019-03-03 11:00:00"),
    ),
    "year and month apart": Case(
        "a.csv",
        "Year,flow,Month,rain\n"
        + lines([(m.year, v, f"{m:%B}", c) for m, v, c in rows(MONTHS, LEVEL, COUNTS)]),
        LEVEL,
        MONTH_ENDS,
        column="flow",
    ),
    "TIME as 1940.1 to 1940.4": Case(
        "a.csv",
        dated([f"{1940 + i // 4}.{i % 4 + 1}" for i in range(N_OBS)], head="TIME,x"),
        LEVEL,
        ("1940Q1", "1954Q4"),
    ),
}

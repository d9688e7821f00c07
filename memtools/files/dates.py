"""Dates in the writing of any country: days, times of day, months, quarters and weeks."""

from __future__ import annotations

import datetime
import re
from collections.abc import Callable, Sequence
from contextlib import suppress
from functools import cache
from typing import Any

import numpy as np

from memtools import _labels
from memtools.files import periods
from memtools.files.cells import Unclear, quoted

_HALF_DAY = r"(?:\s?[AaPp]\.?[Mm]\.?)"
_TIME = rf"(?P<time>\d{{1,2}}(?::\d{{2}}(?::\d{{2}}(?:[.,]\d+)?)?|(?=$|Z|{_HALF_DAY})){_HALF_DAY}?)"
# Hours of the names of zones that no two countries use for different ones.
_ZONES = {
    **{"Z": 0, "UTC": 0, "GMT": 0, "WET": 0, "WEST": 1, "BST": 1, "CET": 1, "MEZ": 1, "CEST": 2},
    **{"MESZ": 2, "EET": 2, "EEST": 3, "MSK": 3, "EST": -5, "EDT": -4, "CST": -6, "CDT": -5},
    **{"MST": -7, "MDT": -6, "PST": -8, "PDT": -7, "JST": 9, "KST": 9, "HKT": 8, "AEST": 10},
}
_ZONE = rf"\s?(?P<zone>{'|'.join(_ZONES)}|[+\-]\d{{2}}(?::?\d{{2}})?)?"
_LATER = rf"(?:(?:[T _:]|,\s|\s-\s){_TIME}{_ZONE})?"
_MONTH = r"(?P<name>[^\W\d_]{3,12})\.?"
_WEEKDAY = r"(?:[^\W\d_]{2,12}\.?,?\s)?"
# Beginnings of the months in the languages that spreadsheets write most.
_MONTHS = {
    1: ("jan", "jän", "ene", "gen", "sty", "led", "ian", "tam", "oca", "янв"),
    2: ("feb", "fév", "fev", "lut", "úno", "hel", "şub", "фев"),
    3: ("mar", "mär", "már", "mrz", "mae", "mrt", "maa", "bře", "мар"),
    4: ("apr", "ápr", "avr", "abr", "kwi", "dub", "huh", "nis", "апр"),
    5: ("may", "mai", "mei", "maj", "máj", "mag", "kvě", "tou", "мая", "май"),
    6: ("jun", "jún", "juin", "giu", "cze", "červn", "iun", "kes", "haz", "июн"),
    7: ("jul", "júl", "juil", "lug", "lipi", "lipc", "lip", "červenc", "iul", "hei", "tem", "июл"),
    8: ("aug", "aoû", "aou", "ago", "sie", "srp", "elo", "ağu", "авг"),
    9: ("sep", "set", "wrz", "sze", "zář", "syy", "eyl", "сен"),
    10: ("oct", "okt", "out", "ott", "paź", "říj", "lok", "eki", "окт"),
    11: ("nov", "noi", "lis", "marra", "kas", "ноя"),
    12: ("dec", "dez", "déc", "dic", "des", "gru", "pro", "jou", "ara", "дек"),
}
_MONTH_NUMBER = {name: number for number, names in _MONTHS.items() for name in names}
_TAG = r"(?P<tag>[A-Za-z]{1,9})"
_FORMS = {
    "iso": re.compile(rf"^(?P<y>\d{{4}})([-/.]\s?)(?P<m>\d{{1,2}})\2(?P<d>\d{{1,2}})\.?{_LATER}$"),
    "two": re.compile(
        rf"^(?P<a>\d{{1,2}})([-/.]\s?)(?P<b>\d{{1,2}})\2(?P<y>\d{{4}}|\d{{2}})\.?{_LATER}$"
    ),
    "compact": re.compile(
        rf"^(?P<y>\d{{4}})(?P<m>\d{{2}})(?P<d>\d{{2}})[T _-](?P<clock>\d{{4,6}}){_ZONE}$"
    ),
    "day name": re.compile(
        rf"^{_WEEKDAY}(?P<d>\d{{1,2}})(?:st|nd|rd|th|er)?[-/. ]{{0,2}}(?:de )?{_MONTH}"
        rf"[-/. ,]{{0,2}}(?:de )?(?P<y>\d{{4}}|\d{{2}}){_LATER}$"
    ),
    "name day": re.compile(
        rf"^{_WEEKDAY}{_MONTH}[ \-](?P<d>\d{{1,2}})(?:st|nd|rd|th)?,?[ \-](?P<y>\d{{4}}){_LATER}$"
    ),
    "year name day": re.compile(
        rf"^(?P<y>\d{{4}})[-/. ]{{1,2}}{_MONTH}[-/. ]{{1,2}}(?P<d>\d{{1,2}})\.?{_LATER}$"
    ),
    "clock before year": re.compile(
        rf"^{_WEEKDAY}{_MONTH}\s(?P<d>\d{{1,2}})\s{_TIME}{_ZONE}\s(?P<y>\d{{4}})$"
    ),
    "part": re.compile(
        rf"^(?P<y>\d{{4}})(?:[-/. :_]{{0,2}}{_TAG}[-. ]?|[-/. :_]{{1,2}})(?P<p>\d{{1,4}})"
        r"(?:-?(?P<d>[1-7]))?$"
    ),
    "part first": re.compile(
        rf"^(?:{_TAG}[-. ]?(?=\d+[-/ ,:_'.])|(?=\d+[-/ :]))(?P<p>\d{{1,2}})[-/ ,:_'.]{{1,2}}"
        r"(?P<y>\d{4}|\d{2})$"
    ),
    "number and letter": re.compile(
        rf"^(?P<p>\d{{1,2}})(?:st|nd|rd|th|er)?[-. ]{{0,2}}{_TAG}[-/ .']{{0,2}}"
        r"(?P<y>\d{4}|\d{2})$"
    ),
    "name year": re.compile(rf"^{_MONTH}[-/ ',._]{{0,2}}(?:de )?(?P<y>\d{{4}}|\d{{2}})$"),
    "year name": re.compile(rf"^(?P<y>\d{{4}})[-/ ._]{{0,2}}{_MONTH}$"),
    "range": re.compile(r"^(?P<y>\d{4})-(?P<m>\d{2})-(?P<d>\d{2})/\d{4}-\d{2}-\d{2}$"),
}
_CLOCK = re.compile(
    rf"^(?:\d+ days?,? ?)?[+\-]?\d{{1,2}}:\d{{2}}(?::\d{{2}}(?:[.,]\d+)?)?{_HALF_DAY}?$|^\d+ days?$"
)
_EASTERN = str.maketrans({"年": "-", "月": "-", "년": "-", "월": "-", "日": None, "일": None})


class NoDates(Unclear):
    """Texts that look like dates at first and are none as a whole."""


def is_date(text: str) -> bool:
    """True for a date, a period or a time of day in a writing that is known."""
    return bool(text) and (_form(text) is not None or is_clock(text))


def is_clock(text: str) -> bool:
    """True for a time of day or a duration."""
    return bool(_CLOCK.match(text))


def _form(text: str) -> str | None:
    if not any(c.isdigit() for c in text[-5:]) and not text[:1].isdigit():
        return None
    text = _western(text)
    for form, pattern in _FORMS.items():
        match = pattern.match(text)
        if match is None:
            continue
        found = match.groupdict()
        tag = found.get("tag")
        if ("name" not in found or month_number(found["name"])) and (
            tag is None or tag.lower() in periods.TAGS
        ):
            return form
    return None


def _western(text: str) -> str:
    return text if text.isascii() else text.translate(_EASTERN).replace("- ", "-").rstrip("- ")


def month_number(name: str) -> int | None:
    """1 to 12 of the name of a month or its beginning, None for another word."""
    lowered = name.lower()
    return next((n for k in (7, 5, 4, 3) if (n := _MONTH_NUMBER.get(lowered[:k]))), None)


def parsed_dates(texts: Sequence[str | None], order: str | None) -> tuple[Any, list[str]]:
    """A DatetimeIndex or PeriodIndex of text cells (years as whole numbers), and what was assumed.

    Parameters
    ----------
    texts : sequence of str or None
        None where a date is missing.
    order : {"day-first", "month-first"} or None

    Raises
    ------
    Unclear
        Where a cell is no date as the others are, is missing, or the order of day and month
        is open.
    NoDates
    """
    form = next((found for text in texts[:20] if text and (found := _form(text))), None)
    if form is None:
        raise Unclear(0, "no date")
    pattern = _FORMS[form]
    matches = []
    for position, text in enumerate(texts):
        match = pattern.match(_western(text)) if text is not None else None
        if match is None:
            raise Unclear(
                position, "an empty cell" if text is None else f"{quoted(text)} is no date"
            )
        matches.append(match)
    try:
        index, notes = _READERS[form](matches, order)
    except _Wrong as error:
        raise Unclear(error.position, f"{quoted(texts[error.position])} is no date") from None
    if len(matches[0]["y"]) == 2:
        first, last = sorted((_year_of(index[0]), _year_of(index[-1])))
        notes = [*notes, f"years of two digits are read as {first} to {last}"]
    return index, notes


def _year_of(label: Any) -> int:
    return int(getattr(label, "year", label))


class _Wrong(Exception):
    def __init__(self, position: int) -> None:
        super().__init__()
        self.position = position


Matches = Sequence[re.Match[str]]


def _years(matches: Matches, key: str = "y") -> list[int]:
    years = [int(m[key]) for m in matches]
    return years if len(matches[0]["y"]) == 4 else periods.full_years(years)


def _stamps(matches: Matches, years: Any, months: Any, days: Any) -> Any:
    """Dates, and the times of day beside them; several zones become UTC."""
    import pandas as pd

    y, m, d = (np.asarray(part, dtype=np.int64) for part in (years, months, days))
    first = ((y - 1970) * 12 + m - 1).astype("M8[M]")
    dates = first.astype("M8[D]") + (d - 1)
    wrong = (m < 1) | (m > 12) | (dates.astype("M8[M]") != first) | (y < 1)
    if wrong.any():
        raise _Wrong(int(np.argmax(wrong)))
    stamps = dates.astype("M8[s]")
    found = matches[0].groupdict()
    if "clock" in found or any(match.groupdict().get("time") for match in matches):
        key = "clock" if "clock" in found else "time"
        nanoseconds = np.array([_since_midnight(match[key] or "0") for match in matches])
        if np.any(nanoseconds < 0):
            raise _Wrong(int(np.argmax(nanoseconds < 0)))
        if np.any(nanoseconds % 10**9):
            stamps = stamps.astype("M8[us]") + nanoseconds // 1000
        else:
            stamps = stamps + nanoseconds // 10**9
    index = pd.DatetimeIndex(stamps)
    zones = [(match.groupdict().get("zone") or "").strip() for match in matches]
    if not any(zones):
        return index
    offsets = np.array([_offset(zone) for zone in zones])
    index = (index - pd.to_timedelta(offsets, unit="s")).tz_localize("UTC")
    if len(set(zones)) == 1 and offsets[0]:
        index = index.tz_convert(datetime.timezone(datetime.timedelta(seconds=int(offsets[0]))))
    return index


@cache
def _since_midnight(text: str) -> int:
    """Nanoseconds of a time of day; negative where there is none."""
    if ":" not in text and len(text) >= 4:
        text = f"{text[:2]}:{text[2:4]}:{text[4:6] or '00'}"
    found = re.match(r"(\d{1,2})(?::(\d{2})(?::(\d{2})(?:[.,](\d+))?)?)?\s?([AaPp])?", text)
    assert found is not None
    hour, minute, second = int(found[1]), int(found[2] or 0), int(found[3] or 0)
    if found[5]:
        hour = hour % 12 + (12 if found[5] in "Pp" else 0)
    whole = 3600 * hour + 60 * minute + second
    if minute > 59 or second > 60 or whole > 86_400:
        return -1
    return whole * 10**9 + int(f"{found[4] or '0':0<9}"[:9])


@cache
def _offset(zone: str) -> int:
    """Seconds by which the clocks of a zone are ahead."""
    if zone in _ZONES or not zone:
        return 3600 * _ZONES.get(zone, 0)
    digits = zone[1:].replace(":", "")
    seconds = 3600 * int(digits[:2]) + 60 * int(digits[2:] or 0)
    return -seconds if zone[0] == "-" else seconds


def _whole(matches: Matches, key: str) -> list[int]:
    return [int(m[key]) for m in matches]


def _month_names(matches: Matches) -> list[int]:
    numbers = [month_number(m["name"]) or 0 for m in matches]
    if 0 in numbers:
        raise _Wrong(numbers.index(0))
    return numbers


def _ymd(matches: Matches, order: str | None) -> tuple[Any, list[str]]:
    return _stamps(matches, _years(matches), _whole(matches, "m"), _whole(matches, "d")), []


def _named(matches: Matches, order: str | None) -> tuple[Any, list[str]]:
    return _stamps(matches, _years(matches), _month_names(matches), _whole(matches, "d")), []


def _two(matches: Matches, order: str | None) -> tuple[Any, list[str]]:
    """Day and month in either order: what the numbers or the calendar allow, or refused."""
    a, b, last = _whole(matches, "a"), _whole(matches, "b"), _whole(matches, "y")
    years = _years(matches)
    readings = {"day-first": (years, b, a), "month-first": (years, a, b)}
    if len(matches[0]["y"]) == 2:
        readings["year-first"] = (_years(matches, "a"), b, last)
    if order is None and matches[0][2].startswith(".") and max(a) <= 31:
        order = "day-first"  # points between the numbers are written day first everywhere
    if order is None:
        possible = {}
        for key, reading in readings.items():
            with suppress(_Wrong):
                possible[key] = _stamps(matches, *reading)
        if len(possible) > 1:
            possible = _better(possible)
        if len(possible) != 1:
            text = matches[0].string
            raise Unclear(
                0, f"{quoted(text)}: day or month first? say --dates day-first or month-first"
            )
        order = next(iter(possible))
    return _stamps(matches, *readings[order]), [f"dates are read {order.replace('-', ' ')}"]


def _better(readings: dict[str, Any]) -> dict[str, Any]:
    """Readings in the order of time; of these the ones with a regular calendar, if any."""
    sorted_ones = {
        key: index
        for key, index in readings.items()
        if index.is_monotonic_increasing or index.is_monotonic_decreasing
    }
    regular = {
        key: index
        for key, index in sorted_ones.items()
        if _labels.calendar_of(index.sort_values()).step
    }
    return regular or sorted_ones


def _part(matches: Matches, order: str | None) -> tuple[Any, list[str]]:
    """Quarters, months, weeks and the like by number."""
    tags = {(m["tag"] or "").lower() for m in matches}
    years, parts = _years(matches), _whole(matches, "p")
    vague = len(matches[0]["y"]) == 2 and tags == {""}
    if vague:  # 99/00 from one year to the next, or 05/99 a month; never 12/05 without a year
        first = periods.full_years(parts)
        if all(y == (p + 1) % 100 for y, p in zip(_whole(matches, "y"), parts, strict=True)):
            years, parts = first, [year + 1 for year in first]
    found = periods.parted(years, parts, tags.pop() if len(tags) == 1 else "")
    if found is None or (vague and not periods.is_regular(found[0])):
        if vague:
            raise NoDates(0, "no date")
        allowed = periods.MOST[periods.TAGS.get((matches[0]["tag"] or "m").lower(), "month")]
        bad = [not 1 <= part <= allowed for part in parts]
        raise _Wrong(bad.index(True) if any(bad) else 0)
    index, note = found
    if matches[0].groupdict().get("d"):  # a day of the week
        index = index + np.array([int(m["d"] or 1) - 1 for m in matches], dtype="m8[D]")
    return index, [note] if note else []


def _named_month(matches: Matches, order: str | None) -> tuple[Any, list[str]]:
    index = periods.months(_years(matches), _month_names(matches))
    if len(matches[0]["y"]) == 2 and not periods.is_one_way(index):
        raise NoDates(0, "no date")  # Jan 01, Jan 02, ...: days of no year
    return index, []


_READERS: dict[str, Callable[..., tuple[Any, list[str]]]] = {
    "iso": _ymd,
    "two": _two,
    "compact": _ymd,
    "day name": _named,
    "name day": _named,
    "year name day": _named,
    "clock before year": _named,
    "part": _part,
    "part first": _part,
    "number and letter": _part,
    "name year": _named_month,
    "year name": _named_month,
    "range": _ymd,
}

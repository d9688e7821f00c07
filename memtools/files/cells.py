"""Text cells to numbers: decimal marks, thousands, currency and percent, where they are clear."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from memtools._validate import FloatArray

# What pandas takes for missing by itself is added to by the spellings of statistical offices and
# of spreadsheets' errors.
MISSING = (
    *(".", "..", "...", "-", "--", "---", "?", "*", "na", "NAN", "none", "NONE", "Null", "missing"),
    *("Missing", "MISSING", "N.A.", "n.a.", "ND", "n.d.", "#NV", "#NUM!", "#DIV/0!", "#VALUE!"),
    *("#REF!", "#NAME?", "#NULL!", "(null)", "\\N", "NaT"),
)
_PANDAS_MISSING = (
    *("", "#N/A", "#N/A N/A", "#NA", "-1.#IND", "-1.#QNAN", "-NaN", "-nan", "1.#IND", "1.#QNAN"),
    *("<NA>", "N/A", "NA", "NULL", "NaN", "None", "n/a", "nan", "null"),
)
ALL_MISSING = frozenset(MISSING + _PANDAS_MISSING)

_CURRENCY = (
    r"(?:[$€£¥₹₽₩₺]|[ACR]\$|US\$|USD|EUR|GBP|CHF|JPY|SEK|NOK|DKK|INR|CNY|RUB|PLN|CZK|BRL|kr\.?|zł)"
)
_BLANKS = " \u00a0\u202f\u2009"
_NUMBER = re.compile(
    rf"""^(?P<open>\()?\s*(?P<sign>[+\-\u2212])?\s*(?P<before>{_CURRENCY})?\s*
    (?P<second>[+\-\u2212])?
    (?P<body>\d[\d.,'\u2019{_BLANKS}]*|[.,]\d+)(?P<power>[eEdD][+\-]?\d+)?
    \s*(?P<percent>%)?\s*(?P<after>{_CURRENCY})?\s*(?P<close>\))?(?P<trail>[\-\u2212])?$""",
    re.VERBOSE,
)
_LIKE_NUMBER = re.compile(
    rf"^[(+\-\u2212\s]*{_CURRENCY}?\s*[.,]?\d[\d.,'\u2019_{_BLANKS}]*\s*[^\d\s]{{0,4}}$"
)
# Blanks and apostrophes part groups of three.
_UNGROUPED = re.compile(r"[ '](?!\d{3}(?!\d))|^\d{4,}[ ']")
# Sums of integers beyond this are no float64.
_EXACT = 2**53


@dataclass(frozen=True)
class Marks:
    """The decimal mark and the mark between thousands ("" for none)."""

    decimal: str = "."
    thousands: str = ""


class Unclear(Exception):
    """A cell that is no number, or one that may be two: its position, why, and what helps."""

    def __init__(self, position: int, why: str) -> None:
        super().__init__(why)
        self.position, self.why = position, why


def quoted(text: object, longest: int = 60) -> str:
    """A cell for an error: what is long is cut."""
    shown = repr(text)
    return shown if len(shown) <= longest else f"{shown[: longest - 4]}...'"


def looks_like_number(text: str) -> bool:
    """True for what somebody may have meant as a number ("12,5", "3 kg", "100_5")."""
    return bool(_LIKE_NUMBER.match(text) or _NUMBER.match(text))


def is_plain_number(text: str) -> bool:
    """True for what pandas reads as a number by itself."""
    if "_" in text:
        return False
    try:
        float(text)
    except ValueError:
        return False
    return True


def is_number(text: str) -> bool:
    """True for a number in any country's writing."""
    if is_plain_number(text):
        return True
    match = _NUMBER.match(text)
    return match is not None and not _UNGROUPED.search(_one_blank(match["body"].strip(_BLANKS)))


def parsed(
    texts: Sequence[str | None], marks: Marks | None, context: str | None, comma_file: bool
) -> tuple[FloatArray, list[str]]:
    """Numbers of text cells (None: missing), and what was assumed.

    Parameters
    ----------
    texts : sequence of str or None
    marks : Marks, optional
        As the user told them; else they are found, or refused where they are not clear.
    context : str, optional
        The decimal mark of the file's other columns.
    comma_file : bool
        Commas separate the file's cells.

    Raises
    ------
    Unclear
    """
    matches: list[re.Match[str] | None] = []
    for position, text in enumerate(texts):
        match = None if text is None else _NUMBER.match(text)
        if text is not None and (match is None or bool(match["open"]) != bool(match["close"])):
            if text.lower().lstrip("+-") in ("inf", "infinity"):
                raise Unclear(position, f"{quoted(text)} is no finite number")
            raise Unclear(position, f"{quoted(text)} is no number")
        matches.append(match)
    notes = _uniform(matches)
    if marks is None:
        bodies = [None if m is None else m["body"].strip(_BLANKS) for m in matches]
        marks = _found_marks(bodies, context, comma_file)
        if marks.decimal == "," or marks.thousands:
            notes.append(_told(marks))
    grammar = _grammar(marks)
    values = np.full(len(matches), np.nan)
    for position, match in enumerate(matches):
        if match is not None:
            values[position] = _value(match, marks, grammar, position)
    return values, notes


def marks_of(texts: Sequence[str]) -> Marks | None:
    """The marks of numbers where they show the decimal one beyond doubt, else None."""
    found = [_NUMBER.match(text) for text in texts]
    bodies = [m["body"].strip(_BLANKS) if m else None for m in found]
    if not any(body and ("." in body or "," in body) for body in bodies):
        return None
    return _found_marks(bodies, None, comma_file=False)


def _told(marks: Marks) -> str:
    shown = {" ": "blanks", "'": "apostrophes", ",": "commas", ".": "points"}
    if not marks.thousands:
        return "the comma is the decimal mark"
    decimal = {",": "the comma", ".": "the point"}[marks.decimal]
    return f"{shown[marks.thousands]} part thousands, {decimal} is the decimal mark"


def _uniform(matches: Sequence[re.Match[str] | None]) -> list[str]:
    """Notes on currency, percent and parentheses; all cells must be of one kind."""
    seen = [(i, m) for i, m in enumerate(matches) if m is not None]
    notes = []
    percent = [(i, bool(m["percent"])) for i, m in seen]
    if any(flag for _, flag in percent):
        odd = next((i for i, flag in percent if not flag), None)
        if odd is not None:
            raise Unclear(odd, f"{quoted(matches[odd].string)} has no percent sign, others have")  # type: ignore[union-attr]
        notes.append("percent signs are left off, the values stay in percent")
    symbols = Counter(m["before"] or m["after"] for _, m in seen if m["before"] or m["after"])
    if len(symbols) > 1:
        rare = min(symbols, key=lambda s: symbols[s])
        odd = next(i for i, m in seen if rare in (m["before"], m["after"]))
        raise Unclear(odd, f"{quoted(matches[odd].string)} is another currency than the others")  # type: ignore[union-attr]
    if symbols:
        notes.append(f"the currency {next(iter(symbols))} is left off")
    if any(m["open"] for _, m in seen):
        notes.append("numbers in parentheses are negative")
    return notes


def _found_marks(bodies: Sequence[str | None], context: str | None, comma_file: bool) -> Marks:
    """Marks that every cell agrees to."""
    # what a mark must be, or may be, with the first cell that says so
    decimal: dict[str, int] = {}
    thousands: dict[str, int] = {}
    either: dict[str, int] = {}
    lengths = set()
    for position, body in enumerate(bodies):
        if body is None:
            continue
        body = _one_blank(body)
        for mark in " '":
            if mark in body:
                thousands.setdefault(mark, position)
        marks = [mark for mark in body if mark in ".,"]
        if not marks:
            lengths.add(len(body) > 3)
        elif len({*marks}) == 2:
            decimal.setdefault(marks[-1], position)
            thousands.setdefault(",."[marks[-1] == ","], position)
        elif len(marks) > 1:
            thousands.setdefault(marks[0], position)
        else:
            head, _, tail = body.partition(marks[0])
            grouped = len(tail) == 3 and 1 <= len(head) <= 3 and head[0] != "0"
            (either if grouped else decimal).setdefault(marks[0], position)
    _one_of_each(bodies, decimal, thousands)
    point, group = next(iter(decimal), None), next(iter(thousands), None)
    if point is None and group in (".", ","):
        point = "," if group == "." else "."
    if point is None and either:
        short = lengths == {False}
        point = _point_of(either, bodies, context, comma_file, short)
    point = point or "."
    if group is None:
        group = next((mark for mark in either if mark != point), "")
    return Marks(point, group)


def _one_of_each(
    bodies: Sequence[str | None], decimal: dict[str, int], thousands: dict[str, int]
) -> None:
    if len(decimal) > 1:
        position = max(decimal.values())
        raise Unclear(position, f"{quoted(bodies[position])} has another decimal mark than others")
    if both := decimal.keys() & thousands.keys():
        position, mark = max(thousands[mark] for mark in both), both.pop()
        why = f"{quoted(bodies[position])}: does {mark!r} mark decimals or thousands? "
        raise Unclear(position, why)
    if len(thousands) > 1:
        position = max(thousands.values())
        why = f"{quoted(bodies[position])} has another mark of thousands than others"
        raise Unclear(position, why)


def _point_of(
    either: dict[str, int],
    bodies: Sequence[str | None],
    context: str | None,
    comma_file: bool,
    short: bool,
) -> str:
    """The decimal mark where cells leave it open; `short` where the others have no thousands."""
    mark, position = next(iter(either.items()))
    if context is not None:
        return context
    if comma_file and len(either) == 1 and (mark == "." or short):
        return "."
    ways = _both_ways(bodies[position] or "", mark)
    help_text = f"say --decimal '{mark}' or --thousands '{mark}'"
    raise Unclear(position, f"{quoted(bodies[position])} may be {ways}; {help_text}")


def _one_blank(body: str) -> str:
    for blank in _BLANKS[1:]:
        body = body.replace(blank, " ")
    return body.replace("\u2019", "'")


def _both_ways(body: str, mark: str) -> str:
    return f"{body.replace(mark, '.')} or {body.replace(mark, '')}"


def _grammar(marks: Marks) -> re.Pattern[str]:
    point, group = re.escape(marks.decimal), re.escape(marks.thousands)
    groups = rf"|\d{{1,3}}(?:{group}\d{{3}})+|\d{{1,2}}(?:{group}\d{{2}})*{group}\d{{3}}"
    whole = rf"(?:\d+{groups if marks.thousands else ''})"
    return re.compile(rf"^(?:{whole}(?:{point}\d*)?|{point}\d+)$")


def _value(match: re.Match[str], marks: Marks, grammar: re.Pattern[str], position: int) -> float:
    body = _one_blank(match["body"].strip(_BLANKS))
    if not grammar.match(body):
        marked = f"the decimal mark {marks.decimal!r}"
        if marks.thousands:
            marked += f" and {marks.thousands!r} between thousands"
        raise Unclear(position, f"{quoted(match.string)} is no number with {marked}")
    if marks.thousands:
        body = body.replace(marks.thousands, "")
    power = (match["power"] or "").upper().replace("D", "E")
    value = float(body.replace(marks.decimal, ".") + power)
    minus = [
        bool(match["open"]),
        *(
            (match[k] or "") in ("-", "\u2212") and bool(match[k])
            for k in ("sign", "second", "trail")
        ),
    ]
    if sum(minus) > 1:
        raise Unclear(position, f"{quoted(match.string)} has two signs")
    if not np.isfinite(value):
        raise Unclear(position, f"{quoted(match.string)} is no finite float64 number")
    if body.isdigit() and not power and value >= _EXACT and int(value) != int(body):
        raise Unclear(
            position, f"{quoted(match.string)} has more digits than a float64 number holds"
        )
    return -value if any(minus) else value

"""Functions of dates and times.

https://learn.microsoft.com/azure/azure-resource-manager/templates/template-functions-date.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from pgflexlint.evaluate.calls import EvaluationError
from pgflexlint.evaluate.functions import GiveUpError, Table
from pgflexlint.evaluate.template.functions.parameters import integer, text
from pgflexlint.lazily import compiled

if TYPE_CHECKING:
    from datetime import datetime

FUNCTIONS = Table()
FUNCTIONS.unknowable("function '{}' gives another value at each deployment", "utcnow")

_STAMP = compiled(
    r"(\d{4})-?(\d\d)-?(\d\d)(?:[T ](\d\d):?(\d\d)(?::?(\d\d)(?:\.(\d+))?)?)?\s*(Z|[-+]\d\d:?\d\d)?", re.ASCII
)
_NUMBER = r"(\d{1,6})"
_DURATION = compiled(
    rf"(-)?P(?:{_NUMBER}Y)?(?:{_NUMBER}M)?(?:{_NUMBER}D)?(?:T(?:{_NUMBER}H)?(?:{_NUMBER}M)?(?:(\d{{1,6}}(?:\.\d+)?)S)?)?"
)
_SECONDS = (365 * 86400, 30 * 86400, 86400, 3600, 60, 1)
"""A year is 365 days here and a month 30, as the page says."""
_ISO = "yyyy-MM-ddTHH:mm:ssZ"
_MONTHS = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip
_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_STANDARD = {
    "d": "M/d/yyyy", "D": "dddd, MMMM d, yyyy", "t": "h:mm tt", "T": "h:mm:ss tt", "g": "M/d/yyyy h:mm tt",
    "G": "M/d/yyyy h:mm:ss tt", "s": "yyyy-MM-ddTHH:mm:ss", "u": "yyyy-MM-dd HH:mm:ssZ",
    "o": "yyyy-MM-ddTHH:mm:ss.fffffffK", "O": "yyyy-MM-ddTHH:mm:ss.fffffffK",
    "r": "ddd, dd MMM yyyy HH:mm:ss 'GMT'", "R": "ddd, dd MMM yyyy HH:mm:ss 'GMT'",
}  # fmt: skip
_TOKEN = compiled(r"(?P<field>([A-Za-z])\2*)|'(?P<quoted>[^']*)'|\\(?P<escaped>.)|(?P<other>[^A-Za-z'\\])", re.DOTALL)


def _time(stamp: str) -> datetime:
    from datetime import UTC, datetime, timedelta  # noqa: PLC0415  few templates reckon with time

    match = _STAMP.fullmatch(stamp)
    if match is None:
        raise EvaluationError("the text is not an ISO 8601 timestamp")
    *numbers, fraction, zone = match.groups()
    offset = (zone or "Z")[1:].replace(":", "")
    ahead = timedelta(hours=int(offset[:2]), minutes=int(offset[2:])) if offset else timedelta()
    try:
        year, month, day, hour, minute, second = (int(number or 0) for number in numbers)
        micro = int((fraction or "0")[:6].ljust(6, "0"))
        local = datetime(year, month, day, hour, minute, second, micro, UTC)
        return local + ahead if zone and zone[0] == "-" else local - ahead
    except (ValueError, OverflowError):
        raise EvaluationError("the text is not an ISO 8601 timestamp") from None


def _fields(time: datetime) -> dict[str, str]:
    """What the custom fields of .NET write, in English and at UTC."""
    month, day, hour = _MONTHS[time.month - 1], _DAYS[time.weekday()], time.hour % 12 or 12
    numbers = {"M": time.month, "d": time.day, "H": time.hour, "h": hour, "m": time.minute, "s": time.second}
    micro = f"{time.microsecond:06}0"
    return {
        **{letter: str(number) for letter, number in numbers.items()},
        **{2 * letter: f"{number:02}" for letter, number in numbers.items()},
        **{"f" * length: micro[:length] for length in range(1, 8)},
        "yy": f"{time.year % 100:02}", "yyyy": f"{time.year:04}", "MMM": month[:3], "MMMM": month,
        "ddd": day[:3], "dddd": day, "t": "AP"[time.hour >= 12], "tt": "AM" if time.hour < 12 else "PM",
        "z": "+0", "zz": "+00", "zzz": "+00:00", "K": "Z", "T": "T", "Z": "Z",
    }  # fmt: skip


def _written(time: datetime, wanted: str) -> str:
    if len(wanted) == 1 and wanted not in _STANDARD:
        raise GiveUpError(f"the format '{wanted}' is not supported")
    wanted = _STANDARD.get(wanted, wanted)
    fields, pieces, at = _fields(time), [], 0
    while token := _TOKEN.match(wanted, at):
        at = token.end()
        if token["field"] and token["field"] not in fields:
            raise GiveUpError(f"the format '{wanted}' is not supported")
        literal = next((token[name] for name in ("quoted", "escaped", "other") if token[name] is not None), "")
        pieces.append(fields[token["field"]] if token["field"] else literal)
    if at < len(wanted):
        raise EvaluationError("the format has a quote without an end")
    return "".join(pieces)


@FUNCTIONS.plain("datetimeadd", text, text, rest=text)
def _date_time_add(base: str, duration: str, wanted: str = _ISO) -> str:
    """The pages disagree on the format where none is given; this is that of their newest examples."""
    from datetime import timedelta  # noqa: PLC0415  few templates reckon with time

    match = _DURATION.fullmatch(duration)
    if match is None or duration[-1] in "PT":
        raise EvaluationError("the text is not an ISO 8601 duration")
    amounts = zip(match.groups()[1:], _SECONDS, strict=True)
    seconds = sum(float(amount or 0) * unit for amount, unit in amounts)
    try:
        moved = _time(base) + timedelta(seconds=-seconds if match[1] else seconds)
    except OverflowError:
        raise EvaluationError("there is no such date") from None
    return _written(moved, wanted)


@FUNCTIONS.plain("datetimetoepoch", text)
def _date_time_to_epoch(stamp: str) -> int:
    return int(_time(stamp).timestamp() // 1)


@FUNCTIONS.plain("datetimefromepoch", integer)
def _date_time_from_epoch(seconds: int) -> str:
    from datetime import UTC, datetime, timedelta  # noqa: PLC0415  few templates reckon with time

    try:
        return _written(datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=seconds), _ISO)
    except OverflowError:
        raise EvaluationError("there is no such date") from None

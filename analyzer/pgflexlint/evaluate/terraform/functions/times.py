"""Functions of dates and times.

https://developer.hashicorp.com/terraform/language/functions, group "Date and Time Functions".
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from pgflexlint.evaluate.calls import EvaluationError
from pgflexlint.evaluate.functions import Table
from pgflexlint.evaluate.terraform.functions.parameters import text
from pgflexlint.lazily import compiled

if TYPE_CHECKING:
    from datetime import datetime

FUNCTIONS = Table()
FUNCTIONS.unknowable("function '{}' gives another value at each run", "timestamp", "plantimestamp")

_RFC3339 = compiled(r"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.(\d+))?(Z|[-+]\d\d:\d\d)", re.ASCII)
_UNITS = {"ns": 1e-9, "us": 1e-6, "µs": 1e-6, "μs": 1e-6, "ms": 1e-3, "s": 1.0, "m": 60.0, "h": 3600.0}
_DURATION = compiled(r"([0-9]++(?:\.[0-9]*+)?+|\.[0-9]++)(ns|us|µs|μs|ms|s|m|h)")
_MONTHS = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
]
_DAYS = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"]


def _parse(stamp: str) -> datetime:
    from datetime import datetime  # noqa: PLC0415  few configurations reckon with time

    match = _RFC3339.fullmatch(stamp)
    try:
        if match is None:
            raise ValueError
        return datetime.fromisoformat(f"{match[1]}.{(match[2] or '0')[:6].ljust(6, '0')}{match[3]}")
    except ValueError:
        raise EvaluationError("the timestamp is not valid in RFC 3339") from None


def _zone(time: datetime, colon: str, utc: str) -> str:
    offset = time.strftime("%z")
    return utc if utc and offset == "+0000" else f"{offset[:3]}{colon}{offset[3:5]}"


@FUNCTIONS.plain("timeadd", text, text)
def _timeadd(stamp: str, duration: str) -> str:
    from datetime import timedelta  # noqa: PLC0415  few configurations reckon with time

    unsigned = duration[1:] if duration[:1] in {"+", "-"} else duration
    if unsigned != "0" and not re.fullmatch(f"(?:{_DURATION.pattern})++", unsigned):
        raise EvaluationError("the duration is not valid")
    seconds = sum(float(amount) * _UNITS[unit] for amount, unit in _DURATION.findall(unsigned))
    moved = _parse(stamp) + timedelta(seconds=-seconds if duration.startswith("-") else seconds)
    return moved.strftime("%Y").zfill(4) + moved.strftime("-%m-%dT%H:%M:%S") + _zone(moved, ":", "Z")


@FUNCTIONS.plain("timecmp", text, text)
def _timecmp(first: str, second: str) -> int:
    left, right = _parse(first), _parse(second)
    return (left > right) - (left < right)


def _fields(time: datetime) -> dict[str, str]:
    """What each verb of `formatdate` writes."""
    month, day, hour = _MONTHS[time.month - 1], _DAYS[time.weekday()], time.hour % 12 or 12
    half = "AM" if time.hour < 12 else "PM"
    numbers = {"M": time.month, "D": time.day, "h": time.hour, "H": hour, "m": time.minute, "s": time.second}
    return {
        **{letter: str(number) for letter, number in numbers.items()},
        **{2 * letter: f"{number:02}" for letter, number in numbers.items()},
        "YY": f"{time.year % 100:02}", "YYYY": f"{time.year:04}", "MMM": month[:3], "MMMM": month,
        "EEE": day[:3], "EEEE": day, "AA": half, "aa": half.lower(),
        "Z": _zone(time, ":", "Z"), "ZZZ": _zone(time, "", "UTC"),
        "ZZZZ": _zone(time, "", ""), "ZZZZZ": _zone(time, ":", ""),
    }  # fmt: skip


_DATE_TOKEN = compiled(r"(?P<verb>([A-Za-z])\2*)|'(?P<quoted>(?:[^']|'')*)'|(?P<other>[^A-Za-z'])", re.DOTALL)


@FUNCTIONS.plain("formatdate", text, text)
def _formatdate(template: str, stamp: str) -> str:
    fields = _fields(_parse(stamp))
    pieces, at = [], 0
    while token := _DATE_TOKEN.match(template, at):
        at = token.end()
        if token["verb"] and token["verb"] not in fields:
            raise EvaluationError("the format has a verb that is not known")
        quoted = token["quoted"]
        literal = token["other"] if quoted is None else quoted.replace("''", "'") or "'"
        pieces.append(fields[token["verb"]] if token["verb"] else literal)
    if at < len(template):
        raise EvaluationError("the format has a quote without an end")
    return "".join(pieces)

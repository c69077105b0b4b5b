"""`yamldecode`.

https://developer.hashicorp.com/terraform/language/functions/yamldecode, as https://github.com/zclconf/go-cty-yaml has
it: YAML 1.2 with the booleans of 1.1.
"""

from __future__ import annotations

import re
from typing import Any

from pgflexlint.evaluate import yaml_text
from pgflexlint.evaluate.calls import EvaluationError
from pgflexlint.evaluate.functions import GiveUpError
from pgflexlint.evaluate.terraform.types import to_number, to_string
from pgflexlint.lazily import compiled

_WORDS = {
    **dict.fromkeys(("y", "Y", "yes", "Yes", "YES", "true", "True", "TRUE", "on", "On", "ON"), True),
    **dict.fromkeys(("n", "N", "no", "No", "NO", "false", "False", "FALSE", "off", "Off", "OFF"), False),
    **dict.fromkeys(("", "~", "null", "Null", "NULL")),
}
_INTEGER = compiled(r"[-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+")
_FLOAT = compiled(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?")
_CLOCK = r"\d{1,2}:\d{1,2}:\d{1,2}"
_DATE = compiled(
    r"(?P<date>\d{4}-\d{1,2}-\d{1,2})"
    rf"(?:[Tt](?P<time>{_CLOCK})(?:\.\d+)?(?P<zone>Z|[-+]\d\d:\d\d)| (?P<clock>{_CLOCK})(?:\.\d+)?)?"
)


def read_yaml(content: str) -> Any:
    """The bare value of a document."""
    return yaml_text.read_yaml(content, _scalar, to_string)


def _scalar(content: str, tag: str, quoted: bool) -> Any:
    if tag not in {"", "!", "str", "bool", "int", "float", "null", "timestamp", "binary"}:
        raise EvaluationError("the YAML text has a tag that is not supported")
    if quoted or tag in {"!", "str", "binary"}:
        return content
    if content in _WORDS:
        return _WORDS[content]
    if re.fullmatch(r"[-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN)", content):
        raise GiveUpError("the YAML text has a number that is not finite")
    if date := _DATE.fullmatch(content):
        return _timestamp(date)
    if _INTEGER.fullmatch(content) and content[:2] in {"0o", "0x"}:
        return int(content, 0)
    if _INTEGER.fullmatch(content) or _FLOAT.fullmatch(content):
        return to_number(content)
    if tag:
        raise EvaluationError(f"the YAML text has a value that is not of type {tag}")
    return content


def _timestamp(date: re.Match[str]) -> str:
    day = "-".join(part.zfill(2) for part in date["date"].split("-"))
    clock = date["time"] or date["clock"] or "0:0:0"
    time = ":".join(part.zfill(2) for part in clock.split(":"))
    zone = date["zone"] or "Z"
    return f"{day}T{time}{'Z' if zone in {'+00:00', '-00:00'} else zone}"

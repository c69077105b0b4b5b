"""`yamldecode`.

https://developer.hashicorp.com/terraform/language/functions/yamldecode, as https://github.com/zclconf/go-cty-yaml has
it: YAML 1.2 with the booleans of 1.1. PyYAML only splits the text into events; documents are put together here, where
aliases and nesting are bounded and no tag makes an object.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from pgflexlint.evaluate.calls import EvaluationError
from pgflexlint.evaluate.terraform.functions.table import DEPTH_LIMIT, NODE_LIMIT, GiveUpError
from pgflexlint.evaluate.terraform.types import to_number, to_string

YAML_LIMIT = 1 << 18
"""The length of the longest text that is read, in characters."""

_WORDS = {
    **dict.fromkeys(("y", "Y", "yes", "Yes", "YES", "true", "True", "TRUE", "on", "On", "ON"), True),
    **dict.fromkeys(("n", "N", "no", "No", "NO", "false", "False", "FALSE", "off", "Off", "OFF"), False),
    **dict.fromkeys(("", "~", "null", "Null", "NULL")),
}
_INTEGER = re.compile(r"[-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+")
_FLOAT = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?")
_CLOCK = r"\d{1,2}:\d{1,2}:\d{1,2}"
_DATE = re.compile(
    r"(?P<date>\d{4}-\d{1,2}-\d{1,2})"
    rf"(?:[Tt](?P<time>{_CLOCK})(?:\.\d+)?(?P<zone>Z|[-+]\d\d:\d\d)| (?P<clock>{_CLOCK})(?:\.\d+)?)?"
)
_PREFIX = "tag:yaml.org,2002:"


def read_yaml(content: str) -> Any:
    """The bare value of a document."""
    if len(content) > YAML_LIMIT:
        raise GiveUpError(f"the YAML text is longer than {YAML_LIMIT:,} characters")
    import yaml  # noqa: PLC0415  it takes long, and few configurations read YAML

    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    try:
        return _Reader(yaml, yaml.parse(content, Loader=loader)).document()
    except (yaml.YAMLError, UnicodeError):
        raise EvaluationError("the text is not valid YAML") from None


class _Reader:
    """Puts events together to one document."""

    def __init__(self, yaml: Any, events: Iterator[Any]) -> None:
        self._yaml = yaml
        self._events = events
        self._anchors: dict[str, tuple[Any, int]] = {}
        self._nodes = 0

    def document(self) -> Any:
        """The first document; a second one is an error."""
        yaml = self._yaml
        next(self._events)
        if isinstance(next(self._events), yaml.StreamEndEvent):
            raise EvaluationError("the YAML text is empty")
        value = self._value(next(self._events), 0)
        next(self._events)
        if not isinstance(next(self._events), yaml.StreamEndEvent):
            raise EvaluationError("the text has more than one YAML document")
        return value

    def _count(self, more: int) -> None:
        self._nodes += more
        if self._nodes > NODE_LIMIT:
            raise GiveUpError(f"the YAML text has more than {NODE_LIMIT:,} members")

    def _value(self, event: Any, depth: int) -> Any:
        yaml = self._yaml
        if isinstance(event, yaml.AliasEvent):
            if event.anchor not in self._anchors:
                raise EvaluationError("an alias in the YAML text has no anchor before it")
            value, size = self._anchors[event.anchor]
            self._count(size)
            return value
        if depth > DEPTH_LIMIT:
            raise GiveUpError(f"the YAML text is nested more than {DEPTH_LIMIT} levels deep")
        before = self._nodes
        self._count(1)
        if event.anchor:
            self._anchors.pop(event.anchor, None)
        value = self._made(event, depth)
        if event.anchor:
            self._anchors[event.anchor] = value, self._nodes - before
        return value

    def _made(self, event: Any, depth: int) -> Any:
        yaml = self._yaml
        tag = (event.tag or "").removeprefix(_PREFIX)
        if isinstance(event, yaml.ScalarEvent):
            return _scalar(event.value, tag, quoted=event.style in {"'", '"'})
        if isinstance(event, yaml.SequenceStartEvent):
            items = []
            while not isinstance(event := next(self._events), yaml.SequenceEndEvent):
                items.append(self._value(event, depth + 1))
            return items
        return self._mapping(depth)

    def _mapping(self, depth: int) -> dict[str, Any]:
        """Merged members count where they stand, unlike in YAML itself: a later one wins, merged or not."""
        yaml = self._yaml
        members: dict[str, Any] = {}
        while not isinstance(event := next(self._events), yaml.MappingEndEvent):
            is_merge = isinstance(event, yaml.ScalarEvent) and event.value == "<<" and not event.style and not event.tag
            key = None if is_merge else self._value(event, depth + 1)
            value = self._value(next(self._events), depth + 1)
            if is_merge:
                for mapping in value if isinstance(value, list) else [value]:
                    if not isinstance(mapping, dict):
                        raise EvaluationError("a YAML merge key has no mapping")
                    self._count(len(mapping))
                    members |= mapping
            elif key is None or isinstance(key, list | dict):
                raise EvaluationError("a key in the YAML text is not a string")
            else:
                members[to_string(key)] = value
        return members


def _scalar(content: str, tag: str, *, quoted: bool) -> Any:
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
        raise EvaluationError(f"the YAML text has a value that is no {tag}")
    return content


def _timestamp(date: re.Match[str]) -> str:
    day = "-".join(part.zfill(2) for part in date["date"].split("-"))
    clock = date["time"] or date["clock"] or "0:0:0"
    time = ":".join(part.zfill(2) for part in clock.split(":"))
    zone = date["zone"] or "Z"
    return f"{day}T{time}{'Z' if zone in {'+00:00', '-00:00'} else zone}"

"""Reads YAML documents. Aliases and nesting are bounded, and no tag makes an object.

PyYAML only splits the text into events.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, TypeAlias

from pgflexlint.evaluate.bounds import VALUE_DEPTH_LIMIT, LimitError, check_size, too_deep
from pgflexlint.evaluate.calls import EvaluationError, Undecoded

YAML_LIMIT = 1 << 18
"""The length of the longest text that is read, in characters."""

Resolve: TypeAlias = Callable[[str, str, bool], Any]
"""Gives the bare value of a scalar, from its text, its tag without the usual prefix, and whether it was quoted."""

_PREFIX = "tag:yaml.org,2002:"


def read_yaml(content: str, resolve: Resolve, text: Callable[[Any], str]) -> Any:
    """The bare value of a document. `text` makes the name of a member of a scalar."""
    if len(content) > YAML_LIMIT:
        raise LimitError(f"A YAML text is longer than {YAML_LIMIT:,} characters.")
    import yaml  # noqa: PLC0415  it takes long, and few configurations read YAML

    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    reader = _Reader(yaml, yaml.parse(content, Loader=loader), resolve, text)
    try:
        return reader.document()
    except yaml.YAMLError as error:
        if "exceeded max" in str(error):  # as newer versions of LibYAML say of a text that is nested too deeply
            raise too_deep() from None
        mark = getattr(error, "problem_mark", None)
        offset = reader.offset if mark is None else mark.index
        raise EvaluationError("the text is not valid YAML", undecoded=Undecoded(content, offset)) from None
    except UnicodeError:
        undecoded = Undecoded(content, reader.offset)
        raise EvaluationError("the text is not valid YAML", undecoded=undecoded) from None
    except EvaluationError as error:
        raise EvaluationError(error.message, undecoded=Undecoded(content, reader.offset)) from None


class _Reader:
    """Builds one document from events."""

    def __init__(self, yaml: Any, events: Iterator[Any], resolve: Resolve, text: Callable[[Any], str]) -> None:
        self._yaml = yaml
        self._events = events
        self._resolve = resolve
        self._text = text
        self._anchors: dict[str, tuple[Any, int]] = {}
        self._nodes = 0
        self.offset = 0
        """Where in the text the last event begins."""

    def _next(self) -> Any:
        event = next(self._events)
        self.offset = event.start_mark.index
        return event

    def document(self) -> Any:
        """The first document; a second one is an error."""
        yaml = self._yaml
        self._next()
        if isinstance(self._next(), yaml.StreamEndEvent):
            raise EvaluationError("the YAML text is empty")
        value = self._value(self._next(), 0)
        self._next()
        if not isinstance(self._next(), yaml.StreamEndEvent):
            raise EvaluationError("the text has more than one YAML document")
        return value

    def _count(self, more: int) -> None:
        self._nodes += more
        check_size(items=self._nodes)

    def _value(self, event: Any, depth: int) -> Any:
        yaml = self._yaml
        if isinstance(event, yaml.AliasEvent):
            if event.anchor not in self._anchors:
                raise EvaluationError("an alias in the YAML text has no anchor before it")
            value, size = self._anchors[event.anchor]
            self._count(size)
            return value
        if depth > VALUE_DEPTH_LIMIT:
            raise too_deep()
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
            return self._resolve(event.value, tag, event.style in {"'", '"'})
        if isinstance(event, yaml.SequenceStartEvent):
            items = []
            while not isinstance(event := self._next(), yaml.SequenceEndEvent):
                items.append(self._value(event, depth + 1))
            return items
        return self._mapping(depth)

    def _mapping(self, depth: int) -> dict[str, Any]:
        """The members of an object. Unlike in YAML itself, merged ones count where they stand: a later one wins,
        merged or not."""
        yaml = self._yaml
        members: dict[str, Any] = {}
        while not isinstance(event := self._next(), yaml.MappingEndEvent):
            is_merge = isinstance(event, yaml.ScalarEvent) and event.value == "<<" and not event.style and not event.tag
            key = None if is_merge else self._value(event, depth + 1)
            value = self._value(self._next(), depth + 1)
            if is_merge:
                for mapping in value if isinstance(value, list) else [value]:
                    if not isinstance(mapping, dict):
                        raise EvaluationError("a YAML merge key has no mapping")
                    self._count(len(mapping))
                    members |= mapping
            elif key is None or isinstance(key, list | dict):
                raise EvaluationError("a key in the YAML text is not a string")
            else:
                members[self._text(key)] = value
        return members

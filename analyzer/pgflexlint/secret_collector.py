"""Collects the secrets of one deployment, and where they are written, from its resources and the model."""

from __future__ import annotations

import json
import re
from base64 import b64encode
from collections.abc import Collection, Iterator, Mapping
from typing import Any

from msgspec import Struct, field

from pgflexlint.evaluate.names import written
from pgflexlint.lazily import compiled
from pgflexlint.model import KeyVaultSecret, Part, Server, uncounted
from pgflexlint.redaction.literals import NO_EXPRESSION, bare, literals
from pgflexlint.redaction.matcher import MultiMatcher
from pgflexlint.redaction.names import is_no_secret, is_option, refers, says_so, told_by_others
from pgflexlint.redaction.redactor import Redactor, is_uncommon
from pgflexlint.redaction.scan import secret_ranges
from pgflexlint.source import SourceFile, Span
from pgflexlint.values import Known, Step, Unknown, Value

_MAY_SAY_SO = compiled(r"[=:']|--|\$\$")
_IDENTIFIER = compiled(r"[A-Za-z_][\w-]*")
_ENDS = compiled(r"[;&\s\"'\\]+")


class Secrets(Struct):
    """What is secret in some deployments."""

    values: set[str] = field(default_factory=set)
    spans: set[Span] = field(default_factory=set)
    """Where the secrets are written."""
    names: set[str] = field(default_factory=set)
    """The addresses and labels of parts. They are always shown."""

    def update(self, other: Secrets) -> None:
        """Add the secrets of other deployments."""
        self.values.update(other.values)
        self.spans.update(other.spans)
        self.names.update(other.names)

    def redactor(self, prose: str) -> Redactor:
        """A redactor of all these secrets. `prose` are our own sentences.

        A secret that is also a word of the prose or of a name is redacted in literals only. If "password" in "The
        administrator password" were redacted, everybody would know the password.
        """
        names = "\n".join(map(uncounted, self.names)) if self.values else ""
        identifiers = filter(_IDENTIFIER.fullmatch, self.values)
        said = MultiMatcher(self.values).within(prose) | MultiMatcher(identifiers).within(names)
        words = frozenset(value for value in self.values if value.strip() in said)
        spans = sorted(self.spans, key=lambda span: (span.file.path, span.start, span.end))
        return Redactor(frozenset(self.values) - words, tuple(spans), words=words)


def _known(value: Value[Any]) -> tuple[Known[Any], ...]:
    """The value if it is known, or else the known values that it can have."""
    return (value,) if isinstance(value, Known) else value.possible


def _is_values_only(file: SourceFile) -> bool:
    return file.path.endswith((".tfvars", ".tfvars.json"))


def _narrowed(literal: Span, texts: Collection[str]) -> list[tuple[int, int]]:
    """The ranges of a password's texts in a literal that contains all of them; else the range of the whole literal."""
    text, start, end = literal.file.text, literal.start, literal.end
    if not texts or not all(len(each) >= Redactor.SHORTEST and text.find(each, start, end) >= 0 for each in texts):
        return [(start, end)]
    found = re.compile("|".join(map(re.escape, sorted(texts, key=len, reverse=True)))).finditer(text, start, end)
    return [place.span() for place in found]


class SecretCollector:
    """Collects secrets from values and from parts of the model."""

    def __init__(self) -> None:
        self.found = Secrets()
        self._seen: dict[tuple[int, bool], object] = {}
        """Lists and objects that were searched, by their identity and whether they are secret."""

    def add(self, part: Part) -> None:
        """Add the secrets that a part has or may have."""
        match part:
            case KeyVaultSecret(value=value):
                for known in _known(value):
                    self._add_written(known)
                    if isinstance(known.value, str) and is_uncommon(known.value):
                        self.found.values.add(known.value)
            case Server():
                for password in part.authentication.administrator_passwords:
                    self._add_password(password.value)
                for holder in (*part.roles, *part.providers, *part.connections):
                    self._add_password(holder.password)

    def add_name(self, part: Part) -> None:
        """Add the address and label of a part."""
        self.found.names.update((part.label, part.address))

    def add_named(self, name: str, value: Value[Any]) -> None:
        """Add the secrets in a value. Its own name tells them, or that of a member, or a text such as `password=…`.

        A list or object that several values share is searched once.
        """
        todo = [(value, says_so(name))]
        while todo:
            each, secret = todo.pop()
            if isinstance(each, Unknown):
                todo += ((one, secret) for one in _known(each))
            elif isinstance(each.value, tuple | Mapping):
                todo += self._inside(each.value, secret=secret)
            else:
                self._add_scalar(each, secret=secret)

    def _inside(self, container: tuple[Any, ...] | Mapping[str, Any], *, secret: bool) -> Iterator[tuple[Any, bool]]:
        """The members of a list or object, each with whether it is secret. Nothing if it was searched before."""
        held = written(container) if isinstance(container, Mapping) else container
        if (id(held), secret) in self._seen:
            return
        self._seen[id(held), secret] = held
        if isinstance(held, tuple):
            option = False
            for item in held:
                yield item, secret or option
                option = is_option(getattr(item, "value", None))
            return
        told = told_by_others((key, getattr(member, "value", None)) for key, member in held.items())
        for key, member in held.items():
            yield member, (secret and not refers(key)) or key in told or says_so(key)

    def _add_scalar(self, value: Known[Any], *, secret: bool) -> None:
        match value:
            case Known(bool() | None):
                pass
            case Known() if secret and not is_no_secret(value.value):
                self._add_written(value)
                if is_uncommon(str(value.value)):
                    self.found.values.add(str(value.value))
            case Known(str() as text) if _MAY_SAY_SO.search(text):
                self._add_said(value)

    def _add_said(self, value: Known[str]) -> None:
        """Add the secrets in a text such as a connection string, and where each of them was written."""
        quoted = json.dumps(value.value, ensure_ascii=False)
        pieces = {quoted[start:end] for start, end in secret_ranges(quoted)}
        pieces |= {piece for each in pieces for piece in _ENDS.split(each) if piece}
        self.found.values.update(filter(is_uncommon, pieces))
        for step in value.trace if pieces else ():
            file, text = step.span.file, step.span.file.text
            for start, end in literals(text, step.span.start, step.span.end):
                written = text[start:end].strip("\"'")
                if len(written) >= Redactor.SHORTEST and any(written in piece for piece in pieces):
                    self.found.spans.add(Span(file, start, end))

    def add_trace(self, span: Span, trace: tuple[Step, ...]) -> None:
        """Add the literals on a trace, if it leads through a sensitive input."""
        if any(step.sensitive for step in trace):
            for each in (span, *(step.span for step in trace)):
                self.found.spans.update(place for place in self._literals(each) if any(map(str.isalnum, place.text)))

    def _add_password(self, secret: Value[Any]) -> None:
        """Add a password and its base64; if only a part of the password is known, its known pieces."""
        known = _known(secret)
        for value in known:
            if isinstance(value.value, str) and value.value:
                self.found.values |= {value.value, b64encode(value.value.encode()).decode()}
        pieces = (*known, *(secret.parts if isinstance(secret, Unknown) else ()))
        texts = {each.value for each in pieces if isinstance(each, Known) and isinstance(each.value, str)} - {""}
        for source in (secret, *known):
            if not isinstance(source, Known) or source.value is not None:
                self._add_written(source, texts)
        if isinstance(secret, Unknown):
            self.found.values.update(each for each in texts if len(each) > 1)

    def _add_written(self, secret: Value[Any], texts: Collection[str] = ()) -> None:
        for span in (secret.span, *(step.span for step in secret.trace)):
            self._add_literals(span, texts)

    def _add_literals(self, span: Span, texts: Collection[str] = ()) -> None:
        """Add the strings in an expression that gives a password: in `join("", ["a", "b"])`, both "a" and "b".

        Of a string that contains the `texts` of the password as they are, only these are added.
        """
        for literal in self._literals(span):
            narrowed = _narrowed(literal, () if _is_values_only(span.file) else texts)
            self.found.spans.update(Span(span.file, *each) for each in narrowed)

    def _literals(self, span: Span) -> Iterator[Span]:
        """The strings and the bare words in an expression. A header is no expression and has none.

        The members of an object have places of their own, so that only one of them is searched.
        """
        if _is_values_only(span.file):
            yield span  # the whole file is values, with quotes or without
        elif not NO_EXPRESSION.match(span.text):
            text, start, end = span.file.text, span.start, span.end
            found = (*literals(text, start, end), *bare(text, start, end))
            yield from (Span(span.file, *each) for each in found)

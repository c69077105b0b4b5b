"""Keys that tell resources apart, and texts that are unknown.

Most names in templates are unknown: `'pg-${uniqueString(resourceGroup().id)}'`. Two of them are still known to be equal
if they are made in the same way: of the same pieces, or by the same function of the same arguments.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from itertools import groupby
from typing import Any, TypeGuard

from msgspec.structs import replace

from pgflexlint.evaluate.calls import FunctionCall
from pgflexlint.evaluate.equality import is_text, made_of, operation_of
from pgflexlint.evaluate.members import AnyValue
from pgflexlint.evaluate.template.types import to_text
from pgflexlint.values import Known, Reference, Unknown, merge_traces

NAME_LIMIT = 80
"""How many characters of an expression stand for a name that is not known."""
KEY_LIMIT = 4096
"""The length of the longest key. A longer one is replaced by its digest: texts of texts can grow very large."""

_SAME_NAME = frozenset({"tolower", "toupper"})
"""Functions that leave a name the same, because names are compared without case."""


def called(call: FunctionCall, unknown: Unknown) -> Unknown:
    """The answer of a function as an unknown text, which equals its answer to equal arguments."""
    return replace(made_of(unknown, call.name.lower(), *call.arguments), never_null=True)


def key(value: AnyValue) -> str:
    """A key of a value: values with the same key are certain to be equal as names, so without case."""
    return _Keys().key(value)


def identity(type_: str, *names: AnyValue) -> str:
    """The identity of a resource: its type and a key of its whole name, known or not.

    `names` are the whole name or its segments. A reference to the parent may stand for the segments before the last.
    """
    type_ = type_.lower()
    parent = type_.rpartition("/")[0] + "/"
    keys = _Keys()
    segments: list[str] = []
    for name in names:
        reference = name.reference
        if reference is not None and reference.attribute != "name" and reference.address.startswith(parent):
            segments.append(reference.address.removeprefix(parent))
        else:
            segments += map(keys.key, split_name(name))
    return "/".join((type_, *segments))


def _key_by_id(name: AnyValue) -> str | None:
    """The key of a name that is taken out of an id: `last(split(server.id, '/'))` or `split(server.id, '/')[8]`."""
    match operation_of(name):
        case "last", (pieces,):
            at = -1
        case ".", (pieces, Known(int() as at)):
            pass
        case _:
            return None
    match operation_of(pieces):
        case "split", (of, Known("/")) if of.reference and of.reference.attribute == "id":
            names = _names(of.reference.address)
            own = {8 + 2 * number: name for number, name in enumerate(names)}  # in the id of a resource in a group
            return own.get(at) if at != -1 else names[-1] if names else None
    return None


def _names(address: str) -> list[str]:
    """The keys of the names in an identity. They follow as many types."""
    depth, start, segments = 0, 0, []
    for at, character in enumerate(address):
        if character in "{<":
            depth += 1
        elif character in "}>":
            depth -= 1
        elif character == "/" and not depth:
            segments.append(address[start:at])
            start = at + 1
    segments.append(address[start:])
    return segments[len(segments) // 2 + 1 :] if len(segments) % 2 else []


def reference_of(path: AnyValue) -> Reference | None:
    """The resource that a text such as `Microsoft.DBforPostgreSQL/flexibleServers/{name}` is the address of.

    That is how Bicep's compiler writes the `scope` of extension resources; names follow their types.
    """
    provider, *others = split_name(path)
    types, names = others[::2], others[1::2]
    if not names or len(types) != len(names) or not isinstance(provider, Known) or "." not in str(provider.value):
        return None
    if not all(isinstance(each, Known) for each in types):
        return None
    type_ = "/".join(str(each.value) for each in (provider, *types) if isinstance(each, Known))
    return Reference(identity(type_, *names), "id")


def split_name(value: AnyValue) -> tuple[AnyValue, ...]:
    """The segments of a name, split at each known `/`. Its unknown pieces count as holding none."""
    if isinstance(value, Known) and isinstance(value.value, str) and "/" in value.value:
        return tuple(Known(text, value.span, value.trace, value.origin) for text in value.value.split("/"))
    if not has_pieces(value):
        return (value,)
    segments: list[list[AnyValue]] = [[]]
    for part in value.parts:
        first, *others = split_name(part)
        segments[-1].append(first)
        segments += [[other] for other in others]
    return tuple(_joined(segment, value) for segment in segments)


def readable(name: AnyValue) -> str:
    """A name for people. What is unknown in it is shown as it is written."""
    if isinstance(name, Known):
        return to_text(name.value)
    if not has_pieces(name):
        return abridged(name.span.text)
    pieces = [piece for piece in name.parts if not isinstance(piece, Known) or piece.value != ""]
    texts = [readable(piece) if isinstance(piece, Known) else f"${{{readable(piece)}}}" for piece in pieces]
    return readable(pieces[0]) if len(pieces) == 1 else "".join(texts)


def abridged(source: str) -> str:
    """Source text on one line, and not too long for a name."""
    line = " ".join(source.split())
    return line if len(line) <= NAME_LIMIT else f"{line[:NAME_LIMIT]}…"


def _joined(pieces: list[AnyValue], name: Unknown) -> AnyValue:
    """The pieces of one segment as one value."""
    pieces = [piece for piece in pieces if not isinstance(piece, Known) or piece.value != ""]
    if len(pieces) == 1:
        return pieces[0]
    trace = merge_traces(pieces)
    unknown = next((piece for piece in pieces if isinstance(piece, Unknown)), None)
    if unknown is None:
        return Known("".join(to_text(piece.value) for piece in pieces if isinstance(piece, Known)), name.span, trace)
    return Unknown(unknown.reason, name.span, trace, parts=tuple(pieces), never_null=True)


def has_pieces(value: AnyValue) -> TypeGuard[Unknown]:
    """Whether a value is an unknown text that its pieces identify, and not a resource that it refers to."""
    if not isinstance(value, Unknown) or not is_text(value):
        return False
    return value.reference is None or _is_name(value.reference)


def _is_name(reference: Reference) -> bool:
    """Whether a reference is to the name of a resource that a template declares, so that the name tells more."""
    return reference.attribute == "name" and not reference.address.endswith(")")


class _Keys:
    """Makes the keys of values. The key of a text is made once."""

    def __init__(self) -> None:
        self._pieces: dict[int, tuple[tuple[bool, str], ...]] = {}
        self._kept: list[Any] = []  # so that no other object gets the identity of a key of `_pieces`

    def key(self, value: AnyValue) -> str:
        if has_pieces(value):
            pieces = self._of_text(value)
            return pieces[0][1] if len(pieces) == 1 else _short("{" + "|".join(text for _, text in pieces) + "}")
        match value:
            case Known(None | str() | bool() | int() | float() as bare):
                return to_text(bare).lower()
            case Known(tuple() as members):
                return _short("|".join(map(self.key, members)))
            case Known(Mapping() as members):
                return _short("|".join(f"{name}:{self.key(member)}" for name, member in sorted(members.items())))
            case Unknown(reference=reference) if reference is not None and not _is_name(reference):
                return f"<{reference.address}.{reference.attribute}>"
            case Unknown(parts=(Known(tuple()) as call,)):
                match operation_of(value):
                    case name, (argument,) if name in _SAME_NAME:
                        return self.key(argument)
                return _key_by_id(value) or "{" + self.key(call) + "}"
            case Unknown(reason, reference=reference):  # the name of a resource, which that is known by
                names = [] if reference is None else _names(reference.address)
                return names[-1] if names else "{" + reason + "}"
            case _:
                return "{" + value.span.text + "}"

    def _of_text(self, text: Unknown) -> tuple[tuple[bool, str], ...]:
        """The pieces of a text: literal ones (True), joined where they meet, and keys of unknown ones (False)."""
        known = self._pieces.get(id(text.parts))
        if known is None:
            grouped = groupby(self._pieces_of(text.parts), key=lambda piece: piece[0])
            known = tuple(
                piece
                for literal, group in grouped
                for piece in ([(True, "".join(each for _, each in group))] if literal else group)
            )
            if sum(len(piece) for _, piece in known) > KEY_LIMIT:
                known = ((False, _short("|".join(piece for _, piece in known))),)
            self._pieces[id(text.parts)] = known
            self._kept.append(text.parts)
        return known

    def _pieces_of(self, parts: Iterable[AnyValue]) -> Iterator[tuple[bool, str]]:
        for part in parts:
            if has_pieces(part):
                yield from self._of_text(part)
            elif not isinstance(part, Known) or part.value not in ("", None):
                yield isinstance(part, Known), self.key(part)


def _short(key_: str) -> str:
    if len(key_) <= KEY_LIMIT:
        return key_
    from hashlib import sha256  # noqa: PLC0415  it takes milliseconds, and no template in earnest needs it

    return f"{{#{sha256(key_.encode(errors='replace')).hexdigest()}}}"

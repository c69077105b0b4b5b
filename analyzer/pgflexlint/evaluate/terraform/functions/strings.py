"""Functions of strings.

https://developer.hashicorp.com/terraform/language/functions, group "String Functions".
"""

from __future__ import annotations

from typing import Any

from pgflexlint.evaluate.bounds import check_size
from pgflexlint.evaluate.calls import EvaluationError, FunctionCall
from pgflexlint.evaluate.functions import Table, members_of, scalar, with_holes
from pgflexlint.evaluate.terraform import types
from pgflexlint.evaluate.terraform.functions.parameters import integer, text
from pgflexlint.evaluate.terraform.functions.regexes import compile_pattern, expand, graphemes, matches
from pgflexlint.lazily import compiled
from pgflexlint.values import Known, ListValue, Unknown, Value

FUNCTIONS = Table()
FUNCTIONS.unknowable("templates in values are not evaluated", "templatestring")

_SPACE = (
    " \t\n\v\f\r\x85\xa0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a"
    "\u2028\u2029\u202f\u205f\u3000"
)
"""White space as Unicode and Go have it; Python counts four more characters."""


def _each(content: str, change: Any) -> str:
    """The text changed character by character, as Go does: "ß" has no single upper-case letter and stays."""
    if content.isascii():
        return str(change(content))
    return "".join(new if len(new := change(character)) == 1 else character for character in content)


FUNCTIONS.plain("lower", text)(lambda content: _each(content.replace("İ", "i"), str.lower))
FUNCTIONS.plain("upper", text)(lambda content: _each(content, str.upper))
FUNCTIONS.plain("chomp", text)(lambda content: content.rstrip("\r\n"))
FUNCTIONS.plain("strrev", text)(lambda content: "".join(reversed(graphemes(content))))
FUNCTIONS.plain("trim", text, text)(lambda content, characters: content.strip(characters) if characters else content)
FUNCTIONS.plain("trimprefix", text, text)(str.removeprefix)
FUNCTIONS.plain("trimsuffix", text, text)(str.removesuffix)
FUNCTIONS.plain("trimspace", text)(lambda content: content.strip(_SPACE))


_WORD_START = compiled(r"(?<![^\x00-/:-@\[-^`{-\x7f\s])\w")
"""A letter at the start or after white space or an ASCII character that is no letter, digit or underscore."""


@FUNCTIONS.plain("title", text)
def _title(content: str) -> str:
    return _WORD_START.sub(lambda letter: _each(letter[0], str.title), content)


@FUNCTIONS.plain("indent", integer, text)
def _indent(spaces: int, content: str) -> str:
    if spaces < 0:
        raise EvaluationError("the number of spaces is negative")
    check_size(texts=len(content) + max(content.count("\n"), 1) * spaces)
    return content.replace("\n", "\n" + " " * spaces)


@FUNCTIONS.plain("substr", text, integer, integer)
def _substr(content: str, offset: int, length: int) -> str:
    """`substr`. With an offset from the end, a length of 0 means all of the rest, as in Terraform."""
    characters = graphemes(content)
    if offset < 0:
        offset, length = max(offset + len(characters), 0), length or -1
    return "".join(characters[offset:] if length < 0 else characters[offset : offset + length])


@FUNCTIONS.plain("split", text, text)
def _split(separator: str, content: str) -> ListValue[str]:
    return ListValue(content.split(separator) if separator else content)


@FUNCTIONS.plain("replace", text, text, text)
def _replace(content: str, old: str, new: str) -> str:
    if len(old) > 1 and old[0] == old[-1] == "/":
        pieces, end, length = [], 0, len(content)
        for match in matches(compile_pattern(old[1:-1]), content):
            pieces += [content[end : match.start()], expand(new, match)]
            end = match.end()
            length += len(pieces[-1])
            check_size(texts=length)
        return "".join((*pieces, content[end:]))
    check_size(texts=len(content) + content.count(old) * max(len(new) - len(old), 0))
    return content.replace(old, new)


def _groups(pattern: Any, match: Any) -> Any:
    if not pattern.groups:
        return match[0]
    return match.groupdict() if pattern.groupindex else list(match.groups())


def _pattern(source: str) -> Any:
    pattern = compile_pattern(source)
    if 0 < len(pattern.groupindex) < pattern.groups:
        raise EvaluationError("the regular expression has both named and unnamed groups")
    return pattern


@FUNCTIONS.plain("regex", text, text)
def _regex(source: str, content: str) -> Any:
    pattern = _pattern(source)
    for match in matches(pattern, content):
        return _groups(pattern, match)
    raise EvaluationError("the regular expression does not match")


@FUNCTIONS.plain("regexall", text, text)
def _regexall(source: str, content: str) -> ListValue[Any]:
    pattern = _pattern(source)
    return ListValue(_groups(pattern, match) for match in matches(pattern, content))


def _affix_test(name: str, side: int) -> None:
    """Registers `startswith` (side 0) or `endswith` (side 1). The known end of a text with holes may decide."""

    @FUNCTIONS.structural(name, 2)
    def body(call: FunctionCall) -> Value[Any]:
        value, affix = call.arguments[0], scalar(call.arguments[1], text)
        test = (str.startswith, str.endswith)[side]
        if isinstance(value, Unknown):
            known = types.known_ends(value)[side]
            if test(known, affix):
                return call.known(True)
            if not test(affix, known):
                return call.known(False)
        return call.known(test(scalar(value, text), affix))


_affix_test("startswith", 0)
_affix_test("endswith", 1)


@FUNCTIONS.structural("strcontains", 2)
def _strcontains(call: FunctionCall) -> Value[Any]:
    value, wanted = call.arguments[0], scalar(call.arguments[1], text)
    if isinstance(value, Unknown) and any(
        isinstance(part, Known) and wanted in text(part.value) for part in value.parts
    ):
        return call.known(True)
    return call.known(wanted in scalar(value, text))


@FUNCTIONS.variadic("join", 2)
def _join(call: FunctionCall) -> Value[Any]:
    separator = scalar(call.arguments[0], text)
    members = [member for value in call.arguments[1:] for member in members_of(value)]
    parts: list[Value[Any]] = []
    for member in members:
        if parts and separator:
            parts.append(Known(separator, call.span, call.arguments[0].trace))
        if isinstance(member, Known):
            types.to_string(member.value)  # null is an error, and so is a list
        parts.append(types.convert(member, types.STRING))
    if len(parts) == 1 and isinstance(parts[0], Unknown):
        return parts[0]
    return with_holes(call, parts, _join)

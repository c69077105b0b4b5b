"""Regular expressions as Terraform understands them, which is RE2's syntax (https://github.com/google/re2/wiki/Syntax).

They run on the `regex` engine, which backtracks but keeps a deadline. Patterns are translated first: what RE2 does not
have is refused, and what the two read differently is spelled out.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache
from time import monotonic
from typing import Any

from pgflexlint.evaluate.bounds import LimitError, check_size
from pgflexlint.evaluate.calls import EvaluationError
from pgflexlint.evaluate.functions import GiveUpError
from pgflexlint.lazily import compiled

SECONDS = 0.2
"""How long one search may take."""
PATTERN_LIMIT = 10_000
"""The length of the longest pattern that is tried, in characters."""
SUBJECT_LIMIT = 1 << 16
"""The length of the longest text that is searched, in characters."""
SIZE_LIMIT = 20_000
"""The size of the largest pattern that is tried, its repetitions written out, as the engine does: that takes memory."""
REPEAT_LIMIT = 1000
"""How often a pattern may repeat a part, nested repetitions multiplied: RE2's own bound."""

_CLASSES = {"d": "0-9", "w": "0-9A-Za-z_", "s": r"\t\n\f\r "}
_WORD = f"[{_CLASSES['w']}]"
_ESCAPES = {
    **{name: f"[{members}]" for name, members in _CLASSES.items()},
    **{name.upper(): f"[^{members}]" for name, members in _CLASSES.items()},
    "z": r"\Z",
    "b": f"(?:(?<={_WORD})(?!{_WORD})|(?<!{_WORD})(?={_WORD}))",
    "B": f"(?:(?<={_WORD})(?={_WORD})|(?<!{_WORD})(?!{_WORD}))",
}
_TOKEN = compiled(
    r"""(?s)
    \\Q(?P<quoted>.*?)(?:\\E|\Z)
    | (?P<escape>\\(?:[pP]\{\^?\w+\}|[pP]\w|x\{[0-9A-Fa-f]+\}|x[0-9A-Fa-f]{2}|0[0-7]{0,2}|.))
    | (?P<group>\(\?(?:P?<\w+>|[imsU]*(?:-[imsU]+)?[:)])?)
    | (?P<repeat>(?:[*+?]|\{\d+(?:,\d*)?\})\??)(?P<again>[*+?]|\{\d+(?:,\d*)?\})?
    | (?P<set>\[\^?\]?)
    | (?P<other>.)
    """,
    re.VERBOSE,
)
_SET_TOKEN = compiled(
    r"(?s)(?P<posix>\[:\^?\w+:\])|(?P<escape>\\(?:[pP]\{\^?\w+\}|[pP]\w|x\{[0-9A-Fa-f]+\}|.))|(?P<end>\])|(?P<other>.)"
)
_ESCAPED_LETTERS = set("AbBzdDsSwWpPaftnrvxQECs")


def engine() -> Any:
    """The `regex` package. It is imported when it is first needed: most runs do not need it, and the import takes
    long."""
    import regex  # type: ignore[import-untyped]  # noqa: PLC0415

    return regex


def graphemes(content: str) -> Sequence[str]:
    """The characters of a text as people and Terraform count them (https://unicode.org/reports/tr29/)."""
    if content.isascii() and "\r" not in content:
        return content
    clusters: list[str] = engine().findall(r"\X", content)
    return clusters


@lru_cache(maxsize=256)
def compile_pattern(pattern: str) -> Any:
    """A compiled pattern of the `regex` package that means what `pattern` means to RE2."""
    if len(pattern) > PATTERN_LIMIT:
        raise LimitError(f"A regular expression is longer than {PATTERN_LIMIT:,} characters.")
    regex = engine()
    try:
        compiled = regex.compile(_translate(pattern), flags=regex.V1)
    except (regex.error, ValueError):
        raise EvaluationError("the regular expression is not valid") from None
    return compiled


def matches(pattern: Any, content: str) -> Iterator[Any]:
    """The matches that do not overlap.

    As in Go, an empty one right after another does not count, and after an empty one the search goes on one further.
    """
    if len(content) > SUBJECT_LIMIT:
        raise LimitError(
            f"A text that a regular expression is matched with is longer than {SUBJECT_LIMIT:,} characters."
        )
    deadline = monotonic() + SECONDS
    at, end = 0, -1
    try:
        while at <= len(content) and (match := pattern.search(content, at, timeout=max(deadline - monotonic(), 0.001))):
            empty = match.end() == match.start()
            if not empty or match.start() != end:
                yield match
            end = match.end()
            at = end + empty
    except TimeoutError:
        raise LimitError(f"A regular expression takes longer than {SECONDS} seconds.") from None


class _Extent:
    """How large a pattern is when its repetitions are written out."""

    def __init__(self) -> None:
        self._groups = [(0, 1)]
        self._last = (0, 1)

    def atom(self, size: int = 1) -> None:
        """One more thing to match."""
        self._add(size, 1)

    def _add(self, size: int, repeats: int) -> None:
        total, most = self._groups[-1]
        if total + size > SIZE_LIMIT:
            raise LimitError(f"A regular expression is larger than {SIZE_LIMIT:,} with its repetitions written out.")
        self._groups[-1] = total + size, max(most, repeats)
        self._last = size, repeats

    def opened(self) -> None:
        """A group starts."""
        self._groups.append((1, 1))

    def closed(self) -> None:
        """A group ends; one that never started is the engine's to refuse."""
        if len(self._groups) > 1:
            self._add(*self._groups.pop())

    def repeated(self, times: int) -> None:
        """What was last is repeated."""
        size, repeats = self._last
        if times * repeats > REPEAT_LIMIT:
            raise EvaluationError(f"the regular expression repeats more than {REPEAT_LIMIT:,} times")
        self._add(size * max(times - 1, 0), repeats * max(times, 1))


def _translate(pattern: str) -> str:
    multiline = False
    translated: list[str] = []
    extent = _Extent()
    at = 0
    while token := _TOKEN.match(pattern, at):
        at = token.end()
        match token.lastgroup:
            case "quoted":
                translated.append(re.escape(token["quoted"]))
                extent.atom(len(token["quoted"]))
            case "escape":
                translated.append(_escape(token["escape"]))
                extent.atom()
            case "group":
                multiline = multiline or "m" in token["group"].partition("-")[0].partition("<")[0]
                translated.append(_group(token["group"]))
                if not re.fullmatch(r"\(\?[imsU-]+\)", token["group"]):
                    extent.opened()
            case "again":
                raise EvaluationError("the regular expression repeats a repetition")
            case "repeat":
                translated.append(token["repeat"])
                extent.repeated(max((int(count[:9]) for count in re.findall(r"\d+", token["repeat"])), default=1))
            case "set":
                at, members = _set(pattern, at)
                closing = r"\]" if token["set"].endswith("]") else ""
                translated.append(token["set"].removesuffix("]") + closing + members + "]")
                extent.atom(1 + len(members))
            case _:
                other = token["other"]
                translated.append(r"\Z" if other == "$" and not multiline else "\\{" if other == "{" else other)
                {"(": extent.opened, ")": extent.closed}.get(other, extent.atom)()
    return "".join(translated)


def _escape(escape: str) -> str:
    letter = escape[1:2]
    if letter == "" or (letter.isalnum() and letter not in _ESCAPED_LETTERS and letter != "0"):
        raise EvaluationError("the regular expression has an escape that RE2 does not know")
    if escape.startswith("\\x{"):
        return re.escape(_character(escape))
    return _ESCAPES.get(letter, escape)


def _character(escape: str) -> str:
    code = int(escape[3:-1], 16)
    if code > 0x10FFFF:
        raise EvaluationError("the regular expression has a character code that is too large")
    return chr(code)


def _group(group: str) -> str:
    if group == "(?":
        raise EvaluationError("the regular expression has a group that RE2 does not know")
    if not group.endswith(">") and "U" in group:
        raise GiveUpError("the regular expression uses the flag U")
    return group


def _set(pattern: str, at: int) -> tuple[int, str]:
    """The members of a set that starts at `at`, and where the pattern goes on."""
    members: list[str] = []
    while token := _SET_TOKEN.match(pattern, at):
        at = token.end()
        match token.lastgroup:
            case "end":
                return at, "".join(members)
            case "posix":
                members.append(_ascii(token["posix"]))
            case "escape":
                letter = token["escape"][1]
                if letter.isalnum() and (letter not in _ESCAPED_LETTERS or letter in "AbBzQEC"):
                    raise EvaluationError("the regular expression has an escape that RE2 does not know")
                members.append(_in_set(token["escape"]))
            case _:
                members.append("\\" * (token["other"] in "[&~|") + token["other"])
    raise EvaluationError("the regular expression has a set without an end")


def _in_set(escape: str) -> str:
    if escape.startswith("\\x{"):
        return re.escape(_character(escape))
    letter = escape[1]
    return _CLASSES.get(letter, f"[^{_CLASSES[letter.lower()]}]" if letter in "DWS" else escape)


_POSIX = {
    "alnum": "0-9A-Za-z", "alpha": "A-Za-z", "ascii": r"\x00-\x7f", "blank": r"\t ", "cntrl": r"\x00-\x1f\x7f",
    "digit": "0-9", "graph": "!-\\~", "lower": "a-z", "print": r" -\~", "punct": r"!-/:-@\[-`{-\~",
    "space": r"\t\n\v\f\r ", "upper": "A-Z", "word": "0-9A-Za-z_", "xdigit": "0-9A-Fa-f",
}  # fmt: skip


def _ascii(posix: str) -> str:
    name = posix[2:-2]
    members = _POSIX.get(name.removeprefix("^"))
    if members is None:
        raise EvaluationError("the regular expression has a class that RE2 does not know")
    return f"[^{members}]" if name.startswith("^") else members


_REFERENCE = compiled(r"\$(?:(\$)|(\w+)|\{(\w+)\})", re.ASCII)


def expand(template: str, match: Any) -> str:
    """What replaces a match: `$1`, `$name` and `${name}` stand for its groups, `$$` for a dollar."""

    check_size(texts=template.count("$") * len(match[0]))

    def group(reference: re.Match[str]) -> str:
        name = reference[2] or reference[3]
        if name is None:
            return "$"
        if name.isdecimal():
            return (match[int(name)] or "") if int(name) <= match.re.groups else ""
        return match.groupdict().get(name) or ""

    return _REFERENCE.sub(group, template)

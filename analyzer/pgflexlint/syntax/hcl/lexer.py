"""The words of HCL, named as python-hcl2's grammar names its terminals.

It settles what a grammar cannot: where a newline means something, where a word such as `for` is a keyword,
and what is text and what is code in a template. The facts are those of the HCL native syntax specification
(https://github.com/hashicorp/hcl/blob/main/hclsyntax/spec.md, "Lexical Elements" and "Templates") and of the
scanner and parser that implement it:

- newlines end arguments and blocks and separate the members of an object; within parentheses, brackets, the
  holes of templates and `for` expressions they mean nothing, and a block comment never counts as one;
- a here document is a template like a quoted one, so its holes are tokens with their own places.
"""

from __future__ import annotations

import re
from typing import Final, TypeAlias

from pgflexlint.problem import Kind

MAX_DEPTH: Final = 250
"""How deep an expression may be: brackets, templates, and operators, attributes and indexes in a row, together."""


Token: TypeAlias = tuple[str, str, int, int]
"""A word of the source: its kind, its text, and where it starts and ends, in code points."""


class Refused(Exception):
    """What stands at `[start, end)` is not HCL, or too much of it; the arguments are those of a `Problem`."""

    def __init__(
        self,
        message: str,
        start: int,
        end: int,
        hint: str = "",
        *,
        kind: Kind = Kind.SYNTAX,
        unclosed: bool = False,
    ) -> None:
        """`unclosed` says that what is at fault goes on to the end of the text."""
        super().__init__(message)
        self.message, self.start, self.end, self.hint = message, start, end, hint
        self.kind, self.unclosed = kind, unclosed


_NAME = r"[^\W\d][\w-]*"

_CODE = re.compile(
    rf"""[ \t]*(?:
    (?P<NAME>{_NAME})
  | (?P<NEWLINE>(?:\r?\n[ \t]*+)++)
  | (?P<STRING>"[^"\\$%\r\n]*")
  | (?P<HEREDOC><<-?{_NAME}\r?\n)
  | (?P<COMMENT>\#[^\n]*|//[^\n]*)
  | (?P<BLOCK_COMMENT>/\*(?s:.*?)\*/)
  | (?P<PUNCTUATION>==|!=|<=|>=|=>|&&|\|\||::|\.\.\.|\.[ \t]*\*|\[[ \t]*\*[ \t]*\]|~\}}|[-+*/%!?:,.=<>(){{}}\[\]])
  | (?P<NUMBER>\d(?:\.?\d|[eE][-+]?\d)*+)
  | (?P<QUOTE>")
  | (?P<END>\Z)
  | (?P<OTHER>(?s:.))
    )""",
    re.VERBOSE,
)
_NAME_GROUP, _NEWLINE, _STRING, _HEREDOC_START, _COMMENT, _BLOCK_COMMENT, _PUNCTUATION_GROUP, _NUMBER, _QUOTE, _END = (
    range(1, 11)
)

_ESCAPED = r"\$\$++\{?+|%%++\{?+|\$(?!\{)|%(?!\{)"
_QUOTED_TEXT = re.compile(rf'(?:[^"\\$%\r\n]++|\\[^\r\n]|{_ESCAPED})++')
_BARE_TEXT = re.compile(rf"(?:[^$%\n]++|{_ESCAPED})*+\n?")
_DIRECTIVE = re.compile(r"\s*(if|else|endif|for|endfor)(?![\w-])")
_DECIMAL = re.compile(r"\d+(?:\.\d+)?(?:[eE][-+]?\d+)?")
_FOR = re.compile(r"(?:\s|\#[^\n]*\n|//[^\n]*\n|/\*(?s:.*?)\*/)*+for(?![\w-])")
_HEADER = re.compile(rf'^{_NAME}(?:[ \t]+(?:{_NAME}|"[^"\n]*"))*[ \t]*(?:\{{|=(?!=))', re.MULTILINE)

_PUNCTUATION = {
    "==": "DOUBLE_EQ", "!=": "NEQ", "<=": "LEQ", ">=": "GEQ", "<": "LT", ">": "GT", "&&": "DOUBLE_AMP",
    "||": "DOUBLE_PIPE", "+": "PLUS", "-": "MINUS", "*": "ASTERISK", "/": "SLASH", "%": "PERCENT", "!": "NOT",
    "?": "QMARK", ":": "COLON", "::": "COLONS", ",": "COMMA", ".": "DOT", "...": "ELLIPSIS", "=": "EQ",
    "=>": "FOR_OBJECT_ARROW", "(": "LPAR", ")": "RPAR", "[": "LSQB", "]": "RSQB", "{": "LBRACE", "}": "RBRACE",
    ".*": "ATTR_SPLAT", "[*]": "FULL_SPLAT_START", "~}": "RBRACE",
}  # fmt: skip
_DEEPENING = frozenset(
    [
        "DOUBLE_EQ",
        "NEQ",
        "LEQ",
        "GEQ",
        "LT",
        "GT",
        "DOUBLE_AMP",
        "DOUBLE_PIPE",
        "PLUS",
        "MINUS",
        "ASTERISK",
        "SLASH",
        "PERCENT",
        "NOT",
        "QMARK",
        "DOT",
        "ATTR_SPLAT",
        "FULL_SPLAT_START",
    ]
)
_ENDS_AN_EXPRESSION = frozenset(
    [
        "NAME",
        "TRUE",
        "FALSE",
        "NULL",
        "INT_LITERAL",
        "FLOAT_LITERAL",
        "RPAR",
        "RSQB",
        "RBRACE",
        "DBLQUOTE",
        "TEMPLATE_STRING",
        "ELLIPSIS",
        "ATTR_SPLAT",
        "FULL_SPLAT_START",
    ]
)
_OPENING = frozenset(["LPAR", "LSQB", "LBRACE"])
_CLOSING = {"RPAR": ("LPAR",), "RSQB": ("LSQB",), "RBRACE": ("LBRACE", "INTERP_START", "DIRECTIVE_START")}
_LEVELS = {"if": 2, "else": 0, "endif": -2, "for": 3, "endfor": -3}
"""How much deeper a directive makes what follows it, in nodes of the expression that it becomes."""
_LITERALS = {"true": "TRUE", "false": "FALSE", "null": "NULL"}
_WORDS = frozenset([*_LITERALS, "for", "in", "if"])
_BODY, _OBJECT, _GROUP, _HOLE, _QUOTED, _HEREDOC, _WHOLE = range(7)
"""What the lexer is in: the first two heed newlines, the next two do not, the last three are templates."""


class _Frame:
    """An open bracket or template, and what to go back to at its end."""

    __slots__ = ("depth", "in_header", "line_start", "marker", "mode", "opener", "restored_depth")

    def __init__(self, mode: int, opener: Token, depth: int, in_header: bool, marker: str = "") -> None:
        self.mode = mode
        self.opener = opener
        self.restored_depth = depth
        self.depth = depth + 1
        """The depth at which each of its members starts."""
        self.in_header = in_header
        self.marker = marker
        self.line_start = True


class Lexer:
    """Reads one text, an item of its top level at a time."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.position = 0
        """How far it has read."""
        self.comments: list[tuple[int, int]] = []
        """Where comments start and end, in order."""

    def item(self) -> list[Token]:
        """The tokens of the next argument or block, with an end token; none at the end of the text.

        Raises `Refused`; `recover` then says where to go on.
        """
        return self._tokens(_Frame(_BODY, ("", "", 0, 0), -1, True))

    def expression(self) -> list[Token]:
        """The tokens of a text that is one expression. Newlines mean nothing in it."""
        return self._tokens(_Frame(_GROUP, ("", "", 0, 0), -1, False))

    def template(self) -> list[Token]:
        """The tokens of a text that is one template without quotes, as if it were a here document."""
        return self._tokens(_Frame(_WHOLE, ("", "", 0, 0), -1, False))

    def recover(self, begin: int, refused: Refused) -> None:
        """After `refused` in the item that starts at `begin`: go to where the next one seems to start."""
        line_end = self.text.find("\n", begin if refused.unclosed else refused.start)
        found = _HEADER.search(self.text, line_end + 1) if line_end >= 0 else None
        self.position = found.start() if found else len(self.text)
        while self.comments and self.comments[-1][0] >= self.position:
            self.comments.pop()

    def _tokens(self, frame: _Frame) -> list[Token]:
        text = self.text
        position = self.position
        tokens: list[Token] = []
        add = tokens.append
        match = _CODE.match
        stack = [frame]
        mode, depth, in_header = frame.mode, frame.depth, frame.in_header
        previous = ""
        if mode == _WHOLE:
            add(("DBLQUOTE", "<<", position, position))
        while True:
            if mode >= _QUOTED:
                position, opened = self._text(frame, position, tokens)
                if opened is not None:
                    frame = opened
                    stack.append(frame)
                    mode, depth, in_header, previous = _HOLE, frame.depth, False, tokens[-1][0]
                else:
                    stack.pop()
                    if not stack:
                        return tokens
                    depth, in_header, previous = frame.restored_depth + 1, frame.in_header, "DBLQUOTE"
                    frame = stack[-1]
                    mode = frame.mode
                continue
            found = match(text, position)
            assert found is not None  # the last two groups match anything
            group = found.lastindex
            assert group is not None
            start, position = found.span(group)
            if group == _NAME_GROUP:
                word = found[group]
                previous = _kind_of_word(word, previous, mode) if word in _WORDS and not in_header else "NAME"
                add((previous, word, start, position))
            elif group == _PUNCTUATION_GROUP:
                word = found[group]
                kind = _PUNCTUATION.get(word) or _PUNCTUATION["".join(word.split())]
                if kind in _DEEPENING:
                    depth += 1
                    if depth > MAX_DEPTH:
                        raise _too_deep(start, position)
                    if kind == "SLASH" and text.startswith("*", position):
                        raise Refused("This comment is never closed.", start, start + 2, "Close it with */.", unclosed=True)
                elif kind in _OPENING:
                    if depth >= MAX_DEPTH:
                        raise _too_deep(start, position)
                    inner = _GROUP
                    if kind == "LBRACE":
                        if mode == _BODY and in_header:
                            inner = _BODY
                        elif not _FOR.match(text, position):
                            inner = _OBJECT
                    frame = _Frame(inner, (kind, word, start, position), depth, in_header)
                    stack.append(frame)
                    mode, depth, in_header = inner, frame.depth, inner == _BODY
                elif kind in _CLOSING:
                    if frame.opener[0] not in _CLOSING[kind] or (word == "~}" and mode != _HOLE):
                        raise self._mismatch(frame.opener, word, start, position)
                    depth, in_header = frame.restored_depth + 1, frame.in_header
                    stack.pop()
                    frame = stack[-1]
                    mode = frame.mode
                elif kind == "EQ":
                    in_header = False
                elif kind == "COMMA":
                    depth = frame.depth
                add((kind, word, start, position))
                previous = kind
            elif group == _NEWLINE:
                if mode <= _OBJECT and previous != "NL_OR_COMMENT":
                    depth = frame.depth
                    if mode == _BODY:
                        in_header = True
                        if len(stack) == 1:
                            if not tokens:
                                continue
                            add(("$END", "", start, start))
                            self.position = position
                            return tokens
                    previous = "NL_OR_COMMENT"
                    add((previous, "", start, position))
            elif group == _STRING:
                previous = "TEMPLATE_STRING"
                add((previous, found[group], start, position))
            elif group == _NUMBER:
                word = found[group]
                previous = _kind_of_number(word, start, position)
                add((previous, word, start, position))
            elif group in (_COMMENT, _BLOCK_COMMENT):
                self.comments.append((start, position - (text[position - 1] == "\r")))
            elif group in (_QUOTE, _HEREDOC_START):
                if depth >= MAX_DEPTH:
                    raise _too_deep(start, position)
                opener = ("DBLQUOTE", found[group].rstrip(), start, position)
                mode = _QUOTED if group == _QUOTE else _HEREDOC
                frame = _Frame(mode, opener, depth, in_header, opener[1].lstrip("<-"))
                stack.append(frame)
                add(opener)
            elif group == _END:
                if len(stack) > 1:
                    raise self._unclosed(frame.opener)
                if tokens or mode != _BODY:
                    add(("$END", "", start, start))
                self.position = position
                return tokens
            else:
                raise _stray(text[start], start, position)

    def _text(self, frame: _Frame, position: int, tokens: list[Token]) -> tuple[int, _Frame | None]:
        """Reads the text of a template up to its end, or to a hole and into it.

        Returns where it stopped, and the hole; None at the end of the template.
        """
        text = self.text
        mode = frame.mode
        pattern = _QUOTED_TEXT if mode == _QUOTED else _BARE_TEXT
        while True:
            found = pattern.match(text, position)
            if found and found.end() > position:
                start, position = position, found.end()
                chunk = found[0]
                if mode == _HEREDOC and chunk[-1] == "\n":
                    if frame.line_start and chunk.strip() == frame.marker:
                        position = start + len(chunk.rstrip("\r\n"))
                        tokens.append(("DBLQUOTE", frame.marker, start, start + len(chunk.rstrip())))
                        return position, None
                    frame.line_start = True
                else:
                    frame.line_start = False
                tokens.append(("STRING_CHARS", chunk, start, position))
            if text.startswith(("${", "%{"), position):
                frame.line_start = False
                return self._hole(frame, position, tokens)
            if mode == _QUOTED:
                if text.startswith('"', position):
                    tokens.append(("DBLQUOTE", '"', position, position + 1))
                    return position + 1, None
                raise Refused(
                    "This string is not closed on its line.",
                    frame.opener[2],
                    position,
                    'Close it with ", or write a text of several lines as <<-EOT … EOT.',
                )
            if position == len(text):
                if mode == _HEREDOC:
                    raise self._unclosed(frame.opener)
                tokens.append(("DBLQUOTE", "", position, position))
                tokens.append(("$END", "", position, position))
                return position, None

    def _hole(self, frame: _Frame, start: int, tokens: list[Token]) -> tuple[int, _Frame]:
        """Reads the start of a hole, and the keyword of a directive."""
        text = self.text
        position = start + 3 if text.startswith("~", start + 2) else start + 2
        is_directive = text[start] == "%"
        opener = ("DIRECTIVE_START" if is_directive else "INTERP_START", text[start:position], start, position)
        tokens.append(opener)
        if is_directive:
            found = _DIRECTIVE.match(text, position)
            if found is None:
                raise Refused(
                    "A template directive starts with if, else, endif, for or endfor.",
                    start,
                    position,
                    "Write %%{ for a literal %{.",
                )
            word = found[1]
            frame.depth += _LEVELS[word]
            position = found.end()
            tokens.append((word.upper(), word, found.start(1), position))
        if frame.depth >= MAX_DEPTH:
            raise _too_deep(start, position)
        return position, _Frame(_HOLE, opener, frame.depth, False)

    def _line(self, position: int) -> int:
        return self.text.count("\n", 0, position) + 1

    def _unclosed(self, opener: Token) -> Refused:
        kind, word, start, end = opener
        if kind == "DBLQUOTE":
            marker = word.lstrip("<-")
            return Refused(
                f"This text is never closed: {marker} does not follow on a line of its own.",
                start,
                start + len(word),
                f"Write {marker} alone on the line after the text, and end that line.",
                unclosed=True,
            )
        return Refused(f"This {word} is never closed.", start, end, "Add the bracket that closes it.", unclosed=True)

    def _mismatch(self, opener: Token, word: str, start: int, end: int) -> Refused:
        if not opener[0]:
            return Refused(f"This {word} closes nothing.", start, end, "Remove it, or add what it closes.")
        return Refused(
            f"This {word} does not close the {opener[1]} of line {self._line(opener[2])}.",
            start,
            end,
            f"Close that {opener[1]} first.",
        )


def _kind_of_word(word: str, previous: str, mode: int) -> str:
    """Whether a word that can be a keyword is one here."""
    if previous in ("DOT", "ATTR_SPLAT", "COLONS"):
        return "NAME"
    if word in _LITERALS:
        return _LITERALS[word]
    if word == "for":
        return "FOR" if mode == _GROUP and previous in ("LSQB", "LBRACE") else "NAME"
    return word.upper() if mode in (_GROUP, _HOLE) and previous in _ENDS_AN_EXPRESSION else "NAME"


def _kind_of_number(word: str, start: int, end: int) -> str:
    if word.isdecimal():
        return "INT_LITERAL"
    if not _DECIMAL.fullmatch(word):
        raise Refused(f"'{word}' is not a number.", start, end, "Members of nested lists are read as list[0][1].")
    return "FLOAT_LITERAL"


def _too_deep(start: int, end: int) -> Refused:
    return Refused(
        f"This expression is more than {MAX_DEPTH} levels deep.",
        start,
        end,
        "Split it up with locals.",
        kind=Kind.LIMIT,
    )


def _stray(character: str, start: int, end: int) -> Refused:
    hints = {
        "'": 'Strings stand in double quotes: "…".',
        "`": 'Strings stand in double quotes: "…".',
        "“": 'Strings stand in straight double quotes: "…".',
        "”": 'Strings stand in straight double quotes: "…".',
        ";": "Arguments are separated by newlines.",
        "&": "The logical operator is &&.",
        "|": "The logical operator is ||.",
    }
    shown = character if character.isprintable() else f"U+{ord(character):04X}"
    return Refused(f"The character {shown} has no meaning here.", start, end, hints.get(character, ""))

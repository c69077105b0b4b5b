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

from pgflexlint.lazily import compiled
from pgflexlint.problem import Kind
from pgflexlint.syntax.reading import RefusedError

MAX_DEPTH: Final = 250
"""How deep an expression may be: brackets, templates, and operators, attributes and indexes in a row, together."""

Token: TypeAlias = tuple[str, str, int, int]
"""A word of the source: its kind, its text, and where it starts and ends, in code points."""


class UnclosedError(RefusedError):
    """What opens there goes on to the end of the text."""


_NAME = r"[^\W\d][\w\u0300-\u036f-]*"
"""With the marks of letters that are written in two code points."""

_CODE = compiled(
    rf"""[ \t]*(?:
    (?P<NAME>{_NAME})
  | (?P<NEWLINE>(?:\r?\n[ \t]*+)++)
  | (?P<STRING>"[^"\\$%\r\n]*")
  | (?P<COMMENT>\#[^\n]*|//[^\n]*|/\*(?s:.*?)\*/)
  | (?P<OPENING_OF_TEXT>"|<<-?{_NAME}\r?\n)
  | (?P<OPENING_OF_COMMENT>/\*)
  | (?P<PUNCTUATION>==|!=|<=|>=|=>|&&|\|\||::|\.\.\.|\.[ \t]*\*|\[[ \t]*\*[ \t]*\]|~\}}|[-+*/%!?:,.=<>(){{}}\[\]])
  | (?P<NUMBER>\d(?:\.?\d|[eE][-+]?\d)*+)
  | (?P<END>\Z)
  | (?P<OTHER>(?s:.))
    )""",
    re.VERBOSE,
)
_NAME_GROUP, _NEWLINE, _STRING, _COMMENT, _OPENING_OF_TEXT, _, _PUNCTUATION_GROUP, _NUMBER, _END, _ = range(1, 11)

_ESCAPED = r"\$\$++\{?+|%%++\{?+|\$(?!\{)|%(?!\{)"
_QUOTED_TEXT = compiled(rf'(?:[^"\\$%\r\n]++|\\[^\r\n]|{_ESCAPED})++')
_BARE_TEXT = compiled(rf"(?:(?:[^$%\n]++|{_ESCAPED})++\n?|\n)")
_DIRECTIVE = compiled(r"\s*(if|else|endif|for|endfor)(?![\w-])")
_DECIMAL = compiled(r"\d+(?:\.\d+)?(?:[eE][-+]?\d+)?")
_FOR = compiled(r"(?:\s|\#[^\n]*\n|//[^\n]*\n|/\*(?s:.*?)\*/)*+for(?![\w-])")
_LINE_COMMENT = compiled(r"^[ \t]*((?:\#|//)[^\r\n]*)", re.MULTILINE)
_HEADER = compiled(rf'^{_NAME}(?:[ \t]+(?:{_NAME}|"[^"\n]*"))*[ \t]*(?:\{{|=(?!=))', re.MULTILINE)

_PUNCTUATION = {
    "==": "DOUBLE_EQ", "!=": "NEQ", "<=": "LEQ", ">=": "GEQ", "<": "LT", ">": "GT", "&&": "DOUBLE_AMP",
    "||": "DOUBLE_PIPE", "+": "PLUS", "-": "MINUS", "*": "ASTERISK", "/": "SLASH", "%": "PERCENT", "!": "NOT",
    "?": "QMARK", ":": "COLON", "::": "COLONS", ",": "COMMA", ".": "DOT", "...": "ELLIPSIS", "=": "EQ",
    "=>": "FOR_OBJECT_ARROW", "(": "LPAR", ")": "RPAR", "[": "LSQB", "]": "RSQB", "{": "LBRACE", "}": "RBRACE",
    ".*": "ATTR_SPLAT", "[*]": "FULL_SPLAT_START", "~}": "RBRACE",
}  # fmt: skip
_DEEPENING = frozenset([
    "DOUBLE_EQ", "NEQ", "LEQ", "GEQ", "LT", "GT", "DOUBLE_AMP", "DOUBLE_PIPE", "PLUS", "MINUS", "ASTERISK", "SLASH",
    "PERCENT", "NOT", "QMARK", "DOT", "ATTR_SPLAT", "FULL_SPLAT_START",
])  # fmt: skip
"""What makes the expression that it stands in a node deeper."""
_ENDS_AN_EXPRESSION = frozenset([
    "NAME", "TRUE", "FALSE", "NULL", "INT_LITERAL", "FLOAT_LITERAL", "RPAR", "RSQB", "RBRACE", "DBLQUOTE",
    "TEMPLATE_STRING", "ELLIPSIS", "ATTR_SPLAT", "FULL_SPLAT_START",
])  # fmt: skip
"""After these, `in` and `if` are keywords."""
_OPENING = frozenset(["LPAR", "LSQB", "LBRACE"])
_CLOSING = {"RPAR": ("LPAR",), "RSQB": ("LSQB",), "RBRACE": ("LBRACE", "INTERP_START", "DIRECTIVE_START")}
_LEVELS = {"if": 2, "else": 0, "endif": -2, "for": 3, "endfor": -3}
"""How much deeper a directive makes what follows it, in nodes of the expression that it becomes."""
_LITERALS = {"true": "TRUE", "false": "FALSE", "null": "NULL"}
_WORDS = frozenset([*_LITERALS, "for", "in", "if"])
_NOTHING: Token = ("", "", 0, 0)

_BODY, _OBJECT, _GROUP, _HOLE, _QUOTED, _HEREDOC, _WHOLE = range(7)
"""What the lexer is in: the first two heed newlines, the next two do not, the last three are templates."""


class _Frame:
    """A bracket or template that is open, or the text as a whole."""

    __slots__ = ("base", "depth", "in_header", "line_start", "marker", "mode", "opener")

    def __init__(self, mode: int, opener: Token = _NOTHING, base: int = 0) -> None:
        self.mode = mode
        self.opener = opener
        self.base = base
        """The depth at which each of its members starts."""
        self.depth = base
        """The depth reached in the member at hand."""
        self.in_header = mode == _BODY
        """In a body: no value has begun in the line at hand, so words are names and `{` opens a block."""
        self.marker = opener[1].lstrip("<-")
        """Of a here document: what closes it."""
        self.line_start = True
        """In a here document: at the start of a line."""


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

        Raises `RefusedError`; `recover` then says where to go on.
        """
        return self._tokens(_Frame(_BODY))

    def expression(self) -> list[Token]:
        """The tokens of a text that is one expression. Newlines mean nothing in it."""
        return self._tokens(_Frame(_GROUP))

    def template(self) -> list[Token]:
        """The tokens of a text that is one template without quotes, as if it were a here document."""
        return self._tokens(_Frame(_WHOLE))

    def recover(self, begin: int, refused: RefusedError) -> None:
        """After `refused` in the item that starts at `begin`: go to where the next one seems to start."""
        line_end = self.text.find("\n", begin if isinstance(refused, UnclosedError) else refused.start)
        found = _HEADER.search(self.text, line_end + 1) if line_end >= 0 else None
        self.position = found.start() if found else len(self.text)
        while self.comments and self.comments[-1][0] >= self.position:
            self.comments.pop()
        skipped = max(line_end, self.comments[-1][1] if self.comments else 0, 0)
        self.comments += (found.span(1) for found in _LINE_COMMENT.finditer(self.text, skipped, self.position))

    def _tokens(self, frame: _Frame) -> list[Token]:  # noqa: PLR0915 - one loop, and each call in it would be felt
        text = self.text
        position = self.position
        tokens: list[Token] = []
        add = tokens.append
        match = _CODE.match
        stack = [frame]
        previous = ""
        if frame.mode == _WHOLE:
            add(("DBLQUOTE", "<<", position, position))
        while True:
            if frame.mode >= _QUOTED:
                position = self._text(stack, position, tokens)
                if not stack:
                    return tokens
                frame = stack[-1]
                previous = tokens[-1][0]
                continue
            found = match(text, position)
            assert found is not None  # the last group matches anything
            group = found.lastindex
            assert group is not None
            start, position = found.span(group)
            if group == _NAME_GROUP:
                word = found[group]
                previous = (
                    "NAME" if frame.in_header or word not in _WORDS else _kind_of_word(word, previous, frame.mode)
                )
                add((previous, word, start, position))
            elif group == _PUNCTUATION_GROUP:
                word = found[group]
                previous = _PUNCTUATION.get(word) or _PUNCTUATION["".join(word.split())]
                token = (previous, word, start, position)
                add(token)
                if previous in _DEEPENING:
                    frame.depth += 1
                    if frame.depth > MAX_DEPTH:
                        raise _too_deep(token)
                elif previous in _OPENING:
                    frame = self._open(stack, token)
                elif previous in _CLOSING:
                    frame = self._close(stack, token)
                elif previous == "EQ":
                    frame.in_header = False
                elif previous == "COMMA":
                    frame.depth = frame.base
            elif group == _NEWLINE:
                if frame.mode > _OBJECT or previous == "NL_OR_COMMENT":
                    continue
                frame.depth = frame.base
                frame.in_header = frame.mode == _BODY
                if len(stack) > 1:
                    previous = "NL_OR_COMMENT"
                    add((previous, "", start, position))
                elif tokens:
                    add(("$END", "", start, start))
                    self.position = position
                    return tokens
            elif group == _STRING:
                previous = "TEMPLATE_STRING"
                add((previous, found[group], start, position))
            elif group == _NUMBER:
                word = found[group]
                previous = _kind_of_number(word, start, position)
                add((previous, word, start, position))
            elif group == _COMMENT:
                self.comments.append((start, position - (text[position - 1] == "\r")))
            elif group == _OPENING_OF_TEXT:
                token = ("DBLQUOTE", found[group].rstrip(), start, position)
                add(token)
                frame = self._open(stack, token)
            elif group == _END:
                if len(stack) > 1:
                    raise _unclosed(frame.opener)
                if tokens or frame.mode != _BODY:
                    add(("$END", "", start, start))
                self.position = position
                return tokens
            else:
                raise _unexpected(found[group], start, position)

    def _open(self, stack: list[_Frame], token: Token) -> _Frame:
        """Enters what a bracket, quote or here document opens."""
        frame = stack[-1]
        kind, word, _, position = token
        if kind == "DBLQUOTE":
            mode = _QUOTED if word == '"' else _HEREDOC
        elif kind in ("INTERP_START", "DIRECTIVE_START"):
            mode = _HOLE
        elif kind != "LBRACE":
            mode = _GROUP
        elif frame.in_header:
            mode = _BODY
        else:
            mode = _GROUP if _FOR.match(self.text, position) else _OBJECT
        if frame.depth >= MAX_DEPTH:
            raise _too_deep(token)
        stack.append(_Frame(mode, token, frame.depth + 1))
        return stack[-1]

    def _close(self, stack: list[_Frame], token: Token) -> _Frame:
        """Leaves what a bracket closes."""
        kind, word, start, end = token
        frame = stack[-1]
        opener = frame.opener
        if frame.mode != _HOLE if word == "~}" else opener[0] not in _CLOSING[kind]:
            if not opener[0]:
                raise RefusedError(f"This {word} closes nothing.", start, end, "Remove it, or add what it closes.")
            line = self.text.count("\n", 0, opener[2]) + 1
            message = f"This {word} does not close the {opener[1]} of line {line}."
            raise RefusedError(message, start, end, f"Close that {opener[1]} first.")
        stack.pop()
        stack[-1].depth += 1
        return stack[-1]

    def _text(self, stack: list[_Frame], position: int, tokens: list[Token]) -> int:
        """Reads the text of a template to its end, or to a hole and into it; returns where it stopped."""
        text = self.text
        frame = stack[-1]
        mode = frame.mode
        pattern = _QUOTED_TEXT if mode == _QUOTED else _BARE_TEXT
        while found := pattern.match(text, position):
            start, position = position, found.end()
            chunk = found[0]
            if mode == _HEREDOC and frame.line_start and chunk[-1] == "\n" and chunk.strip() == frame.marker:
                tokens.append(("DBLQUOTE", frame.marker, start, start + len(chunk.rstrip())))
                self._leave(stack)
                return start + len(chunk.rstrip("\r\n"))
            frame.line_start = chunk[-1] == "\n"
            tokens.append(("STRING_CHARS", chunk, start, position))
        frame.line_start = False
        if text.startswith(("${", "%{"), position):
            return self._hole(stack, position, tokens)
        if mode == _QUOTED:
            if not text.startswith('"', position):
                raise RefusedError(
                    "This string is not closed on its line.",
                    frame.opener[2],
                    position,
                    'Close it with ", or write a text of several lines as <<-EOT … EOT.',
                )
            tokens.append(("DBLQUOTE", '"', position, position + 1))
            self._leave(stack)
            return position + 1
        if mode == _HEREDOC:
            raise _unclosed(frame.opener)
        tokens.append(("DBLQUOTE", "", position, position))
        tokens.append(("$END", "", position, position))
        stack.pop()
        return position

    def _leave(self, stack: list[_Frame]) -> None:
        stack.pop()
        stack[-1].depth += 1

    def _hole(self, stack: list[_Frame], start: int, tokens: list[Token]) -> int:
        """Reads the start of a hole, and the keyword of a directive; returns where they end."""
        text = self.text
        position = start + 3 if text.startswith("~", start + 2) else start + 2
        kind = "DIRECTIVE_START" if text[start] == "%" else "INTERP_START"
        opener = (kind, text[start:position], start, position)
        tokens.append(opener)
        if kind == "DIRECTIVE_START":
            found = _DIRECTIVE.match(text, position)
            if found is None:
                message = "A template directive starts with if, else, endif, for or endfor."
                raise RefusedError(message, start, position, "Write %%{ for a literal %{.")
            word = found[1]
            position = found.end()
            tokens.append((word.upper(), word, found.start(1), position))
            stack[-1].base += _LEVELS[word]
        stack[-1].depth = stack[-1].base
        self._open(stack, opener)
        return position


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
        raise RefusedError(f"'{word}' is not a number.", start, end)
    return "FLOAT_LITERAL"


def _too_deep(token: Token) -> RefusedError:
    message = f"This is more than {MAX_DEPTH} levels deep."
    return RefusedError(message, token[2], token[3], "Split it up with locals.", Kind.LIMIT)


def _unclosed(opener: Token) -> UnclosedError:
    kind, word, start, end = opener
    if kind != "DBLQUOTE":
        return UnclosedError(f"This {word} is never closed.", start, end, "Add the bracket that closes it.")
    marker = word.lstrip("<-")
    message = f"This text is never closed: {marker} does not follow on a line of its own."
    hint = f"Write {marker} alone on the line after the text, and end that line."
    return UnclosedError(message, start, start + len(word), hint)


def _unexpected(word: str, start: int, end: int) -> RefusedError:
    if word == "/*":
        return UnclosedError("This comment is never closed.", start, end, "Close it with */.")
    shown = word if word.isprintable() else f"U+{ord(word):04X}"
    return RefusedError(f"The character {shown} has no meaning here.", start, end, _HINTS.get(word, ""))


_HINTS = {
    **dict.fromkeys("'`“”", 'A string stands in straight double quotes: "…".'),
    ";": "Arguments are separated by newlines.",
    "&": "The logical operator is &&.",
    "|": "The logical operator is ||.",
}
"""What may have been meant by a character that HCL does not have."""

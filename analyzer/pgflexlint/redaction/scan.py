"""Where secrets can stand in source text, found lexically: what nobody evaluates, or nobody can read, is shown too.

One scanner serves Terraform, Bicep and JSON. Where it cannot tell, it takes more for a literal and never less.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import cached_property, lru_cache, partial
from itertools import chain
from operator import itemgetter
from typing import Any, TypeAlias

from pgflexlint.lazily import compiled

Range: TypeAlias = tuple[int, int]
"""A half-open range of offsets."""

NEAR = 2_000
"""How many characters on either side of a name what it names is looked for."""
REACH = 20_000
"""How many characters the value of one name is followed."""

_KEYWORD = (
    r"[AaCcKkPpSsſTt](?:"
    r"(?<=[Pp])(?i:asswor[dt]|asswd|assphrase|asscode|wd|rotected[_-]?settings)"
    r"|(?<=[Pp])(?<!(?i:by).)(?<!(?i:com).)(?<!(?i:sur).)(?<!(?i:tres).)(?i:ass)(?![a-z]|(?<=S)[A-Z])"
    r"|(?<=[Ssſ])(?i:ecret|ecure[_-]?(?:value|env|setting|param)|ensitive[_-]?(?:body|content))"
    r"|(?<=[Tt])(?i:oken|(?<=ident)ified[ \t]{1,9}by)"
    r"|(?<=[Cc])(?i:onn(?:ection)?[_-]?str(?:ing)?|redential|reds(?![a-z]))"
    r"|(?<=[Aa])(?i:pi[_-]?key|uthorization(?![\w-]))|(?<=[Kk])(?i:ennwort)"
    r"|(?<=[\w-][Kk])(?i:ey)(?i:s|[_-]?(?:[0-9]{1,3}|value|base64|b64))?(?![\w-])"
    r"|(?:(?<![A-Za-z][Pp])(?<=[Pp])|(?<=[a-z0-9]P))[Ww](?![a-z]))"
)
"""A word that says so, which any name is that ends with "key". It begins with a set of characters, so that `re` looks
at no other place."""
_NAME = compiled(rf"{_KEYWORD}(?P<rest>[\w-]{{0,80}}+)")
_NAMES = compiled(
    r"(?P<quote>\\{0,3}[\"'])?\)?[ \t]{0,80}+"
    r"(?:[A-Za-z]\w{0,80}+\??[ \t]{1,80}+)?+"  # the type of a parameter in Bicep
    r"(?:(?P<block>\{)|(?:=(?![=>~])|:(?!:))[ \t]{0,80}(?:(?:\r\n?|\n)\s{0,80}(?=[\"']))?)"
)
"""What stands between a name and its value, or the brace of its block, such as `secret {`."""
_ABOUT = (
    "auth|authentication|method|encryption|enabled|disabled|length|version|policy|ttl|days|warnings|allowed|contain|case"
    "|digit|lower|upper|repeat|special|history|interval|max|until|logging"
)
_HARMLESS = compiled(rf"(?:(?:^|[_-])(?:{_ABOUT})|{_ABOUT.title()})$")
"""How names go on that are about a secret and do not hold it, such as `password_encryption` or `passwordAuth`."""
_REFERS = compiled(
    r"(?i:(?:^|[_-])(?:name|id|ref|uri|url|type|permissions)|(?-i:Name|Id|Ref|Ur[il]|Type|Permissions))$"
)
_BLOCK = compiled(
    r"\b(?:(?P<declared>variable|output)|resource|data|ephemeral)[ \t]{1,80}(?P<labels>[^\r\n{=]{0,400}+)\{"
)
_SENSITIVE = compiled(r"\b(?:sensitive|ephemeral)[ \t]{0,80}=[ \t]{0,80}true\b")
_DECLARED_SECRET = (
    r"\"(?:type\"\s{0,80}:\s{0,80}\"secure(?:string|object)\"|(?:sensitive|ephemeral)\"\s{0,80}:\s{0,80}true\b)"
)
_GIVEN_THERE = r"\"(?:default|defaultValue|value)\"\s{0,80}:\s{0,80}"
_SECURE = (
    compiled(
        r"@(?:sys\.)?secure\(\)(?:\s{1,80}|//[^\r\n]{0,400}|@[^\r\n]{0,400}){0,40}?"
        r"(?:param|output)[ \t]{1,80}\w{1,80}[^\r\n=]{0,400}=[ \t]{0,80}"
    ),
    compiled(rf"{_DECLARED_SECRET}[^{{}}]{{0,400}}?{_GIVEN_THERE}", re.IGNORECASE),
    compiled(rf"{_GIVEN_THERE}(?=[^{{}}]{{0,400}}?{_DECLARED_SECRET})", re.IGNORECASE),
)
"""What stands before the value of a parameter or an output that is declared to hide it, in Bicep and in JSON."""
_SENSITIVE_BLOCK = compiled(r"sensitive[ \t]{1,80}\{")
"""Such as `set_sensitive {`."""
_GIVEN = compiled(r"(?:value|\b(?:default|data|string_?data|binary_?data))[ \t]{0,80}=(?!=)[ \t]{0,80}")
_MADE_SENSITIVE = compiled(r"sensitive\(\s{0,80}")
_CALLED = compiled(
    r"[NnKk](?<![\w-].)(?:(?<=[Nn])(?i:ame)|(?<=[Kk])(?i:ey)|(?P<kind>(?<=[Kk])ind))\\{0,3}[\"']?[ \t]{0,80}"
    r"(?:=(?![=>~])|:(?!:))[ \t]{0,80}"
    r"(?:[\w.]{1,40}\()?(?P<quote>\\{0,3}[\"'])?(?:\[[\w.]{1,40}\(')?(?P<name>[^\"'\\\r\n]{0,300}+)"
)
"""What gives something its name or its kind, such as `name: 'PGPASSWORD'`; in a text that may have no quotes."""
_GIVES = r"\\{0,3}[\"']?[ \t]{0,80}(?:=(?![=>~])|:(?!:))[ \t]{0,80}(?:(?:\r\n?|\n)\s{0,80}(?=[\"']))?"
_ITS_VALUE = compiled(rf"[Vv](?i:alue){_GIVES}")
_ITS_DATA = compiled(rf"\b(?:string_?|binary_?)?[Dd]ata{_GIVES}")
"""The data of a Kubernetes Secret."""
_ITEM = compiled(r"\$\{[^{}]{0,200}\}|(?P<border>[{}]|(?:[\r\n]|\\n)[ \t]{0,80}-[ \t])")
"""Where an object in a text begins or ends, in JSON and in YAML."""
_HOLES = r"(?:\$\{(?:[^{}\"'\r\n]|\"[^\"\r\n]{0,80}\"|'[^'\r\n]{0,80}'){0,200}\}|%[sv]|\{[0-9]\})+"
_ONLY_HOLES = compiled(_HOLES)
_HOLES_THERE = compiled(rf"{_HOLES}(?=[;&@\s\"'\\]|$)")
_OTHERS_PASSWORD = compiled(
    rf"[\"'](?:\w{{1,20}}:)?\w[\w+]{{0,40}}://[^\s:/@\"'?#]{{0,200}}:{_HOLES}@(?:[^\s@\"'$]|{_HOLES}){{1,400}}[\"']"
)
"""A URL whose password is put into it and written elsewhere."""
_SQL = compiled(r"(?i:password|tified[ \t]{1,9}by)")
_SQL_TEXT = compiled(
    r"\s{1,80}+(?:[EeNn]|[Uu]&)?(?P<quote>(?:\\{0,3}[\"']){1,8}+|\$\w{0,40}\$)"
    r"(?P<secret>(?:\\(?P=quote)|(?!(?P=quote))[^\r\n]|(?P=quote){2}){0,400}+)"
)
"""What follows the word in SQL, in whatever quotes it has where the statement itself stands in some."""
_DECLARES = compiled(r"\b(?:resource|module|param|output|type|func)[ \t]+\w{0,80}$")
_FLAG = compiled(
    r"--(?P<name>[\w-]{1,160}+)(?:[ \t]{1,8}"
    r"(?P<secret>\\?\"[^\"\\\r\n]{0,400}|'[^'\r\n]{0,400}|[^\s\"'-][^\s\"']{0,400})"
    r"|(?P<quote>\\{0,3}[\"'])[\s,]{1,80}+(?!\\{0,3}[\"']-(?:-|\w[\\\"'])))"
)
"""An option and what it is given: behind it, or as the next element of a list, unless that is an option too."""
_IN_URL = (
    compiled(
        r"://[^\s:/@\"'?#]{0,200}+:(?P<secret>(?=[^\s@])"
        r"(?:[^\s@\"'<>]{0,300}+(?:(?<=\w)'(?=\w)[^\s@\"'<>]{1,300}+){0,3}+(?:@(?=[^\s@\"'<>]{0,300}@))?+){1,5}+)@"
    ),
    compiled(r"://(?P<secret>[^\s:/@\"'?#]{20,300}+)@"),
    compiled(r"[?&]sig=(?P<secret>[^\s&\"'\\]{1,300})"),
)
"""Passwords and tokens before the host, and the signature of a SAS."""
_PRIVATE_KEY = compiled(r"-----BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY-----(?:\r\n?|\n|\\n)?")
_BEFORE_PAIR = compiled(r"([;?&])[\w \t.-]*$")
_NEXT_PAIR = {";": compiled(r";\s*[A-Za-z][\w ]{0,40}="), "&": compiled(r"&[A-Za-z][\w.-]{0,40}=")}
_NEXT_WORD = compiled(
    r"(?<!\\)[ \t](?:host|hostaddr|port|dbname|user|sslmode|sslrootcert|connect_timeout|application_name)="
)
"""Where a password without quotes ends in a connection string of libpq, in which a blank may follow a backslash
(https://www.postgresql.org/docs/current/libpq-connect.html#LIBPQ-PARAMKEYWORDS)."""
_LABELS = compiled(r'\b(?:resource|data|variable|module|provider|output|ephemeral)[ \t]+("[\w-]*"[ \t]*){1,2}')
_HEAD = compiled(
    r"""\s*+(?:
        (?:resource|data|variable|module|provider|output|ephemeral)[ \t]+(?:"[\w-]*"[ \t]*+){1,2}(?:\{[ \t]*+$)?
        | (?:locals|terraform)[ \t]*+(?:\{[ \t]*+$)?
        | (?:resource|module)[ \t]+\w+[ \t]+'[^'$]*'(?:[ \t]+existing)?[ \t]*+=[ \t]*+(?:\{[ \t]*+$)?
        | [{,]?[ \t]*+(?:(?:param|var|output)[ \t]+)?(?P<quote>["']?)[\w.-]+(?P=quote)
          (?:[ \t]+(?:string|int|bool|object|array)\??)?[ \t]*+(?:=(?![=>~])|:(?!:))
    )""",
    re.VERBOSE,
)
"""What a line that cannot be read may show: the head of a declaration, or a name with the sign behind it."""
_SOMETHING = compiled(r"[^\s{}()\[\],]")
_BELOW = compiled(r"(?<=[=:])[ \t]*+[\r\n]\s*+([^\r\n]+)")
"""The line below a name that has no value on its own line."""
_TOKEN = compiled(r"""["']|<<[-~]?(?P<marker>\w+)[ \t]*(?=[\r\n])|[\[({\])},;]|\r\n?|\n|\#|//""")
_IN_STRING = compiled(r"""\\.|\$\$\{|\$\{|["'{}]|[\r\n]""")
_BREAK = compiled(r"[\r\n]|(?<!\\)\\[nr]")
"""Where a line ends in a text that may stand in quotes."""
_LINE_BREAK = compiled(r"[\r\n]")
_LINE = compiled(r"[^\r\n]+")
_GOES_ON = compiled(r"\s*[?:]")
_BEFORE_INDEX = compiled(r"[\w\])]\[$")
_HOLE = compiled(r"""(["'])\$\{[^"'{}]*\}\1""")
_TEMPLATE_EXPRESSION = compiled(r'"\s*\[(?!\[).*\]\s*"', re.DOTALL)
_TEMPLATE = compiled(r'"\s*\[\s*[A-Za-z]')
_TEMPLATE_STRING = compiled(r"'(?:[^']|'')*+'")
_NAMES_WHAT_FOLLOWS = compiled(
    r"""\b(?:(?:resource|data|variable|module|provider|output|ephemeral)[ \t]+(?:"[\w-]*"[ \t]*)?"""
    r"""|(?:resource|module)[ \t]+\w+[ \t]+)$"""
)
"""What stands before the labels of a block, or before the type or the path in a declaration of Bicep."""
_RESOURCE_TYPE = compiled(r"""["']?[A-Za-z]+(?:\.[A-Za-z]+)+(?:/[A-Za-z]+)+(?:@[\w-]+)?["']?""")
_HOLE_INSIDE = compiled(r"\$\{(?:[^{}]|\{[^{}]*\}){0,400}\}")
_QUOTED = compiled(r"""\"[^\"]*\"|'[^']*'""")
_OF_A_NAME = compiled(r"(?i:parameters|variables|getSecret)\(\s*$")
_DESCRIBES = compiled(r"""\b(?i:type|description|\$schema)["']?\s*[:=]\s*$""")
_KEY = compiled(r"\s*(?:=(?!=)|:)")
_BEFORE_KEY = compiled(r"(?:[{,]\s*|[\r\n][ \t]*)$")
_NO_SECRET = compiled(r"(?i)([\"']?)(?:enabled|disabled|true|false|null|\d{1,3}(?:\.\d{1,3}){3}(?:/\d{1,2})?)?\1")
"""What is never a secret, whatever its name says: a switch, an address or a range of addresses."""

NO_EXPRESSION = compiled(r"""\{|(?:resource|module|data|variable|param|output)\b[^=]*["']""")
"""How a place begins that is no expression but an object or a header."""
_BEHIND = compiled(r"[ \t]+[\w!@$%^&*\"'][^\r\n]*")
_SIGNS = compiled(r"[(!-]*[ \t]*")
_NUMBER = compiled(r"\d+(?:\.\d+)?(?=[\s,;}\])\"']|$)")
_WORD = compiled(r"[A-Za-z_][\w-]*")
_BARE = compiled(r"""[^"'\r\n]+""")
_DECLARED = compiled(r"\b(?:param|var|resource|module|func|for|as|import)\s+\(?(\w+)(?:\s*,\s*(\w+))?")
_REFERRED = frozenset(
    [
        "var",
        "local",
        "each",
        "count",
        "module",
        "data",
        "self",
        "path",
        "terraform",
        "ephemeral",
        "provider",
        "az",
        "sys",
    ]
)
_WORDS = frozenset(
    ["true", "false", "null", "string", "number", "bool", "any", "int", "object", "array", "list", "map", "set"]
)


def literals(text: str, start: int, end: int) -> Iterator[Range]:
    """The string literals in a range that can be part of what it gives: no keys, no indices, no bare holes."""
    return _given(text, _strings(text, start, end))


def named(text: str) -> Iterator[Range]:
    """What a text itself says to be secret: each of `DETECTORS` looks through all of it."""
    outline = _outline(text)
    return chain.from_iterable(detect(text, outline) for detect in DETECTORS)


@lru_cache(maxsize=4096)
def says_so(name: str) -> bool:
    """Whether a name says that what it names is secret, and not only the name or the place of a secret."""
    found = list(_NAME.finditer(name))
    return bool(found) and not _HARMLESS.search(found[-1]["rest"]) and not _REFERS.search(name)


def refers(name: str) -> bool:
    """Whether a name is that of a name or a place, such as the `name` of a secret."""
    return _REFERS.search(name) is not None


def told_by_others(members: Mapping[str, Any], called: Callable[[Any], object]) -> frozenset[str]:
    """The members of an object that another one says to be secret; `called` makes text of what is a name or a kind.

    That is the value of what is called by such a name, and the data of a Secret of Kubernetes.
    """
    told: set[str] = set()
    for key, member in members.items():
        name = called(member) if key.lower() in ("name", "key", "kind") else None
        if key == "kind" and name == "Secret":
            told.update(each for each in members if each.lower().endswith("data") and each != "metadata")
        elif isinstance(name, str) and key != "kind" and says_so(name):
            told.update(each for each in members if each.lower().endswith("value"))
    return frozenset(told)


def is_no_secret(value: object) -> bool:
    """Whether a value cannot be a secret, whatever its name says: a switch, an address or a range of addresses."""
    return isinstance(value, str) and _NO_SECRET.fullmatch(value) is not None


def is_option(element: object) -> bool:
    """Whether an element of a list is an option whose name says that the next element is secret."""
    return isinstance(element, str) and element.startswith("--") and _takes_secret(element[2:])


def _takes_secret(option: str) -> bool:
    """Whether the name of an option says that what it is given is secret."""
    return says_so(option) and not option.endswith(("-file", "-path"))


def _named_values(text: str, outline: _Outline) -> Iterator[Range]:
    """What stands behind a name that says that it is secret, such as `password = "…"`, or in the block `secret {`."""
    end = closed = 0
    while (name := _NAME.search(text, end)) is not None:
        end = name.end()
        then = _NAMES.match(text, end)
        if then is None:
            found = list(_in_sql(text, name, outline))
            end = _last_end(found, end)
        elif _HARMLESS.search(name["rest"]):
            continue
        elif not then["block"]:
            found, end = _behind(text, name, then, outline)
        elif then.end() >= closed:  # what is inside a block that was looked through is not looked through again
            end = then.end()
            closed = _closing(text, end)
            found = list(_in_block(text, end, closed))
        else:
            end = then.end()
            continue
        yield from found


def _behind(text: str, name: re.Match[str], then: re.Match[str], outline: _Outline) -> tuple[list[Range], int]:
    """The value of a name, which stands behind `then`; and where it ends."""
    start = then.end()
    inside = outline.string(name.start()) if (then["quote"] or "\\")[0] == "\\" else None
    if inside is None:
        return _value(text, start, _declared(text))
    found = list(_in_text(text, name.start(), start, inside))
    return found, _last_end(found, start)


def _last_end(found: Iterable[Range], least: int) -> int:
    return max([least, *(end for _, end in found)])


def _secret_blocks(text: str, outline: _Outline) -> Iterator[Range]:
    """The values in blocks whose labels say that they are secret, or that say so themselves."""
    for opening in (_BLOCK, _SENSITIVE_BLOCK):
        end = 0
        while (match := opening.search(text, end)) is not None:
            start = end = match.end()
            named = opening is _SENSITIVE_BLOCK or _NAME.search(match["labels"]) is not None
            if named or match["declared"]:
                end = _closing(text, start)
                if named or _SENSITIVE.search(text, start, end):
                    yield from _in_block(text, start, end)


def _in_block(text: str, start: int, end: int) -> Iterator[Range]:
    """The values in a secret block that are the secret, such as `value = "…"`."""
    for given in _GIVEN.finditer(text, start, end):
        yield from _value(text, given.end(), _declared(text))[0]


def _declared_secret(text: str, outline: _Outline) -> Iterator[Range]:
    """The values of what is declared to be secret in Bicep and in JSON, and what `sensitive` makes so."""
    for pattern in (*_SECURE, _MADE_SENSITIVE):
        end = 0
        while (match := pattern.search(text, end)) is not None:
            found, end = _value(text, match.end(), _declared(text))
            yield from found


def _called(text: str, outline: _Outline) -> Iterator[Range]:
    """The values of what is called by a name that says that they are secret, before the name or behind it."""
    done: set[int] = set()
    looked = 0
    for match in _CALLED.finditer(text):
        name = None if match["kind"] else _NAME.search(text, match.start("name"), _name_end(text, match, outline))
        if match["name"] != "Secret" if match["kind"] else name is None or _HARMLESS.search(name["rest"]):
            continue
        inside = outline.string(match.start())
        in_text = inside is not None and match.end() <= inside[1]
        around = _item(text, match, inside) if inside and in_text else outline.object(match.start())
        if around is None or not (in_text or match["quote"]):
            continue
        near, members = (REACH, _ITS_DATA) if match["kind"] else (NEAR, _ITS_VALUE)
        start, end = max(around[0], match.start() - near), min(around[1], match.end() + near)
        if in_text and members is _ITS_VALUE:  # no part of a text is gone through twice
            start, looked = max(start, looked), max(looked, end - 80)
        for value in members.finditer(text, start, end):
            if value.end() not in done:
                done.add(value.end())
                if inside and in_text:
                    yield from _in_text(text, value.start(), value.end(), inside)
                else:
                    yield from _value(text, value.end(), _declared(text))[0]


def _options(text: str, outline: _Outline) -> Iterator[Range]:
    """What options are given whose names say that it is secret, such as `--password …`."""
    end = 0
    for match in _FLAG.finditer(text):
        if match.start() >= end and _takes_secret(match["name"]):  # what stands in what is given is hidden with it
            found = list(_given_to(text, match, outline))
            end = max((stop for _, stop in found), default=0)
            yield from found


def _in_urls(text: str, outline: _Outline) -> Iterator[Range]:
    """The passwords, tokens and signatures in URLs."""
    for match in chain.from_iterable(pattern.finditer(text) for pattern in _IN_URL):
        if not _ONLY_HOLES.fullmatch(match["secret"]):
            yield match.span("secret")


def _private_keys(text: str, outline: _Outline) -> Iterator[Range]:
    """The insides of private keys."""
    end = 0
    while (match := _PRIVATE_KEY.search(text, end)) is not None:
        end = text.find("-----END", match.end())
        end = len(text) if end < 0 else end
        yield match.end(), end


DETECTORS: tuple[Callable[[str, _Outline], Iterator[Range]], ...] = (
    _named_values,
    _secret_blocks,
    _declared_secret,
    _called,
    _options,
    _in_urls,
    _private_keys,
)
"""Each finds one kind of text that says itself that it is secret."""


def _name_end(text: str, name: re.Match[str], outline: _Outline) -> int:
    """Where the name of something ends, which may go on behind a backslash."""
    end, quote = name.end(), name["quote"]
    if not text.startswith("\\", end) or (quote and text.startswith(quote, end)):
        return end
    inside = outline.string(end)
    if inside is None:
        return end
    stop = min(end + 300, inside[1])
    if inside[0] < name.start():
        stop = _line_in(text, end, stop, inside)
        closed = text.find(quote, end, stop) if quote else -1
        stop = closed if closed >= 0 else stop
    return stop


def _item(text: str, name: re.Match[str], inside: Range) -> Range:
    """The object in a text that something gives its name, or as much of it as is near."""
    start, end = max(inside[0], name.start() - NEAR), min(inside[1], name.end() + NEAR)
    before = [match.end() for match in _ITEM.finditer(text, start, name.start()) if match["border"]]
    behind = (match.start() for match in _ITEM.finditer(text, name.end(), end) if match["border"])
    return max([start, *before]), next(behind, end)


def _in_text(text: str, name: int, start: int, inside: Range) -> Iterator[Range]:
    """What follows the name at `name` inside a text, from `start` to its end or to the next name; no holes."""
    end = inside[1]
    closing = "'''" if _is_raw(text, inside) else text[inside[0]]
    end -= len(closing) if text.endswith(closing, start, end) else 0
    if _TEMPLATE.match(text, inside[0]) and (quote := text.find("'", start, end)) >= 0:
        end = quote  # an expression of a template, in which the text is a literal
    else:
        end = _line_in(text, start, end, inside)
    if _HOLES_THERE.match(text, start, end):
        return
    if not text.startswith(("\\", "'", '"'), start):
        before = _BEFORE_PAIR.search(text, max(inside[0], name - 80), name)
        if before is not None:
            following = _NEXT_PAIR[";" if before[1] == ";" else "&"].search(text, start, end)
        else:
            is_pair = text[name:start].rstrip().endswith("=") and text.find(";", start, end) < 0
            following = _NEXT_WORD.search(text, start, end) if is_pair else None
        end = following.start() if following else end
    if start < end:
        yield start, end


def _is_raw(text: str, string: Range) -> bool:
    """Whether a backslash is a character as any other in a string: in a heredoc, and in Bicep's of several lines."""
    return text.startswith(("<", "'''"), string[0])


def _line_in(text: str, start: int, end: int, string: Range) -> int:
    """Where a line ends inside a string."""
    broken = (_LINE_BREAK if _is_raw(text, string) else _BREAK).search(text, start, end)
    return broken.start() if broken else end


def _in_sql(text: str, name: re.Match[str], outline: _Outline) -> Iterator[Range]:
    """The text that follows a name in SQL, such as `PASSWORD '…'`."""
    said = _SQL_TEXT.match(text, name.end()) if _SQL.fullmatch(name[0]) else None
    if said is None or _ends_with(text, name.start(), _DECLARES):
        return
    start, end = said.span("secret")
    inside = outline.string(name.start())
    if inside is not None and text[inside[0]] in "\"'":
        end = min(end, max(inside[1] - 1, start))
    if start < end and not _ONLY_HOLES.fullmatch(text, start, end):
        yield start, end


def _given_to(text: str, option: re.Match[str], outline: _Outline) -> Iterator[Range]:
    """What an option is given."""
    if option["secret"]:
        if not _ONLY_HOLES.fullmatch(option["secret"]):
            yield option.span("secret")
    elif len(option["quote"]) == 1:
        *element, _ = _expression(text, option.end(), min(len(text), option.end() + NEAR))
        yield from _given(text, element)
    elif inside := outline.string(option.start()):  # a list inside a text
        yield from _in_text(text, option.start(), option.end(), inside)


class _Outline:
    """The strings and objects of a text, found when somebody asks, in one go."""

    def __init__(self, text: str) -> None:
        self._text = text

    @property
    def strings(self) -> list[Range]:
        """The strings and heredocs."""
        return self._found[0]

    @property
    def comments(self) -> list[Range]:
        """The comments, each to the end of its line."""
        return self._found[2]

    @cached_property
    def _found(self) -> tuple[list[Range], list[list[int]], list[Range]]:
        """The strings, the objects, each with where it starts, where it ends and the number of that around it, and the
        comments."""
        text, position = self._text, 0
        strings: list[Range] = []
        comments: list[Range] = []
        objects: list[list[int]] = []
        innermost = -1
        while (match := _TOKEN.search(text, position)) is not None:
            token, position = match[0], match.end()
            if token in "\"'":
                position = _string_end(text, match.start(), len(text))
                strings.append((match.start(), position))
            elif match["marker"]:
                position = _heredoc_end(text, match)
                strings.append((match.start(), position))
            elif token in ("#", "//"):
                position = _line_end(text, position)
                comments.append((match.start(), position))
            elif token == "{":
                objects.append([position, len(text), innermost])
                innermost = len(objects) - 1
            elif token == "}" and innermost >= 0:
                objects[innermost][1] = match.start()
                innermost = objects[innermost][2]
        return strings, objects, comments

    def string(self, at: int) -> Range | None:
        """The string or heredoc that a place is in."""
        strings = self._found[0]
        index = bisect_right(strings, at, key=itemgetter(0)) - 1
        return strings[index] if index >= 0 and at < strings[index][1] else None

    def object(self, at: int) -> Range | None:
        """The innermost object or block that a place is in."""
        objects = self._found[1]
        index = bisect_right(objects, at, key=itemgetter(0)) - 1
        while index >= 0 and objects[index][1] <= at:
            index = objects[index][2]
        return (objects[index][0], objects[index][1]) if index >= 0 else None


def pieces(text: str) -> Iterator[tuple[int, int, bool]]:
    """The literals and comments of a text, those of several lines line by line; each with whether it is a value.

    No values are keys, labels, types of resources, and comments.
    """
    for start, end in _outline(text).comments:
        yield start, end, False
    for start, end in _outline(text).strings:
        if _is_raw(text, (start, end)):
            yield from ((*line.span(), True) for line in _LINE.finditer(text, start, end))
        elif _ends_with(text, start, _NAMES_WHAT_FOLLOWS):
            yield start, end, False
        elif given := list(_given(text, [(start, end)])):
            yield from ((*each, not _RESOURCE_TYPE.fullmatch(text, *each)) for each in given)
        else:
            yield start, end, False


def written_out(literal: str) -> str:
    """A literal without what only refers to something: of what is put into it there are the literals."""
    return _HOLE_INSIDE.sub(lambda hole: "".join(_QUOTED.findall(hole[0])), literal)


def bare(text: str, start: int, end: int) -> Iterator[Range]:
    """A value that starts here without quotes and that no expression of the languages is, up to the end of its line."""
    stop = min(_bare_end(text, start, _declared(text)), end)
    if stop > start:
        yield start, stop


def in_line(text: str, start: int, end: int) -> Iterator[Range]:
    """All literals of a line that was not evaluated."""
    labels = _LABELS.search(text, start, end)
    return _given(text, _strings(text, labels.end() if labels else start, end))


def in_broken_line(text: str, start: int, end: int, *, named: bool) -> Iterator[Range]:
    """What to hide of a line that cannot be read: all but the name that it begins with, or the head of a declaration.

    Where it is not `named`, a name cannot be told from a part of a value, as below a text that is not closed.
    """
    head = _HEAD.match(text, start, end) if named else None
    first = _SOMETHING.search(text, head.end() if head else start, end)
    if first is not None:  # with what goes on below: a text of several lines, or one that is not closed
        yield first.start(), max([end, *(stop for _, stop in _strings(text, first.start(), end))])
    elif head is not None and (below := _BELOW.match(text, head.end())):
        yield below.span(1)


@lru_cache(maxsize=4)
def _outline(text: str) -> _Outline:
    """The outline of a text, which is asked for several times in one file."""
    return _Outline(text)


@lru_cache(maxsize=4)
def _declared(text: str) -> frozenset[str]:
    """The names that a file declares, as far as they stand without quotes; it is asked for many places in one file."""
    return frozenset(name for match in _DECLARED.finditer(text) for name in match.groups() if name)


def _value(text: str, start: int, declared: frozenset[str]) -> tuple[list[Range], int]:
    """The literals of the value that starts here, and where it ends."""
    bare = _bare_end(text, start, declared)
    if bare > start:
        return [(start, bare)], bare
    *found, (end, _) = _expression(text, start, min(len(text), start + REACH))
    if len(found) == 1 and found[0][0] == start:  # A string and more behind it is no expression in any language.
        behind = _BEHIND.match(text, found[0][1])
        if behind:
            return [(start, behind.end())], behind.end()
    given = _given(text, found)
    return [
        each for each in given if not (_NO_SECRET.fullmatch(text, *each) or _OTHERS_PASSWORD.fullmatch(text, *each))
    ], end


def _given(text: str, strings: Iterable[Range]) -> Iterator[Range]:
    for start, end in strings:
        before = partial(_ends_with, text, start)
        is_key = before(_BEFORE_KEY) and _KEY.match(text, end)
        if (
            is_key
            or before(_BEFORE_INDEX)
            or before(_DESCRIBES)
            or before(_OF_A_NAME)
            or _HOLE.fullmatch(text, start, end)
        ):
            continue
        if _TEMPLATE_EXPRESSION.fullmatch(text, start, end):
            for inner in _TEMPLATE_STRING.finditer(text, start, end):
                if inner.end() > inner.start() + 2 and not _ends_with(text, inner.start(), _OF_A_NAME):
                    yield inner.span()
        elif end > start + 2:
            yield start, end


def _ends_with(text: str, end: int, pattern: re.Pattern[str]) -> bool:
    return pattern.search(text[max(0, end - 80) : end]) is not None


def _strings(text: str, start: int, end: int) -> Iterator[Range]:
    """The strings and heredocs of a range."""
    while start < end:
        *found, (_, start) = _expression(text, start, end)
        yield from found


def _expression(text: str, start: int, limit: int) -> Iterator[Range]:
    """The strings and heredocs of the one expression that starts here; last where it ends and where the next starts."""
    depth, position = 0, start
    while (match := _TOKEN.search(text, position, limit)) is not None:
        token, position = match[0], match.end()
        if token in ('"', "'"):
            position = _string_end(text, match.start(), limit)
            yield match.start(), position
        elif match["marker"]:
            position = _heredoc_end(text, match)
            yield match.start(), position
        elif token in ("#", "//"):
            position = _line_end(text, position)
        elif token in ("[", "(", "{"):
            depth += 1
        elif token in ("]", ")", "}") and depth:
            depth -= 1
        elif depth == 0 and not (token in ("\r\n", "\n", "\r") and _GOES_ON.match(text, position)):
            yield match.start(), position
            return
    yield limit, limit


def _string_end(text: str, start: int, limit: int) -> int:
    """Where a string ends; the end of its line where it is not closed."""
    if text.startswith("'''", start):
        end = text.find("'''", start + 3)
        return len(text) if end < 0 else end + 3
    inside = [text[start]]
    for match in _IN_STRING.finditer(text, start + 1, limit):
        piece, innermost = match[0], inside[-1]
        if innermost == "{":
            if piece == "}":
                inside.pop()
            elif piece in ('"', "'", "{", "${"):
                inside.append(piece[-1])
        elif piece in "\r\n":
            return match.start()
        elif piece == "${":
            inside.append("{")
        elif piece == innermost:
            inside.pop()
            if not inside:
                return match.end()
    return limit


def _heredoc_end(text: str, opener: re.Match[str]) -> int:
    closing = re.compile(rf"^[ \t]*{opener['marker']}[ \t]*$", re.MULTILINE).search(text, opener.end())
    return len(text) if closing is None else closing.end()


def _line_end(text: str, start: int) -> int:
    end = _LINE_BREAK.search(text, start)
    return len(text) if end is None else end.start()


def _closing(text: str, start: int) -> int:
    """Where the block ends whose opening brace stands before `start`."""
    depth, position, end = 1, start, min(len(text), start + REACH)
    while depth and (match := _TOKEN.search(text, position, end)) is not None:
        token, position = match[0], match.end()
        if token in "\"'":
            position = _string_end(text, match.start(), end)
        elif token in ("#", "//"):
            position = _line_end(text, position)
        elif token in "{}":
            depth += 1 if token == "{" else -1
    return position if not depth else end


def _bare_end(text: str, start: int, declared: frozenset[str]) -> int:
    """Where a value without quotes ends that is no expression; `start` where it is one."""
    signs = _SIGNS.match(text, start)
    first = signs.end() if signs else start
    begins = text[first : first + 2]
    if not begins or begins[0] in "\r\n\"'[]{}(),;=>#" or begins in ("<<", "${", "%{", "//", "/*"):
        return start
    if number := _NUMBER.match(text, first):
        return number.end()
    word = _WORD.match(text, first)
    if word is not None:
        root, after = word[0], text[word.end() : word.end() + 1]
        known = root in declared or root in _REFERRED or root in _WORDS
        if known or (after == "(" and root[0].islower()) or (after in (".", "[") and "_" in root):
            return start
        if text.startswith("::", word.end()):
            return start
    bare = _BARE.match(text, first)
    return bare.end() if bare else start

"""Finds each kind of secret in one text, such as the literal behind `password =`.

The search is lexical. So it covers text that nothing evaluates, and text that is no valid source.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from functools import lru_cache
from itertools import chain

from pgflexlint.lazily import compiled
from pgflexlint.redaction.arguments import ARGUMENT
from pgflexlint.redaction.literals import bare_end, values_among
from pgflexlint.redaction.names import HARMLESS, NAME, is_no_secret, is_option, says_so, takes_secret, told_by_others
from pgflexlint.redaction.outline import REACH, Outline, Range, ends_with, expression, line_end
from pgflexlint.redaction.yaml_lines import collections

_SIGN = r"[ \t]{0,80}(?:=(?![=>~])|:(?!:))[ \t]{0,80}"
_GIVES = rf"{_SIGN}(?:(?:\r\n?|\n)\s{{0,80}}(?=[\"']))?"
"""What is between a name and its value. A literal may be in the next line."""
_NAMES = compiled(
    r"(?P<quote>[\"'])?[)\]]?[ \t]{0,80}+"
    r"(?:[A-Za-z]\w{0,80}+\??(?=[ \t]))?+"  # the type of a parameter in Bicep
    rf"{_GIVES}"
)
"""Matches what is between a name and its value."""
_BLOCK = compiled(
    r"\b(?:(?P<declared>variable|output)|(?:resource|data|ephemeral)(?![ \t]{1,80}\"\w{1,80}_server_configuration\"))"
    r"[ \t]{1,80}(?P<labels>[^\r\n{=]{0,400}+)\{"
)
_SENSITIVE = compiled(r"\b(?:sensitive|ephemeral)[ \t]{0,80}=[ \t]{0,80}true\b")
_SECURE = compiled(
    r"@(?:sys\.)?secure\(\)[ \t]{0,80}+(?:(?:(?://|@)[^\r\n]{0,400}+)?[\r\n]\s{0,80}+){0,40}?"
    r"(?:@[^\r\n]{0,400}?\)[ \t]{0,80})?(?:param|output)[ \t]{1,80}+\w{1,80}+[^\r\n=]{0,400}+=[ \t]{0,80}"
)
"""Matches what is before the value of a sensitive parameter or output in Bicep."""
_SECURE_IN_JSON = compiled(
    r"(?i:\"(?:type\"\s{0,80}:\s{0,80}\"secure(?:string|object)\"|(?:sensitive|ephemeral)\"\s{0,80}:\s{0,80}true\b))"
)
_OPENS = compiled(r"\"\s{0,80}:\s{0,80}\{")
_GIVEN_IN_JSON = compiled(r"(?i:\"(?:default|defaultValue|value)\")\s{0,80}:\s{0,80}")
"""They match what says in JSON that a declaration is sensitive, what is behind its name, and before what it gives."""
_SENSITIVE_BLOCK = compiled(r"sensitive[ \t]{1,80}\{")
_BICEP_SECRET = compiled(
    r"resource[ \t]{1,80}\w{1,80}[ \t]{1,80}'[^'\r\n]{0,80}/vaults/secrets@[^'\r\n]{1,80}'[^\r\n{]{0,400}+\{"
)
_LABELLED = compiled(r"\b(?:resource|data|ephemeral)[ \t]+\"\w+\"[ \t]+\"[\w-]*$")
_BRACE = compiled(r"[\"']?[ \t]{0,80}\{")
"""They match the head of a block such as `set_sensitive {` or of a secret in Bicep; what is before the name of one with
labels; and what is behind the name of one such as `secret {`."""
_GIVEN = compiled(
    r"(?:value|\b(?:default|content(?:_base64)?|(?:string_?|binary_?)?data))(?:_wo)?[ \t]{0,80}(?:=(?!=)|:)[ \t]{0,80}"
)
_MADE_SENSITIVE = compiled(r"sensitive\(\s{0,80}")
_CALLED = compiled(
    r"[NnKkt](?<![\w-].)(?:(?<=[Nn])(?i:ame)|(?<=[Kk])(?i:ey)|(?P<kind>(?<=[Kk])ind)|(?P<type>(?<=t)ype))[\"']?"
    rf"{_SIGN}"
    r"(?:[\w.]{1,40}\()?(?P<quote>[\"'])?(?:\[[\w.]{1,40}\(')?(?P<name>(?:[^\"'\\\r\n]|\\.){0,300}+)"
)
"""Matches what says the name, kind or type of something, as in `name: 'PGPASSWORD'`. YAML needs no quotes."""
_TYPE_OF_SECRETS = compiled(r"(?i:/vaults/|^)secrets(?:@|$)")
_ITS_VALUE = compiled(rf"[Vv](?i:alue)[\"']?{_GIVES}")
_ITS_DATA = compiled(rf"\b(?:string_?|binary_?)?[Dd]ata[\"']?{_GIVES}")
"""Matches the start of the data of a Kubernetes Secret."""
_HOLE = r"\$\{(?!\w+:-)(?:[^{}\"'\r\n]|\"[^\"\r\n]{0,80}\"|'[^'\r\n]{0,80}'){0,200}\}"
HOLES = rf"(?:{_HOLE}|{ARGUMENT})++"
"""Where something is put in: an interpolation such as `${var.p}`, but no default of a shell, and what calls fill."""
_HOLES_THERE = compiled(rf"{HOLES}(?=[;&@\s\"'\\]|$)")
_PUT_IN = compiled(
    rf"[\"'](?:(?:\w{{1,20}}:)?\w[\w+]{{0,40}}://[^\s:/@\"'?#]{{0,200}}:{HOLES}@(?:[^\s@\"'$]|{_HOLE}){{1,400}}+"
    r"|(?:(?i:host|server|data source|port|database|initial catalog|user(?:name| id)?|uid|ssl ?mode|endpoint)"
    rf"[ \t]{{0,80}}=(?:[^;=\"'$]|{_HOLE}){{0,400}}+(?:;|(?=[\"']))"
    rf"|(?i:password|pwd)={HOLES}(?:;|(?=[\"']))){{1,40}}+)[\"']"
)
"""A URL or a connection string with a password that is put in, and so written elsewhere."""
_SQL = compiled(r"(?i:password|tified[ \t]{1,9}by)")
_SQL_TEXT = compiled(
    r"\s{1,80}+(?:[EeNn]|[Uu]&)?(?P<quote>(?:\\?[\"']){1,8}+|\$\w{0,40}\$)"
    r"(?P<secret>(?:\\(?P=quote)|(?!(?P=quote))[^\r\n]|(?P=quote){2}){0,400}+)"
)
"""Matches the quoted text behind the word in SQL. If the statement is in quotes itself, these quotes may be escaped."""
_DECLARES = compiled(r"\b(?:resource|module|param|output|type|func)[ \t]+\w{0,80}$")
_FLAG = compiled(
    r"--(?P<name>[\w-]{1,160}+)(?:,?[ \t]{1,8}"
    r"(?P<secret>\"[^\"\r\n]{0,400}|'[^'\r\n]{0,400}|[^\s\"'-][^\s\"']{0,400}|$)"
    r"|[\"'][\s,]{1,80}+(?![\"']-(?:-|\w[\"'])))"
)
"""Matches an option and its value: behind it, or as the next element of a list unless that is an option, too."""
_GIVES_NAME = compiled(
    r"(?i:lookup|[gs]et\w{0,40}|putenv)\((?:[^()\"'\r\n]{0,80},)?\s{0,80}"
    r"(?P<quote>\\?[\"'])(?P<name>[\w.-]{1,80}+)(?P=quote)\s{0,80},\s{0,80}"
)
"""Matches a call up to the argument behind the name of a secret, as in `lookup(var.x, "password", …)`."""
_RUN = rf"[^\s@\"'<>$]{{0,300}}+(?:(?:{_HOLE}|\$)[^\s@\"'<>$]{{0,300}}+){{0,8}}+"
_TOLD_BY_PLACE = {
    "://": (
        compiled(
            rf"://[^\s:/@\"'?#]{{0,200}}+:(?P<secret>(?=[^\s@])(?:{_RUN}(?:(?<=\w)'(?=\w)[^\s@\"'<>]{{1,300}}+){{0,3}}+"
            r"(?:@(?=[^\s@\"'<>]{0,300}@))?+){1,5}+)@"
        ),
        compiled(r"://(?P<secret>[^\s:/@\"'?#]{20,300}+)@"),
        compiled(rf"://[^\s:/@\"'?#]{{0,200}}+:(?P<secret>(?:{HOLES})?)(?=@|\\?[\"'])"),
    ),
    "sig=": (compiled(r"[?&]sig=(?P<secret>[^\s&\"'\\]{0,300})"),),
    "PRIVATE KEY": (
        compiled(r"-----BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY-----(?:\r\n?|\n|\\n)?(?P<secret>(?s:.*?)(?=-----END|\Z))"),
    ),
    "eyJ": (compiled(r"(?<!\w)(?P<secret>eyJ[\w-]{8,2000}+\.[\w-]{8,8000}+(?:\.[\w-]{0,2000}+)?)"),),
    "gh": (compiled(r"(?<!\w)(?P<secret>gh[opsu]_\w{30,300}+)"), compiled(r"(?P<secret>github_pat_\w{30,300}+)")),
    "Q~": (compiled(r"(?P<secret>[\w.~-]{3}\dQ~[\w.~-]{31,40}+)"),),
    "SecureString": (
        compiled(
            r"ConvertTo-SecureString[ \t]{1,8}(?:-String[ \t]{1,8})?"
            r"(?P<secret>\\?[\"'][^\"'\r\n]{1,300}|[^\s\"'\\($-][^\s\"')]{0,300})"
        ),
    ),
    "curl": (
        compiled(
            r"-(?<![\w-]-)(?:u|-user)[ \t=]{1,8}(?:\\?[\"'])?[\w.@-]{1,80}+:"
            r"(?P<secret>(?!\d{1,9}(?!\S))[^\s\"'\\$]{1,300})"
        ),
    ),
    "chpasswd": (
        compiled(
            r"(?<![\w-])\w[\w.-]{0,80}+:(?P<secret>[^\s\"':]{1,300})"
            r"(?:\\?[\"'])?[ \t]{0,8}\|[ \t]{0,8}(?:sudo[ \t]{1,8})?chpasswd\b"
        ),
    ),
}
"""By a word that is in their text, they match passwords and tokens in front of the host of a URL, or where they are put
in; the signature of a SAS; private keys; tokens (JWT) and those of GitHub and Entra ID by their form; and what commands
take as a password without any name."""
_PGPASS = compiled(
    r"(?<=[^\s:\"'/]):(?:(?P<known>\d?[56]43\d|\*|\$\{[^{}\s]{1,80}\})|\d{2,5}):[^\s:\"'/]{1,80}+:[^\s:\"'/]{1,80}+:"
    rf"(?P<secret>(?:(?>{_HOLE}|[^\s\"'/])(?>{_HOLE}|(?(known)[^\r\n\"']|[^\s\"'])){{0,300}})?)"
    r"(?(known)|(?=[\r\n\"'\\]|$))"
)
"""A line of `.pgpass` from its port on (https://www.postgresql.org/docs/current/libpq-pgpass.html). At a port that is
not known to be one of PostgreSQL, a password without blanks is looked for."""
_PGPASS_HOST = compiled(r"(?:\.[A-Za-z][\w-]{0,62}|\blocalhost|\*|\}|%[sv])$")
"""How the host in front of any other port ends: with a part of a domain, or with what is put in."""
_ELEMENT = compiled(
    r"<(?P<tag>[A-Za-z][\w.-]{0,80}+)(?:\s(?P<attributes>[^<>]{0,400}+))?>(?P<text>(?:<!\[CDATA\[)?[^<]{1,400}+)(?=</)"
)
"""An element of XML with a text."""
_CALLED_IN_TAG = compiled(r"\b(?:name|key)=[\"'](?P<name>[^\"']{1,200})")
_BEFORE_PAIR = compiled(r"([;?&])[\w \t.-]*$")
_NEXT_PAIR = {";": compiled(r";\s*[A-Za-z][\w ]{0,40}="), "&": compiled(r"&[A-Za-z][\w.-]{0,40}=")}
_NEXT_WORD = compiled(
    r"(?<!\\)[ \t](?:host|hostaddr|port|dbname|user|sslmode|sslrootcert|connect_timeout|application_name)="
)
"""Matches the end of a password without quotes in a connection string of libpq. A blank after a backslash is no end
(https://www.postgresql.org/docs/current/libpq-connect.html#LIBPQ-PARAMKEYWORDS)."""
_GOES_BELOW = compiled(r"(?:[|>][1-9+-]{0,2}|[\[{(]{1,8})?[ \t]*")
"""What stands behind a name whose value is in the lines below."""
_OPENS_QUOTE = compiled(r"\"\"\"|'''|[\"']")
_WORD_BELOW = compiled(
    r"(?:\r\n?|\n)[ \t]*+(?!\[|#|//|-[ \t]|\S{1,200}:[ \t\r\n]|[\w.-]{1,200}[ \t]*=(?!=|[ \t\r\n]|$))"
    r"(?P<word>\S++)[ \t]*(?=[\r\n]|$)"
)
"""Matches a line of one word that is below a name without a value."""
_LEAD = compiled(r"[ \t]*+(?:-[ \t]++)*+")
_LINE_BELOW = compiled(r"[\r\n](?P<indent>[ \t]*+)(?P<said>[^\s][^\r\n]*+)")
"""They match what is in front of a name in its line, and a further line."""
_SAID_IN_LINE = compiled(r"[^\s](?:[^\r\n]*[^\s])?")
_BEHIND = compiled(r"[ \t]+[\w!@$%^&*\"'][^\r\n]*")


def detected(text: str, outline: Outline) -> set[Range]:
    """The ranges of secrets in a text, and of the holes where they are put in. Texts in the text are not searched."""
    detectors = _INNER_DETECTORS if outline.inner else _DETECTORS
    return set(chain.from_iterable(detect(text, outline) for detect in detectors))


@lru_cache(maxsize=1)
def names_in(text: str) -> list[re.Match[str]]:
    """All words in a text that say that a value is secret (cached)."""
    return list(NAME.finditer(text))


def _named_values(text: str, outline: Outline) -> Iterator[Range]:
    """Values behind a name that says that they are secret, as in `password = "…"`.

    What belongs to a name inside a string is found in the text of that string.
    """
    end = searched = 0
    for name in names_in(text):
        if name.start() < end:
            continue
        end = name.end()
        then = _NAMES.match(text, end)
        inside = outline.certain_string(name.start())
        found: Iterable[Range] = ()
        if then is None:
            said = _SQL_TEXT.match(text, end) if _SQL.fullmatch(name[0]) and (outline.inner or not inside) else None
            found = (said.span("secret"),) if said and not ends_with(text, name.start(), _DECLARES) else ()
        elif HARMLESS.search(name["rest"]) or (inside and not then["quote"]):
            continue
        elif text.startswith("{", then.end()) and then.end() + 1 in outline.declarations:
            continue  # it says itself what is given
        elif outline.inner and not then["quote"]:
            found = (_in_text(text, name.start(), then.end()),)
            if then.end() >= searched and text.startswith(("{", "[", "<<"), then.end()):
                several, searched = _value(text, then.end())
                yield from several
        else:
            found, end = _value(text, then.end())
        yield from found
        end = max([end, *(stop for _, stop in found)])


def _secret_blocks(text: str, outline: Outline) -> Iterator[Range]:
    """Values in blocks whose name, type or labels say that they are secret."""
    braces = (
        brace
        for name in names_in(text)
        if (brace := _BRACE.match(text, name.end()))
        and not (HARMLESS.search(name["rest"]) or ends_with(text, name.start(), _LABELLED))
    )
    for heads in (_BLOCK.finditer(text), _SENSITIVE_BLOCK.finditer(text), _BICEP_SECRET.finditer(text), braces):
        blocks, end = [], 0
        for head in heads:
            labels = head.groupdict().get("labels")
            named = labels is None or NAME.search(labels)
            if head.start() >= end and (named or head["declared"]):
                end = outline.block_end(head.end())
                if named or _SENSITIVE.search(text, head.end(), end):
                    blocks.append((head.end(), end))
        yield from _values_behind(_GIVEN, text, blocks)


def _declared_secret(text: str, outline: Outline) -> Iterator[Range]:
    """Values of parameters and outputs that are sensitive, or in JSON are called so; and arguments of `sensitive()`."""
    everywhere = [(0, len(text))]
    yield from chain.from_iterable(_values_behind(pattern, text, everywhere) for pattern in (_SECURE, _MADE_SENSITIVE))
    secret = {outline.object(match.start()) for match in _SECURE_IN_JSON.finditer(text)}
    if outline.declarations:
        opened = (_OPENS.match(text, name.end()) for name in names_in(text))
        secret |= {outline.object(brace.end()) for brace in opened if brace and brace.end() in outline.declarations}
    end = 0
    for given in _GIVEN_IN_JSON.finditer(text) if secret else ():
        if given.start() >= end and outline.object(given.start()) in secret:
            found, end = _value(text, given.end())
            yield from found


def _called(text: str, outline: Outline) -> Iterator[Range]:
    """Values beside what says that they are secret, such as the name in `{ name: 'PGPASSWORD', … }`.

    They are in the same object; in a text without braces, such as XML or TOML, in the same item.
    """
    ranges: dict[tuple[re.Pattern[str], bool], list[Range]] = {}
    for match in _CALLED.finditer(text):
        if match["kind"]:
            told, members = match["name"] == "Secret", _ITS_DATA
        elif match["type"]:
            told, members = _TYPE_OF_SECRETS.search(match["name"]) is not None, _ITS_VALUE
        else:
            name = NAME.search(match["name"])
            told, members = name is not None and not HARMLESS.search(name["rest"]), _ITS_VALUE
        inside = outline.certain_string(match.start() - 1)
        elsewhere = inside is not None and inside[0] < match.start() - 1  # more than the quotes around the word
        if not told or elsewhere or not (match["quote"] or outline.inner):
            continue
        if around := outline.object(match.start()):
            ranges.setdefault((members, False), []).append(around)
        elif outline.inner:
            ranges.setdefault((members, True), []).append(outline.item(*match.span()))
    for (members, in_text), places in ranges.items():
        yield from _values_behind(members, text, merged(places), in_text=in_text)


def merged(ranges: Iterable[Range]) -> list[Range]:
    """The same ranges in order, with overlapping ones merged, so that no part of a text is searched twice."""
    merged: list[Range] = []
    for start, end in sorted(ranges):
        if merged and start < merged[-1][1]:
            merged[-1] = (merged[-1][0], max(merged[-1][1], end))
        else:
            merged.append((start, end))
    return merged


def _in_yaml(text: str, outline: Outline) -> Iterator[Range]:
    """The values in YAML whose key says that they are secret, or a member beside them, or the option before them."""
    secret: list[Range] = []
    quoted = collections(text, quoted=True) if "'" in text or '"' in text else ()
    for members in chain(collections(text), quoted):
        beside = told_by_others((key, said) for key, said, _, _ in members)
        option = False
        for key, said, start, end in members:
            option = option and not said.startswith("-")
            if option or key in beside or (says_so(key) and len(key.split()) < 3):
                secret.append((start, end))
            option = not key and is_option(said)
    for start, end in merged(secret):
        for line in _SAID_IN_LINE.finditer(text, start, end):
            if not _GOES_BELOW.fullmatch(text, *line.span()):
                yield line.span()


def _options(text: str, outline: Outline) -> Iterator[Range]:
    """Values of options and arguments whose names say that they are secret, such as `--password …`."""
    end = 0
    for match in _FLAG.finditer(text):
        if match.start() < end or not takes_secret(match["name"]):  # an option inside a value is redacted with it
            continue
        if match["secret"] is None:
            *element, (end, _) = expression(text, match.end(), min(len(text), match.end() + REACH))
            yield from values_among(text, element)
        elif outline.inner or not outline.string(match.start()):
            end = match.end()
            yield match.span("secret")
    end = 0
    for match in _GIVES_NAME.finditer(text):
        if match.start() >= end and says_so(match["name"]):
            argument, end = _value(text, match.end())
            yield from argument


def _told_by_place(text: str, outline: Outline) -> Iterator[Range]:
    """What stands where only a secret can, as in a URL or behind a command."""
    for word, patterns in _TOLD_BY_PLACE.items():
        if word in text:
            yield from (match.span("secret") for pattern in patterns for match in pattern.finditer(text))


def _pgpass_lines(text: str, outline: Outline) -> Iterator[Range]:
    """The passwords in lines of `.pgpass`, such as `h.example.com:5432:db:user:…`."""
    for match in _PGPASS.finditer(text):
        if match["known"] or ends_with(text, match.start(), _PGPASS_HOST):
            yield match.span("secret")


def _in_elements(text: str, outline: Outline) -> Iterator[Range]:
    """The texts of elements of XML whose names say that they are secret, and of those behind such a name."""
    named = False
    for match in _ELEMENT.finditer(text):
        tag = match["tag"].lower()
        called = _CALLED_IN_TAG.search(match["attributes"] or "")
        if says_so(match["tag"]) or (named and tag == "value") or (called and says_so(called["name"])):
            yield match.span("text")
        named = tag in ("name", "key") and says_so(match["text"])


_DETECTORS: tuple[Callable[[str, Outline], Iterator[Range]], ...] = (
    _named_values,
    _secret_blocks,
    _declared_secret,
    _called,
    _options,
    _told_by_place,
    _pgpass_lines,
)
"""Each finds one kind of secrets in a text with its outline, or the places where they are put in."""
_INNER_DETECTORS = (*_DETECTORS, _in_yaml, _in_elements)
"""Those for the text of a string or comment."""


def _in_text(text: str, name: int, start: int) -> Range:
    """The value of a name in the text of a string: from `start` to the end of the line, or to the next name.

    It may be no more than a hole such as `${var.password}`. The sign of a text below, as in YAML, is no value: that is
    the word in the next line, if it is one. Other texts below are found as YAML.
    """
    if holes := _HOLES_THERE.match(text, start):
        return holes.span()
    end = line_end(text, start)
    if _GOES_BELOW.fullmatch(text, start, end):
        below = _WORD_BELOW.match(text, end)
        return below.span("word") if below else (end, end)
    if is_no_secret(text[start:end].strip(" \t,;")):
        return end, end
    if quote := _OPENS_QUOTE.match(text, start):
        return start, max(end, text.find(quote[0], quote.end()) + len(quote[0]))
    if before := _BEFORE_PAIR.search(text, max(0, name - 80), name):
        following = _NEXT_PAIR[";" if before[1] == ";" else "&"].search(text, start, end)
    else:
        is_pair = text[name:start].rstrip().endswith("=") and text.find(";", start, end) < 0
        following = _NEXT_WORD.search(text, start, end) if is_pair else None
    return start, following.start() if following else end


def _lines_below(text: str, name: int) -> Iterator[Range]:
    """The lines below that of a name that are indented deeper."""
    begin = max(text.rfind("\n", 0, name), text.rfind("\r", 0, name)) + 1
    lead = _LEAD.match(text, begin, name)
    for line in _LINE_BELOW.finditer(text, line_end(text, name)):
        if len(line["indent"]) <= (len(lead[0]) if lead else 0):
            return
        yield line.span("said")


def _values_behind(
    pattern: re.Pattern[str], text: str, ranges: Iterable[Range], *, in_text: bool = False
) -> Iterator[Range]:
    """The values behind the matches of a pattern in some ranges, which are in order.

    Of an expression they are its literals. `in_text`, a value is no expression but a part of a line. A value without
    quotes may hold further matches, as it goes on to the end of its line; it is given once.
    """
    at = given = 0
    for start, end in ranges:
        at = max(start, at)
        while (match := pattern.search(text, at, end)) is not None:
            if in_text:
                found = [_in_text(text, match.start(), match.end())]
                if found[0][0] == found[0][1]:
                    found += _lines_below(text, match.start())
                at = max(match.end(), found[-1][1])
            else:
                found, at = _value(text, match.end())
                at = match.end() if bare_end(text, match.end()) > match.end() else at
            for each in found:
                if each[1] > given:
                    yield each
                    given = each[1]


def _value(text: str, start: int) -> tuple[list[Range], int]:
    """The literals of the value that starts at `start`, and its end."""
    bare = bare_end(text, start)
    if bare > start:
        return [(start, bare)], bare
    *found, (end, _) = expression(text, start, min(len(text), start + REACH))
    if len(found) == 1 and found[0][0] == start:  # A string and more behind it is no expression in any language.
        behind = _BEHIND.match(text, found[0][1])
        if behind:
            return [(start, behind.end())], behind.end()
    given = values_among(text, found)
    return [each for each in given if not (is_no_secret(text[slice(*each)]) or _PUT_IN.fullmatch(text, *each))], end

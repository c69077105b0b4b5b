"""Functions that encode, decode and hash.

https://developer.hashicorp.com/terraform/language/functions, groups "Encoding Functions" and "Hash and Crypto
Functions".
"""

from __future__ import annotations

import re
from base64 import b64decode, b64encode
from collections.abc import Callable, Mapping
from typing import Any

from pgflexlint.evaluate.bounds import TEXT_LIMIT, check_size
from pgflexlint.evaluate.calls import EvaluationError, Undecoded
from pgflexlint.evaluate.functions import Table
from pgflexlint.evaluate.terraform.functions.json_text import decode, encode
from pgflexlint.evaluate.terraform.functions.parameters import text
from pgflexlint.evaluate.terraform.functions.yaml_text import read_yaml
from pgflexlint.lazily import compiled
from pgflexlint.values import ListValue

FUNCTIONS = Table()
FUNCTIONS.unknowable("function '{}' gives another value at each run", "bcrypt", "uuid")
FUNCTIONS.unknowable("function '{}' is not evaluated", "base64gzip", "rsadecrypt", "yamlencode")


def base64_text(content: bytes) -> str:
    """Standard base64."""
    return b64encode(content).decode()


def _digest(algorithm: str) -> Callable[[bytes], Any]:
    def digest(content: bytes) -> Any:
        import hashlib  # noqa: PLC0415  it takes milliseconds, and few configurations hash

        return hashlib.new(algorithm, content, usedforsecurity=False)

    return digest


def _digests() -> Mapping[str, Callable[[bytes], str]]:
    hexadecimal = {name: _digest(name) for name in ("md5", "sha1", "sha256", "sha512")}
    return {
        **{name: lambda content, digest=digest: digest(content).hexdigest() for name, digest in hexadecimal.items()},
        **{
            f"base64{name}": lambda content, digest=hexadecimal[name]: base64_text(digest(content).digest())
            for name in ("sha256", "sha512")
        },
    }


DIGESTS: Mapping[str, Callable[[bytes], str]] = _digests()
"""What `md5`, `base64sha256`, … make of bytes."""


def _of_text(digest: Callable[[bytes], str]) -> Callable[[str], str]:
    return lambda content: digest(content.encode())


for _name, _function in DIGESTS.items():
    FUNCTIONS.plain(_name, text)(_of_text(_function))

FUNCTIONS.plain("base64encode", text)(_of_text(base64_text))


def _from_base64(content: str) -> bytes:
    try:
        return b64decode(re.sub("[\r\n]", "", content), validate=True)
    except ValueError:
        raise EvaluationError("the text is not base64") from None


def _utf8(content: bytes) -> str:
    try:
        return content.decode()
    except UnicodeDecodeError:
        raise EvaluationError("the decoded bytes are not UTF-8") from None


FUNCTIONS.plain("base64decode", text)(lambda content: _utf8(_from_base64(content)))


@FUNCTIONS.plain("base64gunzip", text)
def _base64gunzip(content: str) -> str:
    """OpenTofu's: https://opentofu.org/docs/language/functions/base64gunzip/."""
    import zlib  # noqa: PLC0415  hardly ever needed

    try:
        unpacked = zlib.decompressobj(wbits=31).decompress(_from_base64(content), TEXT_LIMIT + 1)
    except zlib.error:
        raise EvaluationError("the text is not compressed by gzip") from None
    check_size(texts=len(unpacked))
    return _utf8(unpacked)


_ENCODING = compiled(
    r"us-?ascii|utf-?(8|16|16le|16be)|(iso-?8859|latin)-?\d+|windows-?12\d\d|cp12\d\d|koi8-?[ru]|gbk|gb18030|big5"
    r"|shift_jis|euc-?(jp|kr)|iso-2022-jp|ibm\d+|macintosh",
    re.IGNORECASE,
)


def _codec(encoding: str) -> str:
    if not _ENCODING.fullmatch(encoding):
        raise EvaluationError("the encoding is not known")
    name = {"macintosh": "mac_roman", "utf-16": "utf_16_be"}.get(encoding.lower(), encoding)
    try:
        "".encode(name)
    except LookupError:
        raise EvaluationError("the encoding is not known") from None
    return name


@FUNCTIONS.plain("textencodebase64", text, text)
def _textencodebase64(content: str, encoding: str) -> str:
    mark = b"\xfe\xff" if encoding.lower() == "utf-16" else b""
    try:
        return base64_text(mark + content.encode(_codec(encoding)))
    except UnicodeEncodeError:
        raise EvaluationError("the encoding lacks some of the characters") from None


@FUNCTIONS.plain("textdecodebase64", text, text)
def _textdecodebase64(content: str, encoding: str) -> str:
    try:
        return _from_base64(content).decode("utf_16" if encoding.lower() == "utf-16" else _codec(encoding))
    except UnicodeDecodeError:
        raise EvaluationError("the bytes are not of this encoding") from None


@FUNCTIONS.plain("urlencode", text)
def _urlencode(content: str) -> str:
    from urllib.parse import quote_plus  # noqa: PLC0415  hardly ever needed

    return quote_plus(content)


@FUNCTIONS.plain("urldecode", text)
def _urldecode(content: str) -> str:
    """OpenTofu's: https://opentofu.org/docs/language/functions/urldecode/."""
    from urllib.parse import unquote_to_bytes  # noqa: PLC0415  hardly ever needed

    if re.search("%(?![0-9A-Fa-f]{2})", content):
        raise EvaluationError("the text is not URL-encoded")
    return _utf8(unquote_to_bytes(content.replace("+", " ")))


_CSV_FIELD = compiled(r'(?:"(?P<quoted>(?:[^"]|"")*+)"|(?P<bare>[^",\r\n][^",\r\n]*+|))(?P<end>,|\r?\n|\Z)')


@FUNCTIONS.plain("csvdecode", text)
def _csvdecode(content: str) -> ListValue[dict[str, str]]:
    rows: list[list[str]] = []
    at, row = 0, []
    while field := _CSV_FIELD.match(content, at):
        at = field.end()
        row.append(field["bare"] if field["quoted"] is None else field["quoted"].replace('""', '"'))
        if field["end"] != ",":
            rows += [row] if row != [""] or field["quoted"] is not None else []
            row = []
            if at == len(content):
                break
    if at < len(content):
        raise EvaluationError("the text is not CSV", undecoded=Undecoded(content, at))
    if not rows:
        raise EvaluationError("the header line is missing", undecoded=Undecoded(content, 0))
    header, *lines = rows
    if len(set(header)) < len(header):
        raise EvaluationError("two columns have the same name", undecoded=Undecoded(content, 0))
    if any(len(line) != len(header) for line in lines):
        raise EvaluationError("the lines differ in length", undecoded=Undecoded(content, 0))
    return ListValue(dict(zip(header, line, strict=True)) for line in lines)


@FUNCTIONS.plain("uuidv5", text, text)
def _uuidv5(namespace: str, name: str) -> str:
    import uuid  # noqa: PLC0415  hardly ever needed

    spaces = {
        "dns": uuid.NAMESPACE_DNS,
        "url": uuid.NAMESPACE_URL,
        "oid": uuid.NAMESPACE_OID,
        "x500": uuid.NAMESPACE_X500,
    }
    try:
        return str(uuid.uuid5(spaces.get(namespace) or uuid.UUID(namespace), name))
    except ValueError:
        raise EvaluationError("the namespace is not a UUID") from None


FUNCTIONS.plain("yamldecode", text)(read_yaml)
FUNCTIONS.structural("jsonencode", 1)(encode)
FUNCTIONS.structural("jsondecode", 1, nullable=True)(decode)

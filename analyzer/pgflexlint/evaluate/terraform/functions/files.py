"""Functions of files and paths.

https://developer.hashicorp.com/terraform/language/functions, group "Filesystem Functions".
"""

from __future__ import annotations

import posixpath
import re
from typing import Any

from pgflexlint.evaluate.bounds import LimitError
from pgflexlint.evaluate.calls import EvaluationError, FunctionCall
from pgflexlint.evaluate.files import content, find, from_file, read, relative
from pgflexlint.evaluate.functions import GiveUpError, Table, scalar, to_bare
from pgflexlint.evaluate.terraform.functions.encoding import DIGESTS, base64_text
from pgflexlint.evaluate.terraform.functions.parameters import text
from pgflexlint.evaluate.terraform.functions.regexes import SECONDS, engine
from pgflexlint.evaluate.terraform.types import make_set
from pgflexlint.lazily import compiled
from pgflexlint.source import SourceFile
from pgflexlint.values import Value

FUNCTIONS = Table()
FUNCTIONS.unknowable("function '{}' depends on the machine", "abspath")


@FUNCTIONS.plain("basename", text)
def _basename(path: str) -> str:
    return posixpath.basename(path.rstrip("/")) or ("/" if path else ".")


@FUNCTIONS.plain("dirname", text)
def _dirname(path: str) -> str:
    return _clean(path.rpartition("/")[0] + "/" if "/" in path else ".")


def _clean(path: str) -> str:
    return re.sub("^//", "/", posixpath.normpath(path))


@FUNCTIONS.plain("pathexpand", text)
def _pathexpand(path: str) -> str:
    if path.startswith("~"):
        raise GiveUpError("the home directory depends on the machine")
    return path


def _path(call: FunctionCall) -> str:
    return text(to_bare(call.arguments[0]))


def _read(call: FunctionCall) -> SourceFile:
    return read(call.workspace, _path(call))


@FUNCTIONS.structural("file", 1)
def _file(call: FunctionCall) -> Value[str]:
    found = _read(call)
    return from_file(call, found, "\ufeff" * found.byte_order_mark + found.text)


@FUNCTIONS.structural("fileexists", 1)
def _fileexists(call: FunctionCall) -> Value[bool]:
    return call.known(find(call.workspace, _path(call)) is not None)


@FUNCTIONS.structural("filebase64", 1)
def _filebase64(call: FunctionCall) -> Value[str]:
    found = _read(call)
    return from_file(call, found, base64_text(content(found)))


def _file_digest(name: str) -> None:
    @FUNCTIONS.structural(f"file{name}", 1)
    def body(call: FunctionCall) -> Value[str]:
        found = _read(call)
        return from_file(call, found, DIGESTS[name](content(found)))


for _name in DIGESTS:
    _file_digest(_name)


_GLOB = compiled(r"(?P<any>\*)|(?P<one>\?)|(?P<escape>\\.)|\[(?P<set>[^]]+)\]|\{(?P<choice>[^{}]*)\}|(?P<other>.)")


def _glob(pattern: str) -> str:
    """A regular expression for one segment of a path (https://github.com/bmatcuk/doublestar)."""
    pieces: list[str] = []
    for token in _GLOB.finditer(pattern):
        match token.lastgroup, token[token.lastgroup or 0]:
            case "any", _:
                pieces.append(".*")
            case "one", _:
                pieces.append(".")
            case "set", members:
                pieces.append("[" + members.replace("[", r"\[") + "]")
            case "choice", choices:
                pieces.append("(?:" + "|".join(map(_glob, choices.split(","))) + ")")
            case "other", "[" | "{":
                raise EvaluationError("the pattern is not valid")
            case _, literal:
                pieces.append(re.escape(literal[-1]))
    return "".join(pieces)


@FUNCTIONS.structural("fileset", 2)
def _fileset(call: FunctionCall) -> Value[Any]:
    base, pattern = (scalar(value, text) for value in call.arguments)
    within, _, names = pattern.rpartition("/")
    if "**" in names or re.search(r"[*?\[{\\]", within):
        raise GiveUpError("the pattern goes through directories")
    base, directory = relative(base), relative(posixpath.join(base, within))
    if call.workspace.real(directory).startswith(".."):
        raise GiveUpError("the path leads out of the workspace")
    regex = engine()
    try:
        wanted = regex.compile(_glob(names), flags=regex.V0 | regex.DOTALL)
        found = [
            posixpath.relpath(path, base or ".")
            for path in call.workspace.files(directory)
            if wanted.fullmatch(posixpath.basename(path), timeout=SECONDS)
        ]
    except regex.error:
        raise EvaluationError("the pattern is not valid") from None
    except TimeoutError:
        raise LimitError(f"A pattern of paths takes longer than {SECONDS} seconds.") from None
    return call.known(make_set(call.known(path) for path in found))

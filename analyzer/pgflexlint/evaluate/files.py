"""Files that functions read: through the workspace only, so nothing outside its root."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator

from pgflexlint.evaluate.bounds import LimitError
from pgflexlint.evaluate.calls import EvaluationError, FunctionCall
from pgflexlint.evaluate.functions import GiveUpError
from pgflexlint.problem import Kind, Problem
from pgflexlint.source import SourceFile, Span, TooLargeError, UnreadableError, Workspace
from pgflexlint.values import Known, Step, merge_traces


def relative(path: str) -> str:
    """A path relative to the workspace. Raises `GiveUpError` if it leads out of that."""
    clean = posixpath.normpath(path)
    if posixpath.isabs(clean) or path.startswith("~"):
        raise GiveUpError("the path leads out of the workspace")
    return "" if clean == "." else clean


def find(workspace: Workspace, path: str) -> SourceFile | None:
    """The file at a path; None if there is certainly none."""
    path = relative(path)
    try:
        found = workspace.read(path)
    except TooLargeError as error:
        raise LimitError(str(error).replace("This file", "The file")) from None
    except UnreadableError as error:
        raise GiveUpError(str(error)) from None
    if found is None and workspace.real(path).startswith(".."):
        raise GiveUpError("the path leads out of the workspace")
    return found


def read(workspace: Workspace, path: str) -> SourceFile:
    """The file at a path. Raises `EvaluationError` if there is none."""
    found = find(workspace, path)
    if found is None:
        raise EvaluationError("the file is not in the workspace")
    return found


def content(found: SourceFile) -> bytes:
    """The bytes of a file."""
    if found.byte_order_mark:
        raise GiveUpError("the bytes of a file with a byte order mark are not known")
    return found.text.encode(found.encoding)


_BLANK = " \t\r\n\ufeff"
"""Characters around a text that decoders ignore, and the mark that a file may begin with."""


def undecoded(error: EvaluationError, name: str) -> Iterator[Problem]:
    """A problem for a file that function `name` cannot decode, if that is what `error` says."""
    if error.undecoded is None:
        return
    text, offset = error.undecoded
    for each in error.trace:
        found = each.span.file.whole
        if found is not None and found.text.strip(_BLANK) == text.strip(_BLANK):
            before = len(found.text) - len(found.text.lstrip(_BLANK)) - (len(text) - len(text.lstrip(_BLANK)))
            at = max(0, min(before + offset, len(found.text.rstrip(_BLANK))))
            message = f"{error.message[0].upper()}{error.message[1:]}."
            hint = "Fix the file: what is made of it is not judged."
            yield Problem(Kind.SYNTAX, message, found.path, Span(found, at, at), hint, names=(name,))
            return


def step(found: SourceFile) -> Step:
    """The step of a trace that says that a value was read from a file.

    It shows none of the text: a file that is read may be nothing but a password.
    """
    return Step(Span(found.emptied, 0, 0), "the content of a file")


def from_file(call: FunctionCall, found: SourceFile, value: str) -> Known[str]:
    """The answer of a function that reads a file. Its trace leads through the file and the arguments."""
    source = Known(value, call.span, (step(found),))
    return Known(value, call.span, merge_traces((source, *call.arguments)))

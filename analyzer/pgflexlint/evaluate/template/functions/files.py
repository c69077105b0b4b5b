"""Functions of Bicep that read files when it is compiled; paths are relative to the workspace root.

https://learn.microsoft.com/azure/azure-resource-manager/bicep/bicep-functions-files.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from msgspec.structs import replace

from pgflexlint.evaluate import yaml_text
from pgflexlint.evaluate.bounds import LimitError
from pgflexlint.evaluate.calls import EvaluationError, FunctionCall, Undecoded
from pgflexlint.evaluate.files import content, from_file, read, step
from pgflexlint.evaluate.functions import GiveUpError, Table, scalar, to_value
from pgflexlint.evaluate.json_text import read_json
from pgflexlint.evaluate.template.functions.arrays import known
from pgflexlint.evaluate.template.functions.parameters import scalar_text, text
from pgflexlint.evaluate.template.functions.strings import base64_text, parse_lenient
from pgflexlint.lazily import compiled
from pgflexlint.problem import Kind
from pgflexlint.source import SourceFile
from pgflexlint.syntax import jsonc
from pgflexlint.values import Known, Value, merge_traces

FUNCTIONS = Table()
FUNCTIONS.unknowable("function '{}' is not evaluated", "loaddirectoryfileinfo")
TEXT_LIMIT = 131_072
DATA_LIMIT = 1_048_576
"""Bicep's own bounds, in characters."""
_PATH_STEP = compiled(
    r"""\.?(?P<name>[A-Za-z_$][\w$-]*)|\[(?P<index>\d{1,9})\]|\[(?P<quote>['"])(?P<text>.*?)(?P=quote)\]"""
)


def _read(call: FunctionCall, limit: int) -> SourceFile:
    found = read(call.workspace, scalar(call.arguments[0], text))
    if len(found.text) > limit:
        raise EvaluationError(f"the file is longer than the {limit:,} characters that Bicep takes")
    return found


@FUNCTIONS.structural("loadtextcontent", 1, 2)
def _load_text(call: FunctionCall) -> Value[Any]:
    file = _read(call, TEXT_LIMIT)
    return from_file(call, file, file.text)


@FUNCTIONS.structural("loadfileasbase64", 1)
def _load_base64(call: FunctionCall) -> Value[Any]:
    file = _read(call, TEXT_LIMIT)
    return from_file(call, file, base64_text(content(file)))


def _loader(name: str, parse: Callable[[FunctionCall, SourceFile], Value[Any]]) -> None:
    @FUNCTIONS.structural(name, 1, 3, nullable=True)
    def body(call: FunctionCall) -> Value[Any]:
        path = scalar(call.arguments[1], text) if len(call.arguments) > 1 else "$"
        file = _read(call, DATA_LIMIT)
        try:
            data = parse(call, file)
        except EvaluationError as error:
            trace = merge_traces((Known(None, call.span, (step(file),)), *call.arguments))
            raise EvaluationError(error.message, trace=trace, undecoded=error.undecoded) from None
        return _selected(data, path)


def _selected(data: Value[Any], path: str) -> Value[Any]:
    """The part of the data that a JSONPath names. Only names and indices are supported in it."""
    at = 1 if path.startswith("$") else 0
    while at < len(path):
        step = _PATH_STEP.match(path, at)
        if step is None:
            raise GiveUpError("the JSONPath is more than names and indices")
        at = step.end()
        key = int(step["index"]) if step["index"] else step["name"] or step["text"]
        try:
            data = known(data)[key]
        except (KeyError, IndexError, TypeError):
            raise EvaluationError("the JSONPath leads nowhere") from None
    return data


def _json(call: FunctionCall, file: SourceFile) -> Value[Any]:
    """The members stay where they are written, in the JSON file, unless only Newtonsoft.Json takes it for one
    (https://github.com/Azure/bicep, `JsonObjectParser.cs`)."""
    document = jsonc.read(file, unique_keys=False)
    passed = next((problem for problem in document.problems if problem.kind is Kind.LIMIT), None)
    if passed is not None:
        raise LimitError(passed.message)
    if document.root is None:
        content = replace(call, arguments=(Known(file.text, call.span, (step(file),)),))
        try:
            return read_json(content, scalar_text, parse_lenient)
        except EvaluationError:
            places = (problem.span.start for problem in document.problems if problem.span is not None)
            undecoded = Undecoded(file.text, next(places, 0))
            raise EvaluationError("the file is not valid JSON", undecoded=undecoded) from None
    return _value(document.root)


def _value(node: jsonc.Node) -> Known[Any]:
    match node:
        case jsonc.Object():
            return Known({name: _value(member.value) for name, member in node.by_key.items()}, node.span)
        case jsonc.Array():
            return Known(tuple(map(_value, node.items)), node.span)
        case jsonc.Scalar():
            return Known(node.value, node.span)


def _yaml(call: FunctionCall, file: SourceFile) -> Value[Any]:
    return to_value(yaml_text.read_yaml(file.text, _resolved, scalar_text), call.span, (step(file),))


_WORDS = {
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
    **dict.fromkeys(("", "~", "null", "Null", "NULL")),
}
_INTEGER = compiled(r"[-+]?[0-9]{1,18}", re.ASCII)
_FLOAT = compiled(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]{1,3})?", re.ASCII)


def _resolved(content_: str, tag: str, quoted: bool) -> Any:
    """The value of a scalar in the core schema of YAML 1.2."""
    if quoted or tag in {"!", "str"}:
        return content_
    if tag:
        raise GiveUpError("the YAML text has a tag")
    if content_ in _WORDS:
        return _WORDS[content_]
    if _INTEGER.fullmatch(content_):
        return int(content_)
    return float(content_) if _FLOAT.fullmatch(content_) else content_


_loader("loadjsoncontent", _json)
_loader("loadyamlcontent", _yaml)

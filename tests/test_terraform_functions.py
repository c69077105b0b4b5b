"""The functions of the Terraform language: as the real Terraform answers, and what it does not have to care about."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import pytest

from pgflexlint.evaluate.calls import EvaluationError, FunctionCall
from pgflexlint.evaluate.terraform.functions import FUNCTIONS
from pgflexlint.evaluate.terraform.functions.json_text import compact
from pgflexlint.evaluate.terraform.functions.table import to_bare
from pgflexlint.evaluate.terraform.types import make_set
from pgflexlint.source import SourceFile, Span
from pgflexlint.values import Known, Unknown, Value
from tests.record_terraform_console import FILES, RECORD

HERE = Span(SourceFile("main.tf", "here and there"), 0, 4)
THERE = Span(HERE.file, 9, 14)


class Files:
    """A workspace of some texts."""

    def __init__(self, texts: Mapping[str, str]) -> None:
        self._files = {path: SourceFile(path, text) for path, text in texts.items()}

    def read(self, path: str) -> SourceFile | None:
        return self._files.get(path)

    def files(self, directory: str) -> Iterable[str]:
        return sorted(path for path in self._files if path.rpartition("/")[0] == directory)


WORKSPACE = Files(FILES)


def value(bare: Any) -> Value[Any]:
    """JSON and the values in it as one value; `{"$set": …}` is a set."""
    match bare:
        case Known() | Unknown():
            return bare
        case {"$set": members}:
            return Known(make_set(map(value, members)), HERE)
        case dict():
            return Known({key: value(member) for key, member in bare.items()}, HERE)
        case list():
            return Known(tuple(map(value, bare)), HERE)
        case _:
            return Known(bare, HERE)


def call(name: str, *arguments: Any) -> Value[Any]:
    return FUNCTIONS[name](FunctionCall(name, THERE, tuple(map(value, arguments)), WORKSPACE))


def answer(name: str, *arguments: Any) -> Any:
    result = call(name, *arguments)
    assert isinstance(result, Known), result
    return to_bare(result)


RECORDED = json.loads(Path(RECORD).read_text(encoding="utf-8"))


@pytest.mark.parametrize(
    "case", RECORDED, ids=lambda case: f"{case['function']}({', '.join(map(json.dumps, case['arguments']))})"[:80]
)
def test_answers_like_terraform(case: dict[str, Any]) -> None:
    if case["error"]:
        with pytest.raises(EvaluationError):
            result = call(case["function"], *case["arguments"])
            print(result)
    else:
        assert compact(answer(case["function"], *case["arguments"])) == compact(case["answer"])

"""Asks the real Terraform again for what `data/terraform_console.json` records of its functions.

`python -m tests.record_terraform_console` needs `terraform` on the path; the tests only read the record. To add a case,
add a line with its function and arguments, which are JSON, a set being written `{"$set": […]}`, and run this.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import Any, TypeAlias

Case: TypeAlias = dict[str, Any]
RECORD = Path(__file__).parent / "data" / "terraform_console.json"
FILES = {
    "note.txt": "hello, wörld\n",
    "conf/a.json": '{"a": 1}',
    "conf/b.json": "[]",
    "conf/c.yaml": "a: 1\n",
    "conf/deep/d.json": "{}",
}


def _expression(name: str, arguments: Sequence[Any]) -> str:
    return f"{name}({', '.join(map(_argument, arguments))})"


def _argument(value: Any) -> str:
    if isinstance(value, dict) and "$set" in value:
        return f"toset({_argument(value['$set'])})"
    if value is None:
        return "null"
    return f"jsondecode({_hcl(json.dumps(value))})"


def _hcl(content: str) -> str:
    return re.sub(r"([$%])\{", r"\1\1{", json.dumps(content, ensure_ascii=False))


def _ask(expressions: Sequence[str], directory: Path) -> list[str]:
    """The answers as JSON, each `{"answer": …}` or "" for an error."""
    whole = ", ".join(f'try(jsonencode({{ answer = {expression} }}), "")' for expression in expressions)
    run = subprocess.run(
        ["terraform", "console"],
        input=f"jsonencode([{whole}])\n",
        capture_output=True,
        text=True,
        cwd=directory,
        check=False,
        env={**os.environ, "NO_COLOR": "1"},
    )
    if run.returncode == 0 and run.stdout.startswith('"'):
        answers: list[str] = json.loads(_unquote(run.stdout.strip()))
        return answers
    if len(expressions) == 1:
        print("refused:", expressions[0], run.stdout[:80], run.stderr[-200:])
        return [""]
    return [answer for expression in expressions for answer in _ask([expression], directory)]


def _unquote(shown: str) -> str:
    """The string that the console shows in HCL's quotes (those of Go)."""
    shown = re.sub(r"([$%])\1\{", r"\1{", shown)
    shown = re.sub(r"\\x([0-9a-f]{2})", r"\\u00\1", shown)
    shown = re.sub(r"\\U([0-9a-f]{8})", lambda match: chr(int(match[1], 16)), shown)
    return str(json.loads(shown.replace(r"\a", r"\u0007").replace(r"\v", r"\u000b")))


def record(cases: Iterable[Case]) -> Iterator[Case]:
    """The cases with Terraform's answers."""
    with tempfile.TemporaryDirectory() as name:
        directory = Path(name)
        for path, content in FILES.items():
            (directory / path).parent.mkdir(parents=True, exist_ok=True)
            (directory / path).write_text(content, encoding="utf-8")
        rest = iter(cases)
        while some := list(islice(rest, 20)):
            answers = _ask([_expression(case["function"], case["arguments"]) for case in some], directory)
            for case, answer in zip(some, answers, strict=True):
                yield {
                    "function": case["function"],
                    "arguments": case["arguments"],
                    "answer": json.loads(answer)["answer"] if answer else None,
                    "error": not answer,
                }


if __name__ == "__main__":
    recorded = json.loads(RECORD.read_text(encoding="utf-8"))
    lines = ",\n".join(json.dumps(case, ensure_ascii=True) for case in record(recorded))
    RECORD.write_text(f"[\n{lines}\n]\n", encoding="utf-8")

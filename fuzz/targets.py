"""What is fuzzed, and what must hold for each input whatever it is.

Nothing raises but what is documented; places lie inside their file; the same text gives the same tree; every problem
is a sentence with a place; no rule crashes; outputs hold neither a secret nor a character that does not print.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import date
from functools import lru_cache
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple
from xml.etree import ElementTree
from zlib import crc32

from msgspec import Struct

from fuzz import expressions, seeds
from pgflexlint.analysis import analyze
from pgflexlint.baseline import loads
from pgflexlint.configfile import load
from pgflexlint.discover import Target
from pgflexlint.evaluate.bounds import Budget, SpentError
from pgflexlint.evaluate.calls import EvaluationError
from pgflexlint.evaluate.interpreter import Language, Scope, evaluate
from pgflexlint.evaluate.members import AnyValue
from pgflexlint.evaluate.template.functions import FUNCTIONS as TEMPLATE_FUNCTIONS
from pgflexlint.evaluate.template.language import Arm
from pgflexlint.evaluate.terraform.functions import FUNCTIONS as TERRAFORM_FUNCTIONS
from pgflexlint.evaluate.terraform.language import Terraform
from pgflexlint.outputs import FORMATS, Options, renderer
from pgflexlint.problem import Kind, Problem, Problems, UsageError
from pgflexlint.report import Report
from pgflexlint.settings import Settings
from pgflexlint.source import SourceFile, Span
from pgflexlint.syntax import jsonc
from pgflexlint.syntax.arm import reader as arm
from pgflexlint.syntax.bicep import reader as bicep
from pgflexlint.syntax.bicep.template import read_parameters, read_template
from pgflexlint.syntax.hcl import reader as hcl
from pgflexlint.syntax.hcl import tf_json
from pgflexlint.values import Known, Unknown
from pgflexlint.workspace import DiskWorkspace
from pgflexlint_rules import RULES

SECRET = "Tr0ub4dor-and-3"
"""Stands as a password in each project, and never in an output."""
_STEPS = 20_000
"""The work that one expression may take, so that many can be tried."""
_DAY = date(2026, 1, 1)


class FuzzTarget(NamedTuple):
    """One thing that is fuzzed."""

    run: Callable[[str], None]
    """Raises where something does not hold."""
    seeds: Callable[[], Sequence[str]]
    generate: Callable[[Random], str] | None = None
    """Makes inputs that a mutator of the seeds would seldom hit."""


# --- readers ----------------------------------------------------------------------------------------------------


def _hcl(text: str) -> None:
    _read_twice(hcl.read, SourceFile("main.tf", text))


def _terraform_json(text: str) -> None:
    _read_twice(tf_json.read, SourceFile("main.tf.json", text))
    _read_twice(tf_json.read_variables, SourceFile("terraform.tfvars.json", text))


def _bicep(text: str) -> None:
    _read_twice(bicep.read, SourceFile("main.bicep", text))
    read_template(SourceFile("main.bicep", text))
    if crc32(text.encode()) % 4 == 0 or text.startswith("using"):
        _read_twice(read_parameters, SourceFile("main.bicepparam", text))


def _arm(text: str) -> None:
    _read_twice(arm.read, SourceFile("main.json", text))
    if crc32(text.encode()) % 4 == 0 or "deploymentParameters" in text:
        _read_twice(arm.read_parameters, SourceFile("main.parameters.json", text))
    file = SourceFile("any.json", text)
    document = jsonc.read(file)
    _in_place(file, document)
    _said(document.problems)


def _read_twice(read: Callable[[SourceFile], Any], file: SourceFile) -> None:
    tree = read(file)
    if tree is None:
        return
    _in_place(file, tree)
    _said(tree.problems)
    if crc32(file.text.encode()) % 8 == 0:
        again = read(file)
        assert all(one == other for one, other in zip(_nodes(tree), _nodes(again), strict=True)), "another tree"


def _in_place(file: SourceFile, tree: Any) -> None:
    for span in _nodes(tree):
        if isinstance(span, Span):
            assert span.file is file, "a place in another file"
            assert 0 <= span.start <= span.end <= len(file.text), "a place outside of the file"


def _nodes(tree: Any) -> Iterator[Any]:
    """The places and plain values in a tree, and the types of its nodes, in order."""
    pending, known = [tree], {id(tree): tree}
    while pending:
        node = pending.pop()
        if isinstance(node, _PLAIN):
            yield node
            continue
        yield type(node)
        for each in _members(node):
            if isinstance(each, _PLAIN) or id(each) not in known:
                known[id(each)] = each
                pending.append(each)


_PLAIN = (Span, str, int, float, bool, type(None), SourceFile)


def _members(node: Any) -> Iterable[Any]:
    if isinstance(node, Mapping):
        return (*node.keys(), *node.values())
    if isinstance(node, tuple | list | set | frozenset):
        return node
    names = _fields(type(node))  # type: ignore[arg-type]
    if "start" in names and "end" in names:
        return (node.span, *(getattr(node, name) for name in names))
    return [getattr(node, name) for name in names]


@lru_cache
def _fields(type_: Any) -> tuple[str, ...]:
    return type_.__struct_fields__ if issubclass(type_, Struct) else ()


def _said(problems: Iterable[Problem]) -> None:
    for problem in problems:
        assert problem.message.endswith((".", "?")), f"no sentence: {problem.message!r}"
        assert not problem.hint or problem.hint.endswith("."), f"no sentence: {problem.hint!r}"
        if problem.span is not None:
            assert problem.path == problem.span.file.path, "the place is in another file than the problem"
            assert 0 <= problem.span.start <= problem.span.end <= len(problem.span.file.text), "a place outside"
            assert problem.span.begin.line <= len(problem.span.file.line_starts)
        else:
            assert problem.kind in (Kind.UNREADABLE, Kind.CONFIGURATION), f"no place: {problem.message}"


# --- expressions ------------------------------------------------------------------------------------------------


class _NoFiles:
    """A workspace without files."""

    def read(self, path: str) -> SourceFile | None:
        return None

    def files(self, directory: str) -> Iterable[str]:
        return ()

    def real(self, directory: str) -> str:
        return directory


def _terraform_expression(text: str) -> None:
    argument = hcl.read(SourceFile("main.tf", f"r = {text}\n")).body.arguments.get("r")
    if argument is not None:
        _evaluated(argument.value, Terraform(_NoFiles(), _said_alone))


def _bicep_expression(text: str) -> None:
    _of_template(read_template(SourceFile("main.bicep", f"var r = {text}\n")))


def _arm_expression(text: str) -> None:
    schema = "https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#"
    content = json.dumps({"$schema": schema, "variables": {"r": f"[{text}]"}})
    file = SourceFile("main.json", content)
    template = arm.read(file)
    assert template is not None
    _in_place(file, template)
    _said(template.problems)
    _of_template(template)


def _of_template(template: Any) -> None:
    expression = template.variables.get("r")
    if expression is not None:
        _evaluated(expression, Arm(_NoFiles(), "", _said_alone))


def _said_alone(problem: Problem) -> None:
    _said([problem])


def _evaluated(parsed: Any, language: Language) -> None:
    """Evaluating an expression gives a value, refuses it, or uses up the work; nothing else."""
    place = parsed.span
    unknown = Unknown("it is a test", place, parts=(Known("a", place), Unknown("it is a test", place)))
    either = Unknown("it is a test", place, candidates=(Known("a", place), Known((Known(1, place),), place)))
    names: dict[str, AnyValue] = {"x": unknown, "y": either, "z": Known({"a": unknown, "b": Known(2, place)}, place)}
    names["variables"] = Known(dict(names), place)
    problems = Problems()
    try:
        value = evaluate(parsed, Scope(language, names, budget=Budget(problems, steps=_STEPS)))
    except (EvaluationError, SpentError) as error:
        assert str(error)
    else:
        assert isinstance(value, Known | Unknown)
    _said(problems)


# --- whole runs -------------------------------------------------------------------------------------------------

_FILE = re.compile(r"^=== ([\w.-]+(?:/[\w.-]+)*)[ \t]*$\n?", re.MULTILINE)
_PLANTED = {
    ".tf": 'resource "azurerm_postgresql_flexible_server" "planted" {{\n  administrator_password = "{}"\n'
    '  version = "11"\n}}\n',
    ".bicep": "resource planted 'Microsoft.DBforPostgreSQL/flexibleServers@2024-08-01' = {{\n  name: 'planted'\n"
    "  properties: {{\n    administratorLoginPassword: '{}'\n    version: '11'\n  }}\n}}\n",
}
"""What is put at the end of a file, whatever came before."""


@lru_cache
def _empty() -> Path:
    directory = TemporaryDirectory(prefix="pgflexlint-fuzz-")
    _KEPT.append(directory)
    return Path(directory.name)


_KEPT: list[TemporaryDirectory[str]] = []


def project(text: str) -> dict[str, bytes]:
    """The files of a text as `seeds.written` makes it; what stands before the first is `main.tf`."""
    parts = _FILE.split(text)
    files = {"main.tf": parts[0]} if parts[0] else {}
    for path, content in zip(parts[1::2], parts[2::2], strict=True):
        if not {".", ".."} & set(path.split("/")):
            files[path] = content
    for path in files:
        for suffix, planted in _PLANTED.items():
            files[path] += f"\n{planted.format(SECRET)}" * path.endswith(suffix)
    return {path: content.encode() for path, content in files.items()}


def _project(text: str) -> None:
    files = project(text)
    directories = tuple(sorted({"", *(path.rpartition("/")[0] for path in files)}))
    target = Target(DiskWorkspace(_empty(), files), directories, tops=("",))
    report = analyze(target, RULES, RULES, Settings(as_of=_DAY))
    assert report.exit_code in (0, 1, 3)
    assert not [each for each in report.problems if each.kind is Kind.RULE], "a rule crashed"
    _said(report.problems)
    formats = list(FORMATS)
    for name in {"text", "json", formats[crc32(text.encode()) % len(formats)]}:
        _shown(report, name)


def _shown(report: Report, name: str) -> None:
    options = Options(show_unknown=True, show_suppressed=True, statistics=True)
    output = renderer(name)(report, options)
    assert SECRET not in output, f"a secret in the format {name}"
    assert all(line.isprintable() for line in output.replace("\u200b", "").split("\n")), f"an escape in {name}"
    match name:
        case "json" | "sarif" | "gitlab":
            json.loads(output)
        case "junit":
            ElementTree.fromstring(output)
        case "github":
            lines = [line for line in output.split("\n") if re.match(r"\s*::[a-z]", line) or "##[" in line]
            assert all(re.match("::(error|warning|notice) (file|title)=", line) for line in lines), (
                "a command of a stranger"
            )
        case "azure":
            lines = [line for line in output.split("\n") if re.search(r"##(vso)?\[", line, re.IGNORECASE)]
            assert all(re.match(r"##vso\[task\.logissue [^\]]*\][^#]*", line) for line in lines)
        case "text" | "concise" | "markdown":
            assert not re.search(r"##(vso)?\[|^\s*::[a-z]", output, re.IGNORECASE | re.MULTILINE), (
                "a command for a runner"
            )


# --- what a user keeps in the repository ------------------------------------------------------------------------


def _configuration(text: str) -> None:
    try:
        found = load(SourceFile(".pgflexlint.toml", text), "", RULES, prefix=())
    except UsageError as error:
        assert str(error).startswith(".pgflexlint.toml")
    else:
        assert all(found.line(key) >= 1 for key in found.table)


def _baseline(text: str) -> None:
    try:
        loads(text, ".pgflexlint-baseline.json")
    except UsageError as error:
        assert ".pgflexlint-baseline.json" in str(error)


_CONFIGURATIONS = (
    'select = ["PGF1", "firewall-open-to-internet"]\nignore = ["PGF102"]\nfail-on = "error"\nexclude = ["examples/"]\n',
    '[rules.PGF101]\nlevel = "note"\n[per-file-ignores]\n"a/**" = ["PGF1"]\n',
    '[[allow]]\nrules = ["PGF301"]\nreason = "x"\nuntil = 2027-01-01\naddress = "a.*"\npath = "a/*.tf"\n',
    '[[scenarios]]\nroot = "a"\nname = "prod"\nvar-files = ["prod.tfvars"]\n[rules.PGF702]\ndays = 7\n',
)
_BASELINES = (
    '{\n  "pgflexlint-baseline": 1,\n  "findings": [\n    {"path": "main.tf", "rule": "PGF101", "address": "a.b", '
    '"root": "", "inputs": "prod.tfvars", "count": 2, "fingerprint": "0123456789abcdef"}\n  ]\n}\n',
)

_TERRAFORM = expressions.hcl(sorted(name for name in TERRAFORM_FUNCTIONS if "::" not in name))
_BICEP = expressions.bicep(sorted(TEMPLATE_FUNCTIONS))
_ARM = expressions.arm(sorted(TEMPLATE_FUNCTIONS))


def _some(forms: expressions.Forms) -> Callable[[], Sequence[str]]:
    return lambda: [forms.expression(Random(seed)) for seed in range(500)]


TARGETS: Mapping[str, FuzzTarget] = {
    "hcl": FuzzTarget(_hcl, lambda: seeds.texts(".tf", ".tfvars")),
    "terraform-json": FuzzTarget(_terraform_json, lambda: seeds.texts(".tf.json", ".tfvars.json", "fail.json")),
    "bicep": FuzzTarget(_bicep, lambda: seeds.texts(".bicep", ".bicepparam")),
    "arm": FuzzTarget(_arm, lambda: seeds.texts("fail.json", "pass.json", "unknown.json", ".parameters.json")),
    "terraform-expression": FuzzTarget(_terraform_expression, _some(_TERRAFORM), _TERRAFORM.expression),
    "bicep-expression": FuzzTarget(_bicep_expression, _some(_BICEP), _BICEP.expression),
    "arm-expression": FuzzTarget(_arm_expression, _some(_ARM), _ARM.expression),
    "project": FuzzTarget(_project, seeds.projects),
    "configuration": FuzzTarget(_configuration, lambda: _CONFIGURATIONS),
    "baseline": FuzzTarget(_baseline, lambda: _BASELINES),
}
"""By the name under which `python -m fuzz` knows it."""

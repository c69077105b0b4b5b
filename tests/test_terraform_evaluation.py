"""Whole modules, against what the real Terraform made of them (`record_terraform_outputs.py`)."""

from __future__ import annotations

import json
from typing import Any

import pytest

from pgflexlint.evaluate.bounds import Budget
from pgflexlint.evaluate.terraform import inputs as inputs_
from pgflexlint.evaluate.terraform.instance import Instance
from pgflexlint.evaluate.terraform.language import Terraform
from pgflexlint.evaluate.terraform.module import Modules
from pgflexlint.evaluate.terraform.rooted import RootedWorkspace
from pgflexlint.evaluate.terraform.session import Session
from pgflexlint.problem import Problems
from pgflexlint.source import SourceFile
from pgflexlint.values import Known, Unknown, Value, plain
from tests.paths import DATA
from tests.workspace import MemoryWorkspace

CASES = sorted(path.name for path in (DATA / "terraform").iterdir())
RECORDED = [
    (case, name, value)
    for case in CASES
    for name, value in json.loads((DATA / "terraform" / case / "outputs.json").read_text(encoding="utf-8")).items()
]


def root(files: MemoryWorkspace, **options: Any) -> tuple[Instance, Problems]:
    problems = Problems()
    modules = Modules(files)
    module = modules.get("")
    assert module is not None
    language = Terraform(RootedWorkspace(files, ""), problems.report)
    session = Session(
        problems, Budget(problems), set(), modules=modules, root="", wanted=lambda type_: True, language=language
    )
    given = inputs_.load(files, "", session.budget, **options)
    return Instance(session, module, given.values), problems


def outputs(source: str, **files: str) -> dict[str, Value[Any]]:
    instance, _ = root(MemoryWorkspace({"main.tf": source, **files}))
    return dict(instance.outputs)


def output(expression: str, declarations: str = "") -> Value[Any]:
    return outputs(f'{declarations}\noutput "x" {{\n  value = {expression}\n}}\n')["x"]


@pytest.mark.parametrize("case,name,expected", RECORDED, ids=[f"{case}-{name}" for case, name, _ in RECORDED])
def test_as_terraform(case: str, name: str, expected: object) -> None:
    instance, problems = root(MemoryWorkspace.of(DATA / "terraform" / case))
    value = instance.outputs[name]
    assert isinstance(value, Known), value
    assert plain(value) == expected
    assert not problems


UNKNOWN = 'variable "u" {}\nvariable "flag" { type = bool }\n'


@pytest.mark.parametrize(
    "expression,expected",
    [
        ("false && var.flag", False),
        ("var.flag && false", False),
        ("true || var.flag", True),
        ("var.flag || true", True),
        ('var.flag ? "same" : "same"', "same"),
        ("length([var.u, 1])", 2),
        ('merge({ a = var.u }, { a = "certain" })["a"]', "certain"),
        ('{ a = var.u, b = "certain" }["b"]', "certain"),
        ("{ true = 1 }[true] + { 1 = 2 }[1]", 3),
        ('try({ a = var.u }.b, "fallback")', "fallback"),
        ("random_password.p.id != null", True),
        ("random_password.p.id == null ? 1 : 2", 2),
        ('random_password.p.id == "" ? 1 : 2', 2),
    ],
)
def test_what_is_certain_although_something_is_unknown(expression: str, expected: object) -> None:
    declarations = UNKNOWN + 'resource "random_password" "p" {}'
    value = output(expression, declarations)
    assert isinstance(value, Known), value
    assert plain(value) == expected


@pytest.mark.parametrize(
    "expression,reason",
    [
        ("var.u", "variable 'u' has no value"),
        ('"x-${var.u}"', "variable 'u' has no value"),
        ("true && var.flag", "variable 'flag' has no value"),
        ("[for x in var.u : x]", "variable 'u' has no value"),
        ("var.u[*].id", "variable 'u' has no value"),
        ("upper(var.u)", "variable 'u' has no value"),
        ("data.azurerm_key_vault.v.id", "data.azurerm_key_vault.v is read at deployment"),
        ("random_password.p.result", "'result' of random_password.p is known only after deployment"),
        ("terraform.workspace", "'terraform.workspace' depends on how Terraform is run"),
        ("timestamp()", None),
        ("{ a = 1 }.b", "'b' is not in this object"),
        ('{ for x in ["a", "b", "a"] : x => 1 }', "two members would have the same name"),
        ("[1, 2][true]", "a bool is not an index of a list"),
        ("[1, 2][0.5]", "a number that is not whole is not an index of a list"),
        ("local.absent", "local value 'absent' is not declared"),
        ("var.absent", "variable 'absent' is not declared"),
        ('module.far["x"].id', "module 'far' (Azure/far/azurerm) is not on disk"),
    ],
)
def test_what_is_unknown_says_why(expression: str, reason: str | None) -> None:
    declarations = UNKNOWN + (
        'resource "random_password" "p" {}\n'
        'data "azurerm_key_vault" "v" {}\n'
        'module "far" {\n  source = "Azure/far/azurerm"\n}\n'
    )
    value = output(expression, declarations)
    assert isinstance(value, Unknown), value
    if reason is not None:
        assert value.reason == reason


@pytest.mark.parametrize(
    "expression,candidates",
    [
        ('var.flag ? "a" : "b"', ["a", "b"]),
        ('"x-${var.flag ? "a" : "b"}"', ["x-a", "x-b"]),
        ('upper(var.flag ? "a" : "b")', ["A", "B"]),
        ('{ dev = "a", prod = "b" }[terraform.workspace]', ["a", "b"]),
        ('lookup({ dev = "a" }, terraform.workspace, "b")', ["a", "b"]),
        ("var.flag ? 1 : 2", [1, 2]),
        ("(var.flag ? 1 : 2) + 1", [2, 3]),
        ("(var.flag ? { x = 1 } : { x = 2 }).x", [1, 2]),
        ("terraform.workspace == 1 ? true : false", [True, False]),
    ],
)
def test_an_unknown_with_known_outcomes_carries_them(expression: str, candidates: list[object]) -> None:
    value = output(expression, UNKNOWN)
    assert isinstance(value, Unknown), value
    assert [plain(each) for each in value.candidates] == candidates


def test_the_way_of_a_value_is_told() -> None:
    instance, _ = root(
        MemoryWorkspace(
            {
                "main.tf": 'variable "p" {}\nlocals { all = merge({ y = 1 }, var.p) }\n'
                'module "m" {\n  source = "./m"\n  in = local.all\n}\noutput "x" { value = module.m.out }\n',
                "terraform.tfvars": 'p = {\n  x = "off"\n}\n',
                "m/main.tf": 'variable "in" {}\noutput "out" { value = var.in["x"] }\n',
            }
        )
    )
    value = instance.outputs["x"]
    assert isinstance(value, Known)
    assert (value.value, str(value.span)) == ("off", "main.tf:7:22")
    assert [(str(step.span), step.text) for step in value.trace] == [
        ("terraform.tfvars:2:7", "'x' in an object"),
        ("terraform.tfvars:1:5", "variable 'p' in terraform.tfvars"),
        ("main.tf:2:16", "local value 'all'"),
        ("main.tf:5:8", "argument 'in' of module 'm'"),
        ("m/main.tf:2:24", "output 'out' of module 'm'"),
    ]


@pytest.mark.parametrize(
    "source,place,message",
    [
        (
            'locals {\n  a = local.b\n  b = local.a\n}\noutput "x" { value = local.a }',
            "main.tf:2:3",
            "Local value 'a' depends on itself.",
        ),
        (
            'resource "azurerm_lb" "a" {\n  count = length(azurerm_lb.a)\n}\noutput "x" { value = azurerm_lb.a }',
            "main.tf:1:1",
            "azurerm_lb.a depends on itself.",
        ),
        ('output "x" { value = nosuch("a") }', "main.tf:1:22", "Terraform has no function 'nosuch'."),
        (
            'module "m" {\n  source = "./absent"\n}\noutput "x" { value = module.m.y }',
            "main.tf:2:12",
            "Module 'm' does not exist: './absent' has no Terraform files.",
        ),
        (
            'module "m" {\n  source = "./"\n}\noutput "x" { value = module.m.y }',
            "main.tf:2:12",
            "Module 'm' calls itself, directly or through others.",
        ),
        (
            'module "m" {\n  source = "../out"\n}\noutput "x" { value = module.m.y }',
            "main.tf:2:12",
            "Module 'm' is outside the scanned directory.",
        ),
    ],
)
def test_what_terraform_would_refuse_is_a_problem(source: str, place: str, message: str) -> None:
    instance, problems = root(MemoryWorkspace({"main.tf": source}))
    assert isinstance(instance.outputs["x"], Unknown)
    assert [(str(problem.span), problem.message) for problem in problems] == [(place, message)]


def test_of_options_and_variable_files_the_last_one_wins() -> None:
    files = MemoryWorkspace(
        {
            "main.tf": 'variable "a" { type = string }\nvariable "b" { type = list(number) }\n'
            'output "a" { value = var.a }\noutput "b" { value = var.b }\n',
            "terraform.tfvars": 'a = "file"\nb = [1]\n',
            "prod.tfvars": 'a = "prod"\n',
        }
    )
    instance, _ = root(files, given=[inputs_.Given("file", "prod.tfvars")])
    assert [plain(instance.outputs[name]) for name in "ab"] == ["prod", [1]]  # type: ignore[arg-type]
    given = [
        inputs_.Given("value", "a=option"),
        inputs_.Given("file", "prod.tfvars"),
        inputs_.Given("value", "b=[2, 3]"),
    ]
    instance, _ = root(files, given=given)
    assert [plain(instance.outputs[name]) for name in "ab"] == ["prod", [2, 3]]  # type: ignore[arg-type]


def test_the_file_of_a_span_is_the_file_read() -> None:
    value = output('"x"')
    assert isinstance(value.span.file, SourceFile)
    assert value.span.text == '"x"'


def test_a_bound_costs_only_what_passes_it() -> None:
    loops = "[for i in range(1000) : [for j in range(1000) : [for k in range(1000) : i]]]"
    instance, problems = root(
        MemoryWorkspace(
            {
                "main.tf": f"locals {{\n  big = {loops}\n}}\n"
                'output "big" { value = length(local.big) }\noutput "small" { value = 1 + 1 }\n'
                'resource "terraform_data" "many" {\n  count = 1000000000\n}\n'
                'output "many" { value = terraform_data.many[0].id }\n',
            }
        )
    )
    assert isinstance(instance.outputs["big"], Unknown)
    assert isinstance(instance.outputs["many"], Unknown)
    assert plain(instance.outputs["small"]) == 2  # type: ignore[arg-type]
    assert [(str(problem.span), problem.message) for problem in problems] == [
        ("main.tf:2:9", "Evaluating this takes more than 500,000 steps, the limit for one root."),
        ("main.tf:7:11", "A count of 1,000,000,000 is more than the limit of 1,000."),
    ]


def test_what_is_too_deep_is_a_problem() -> None:
    chain = "\n".join(f"  a{number} = local.a{number + 1}" for number in range(3000))
    instance, problems = root(
        MemoryWorkspace({"main.tf": f'locals {{\n{chain}\n  a3000 = 1\n}}\noutput "x" {{ value = local.a0 }}\n'})
    )
    assert isinstance(instance.outputs["x"], Unknown)
    assert {problem.message for problem in problems} == {"Expressions refer to each other too deeply."}

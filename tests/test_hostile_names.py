"""Names and values that would command a build agent or a terminal, wherever a command shows them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.command_line import SERVER, Check, Write
from tests.test_outputs import obeyed

HOSTILE = (
    "##[group]x",
    "##vso[task.complete]",
    "a\n::add-mask::x",
    "\x1b[31mred",
    "\x9b31m",
    "\u202ereversed",
    "\r::error::x",
)
"""As a value of the configuration or, but for what no file system takes, a name of a file."""


def harmless(output: str) -> bool:
    """Whether nothing in an output is obeyed or moves the cursor."""
    assert list(obeyed(output)) == []
    assert "##vso[" not in output
    return all(line.isprintable() for line in output.removesuffix("\n").split("\n"))


@pytest.fixture
def room(write: Write) -> Path:
    values = json.dumps([f"{each}/**" for each in HOSTILE])  # a list of TOML, too
    configuration = f"exclude = {values}\nbaseline = {json.dumps(f'b{HOSTILE[0]}{HOSTILE[3]}.json')}\n"
    files = {f"infra/{each.replace('/', '')}.tf": "locals {}\n" for each in HOSTILE}
    return write({".git/HEAD": "", ".pgflexlint.toml": configuration, "main.tf": SERVER, **files})


@pytest.mark.parametrize(
    "arguments",
    [
        ("config", "show"),
        ("config", "show", "--format", "json"),
        ("baseline", "create"),
        ("baseline", "show"),
        ("baseline", "update", "--add"),
        ("trace", HOSTILE[0]),
        ("check", HOSTILE[2]),
        ("check", "--baseline", HOSTILE[2]),
        ("check", "--config", HOSTILE[2]),
        ("check", "--select", HOSTILE[2]),
        *(("check", "--baseline", "b.json", "--statistics", "--format", name) for name in ("text", "concise", "json")),
    ],
)
def test_nothing_hostile_is_shown_as_it_is(room: Path, run: Check, arguments: tuple[str, ...]) -> None:
    run("baseline", "create", "--baseline", "b.json", "--select", "PGF702")
    _, output, errors = run(*arguments)
    assert output + errors
    assert harmless(output)
    assert harmless(errors)


def test_the_files_of_the_project_are_named_harmlessly(write: Write, run: Check) -> None:
    names = [f"infra/{each.replace('/', '')}.tf" for each in HOSTILE]
    write({".git/HEAD": "", "main.tf": SERVER, **{name: SERVER if "x" in name else "a = = 1\n" for name in names}})
    for name in ("text", "concise"):
        assert harmless(run("check", "--statistics", "--show-unknown", "--format", name)[1])
    run("baseline", "create")
    for action in ("show", "update"):
        assert harmless(run("baseline", action)[1])
    assert json.loads(run("config", "show", "--format", "json")[1])["configuration"] is None


def test_a_brace_in_the_symbol_of_a_module_is_a_brace(write: Write, run: Check) -> None:
    schema = "https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#"
    server = {
        "type": "Microsoft.DBforPostgreSQL/flexibleServers",
        "apiVersion": "2024-08-01",
        "name": "s",
        "properties": {"network": {"publicNetworkAccess": "[parameters('access')]"}},
    }
    inner = {"$schema": schema, "parameters": {"access": {"type": "string"}}, "resources": [server]}
    module = {
        "type": "Microsoft.Resources/deployments",
        "apiVersion": "2022-09-01",
        "name": "m",
        "properties": {
            "mode": "Incremental",
            "expressionEvaluationOptions": {"scope": "inner"},
            "parameters": {"access": {"value": "Enabled"}},
            "template": inner,
        },
    }
    write({"main.json": json.dumps({"$schema": schema, "languageVersion": "2.0", "resources": {"a{b": module}})})
    _, output, errors = run("check", "--format", "json")
    steps = [step["text"] for finding in json.loads(output)["findings"] for step in finding["trace"]]
    assert "argument 'access' of module 'a{b'" in steps
    assert errors == ""

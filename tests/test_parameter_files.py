"""Which template a parameter file is for, and what is said where that leads nowhere: on files as users write them."""

from __future__ import annotations

import json

import pytest

from tests.command_line import Check, Write, found, problems

CHECK = ("check", "--select", "PGF407,PGF702", "--format", "concise", "--fail-on", "note")

BICEP = """\
param days int = 35
@secure()
param pw string = newGuid()

resource s 'Microsoft.DBforPostgreSQL/flexibleServers@2024-08-01' = {
  name: 's'
  properties: { administratorLoginPassword: pw, backup: { backupRetentionDays: days } }
}
"""
STORAGE = (
    "param days int\nparam name string\nresource a 'Microsoft.Storage/storageAccounts@2024-01-01' = { name: name }\n"
)


# --- parameter files of Bicep ------------------------------------------------------------------------------------

NOWHERE = "problem module-not-found There is no template '%s'. Check the path after 'using'."
NAMELESS = (
    "problem module-not-found This parameter file does not say which template it is for. "
    "Name that with 'using', or write 'using none' where others extend the file."
)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("using 'mian.bicep'\nparam days = 7\n", f"1:1: {NOWHERE % 'mian.bicep'}"),
        ("// production\nusing '../main.bicep'\nparam days = 7\n", f"2:1: {NOWHERE % '../main.bicep'}"),
        ("param days = 7\n", f"1:1: {NAMELESS}"),
        ("// using 'main.bicep'\nimport { x } from 'main.bicep'\nparam days = x\n", f"1:1: {NAMELESS}"),
        (
            "using main.bicep\nparam days = 7\n",
            "1:11: problem syntax-error Here should be a name or the end of the statement, not '.'.",
        ),
        ("using none\nparam days = 7\n", None),
        ("using 'main.bicep'\nparam days = 35\n", None),
        ("using 'br:x.azurecr.io/bicep/storage:v1'\nparam days = 35\n", None),
        ("using 'storage.bicep'\nparam days = 7\n", None),
    ],
)
def test_a_parameter_file_whose_template_is_not_there_is_said(
    write: Write, run: Check, text: str, said: str | None
) -> None:
    write({"infra/main.bicep": BICEP, "infra/storage.bicep": STORAGE, "infra/prod.bicepparam": text})
    code, output, _ = run(*CHECK)
    assert problems(output) == ([] if said is None else [f"infra/prod.bicepparam:{said}"])
    assert found(output) == []
    assert code == (0 if said is None else 3)


def test_of_a_template_that_is_not_there_nobody_knows_what_it_deploys(write: Write, run: Check) -> None:
    """So it is said although nothing speaks of PostgreSQL."""
    write({"main.bicep": STORAGE, "prod.bicepparam": "using 'mian.bicep'\n", "test.bicepparam": "using 'main.bicep'\n"})
    code, output, _ = run(*CHECK)
    assert problems(output) == [f"prod.bicepparam:1:1: {NOWHERE % 'mian.bicep'}"]
    assert code == 3


def test_a_file_without_a_template_that_others_extend_is_looked_at_through_them(write: Write, run: Check) -> None:
    prod = "using 'main.bicep'\nextends 'base.bicepparam'\n"
    write({"main.bicep": BICEP, "base.bicepparam": "param days = 7\n", "prod.bicepparam": prod})
    output = run(*CHECK)[1]
    assert problems(output) == []
    assert found(output) == ["PGF702 main.bicep:7"]


# --- modules that are not there ----------------------------------------------------------------------------------

LINKED = json.dumps(
    {
        "$schema": "https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#",
        "resources": [
            {
                "type": "Microsoft.Resources/deployments",
                "apiVersion": "2022-09-01",
                "name": "m",
                "properties": {"mode": "Incremental", "templateLink": {"relativePath": "modules/db.json"}},
            }
        ],
    }
)
SOURCE = 'module "db" {\n  source = "./modules/db"\n}\n'


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        (
            "main.bicep",
            "module m 'modules/db.bicep' = { params: { name: 'pg' } }\n",
            "There is no template 'modules/db",
        ),
        ("main.json", LINKED, "There is no template 'modules/db.json'."),
        ("main.tf", SOURCE, "Module 'db' is not there: './modules/db' has no Terraform files."),
        ("main.tf.json", '{"module": {"db": {"source": "./modules/db"}}}', "Module 'db' is not there"),
        ("main.tf", SOURCE.replace("./", "../"), "Module 'db' lies outside the directory that is looked at."),
        (
            "main.tf",
            SOURCE.replace("\n}", "\n  count = 0\n}"),
            "Module 'db' is not there",
        ),  # Terraform wants it all the same
        ("main.bicep", "module m 'modules/db.bicep' = if (false) {}\n", None),
        ("main.tf", '# module "db" {\n#   source = "./modules/db"\n# }\n', None),
        ("main.tf", f'{SOURCE.replace("./modules/db", "./")}resource "x" "y" {{\n  source = "./a.zip"\n}}\n', None),
        ("main.bicep", "module m 'br:x.azurecr.io/db:v1' = {}\n", None),
        ("main.bicep", "// module m 'modules/db.bicep' = {}\nvar x = loadTextContent('modules/x.json')\n", None),
    ],
)
def test_a_module_that_is_not_there_is_said_whatever_it_is_called(
    write: Write, run: Check, name: str, text: str, said: str | None
) -> None:
    """Nobody knows what it would have declared."""
    write({name: text})
    code, output, _ = run(*CHECK)
    if said is None:
        assert (problems(output), code) == ([], 0)
        return
    (problem,) = problems(output)
    assert problem.startswith(f"{name}:")
    assert f"problem module-not-found {said}" in problem
    assert code == 3


def test_one_that_is_there_and_has_nothing_to_do_with_it_is_not_looked_at(write: Write, run: Check) -> None:
    write({"main.bicep": "module m 'modules/db.bicep' = { params: { name: 'a', days: 1 } }\n"})
    write({"modules/db.bicep": STORAGE, "main.tf": SOURCE, "modules/db/main.tf": 'variable "x" {}\n'})
    code, output, _ = run(*CHECK, "--statistics")
    assert "problem" not in output
    assert code == 0

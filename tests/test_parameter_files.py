"""Which template a parameter file is for, and what is said where that leads nowhere: on files as users write them."""

from __future__ import annotations

import json

import pytest

from tests.command_line import Check, Write, found, problems

CHECK = ("check", "--select", "PGF407,PGF702", "--format", "concise", "--fail-on", "note")
SCHEMA = "https://schema.management.azure.com/schemas/2019-04-01/deploymentParameters.json#"

BICEP = """\
param days int = 35
@secure()
param pw string = newGuid()

resource s 'Microsoft.DBforPostgreSQL/flexibleServers@2024-08-01' = {
  name: 's'
  properties: { administratorLoginPassword: pw, backup: { backupRetentionDays: days } }
}
"""
ARM = json.dumps(
    {
        "$schema": "https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#",
        "contentVersion": "1.0.0.0",
        "parameters": {"days": {"type": "int"}, "pw": {"type": "securestring"}},
        "resources": [
            {
                "type": "Microsoft.DBforPostgreSQL/flexibleServers",
                "apiVersion": "2024-08-01",
                "name": "s",
                "properties": {
                    "administratorLoginPassword": "[parameters('pw')]",
                    "backup": {"backupRetentionDays": "[parameters('days')]"},
                },
            }
        ],
    },
    indent=2,
)
STORAGE = """\
param days int
param name string
resource a 'Microsoft.Storage/storageAccounts@2024-01-01' = { name: name }
"""


def given(schema: str | None = SCHEMA, /, **values: object) -> str:
    """The text of a JSON parameter file."""
    head = {} if schema is None else {"$schema": schema, "contentVersion": "1.0.0.0"}
    return json.dumps({**head, "parameters": {name: {"value": value} for name, value in values.items()}}, indent=2)


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
        ("", None),
        ("// to be filled in\n/* later */\n", None),
        ("import { x } from 'main.bicep'\n", f"1:1: {NAMELESS}"),
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


# --- parameter files of ARM --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("template", "name"),
    [
        *(
            (template, template.partition(".")[0] + rest)
            for template in ("azuredeploy.json", "main.bicep")
            for rest in (
                ".parameters.json",
                ".parameters-prod.json",
                ".parameters_prod.json",
                ".parameters.prod.json",
                ".prod.parameters.json",
                "-prod.parameters.json",
                ".params.json",
                ".prod.json",
            )
        ),
        *(
            (template, name)
            for template in ("template.json", "main.bicep")
            for name in ("prod.parameters.json", "parameters.json", "parameters-prod.json", "prod.json")
        ),
        ("main.bicep", "parameters/main.prod.parameters.json"),
        ("main.bicep", "parameters/prod.json"),
        ("main.bicep", "parameters/dev/prod.json"),
        ("templates/azuredeploy.json", "parameters/azuredeploy.parameters.json"),
        ("bicep/main.bicep", "parameters/dev/main.parameters.json"),
        ("infra/main.bicep", "environments/dev/main.prod.json"),
    ],
)
def test_a_parameter_file_belongs_to_the_template_that_it_is_named_after_or_that_alone_can_take_it(
    write: Write, run: Check, template: str, name: str
) -> None:
    write({template: ARM if template.endswith(".json") else BICEP, name: given(days=7, pw="Fake-Passw0rd")})
    code, output, _ = run(*CHECK)
    assert sorted(each.split(":")[0] for each in found(output)) == [f"PGF407 {template}", f"PGF702 {template}"]
    assert problems(output) == []
    assert "Fake-Passw0rd" not in output
    assert code == 1


def test_a_template_that_holds_a_parameter_file_is_none(write: Write, run: Check) -> None:
    template = json.loads(ARM) | {"variables": {"values": json.loads(given(days=1))}}
    write({"azuredeploy.json": json.dumps(template), "azuredeploy.parameters-prod.json": given(days=7)})
    assert [each.split()[0] for each in found(run(*CHECK)[1])] == ["PGF702"]


def test_several_parameter_files_are_several_scenarios(write: Write, run: Check) -> None:
    days = {"dev": 7, "test": 7, "prod": 35}
    write({"azuredeploy.json": ARM})
    write({f"azuredeploy.parameters-{name}.json": given(days=number, pw=None) for name, number in days.items()})
    report = json.loads(run("check", "--select", "PGF702", "--format", "json")[1])
    (finding,) = report["findings"]
    assert finding["scenarios"] == ["azuredeploy.parameters-dev.json", "azuredeploy.parameters-test.json"]


def test_the_longest_name_of_a_template_counts(write: Write, run: Check) -> None:
    write({"main.bicep": BICEP, "main-storage.bicep": STORAGE})
    write({"main-storage.prod.parameters.json": given(days=7, name="st")})
    output = run(*CHECK)[1]
    assert (found(output), problems(output)) == ([], [])
    write({"main-db.parameters.json": given(days=7)})
    assert found(run(*CHECK)[1]) == ["PGF702 main.bicep:7"]


def test_a_value_that_the_template_it_is_named_after_does_not_take_is_a_problem(write: Write, run: Check) -> None:
    write({"main.bicep": BICEP, "main.prod.parameters.json": given(dyas=7)})
    (problem,) = problems(run(*CHECK)[1])
    assert "invalid-reference Template 'main.bicep' has no parameter 'dyas'." in problem


UNTOLD = (
    "problem module-not-found It cannot be determined which template this parameter file is for. "
    "Name it after the template and put it nearby, or name both in a scenario of the configuration."
)


@pytest.mark.parametrize(
    ("templates", "file", "expected"),
    [
        # What it is named after and has all, in its project directory or below
        ({"infra/main.bicep": "", "infra/app.bicep": ""}, "infra/main.prod.parameters.json", "infra/main.bicep"),
        ({"main.bicep": "", "main-app.bicep": ""}, "params/main-app.prod.json", "main-app.bicep"),
        ({"infra/src/main.bicep": "", "main.bicep": ""}, "infra/params/main.json", "infra/src/main.bicep"),
        ({"main.bicep": "", "modules/main.bicep": ""}, "params/main.json", "main.bicep"),
        ({"main.bicep": "", "mainframe.bicep": ""}, "mainframe.json", "mainframe.bicep"),
        # What has all in its project directory
        ({"infra/app.bicep": "sku", "infra/web.bicep": ""}, "infra/prod.json sku", "infra/app.bicep"),
        ({"infra/app.bicep": "", "db/main.bicep": ""}, "infra/env/main.json", "infra/app.bicep"),
        ({"main.bicep": "", "db.bicep": "sku"}, "main.db.json sku", "db.bicep"),
        # What it is named after in its project directory
        ({"main.bicep": "", "app.bicep": ""}, "main.parameters.json sku size", "main.bicep"),
        ({"infra/main.bicep": "", "app/app.bicep": "sku"}, "infra/main.parameters.json sku", "infra/main.bicep"),
        # The nearest that has all
        ({"infra/bicep/main.bicep": ""}, "infra/params/prod.parameters.json", "infra/bicep/main.bicep"),
        ({"templates/postgres.bicep": ""}, "parameters/prod-postgres.json", "templates/postgres.bicep"),
        ({"infra/main.bicep": "sku", "web/app.bicep": ""}, "web/main.parameters.json sku", "infra/main.bicep"),
        ({"a/src/main.bicep": "", "b/src/main.bicep": ""}, "a/env/dev.json", "a/src/main.bicep"),
        ({"a/src/main.bicep": "", "b/src/main.bicep": ""}, "env/dev.json", UNTOLD),
        # The only one in its project directory, with half
        ({"infra/main.bicep": ""}, "infra/prod.json sku", "infra/main.bicep"),
        ({"infra/main.bicep": ""}, "infra/prod.json sku size", UNTOLD),
        ({"infra/main.bicep": "", "infra/app.bicep": ""}, "infra/prod.json sku", UNTOLD),
    ],
)
def test_the_first_tier_with_a_template_says_what_a_parameter_file_is_for(
    write: Write, run: Check, templates: dict[str, str], file: str, expected: str | None
) -> None:
    """By the parameters that templates declare besides `days` and that the file gives besides it."""
    name, *more = file.split()
    for template, declared in templates.items():
        write({template: BICEP + "".join(f"param {each} string = 'x'\n" for each in declared.split())})
    write({name: given(days=7, **dict.fromkeys(more, "x"))})
    output = run(*CHECK)[1]
    assert found(output) == ([] if expected in (None, UNTOLD) else [f"PGF702 {expected}:7"])
    untold = [each for each in problems(output) if "cannot be determined" in each]
    assert untold == ([f"{name}:1:1: {UNTOLD}"] if expected == UNTOLD else [])


@pytest.mark.parametrize(
    ("files", "said"),
    [
        ({f"b{at}.bicep": BICEP for at in range(8)} | {"prod.parameters.json": given(days=7)}, True),  # too many
        ({"storage.bicep": STORAGE, "prod.parameters.json": given(days=7, pwd="x")}, True),  # one misspelled?
        ({"prod.parameters.json": given(sku="x", size=3)}, False),  # it has nothing to do with it
        ({"storage.bicep": STORAGE, "prod.parameters.json": given(days=7, name="st")}, False),  # that one takes it
        ({"a/x.bicep": BICEP, "b/x.bicep": BICEP, "params/x.prod.json": given(days=7)}, True),  # either of the two
        ({"a/x.bicep": BICEP, "b/x.bicep": STORAGE, "params/x.prod.json": given(name="a", size=1)}, False),
        ({"a/x.bicep": STORAGE, "b/x.bicep": STORAGE, "params/x.prod.json": given(days=7)}, False),  # none of ours
        ({"db/x.bicep": BICEP, "web/x.prod.json": given(days=7), "web/y.bicep": STORAGE}, False),  # that one takes it
        ({"web/app/main.bicep": STORAGE, "web/env/prod/main.parameters.json": given(days=7)}, False),
        ({"web/x.bicep": STORAGE, "web/x/y/prod.json": given(days=7, name="st")}, False),
        ({"web/x.bicep": STORAGE, "web/x/y/prod.json": given(pw="postgres", size=3)}, False),
    ],
)
def test_a_parameter_file_that_may_be_for_a_server_and_belongs_to_no_template_is_said(
    write: Write, run: Check, files: dict[str, str], said: bool
) -> None:
    write({"main.bicep": BICEP, **files})
    code, output, _ = run(*CHECK)
    (name,) = (name for name in files if name.endswith(".json"))
    assert problems(output) == ([f"{name}:1:1: {UNTOLD}"] if said else [])
    assert found(output) == []
    assert code == (3 if said else 0)


@pytest.mark.parametrize(
    "files",
    [
        {"web/deploy/main.bicep": STORAGE, "web/env/prod/main.parameters.json": given(days=7)},
        {"web/src/main.bicep": STORAGE, "web/params/main.parameters.json": given(days=7)},
        {"web/main.tf": "", "web/cfg/x/foo.json": given(days=7, pwd="postgres")},
    ],
)
def test_a_parameter_file_of_another_application_is_not_looked_at(
    write: Write, run: Check, files: dict[str, str]
) -> None:
    write({"db/main.bicep": BICEP, "db/main.parameters.json": given(days=35), **files})
    code, output, _ = run(*CHECK)
    assert (found(output), problems(output), code) == ([], [], 0)


@pytest.mark.parametrize(
    ("name", "others", "expected"),
    [
        ("params/x/main.prod.json", {}, ["main.bicep"]),
        ("params/x/y/main.parameters.json", {"modules/main.bicep": STORAGE}, ["main.bicep"]),
        ("app/env/prod/main.parameters.json", {"app/main.bicep": BICEP}, ["app/main.bicep"]),
        ("params/x/main.parameters.json", {"params/x/y.bicep": "param z string\n"}, ["main.bicep"]),
        ("params/x/main.parameters.json", {"params/x/y.bicep": "param days string\n"}, []),
        ("params/x/main.parameters.json", {"params/x/main.bicep": STORAGE}, []),
    ],
)
def test_a_parameter_file_belongs_to_the_nearest_template_that_takes_it(
    write: Write, run: Check, name: str, others: dict[str, str], expected: list[str]
) -> None:
    write({"main.bicep": BICEP, name: given(days=7), **others})
    output = run(*CHECK)[1]
    assert (found(output), problems(output)) == ([f"PGF702 {each}:7" for each in expected], [])


MODULE = STORAGE.partition("\n")[2]
CALLING = BICEP + "module m 'modules/prod.bicep' = { name: 'm', params: { name: 'x' } }\n"


@pytest.mark.parametrize("main", [BICEP, CALLING])
def test_a_module_of_its_name_that_lacks_parameters_takes_no_file_from_what_has_them_all(
    write: Write, run: Check, main: str
) -> None:
    files = {"infra/main.bicep": main, "infra/modules/prod.bicep": MODULE, "infra/prod.parameters.json": given(days=7)}
    write(dict(files))
    output = run(*CHECK)[1]
    assert (found(output), problems(output)) == (["PGF702 infra/main.bicep:7"], [])


def test_a_called_template_that_takes_it_does_not_go_before_a_namesake(write: Write, run: Check) -> None:
    core = "param days int\nparam more string\noutput same int = days\n"
    calling = BICEP + "module c 'core.bicep' = { name: 'c', params: { days: days, more: 'x' } }\n"
    write({"infra/main.bicep": calling, "infra/core.bicep": core})
    write({"infra/main.parameters.json": given(days=7, more="x")})
    output = run(*CHECK)[1]
    assert found(output) == ["PGF702 infra/main.bicep:7"]
    (said,) = problems(output)
    assert "Template 'infra/main.bicep' has no parameter 'more'" in said


def test_what_is_beside_goes_before_a_namesake_above_that_lacks_some(write: Write, run: Check) -> None:
    beside = "param days int\nparam a string\nparam b string\noutput same int = days\n"
    write({"main.bicep": BICEP, "web/web.bicep": beside, "web/main.parameters.json": given(days=7, a="x", c="y")})
    output = run(*CHECK)[1]
    assert (found(output), problems(output)) == ([], [])


@pytest.mark.parametrize(("name", "strangers"), [("main.parameters.json", 0), ("main.prod.parameters.json", 1)])
def test_azd_takes_one_file_of_a_template(write: Write, run: Check, name: str, strangers: int) -> None:
    write({"azure.yaml": "name: x\n", "infra/main.bicep": BICEP, f"infra/{name}": given(days=35, more=1)})
    assert len(problems(run(*CHECK)[1])) == strangers


@pytest.mark.parametrize("options", [(), ("{name}",)], ids=["", "named"])
@pytest.mark.parametrize(
    ("name", "template"),
    [
        ("infra/parameters/logs.parameters.json", "infra/modules/logs.bicep"),
        ("infra/parameters/logs.parameters.json", "modules/logs.bicep"),
        ("infra/logs.parameters.json", "infra/modules/logs.bicep"),
        ("logs.parameters.json", "modules/logs.bicep"),
        ("infra/parameters/main-logs.parameters.json", "infra/modules/main-logs.bicep"),
    ],
)
def test_a_parameter_file_is_not_for_the_template_near_it_where_it_is_named_after_another(
    write: Write, run: Check, name: str, template: str, options: tuple[str, ...]
) -> None:
    write({".git/HEAD": "", "infra/main.bicep": BICEP, template: STORAGE, name: given(days=7, name="log")})
    write({"infra/parameters/main.parameters.json": given(days=35)})
    code, output, _ = run(*CHECK, *(each.format(name=name) for each in options))
    assert (found(output), problems(output), code) == ([], [], 0)


def test_of_templates_that_a_parameter_file_is_named_after_the_one_counts_that_has_all_its_parameters(
    write: Write, run: Check
) -> None:
    write({"pg.bicep": BICEP, "pg-multiRegion.bicep": f"param second string\n{BICEP}", "pg-min.bicep": STORAGE})
    write({"parameters/pg.parameters.all.json": given(days=35)})
    write({"parameters/pg.parameters.multiRegion.all.json": given(days=7, second="x")})
    write({"parameters/pg.parameters.min.json": given(days=8, pw="x")})
    output = run("check", "--select", "PGF702", "--format", "concise")[1]
    assert sorted(found(output)) == ["PGF702 pg-multiRegion.bicep:8", "PGF702 pg.bicep:7"]
    assert problems(output) == []


@pytest.mark.parametrize(
    "library",
    ["@export()\nvar x = 1\n", "@export()\ntype days = int\n\n@export()\nfunc f(param string) string => param\n"],
)
def test_what_is_only_imported_is_no_template_for_a_parameter_file(write: Write, run: Check, library: str) -> None:
    write({"main.bicep": BICEP, "env/shared.bicep": library, "env/dev.parameters.json": given(days=7)})
    output = run(*CHECK)[1]
    assert (found(output), problems(output)) == (["PGF702 main.bicep:7"], [])


@pytest.mark.parametrize(
    ("files", "value", "said"),
    [
        ({}, "${AZURE_PRINCIPAL_ID}", False),
        ({"azure.yaml": "name: shop\n"}, "f3b0", False),
        ({"infra/azure.yml": "name: shop\n"}, ["f3b0"], False),
        ({"azure.txt": "name: shop\n"}, "f3b0", True),
    ],
)
def test_azd_takes_no_more_of_a_parameter_file_than_the_template_has(
    write: Write, run: Check, files: dict[str, str], value: object, said: bool
) -> None:
    write({"infra/main.bicep": BICEP, "infra/main.parameters.json": given(days=7, principalId=value), **files})
    code, output, _ = run(*CHECK)
    text = "invalid-reference Template 'infra/main.bicep' has no parameter 'principalId'."
    assert [text in each for each in problems(output)] == [True] * said
    assert (found(output), code) == (["PGF702 infra/main.bicep:7"], 1)


def test_of_bicep_a_parameter_that_the_template_lacks_is_said_whatever_its_value(write: Write, run: Check) -> None:
    text = "using 'main.bicep'\nvar x = 'a'\nparam days = 7\nparam who = '${x}b'\n"
    write({"main.bicep": BICEP, "prod.bicepparam": text, "azure.yaml": "name: shop\n"})
    (problem,) = problems(run(*CHECK)[1])
    assert "Template 'main.bicep' has no parameter 'who'." in problem


def test_a_parameter_file_far_from_its_template_says_what_that_deploys(write: Write, run: Check) -> None:
    write({"main.bicep": SITE, "params/x/main.parameters.json": given(conn=CONNECTION)})
    output = run("check", "--select", "PGF104", "--format", "concise")[1]
    assert ([each.split(":")[0] for each in found(output)], problems(output)) == (["PGF104 main.bicep"], [])


@pytest.mark.parametrize("name", ["params/x/main.prod.json", "params/x/prod.json", "main.prod.json"])
def test_a_parameter_that_its_template_lacks_is_said_wherever_the_file_is(write: Write, run: Check, name: str) -> None:
    write({"main.bicep": BICEP, name: given(days=7, nope="st")})
    output = run(*CHECK)[1]
    (problem,) = problems(output)
    assert problem.startswith(f"{name}:9:")
    assert "invalid-reference Template 'main.bicep' has no parameter 'nope'." in problem
    assert found(output) == ["PGF702 main.bicep:7"]


@pytest.mark.parametrize("template", ["template.json", "main.bicep"])
def test_the_only_template_there_gets_a_parameter_file_that_fits_in_part(
    write: Write, run: Check, template: str
) -> None:
    """As the portal exports them."""
    write({template: ARM if template.endswith(".json") else BICEP, "parameters.json": given(days=7, nope="x")})
    output = run(*CHECK)[1]
    (problem,) = problems(output)
    assert problem.startswith("parameters.json:")
    assert f"invalid-reference Template '{template}' has no parameter 'nope'." in problem
    assert [each.split(":")[0] for each in found(output)] == [f"PGF702 {template}"]


def test_a_parameter_file_that_several_templates_can_take_is_for_each_of_them(write: Write, run: Check) -> None:
    write({"a.bicep": BICEP, "b.bicep": STORAGE, "c.bicep": BICEP, "d.bicep": BICEP.replace("days", "number")})
    write({"shared.parameters.json": given(days=7)})
    output = run(*CHECK)[1]
    assert (found(output), problems(output)) == (["PGF702 a.bicep:7", "PGF702 c.bicep:7"], [])


def test_a_scenario_says_which_template_a_parameter_file_is_for(write: Write, run: Check) -> None:
    scenarios = '[[scenarios]]\nroot = "main.bicep"\nparameters = ["params/x/main.prod.json"]\n'
    write({"main.bicep": BICEP, "params/x/main.prod.json": given(days=7), ".pgflexlint.toml": scenarios})
    write({"params/x/main.test.json": given(days=8)})
    output = run(*CHECK)[1]
    assert problems(output) == []
    assert found(output) == ["PGF702 main.bicep:7"]


@pytest.mark.parametrize("link", ["./gone.json", "gone.json", "./main.bicep", "infra/main.bicep"])
def test_a_link_in_the_metadata_counts_where_it_leads_to_something(write: Write, run: Check, link: str) -> None:
    """Beside the file, or below the root; Azure itself does not look at it."""
    values = json.loads(given(days=7)) | {"metadata": {"template": link}}
    write({"infra/main.bicep": BICEP, "infra/main.parameters.json": json.dumps(values)})
    assert found(run(*CHECK)[1]) == ["PGF702 infra/main.bicep:7"]


# --- templates that are called -----------------------------------------------------------------------------------

SERVER = """\
param location string = 'westeurope'
param tls string = 'ON'
param name string = 'pg'
resource s 'Microsoft.DBforPostgreSQL/flexibleServers@2024-08-01' = { name: name, location: location }
resource c 'Microsoft.DBforPostgreSQL/flexibleServers/configurations@2024-08-01' = {
  parent: s
  name: 'require_secure_transport'
  properties: { value: tls, source: 'user-override' }
}
"""
TLS = ("check", "--select", "PGF101", "--format", "concise")
CALL = "module t '../main.bicep' = { name: 't', params: { tls: 'ON' } }\n"


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("main.bicepparam", "using 'main.bicep'\nparam tls = 'OFF'\n"),
        ("main.parameters.json", given(tls="OFF")),
        ("params/dev.parameters.json", given(tls="OFF")),
        ("tests/a.json", json.dumps(json.loads(given(tls="OFF")) | {"metadata": {"template": "../main.bicep"}})),
    ],
)
@pytest.mark.parametrize("options", [(), ("{name}",), ("--parameters", "{name}")], ids=["", "named", "asked for"])
def test_a_template_with_parameter_files_is_a_root_whoever_uses_it(
    write: Write, run: Check, name: str, text: str, options: tuple[str, ...]
) -> None:
    """A test that calls it says nothing of how it is deployed."""
    write({"main.bicep": SERVER, name: text, "tests/main.test.bicep": CALL})
    code, output, _ = run(*TLS, *(each.format(name=name) for each in options))
    assert (found(output), problems(output), code) == (["PGF101 main.bicep:8"], [], 1)


def test_a_parameter_file_that_names_its_template_is_no_caller_of_it(write: Write, run: Check) -> None:
    values = json.loads(given(tls="ON")) | {"metadata": {"template": "./main.bicep"}}
    write({"main.bicep": SERVER, "a.parameters.json": json.dumps(values), "b.parameters.json": given(tls="OFF")})
    output = run(*TLS)[1]
    assert (found(output), problems(output)) == (["PGF101 main.bicep:8"], [])


# --- templates that only a parameter file ties to PostgreSQL ------------------------------------------------------

SITE = """\
param conn string
resource w 'Microsoft.Web/sites@2023-12-01' = {
  name: 'w'
  location: 'westeurope'
  properties: { siteConfig: { appSettings: [ { name: 'DATABASE_URL', value: conn } ] } }
}
"""
CONNECTION = "postgresql://app@h.postgres.database.azure.com/db?sslmode=disable"


@pytest.mark.parametrize(
    "files",
    [
        {"main.parameters.json": given(conn=CONNECTION)},
        {"params/main.parameters.json": given(conn=CONNECTION)},
        {"params/prod.json": given(conn=CONNECTION)},
        {"tests/a.json": json.dumps(json.loads(given(conn=CONNECTION)) | {"metadata": {"template": "main.bicep"}})},
        {"params/prod.bicepparam": f"using '../main.bicep'\nparam conn = '{CONNECTION}'\n"},
        {
            "params/base.bicepparam": f"using none\nparam conn = '{CONNECTION}'\n",
            "params/prod.bicepparam": "using '../main.bicep'\nextends 'base.bicepparam'\n",
        },
        {
            "params/values.json": json.dumps({"conn": CONNECTION}),
            "params/prod.bicepparam": "using '../main.bicep'\nparam conn = loadJsonContent('values.json').conn\n",
        },
    ],
    ids=lambda files: next(iter(files)),
)
def test_what_a_parameter_file_says_of_postgresql_counts_for_its_template(
    write: Write, run: Check, files: dict[str, str]
) -> None:
    write({"main.bicep": SITE, **files})
    output = run("check", "--select", "PGF104", "--format", "concise")[1]
    assert ([each.split(":")[0] for each in found(output)], problems(output)) == (["PGF104 main.bicep"], [])


@pytest.mark.parametrize("template", ["infra/src/site.bicep", "src/site.bicep"])
def test_it_counts_for_a_template_elsewhere(write: Write, run: Check, template: str) -> None:
    write({template: SITE, "infra/params/prod.json": given(conn=CONNECTION)})
    output = run("check", "--select", "PGF104", "--format", "concise")[1]
    assert ([each.split(":")[0] for each in found(output)], problems(output)) == ([f"PGF104 {template}"], [])


def test_comments_hide_no_parameter(write: Write, run: Check) -> None:
    template = ARM.replace('"days": {', '"days": // how long\n{', 1)
    write({"infra/src/main.json": template, "infra/params/prod.json": "// production\n" + given(days=7)})
    output = run(*CHECK)[1]
    assert ([each.split(":")[0] for each in found(output)], problems(output)) == (["PGF702 infra/src/main.json"], [])


# --- without a schema --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["main.parameters.json", "main.parameters-prod.json", "prod.parameters.json"])
def test_without_a_schema_the_name_and_the_values_say_what_a_file_is(write: Write, run: Check, name: str) -> None:
    write({"main.bicep": BICEP, name: given(None, days=7, pw="Fake-Passw0rd")})
    output = run(*CHECK)[1]
    assert sorted(each.split(":")[0] for each in found(output)) == ["PGF407 main.bicep", "PGF702 main.bicep"]
    assert "Fake-Passw0rd" not in output


def test_without_a_schema_a_broken_file_is_said(write: Write, run: Check) -> None:
    write({"main.bicep": BICEP, "main.parameters.json": '{ "parameters": { "days": { "value": 7 } '})
    code, output, _ = run(*CHECK)
    (problem,) = problems(output)
    assert problem.startswith("main.parameters.json:1:")
    assert "syntax-error" in problem
    assert code == 3


@pytest.mark.parametrize(
    "text",
    [
        '{ "parameters": { "effect": { "type": "String" } } }',  # of an Azure Policy
        '{ "parameters": ["days"] }',
        '{ "days": 7 }',
    ],
)
def test_other_json_of_such_a_name_is_none_of_our_business(write: Write, run: Check, text: str) -> None:
    write({"main.bicep": BICEP, "main.parameters.json": text, "parameters.json": text})
    code, output, _ = run(*CHECK)
    assert (problems(output), code) == ([], 0)


def test_a_file_without_a_schema_that_was_asked_for_is_taken(write: Write, run: Check) -> None:
    write({"main.bicep": BICEP, "values.json": given(None, days=7)})
    assert found(run(*CHECK, "--parameters", "values.json")[1]) == ["PGF702 main.bicep:7"]


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
        ("main.bicep", "module m 'modules/db.bicep' = { params: { a: 'pg' } }\n", "There is no template 'modules/db"),
        ("main.json", LINKED, "There is no template 'modules/db.json'."),
        ("main.tf", SOURCE, "Module 'db' does not exist: './modules/db' has no Terraform files."),
        ("main.tf.json", '{"module": {"db": {"source": "./modules/db"}}}', "Module 'db' does not exist"),
        ("main.tf", SOURCE.replace("./", "../"), "Module 'db' is outside the scanned directory."),
        ("main.tf", SOURCE.replace("\n}", "\n  count = 0\n}"), "Module 'db' does not exist"),  # as Terraform has it
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

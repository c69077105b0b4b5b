"""Data files that functions read and that are not what they are read as: said once, at the file."""

from __future__ import annotations

import pytest

from tests.command_line import SERVER, Check, Write, found, problems

CHECK = ("check", "--format", "concise", "--select", "PGF702")
HINT = "Fix the file: what is made of it is not judged."
BICEP = """\
%s
resource main 'Microsoft.DBforPostgreSQL/flexibleServers@2024-08-01' = {
  name: 'psql-main'
  sku: { name: 'Standard_D2ds_v5', tier: 'GeneralPurpose' }
  properties: { version: '16', backup: { backupRetentionDays: %s } }
}
"""
NO_JSON = "Function 'jsondecode' fails: the text is not valid JSON."
NO_YAML = "Function 'yamldecode' fails: the text is not valid YAML."


def terraform(decoded: str) -> str:
    return f"locals {{\n  rules = {decoded}\n}}\n" + SERVER.replace("= 7", "= local.rules.days")


@pytest.mark.parametrize(
    ("decoded", "content", "said"),
    [
        ('jsondecode(file("${path.module}/data"))', '{"days": 7\n', f"1:11: problem syntax-error {NO_JSON}"),
        ('jsondecode(file("data"))', '{"days": 7,\n "x" 1}', f"2:6: problem syntax-error {NO_JSON}"),
        ('jsondecode(file("data"))', "", f"1:1: problem syntax-error {NO_JSON}"),
        ('jsondecode(trimspace(file("data")))', "\n\n{7}\n", f"3:2: problem syntax-error {NO_JSON}"),
        ('jsondecode(base64decode(filebase64("data")))', "{7}", f"1:2: problem syntax-error {NO_JSON}"),
        ('yamldecode(file("data"))', "days: 7\nx: [1,\n", f"2:7: problem syntax-error {NO_YAML}"),
        ('yamldecode(file("data"))', "days: 7\n  x: 1\n", f"2:4: problem syntax-error {NO_YAML}"),
        ('yamldecode(file("data"))', "days: 7\nx: *y\n", "2:4: problem syntax-error Function 'yamldecode' fails:"
         " an alias in the YAML text has no anchor before it."),
        ('csvdecode(file("data"))[0]', 'days\n"7\n', "2:1: problem syntax-error Function 'csvdecode' fails:"
         " the text is not CSV."),
    ],
)  # fmt: skip
def test_a_data_file_that_cannot_be_decoded_is_said(
    write: Write, run: Check, decoded: str, content: str, said: str
) -> None:
    write({"main.tf": terraform(decoded), "data": content})
    for arguments in ((), ("--", "data")):
        code, output, _ = run(*CHECK, *arguments)
        assert problems(output) == [f"data:{said} {HINT}"]
        assert found(output) == []
        assert code == 3
    assert "because function '" in run(*CHECK, "--show-unknown")[1]


@pytest.mark.parametrize(
    ("decoded", "content"),
    [
        ('try(jsondecode(file("data")), { days = 7 })', "{"),
        ('can(jsondecode(file("data"))) ? { days = 35 } : { days = 7 }', "{"),
        ('try([for each in [1] : yamldecode(file("data"))][0], { days = 7 })', "[1,"),
        ('jsondecode(file("data"))', '{"days": 7}'),
    ],
)
def test_what_is_tried_is_no_problem(write: Write, run: Check, decoded: str, content: str) -> None:
    write({"main.tf": terraform(decoded), "data": content})
    code, output, _ = run(*CHECK)
    assert (code, problems(output), found(output)) == (0, [], ["PGF702 main.tf:10"])


@pytest.mark.parametrize(
    ("loaded", "content", "said"),
    [
        ("loadJsonContent('data')", '{"days": 7\n', "1:11: problem syntax-error Function 'loadJsonContent' fails:"
         " the file is not valid JSON."),
        ("loadJsonContent('data', '$.rules')", '{"rules": 7', "1:12: problem syntax-error"
         " Function 'loadJsonContent' fails: the file is not valid JSON."),
        ("loadYamlContent('data')", "days: 7\nx: [1,\n", "2:7: problem syntax-error Function 'loadYamlContent' fails:"
         " the text is not valid YAML."),
        ("loadYamlContent('data')", "days: 30\n---\ndays: 7\n", "2:1: problem syntax-error Function 'loadYamlContent'"
         " fails: the text has more than one YAML document."),
        ("resourceGroup().location == 'x' ? { days: 30 } : loadJsonContent('data')", '{"days": 7,,, }',
         "1:12: problem syntax-error Function 'loadJsonContent' fails: the file is not valid JSON."),
        ("json(loadTextContent('data'))", "{'days': 7, // in days\n", "1:2: problem syntax-error"
         " Function 'json' fails: the text is not valid JSON."),
    ],
)  # fmt: skip
def test_a_data_file_that_a_template_cannot_load_is_said(
    write: Write, run: Check, loaded: str, content: str, said: str
) -> None:
    write({"infra/main.bicep": BICEP % (f"var rules = {loaded}", "rules.days"), "infra/data": content})
    for arguments in ((), ("--", "infra/data")):
        code, output, _ = run(*CHECK, *arguments)
        assert problems(output) == [f"infra/data:{said} {HINT}"]
        assert found(output) == []
        assert code == 3


def test_it_is_said_once_however_often_it_is_read(write: Write, run: Check) -> None:
    settings = 'jsondecode(file("${path.module}/../data"))'
    scenarios = "".join(f'[[scenarios]]\nroot = "{root}"\nvar-files = ["{root}.tfvars"]\n' for root in ("a", "b"))
    write({f"{root}/main.tf": terraform(settings) + terraform(settings).replace("main", "more").replace("rules", "r")
           for root in ("a", "b")})  # fmt: skip
    write({"data": "{", "a.tfvars": "", "b.tfvars": "", ".pgflexlint.toml": scenarios})
    assert problems(run(*CHECK)[1]) == [f"data:1:2: problem syntax-error {NO_JSON} {HINT}"]


@pytest.mark.parametrize("output", ["text", "concise", "json", "sarif", "markdown", "github", "junit"])
@pytest.mark.parametrize("content", ["hunter2", "hunter2 correct-horse", 'password: "hunter2\n', '{"a": hunter2'])
def test_what_cannot_be_decoded_may_be_a_password(write: Write, run: Check, output: str, content: str) -> None:
    write({"main.tf": terraform('jsondecode(file("data"))'), "data": content})
    code, shown, _ = run("check", "--select", "PGF702", "--format", output)
    assert code == 3
    assert "data" in shown
    assert "hunter2" not in shown


@pytest.mark.parametrize(
    ("decoded", "content"),
    [
        ('true ? yamldecode(file("data")) : jsondecode(file("data"))', "days: 7\n"),
        ('{ for n in ["data"] : n => n == "x" ? jsondecode(file(n)) : yamldecode(file(n)) }["data"]', "days: 7\n"),
        ('var.on ? { days = 35 } : { days = 7, more = jsondecode(file("data")) }', "{"),
    ],
)  # fmt: skip
def test_what_may_not_count_is_no_problem(write: Write, run: Check, decoded: str, content: str) -> None:
    write({"main.tf": terraform(decoded) + 'variable "on" {\n  type = bool\n}\n', "data": content})
    assert problems(run(*CHECK)[1]) == []


@pytest.mark.parametrize(
    ("loaded", "content"),
    [
        ("loadJsonContent('data')", "{ 'days': 7 }"),
        ("loadJsonContent('data')", "{ days: 7, }"),
    ],
)
def test_what_bicep_takes_is_read(write: Write, run: Check, loaded: str, content: str) -> None:
    write({"infra/main.bicep": BICEP % (f"var rules = {loaded}", "rules.days"), "infra/data": content})
    _, output, _ = run(*CHECK)
    assert problems(output) == []
    assert [line.partition(" ")[0] for line in found(output)] == ["PGF702"]

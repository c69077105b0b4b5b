"""The threats of SECURITY.md that no other test is about, and that each of the others has one."""

from __future__ import annotations

import ast
import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

import pgflexlint
from pgflexlint.configuration import KEYS
from pgflexlint.provenance import SIZE_LIMIT, provenance
from pgflexlint.syntax import tables
from pgflexlint.syntax.bicep import grammar as bicep
from pgflexlint.syntax.hcl import grammar as hcl
from tests.command_line import PARAMETER, SERVER, Check, Write
from tests.console import scrubbed
from tests.paths import ROOT

CHECK = ("check", "--format", "concise", "--show-unknown")
BICEP = "resource a 'Microsoft.DBforPostgreSQL/flexibleServers@2024-08-01' = {\n  name: %s\n}\n"
TEMPLATE_SCHEMA = "https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#"


def test_every_threat_has_a_test() -> None:
    rows = [line for line in (ROOT / "SECURITY.md").read_text("utf-8").splitlines() if line.startswith("| ")][1:]
    assert len(rows) > 25
    for row in rows:
        path, name = re.fullmatch(r".*\| `(tests/test_\w+\.py)::(test_\w+)` \|", row).groups()  # type: ignore[union-attr]
        tree = ast.parse((ROOT / path).read_text("utf-8"))
        assert name in {each.name for each in tree.body if isinstance(each, ast.FunctionDef)}, row


_AUDITED = """\
import sys
def hook(event, arguments):
    if event.startswith(("socket.", "subprocess.", "os.system", "os.exec", "os.posix_spawn", "os.fork", "ctypes.")):
        sys.stderr.write(f"AUDIT {event} {arguments}\\n")
    if event == "open" and isinstance(arguments[0], str) and "forbidden" in arguments[0]:
        sys.stderr.write(f"AUDIT {event} {arguments}\\n")
sys.addaudithook(hook)
from pgflexlint.cli import entry
entry()
"""


def audited(place: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """A run of the program in which Python itself tells what is run, opened and connected to."""
    return subprocess.run(
        [sys.executable, "-c", _AUDITED, *arguments],
        cwd=place,
        env=scrubbed(),
        capture_output=True,
        encoding="utf-8",
        check=False,
        stdin=subprocess.DEVNULL,
    )


def test_nothing_is_run_and_nothing_is_asked_of_the_network(write: Write) -> None:
    place = write(
        {
            ".git/HEAD": "ref: refs/heads/main\n",
            ".git/config": '[remote "origin"]\n  url = https://example.com/x\n[core]\n  fsmonitor = touch owned\n',
            "main.tf": SERVER + 'module "a" {\n  source = "git::https://example.com/a.git"\n}\n'
            'module "b" {\n  source  = "Azure/avm-res-dbforpostgresql-flexibleserver/azurerm"\n}\n'
            'data "external" "x" {\n  program = ["touch", "owned"]\n}\ndata "http" "x" {\n  url = "https://example.com"\n}\n'
            'resource "terraform_data" "x" {\n  provisioner "local-exec" {\n    command = "touch owned"\n  }\n}\n',
            "main.bicep": BICEP % "'a'"
            + "module m 'br/public:avm/res/db-for-postgre-sql/flexible-server:0.1.0' = {}\n",
        }
    )
    run = audited(place, *CHECK, "-o", "sarif:out.sarif")
    assert "AUDIT" not in run.stderr, run.stderr
    assert run.returncode in (1, 3)
    assert not list(place.rglob("owned"))


@pytest.mark.parametrize("text", ['[tool.pgflexlint]\nselect = ["PGF305"]\n', "[tool.other]\n", "no TOML"])
@pytest.mark.parametrize("name", [".pgflexlint.toml", "pyproject.toml"])
def test_no_configuration_is_read_through_a_link_outside(name: str, text: str, write: Write) -> None:
    place = write({"outside": text, "repo/.git/HEAD": "", "repo/forbidden/main.tf": SERVER}) / "repo"
    (place / "forbidden" / name).symlink_to(place.parent / "outside")
    run = audited(place, *CHECK, "forbidden")
    said = f"pgflexlint: 'forbidden/{name}' is a link to a file outside the scanned directory.\n"
    assert (run.returncode, run.stdout, run.stderr) == (2, "", said)
    assert audited(place, *CHECK, "forbidden", "--isolated").returncode == 1


_TLS = """\
variable "tls" {
  default = "TLSv1"
}
resource "azurerm_postgresql_flexible_server_configuration" "tls" {
  name      = "ssl_min_protocol_version"
  server_id = azurerm_postgresql_flexible_server.main.id
  value     = var.tls
}
"""


@pytest.mark.parametrize("call", ['tls = "TLSv1.2"', "count = 0"])
@pytest.mark.parametrize(
    ("settings", "hidden"),
    [
        ('terraform {\n  backend "azurerm" {}\n}\n', False),
        ('terraform {\n  # here\n  backend /* there */ "azurerm"{\n  }\n}\n', False),
        ("terraform {\n  cloud {\n  }\n}\n", False),
        ('# terraform { backend "azurerm" {} }\n', True),
        ('locals {\n  x = <<EOT\nterraform {\n  backend "azurerm" {}\n}\nEOT\n}\n', True),
        ('data "terraform_remote_state" "x" {\n  backend = "azurerm"\n}\nresource "cloud" "backend" {}\n', True),
        ('terraform {\n  required_version = "> 1"\n}\n', True),
    ],
)
def test_a_caller_hides_no_root(settings: str, hidden: bool, call: str, write: Write, run: Check) -> None:
    """What has a backend is a root module by Terraform's own rules, whatever calls it."""
    write(
        {
            "prod/main.tf": settings + SERVER + _TLS,
            "decoy/main.tf": f'module "prod" {{\n  source = "../prod"\n  {call}\n}}\n',
        }
    )
    code, output, _ = run(*CHECK, "--select", "PGF102", ".")
    assert ("PGF102" in output, code) == ((False, 0) if hidden else (True, 1)), output


def test_a_caller_hides_no_root_in_json(write: Write, run: Check) -> None:
    write(
        {
            "prod/main.tf": SERVER + _TLS,
            "prod/backend.tf.json": '{"terraform": {"\\u0062ackend": {"azurerm": {}}}}',
            "decoy/main.tf": 'module "prod" {\n  source = "../prod"\n  count = 0\n}\n',
        }
    )
    assert run(*CHECK, "--select", "PGF102", ".")[0] == 1


_PASSED_OVER = "OpenTofu reads '{}' in place of this file, and Terraform reads this one."
_HARMLESS = 'variable "tls" {\n  default = "TLSv1.2"\n}\n'


@pytest.mark.parametrize(
    ("files", "said"),
    [
        ({"main.tf": SERVER + _TLS, "main.tofu": ""}, True),
        ({"a.tf.d/main.tf": SERVER + _TLS, "a.tf.d/main.tofu": ""}, True),
        ({"main.tf.json": '{"resource": {"azurerm_postgresql_flexible_server": {}}}', "main.tofu.json": "{}"}, True),
        ({"main.tf": SERVER, "a.tf": _TLS, "a.tofu": _HARMLESS}, True),
        ({"main.tf": SERVER, "a.tf": 'variable "tls" {\n  default = "TLSv1"\n}\n', "a.tofu": _HARMLESS}, True),
        ({"main.tf": SERVER, "a.tf": 'module "a" {\n  source = "./a"\n}\n', "a.tofu": ""}, True),
        ({"a/main.tf": _HARMLESS + SERVER, "a.tf": 'module "a" {\n  source = "./a"\n}\n', "a.tofu": ""}, True),
        ({"main.tf": SERVER + _TLS, "main.tofu": SERVER + _TLS}, False),
        (
            {"main.tf": SERVER, "a.tf": "terraform {\n}\n", "a.tofu": 'terraform {\n  backend "local" {\n  }\n}\n'},
            False,
        ),
        ({"main.tf": 'resource "null_resource" "a" {\n}\n', "main.tofu": ""}, False),
    ],
)
def test_a_file_that_opentofu_passes_over_hides_nothing(
    files: dict[str, str | bytes], said: bool, write: Write, run: Check
) -> None:
    write(files)
    code, output, _ = run("check", "--format", "concise", "--select", "PGF102")
    hidden, kept = list(files)[-2:]
    line = f"{hidden}: problem configuration {_PASSED_OVER.format(kept.rpartition('/')[2])} Exclude the one"
    assert (line in output, code == 3) == (said, said), output


@pytest.mark.parametrize(("excluded", "found"), [("main.tofu", True), ("main.tf", False)])
def test_of_a_file_of_opentofu_and_one_of_terraform_the_other_may_be_excluded(
    excluded: str, found: bool, write: Write, run: Check
) -> None:
    write({"main.tf": SERVER + _TLS, "main.tofu": SERVER})
    code, output, _ = run("check", "--format", "concise", "--select", "PGF102", "--exclude", excluded)
    assert ("main.tf:" in output, code) == ((True, 1) if found else (False, 0)), output


MODULES = (
    "yaml",
    "json",
    "lark",
    "hcl2",
    "regex",
    "rich",
    "sarif_om",
    "argparse",
    "re",
    "pgflexlint_rules",
    "sitecustomize",
)


@pytest.mark.parametrize("command", [["-m", "pgflexlint"], [str(Path(sys.executable).with_name("pgflexlint"))]])
def test_no_module_of_the_current_directory_is_imported(write: Write, command: list[str]) -> None:
    place = write({f"{name}.py": b"raise SystemExit('owned')\n" for name in MODULES})
    text = 'locals {\n  x = yamldecode("a: 1")\n  y = regex("a", "a")\n}\n'
    (place / "main.tf").write_text(SERVER + text, encoding="utf-8")
    run = subprocess.run(
        [sys.executable, *command, "check", ".", "-o", "sarif:out.sarif"],
        cwd=place, env=scrubbed(), capture_output=True, encoding="utf-8", check=False,
    )  # fmt: skip
    assert "owned" not in run.stdout + run.stderr
    assert run.returncode == 1


def test_the_action_installs_with_the_pip_of_its_own() -> None:
    text = (ROOT / "analyzer" / "action.py").read_text("utf-8")
    assert re.findall(r'\[[^]]*"-m"[^]]*\]', text) == [
        '["-I", "-m", "pip", "install", "--quiet", "--disable-pip-version-check", source]'
    ]


def test_tables_come_from_the_package_alone(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in ("HOME", "XDG_CACHE_HOME", "LOCALAPPDATA"):
        monkeypatch.setenv(name, str(tmp_path))
    monkeypatch.chdir(tmp_path)
    for grammar in (bicep.grammar(), hcl.grammar()):
        assert grammar.shipped.is_relative_to(Path(pgflexlint.__file__).parent)
        missing = grammar._replace(shipped=Path("missing", "table.json"))
        assert tables.load(missing) == tables.load(grammar)
    assert list(tmp_path.iterdir()) == []


def test_pickles_are_for_processes_of_our_own_only() -> None:
    """What `schedule.py` takes in comes through a pipe from a copy of the process; it opens no file."""
    sources = {path.name: path.read_text("utf-8") for path in (ROOT / "analyzer").rglob("*.py")}
    word = re.compile(r"^\s*(?:import|from) (?:pickle|marshal|shelve|dill)\b", re.MULTILINE)
    assert [name for name, text in sources.items() if word.search(text)] == ["schedule.py"]
    assert not re.search(r"\bopen\(|read_bytes|\bPath\b", sources["schedule.py"])


@pytest.mark.parametrize("path", ["../forbidden", "./../inside/../forbidden", "link", "%s"])
@pytest.mark.parametrize(
    "call",
    [
        "file({})", "filebase64({})", "templatefile({}, {{}})", "filesha256({})", "fileexists({})",
        "join(\"\", fileset(\"..\", \"forbidden\"))", "yamldecode(file({}))",
    ],
)  # fmt: skip
def test_no_function_reads_outside(write: Write, path: str, call: str) -> None:
    place = write({"forbidden": "TLSv1\n", "inside/main.tf": ""})
    name = path % (place / "forbidden") if "%" in path else path
    inside = place / "inside"
    (inside / "link").symlink_to(place / "forbidden")
    written = call.format(f'"{name}"')
    (inside / "main.tf").write_text(SERVER + PARAMETER % written, encoding="utf-8")
    for number, function in enumerate(("loadTextContent", "loadJsonContent", "loadYamlContent", "loadFileAsBase64")):
        (inside / f"{number}.bicep").write_text(BICEP % f"{function}('{name}')", encoding="utf-8")
    run = audited(inside, *CHECK)
    assert "AUDIT" not in run.stderr, run.stderr
    assert "Traceback" not in run.stderr
    assert "TLSv1" not in run.stdout


def test_no_module_or_parameter_file_is_read_outside(write: Write) -> None:
    outside = {
        "forbidden/main.tf": SERVER,
        "forbidden/a.bicep": BICEP % "'a'",
        "forbidden/a.bicepparam": "using none\n",
        "forbidden/a.json": json.dumps({"$schema": TEMPLATE_SCHEMA}),
    }
    place = write(
        {
            **outside,
            "inside/main.tf": SERVER + 'module "a" {\n  source = "../forbidden"\n}\n'
            f'module "b" {{\n  source = "{Path("/forbidden")}"\n}}\n',
            "inside/main.bicep": BICEP
            % "'a'"
            + "module m '../forbidden/a.bicep' = {}\nmodule n '../forbidden/a.json' = {}\n"
            "import { x } from '../forbidden/a.bicep'\n",
            "inside/main.bicepparam": "using 'main.bicep'\nextends '../forbidden/a.bicepparam'\n",
            "inside/other.bicepparam": "using '../forbidden/a.bicep'\n",
        }
    )
    run = audited(place / "inside", *CHECK)
    assert "AUDIT" not in run.stderr, run.stderr
    assert run.stdout.count("outside the scanned directory") >= 3


@pytest.mark.parametrize(
    "text", ['baseline = "../forbidden.json"\n', 'baseline = "/forbidden.json"\n', 'baseline = "link.json"\n']
)
@pytest.mark.parametrize("command", [("check",), ("baseline", "update", "--add"), ("baseline", "create")])
def test_a_configuration_leads_nowhere_outside(
    write: Write, run: Check, monkeypatch: pytest.MonkeyPatch, text: str, command: tuple[str, ...]
) -> None:
    content = '{"pgflexlint-baseline": 1, "findings": []}\n'
    place = write({"forbidden.json": content, "inside/.pgflexlint.toml": text, "inside/main.tf": SERVER})
    (place / "inside" / "link.json").symlink_to(place / "forbidden.json")
    monkeypatch.chdir(place / "inside")
    code, output, errors = run(*command, ".")
    assert (code, output) == (2, "")
    assert re.match(r"pgflexlint: \.pgflexlint\.toml:1: 'baseline' points to '", errors)
    assert (place / "forbidden.json").read_text("utf-8") == content


def test_no_key_of_the_configuration_writes() -> None:
    assert not {key.name for key in KEYS} & {"output", "outputs", "format", "config", "extends", "plugins"}


def test_a_hostile_git_directory_tells_nothing_and_costs_nothing(tmp_path: Path) -> None:
    git = tmp_path / ".git"
    secret = tmp_path.parent / f"{tmp_path.name}-secret"
    secret.write_text("hunter2-hunter2\n", encoding="utf-8")
    git.write_text("gitdir: /dev\n", encoding="utf-8")
    assert provenance(tmp_path, {}) is None
    git.write_text("gitdir: \0\n", encoding="utf-8")
    assert provenance(tmp_path, {}) is None
    git.unlink()
    git.symlink_to(git)
    assert provenance(tmp_path, {}) is None
    git.unlink()
    git.mkdir()
    (git / "config").write_text('[remote "origin"]\n url = https://example.com/x\n', encoding="utf-8")
    os.mkfifo(git / "HEAD")  # nobody ever writes to it
    found = provenance(tmp_path, {})
    assert found is not None
    assert (found.branch, found.revision) == ("", "")
    (git / "HEAD").unlink()
    (git / "HEAD").symlink_to(secret)
    found = provenance(tmp_path, {})
    assert found is not None
    assert (found.branch, found.revision) == ("", "")
    (git / "HEAD").unlink()
    (git / "HEAD").write_text("ref: refs/heads/main\n", encoding="utf-8")
    with (git / "packed-refs").open("wb") as file:
        file.truncate(SIZE_LIMIT + 1)
    (git / "commondir").write_text("/dev/zero\n", encoding="utf-8")
    assert provenance(tmp_path, {}) is None
    (git / "commondir").unlink()
    found = provenance(tmp_path, {})
    assert found is not None
    assert (found.branch, found.revision) == ("main", "")

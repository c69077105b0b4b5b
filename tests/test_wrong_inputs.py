"""Inputs and paths of the command line that lead nowhere: what is said, and the exit code."""

from __future__ import annotations

import os
import socket
from collections.abc import Callable
from pathlib import Path

import pytest

from pgflexlint.cli import FORMATS, main
from pgflexlint.workspace import SEARCH_LIMIT, SIZE_LIMIT
from tests.command_line import problems

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """`pgflexlint check …` in the temporary directory: exit code, standard output and standard error."""
    monkeypatch.chdir(tmp_path)

    def check(*arguments: str) -> tuple[int, str, str]:
        code = main(["check", *arguments])
        return code, *capsys.readouterr()

    return check


ROOT_WITH_A_VARIABLE = 'provider "azurerm" {\n  features {}\n}\nvariable "%s" {}\nmodule "m" {\n  source = "./m"\n}\n'
UNDECLARED = "--var sets variable 'x', which no root module declares."


def _terraform(room: Path, files: dict[str, str]) -> None:
    server = 'variable "x" {}\nresource "azurerm_postgresql_flexible_server" "s" {\n  name = "s"\n}\n'
    for name, text in {"a/m/main.tf": server, **files}.items():
        (room / name).parent.mkdir(parents=True, exist_ok=True)
        (room / name).write_text(text, encoding="utf-8")


def test_a_variable_that_no_root_declares_is_said(run: Run, tmp_path: Path) -> None:
    """Modules that are called do not count: Terraform gives values to root modules only."""
    _terraform(tmp_path, {"a/main.tf": ROOT_WITH_A_VARIABLE % "y", "b/main.tf": 'variable "z" {}\n'})
    code, output, _ = run("--select", "PGF101", "--var", "x=1", "--var", "y=2", "--var", "z=3", "--format", "concise")
    assert output.startswith(f"problem configuration {UNDECLARED} ")
    assert output.count("which no root module declares") == 1
    assert "Not scanned" not in output
    assert code == 3


@pytest.mark.parametrize("name", FORMATS)
def test_every_format_can_say_it(run: Run, tmp_path: Path, name: str) -> None:
    _terraform(tmp_path, {"a/main.tf": ROOT_WITH_A_VARIABLE % "y"})
    code, output, _ = run("--select", "PGF101", "--var", "x=Hunter2", "--format", name)
    assert "--var sets variable 'x'" in output
    assert "Hunter2" not in output
    assert code == 3


def test_a_variable_that_one_of_several_roots_declares_is_fine(run: Run, tmp_path: Path) -> None:
    _terraform(tmp_path, {"a/main.tf": ROOT_WITH_A_VARIABLE % "y", "b/main.tf": 'variable "x" {}\n'})
    assert "no root module declares" not in run("--var", "x=1")[1]


def test_without_terraform_there_is_nothing_to_declare(run: Run, tmp_path: Path) -> None:
    (tmp_path / "main.bicep").write_text("param postgresql string\n", encoding="utf-8")
    assert run("--var", "x=1")[0] == 0


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"\xff\xfe\x00", "This file is not UTF-16-LE text: see line 1."),
        (b"resource", "This is not a parameter file of Bicep or ARM."),
    ],
)
def test_a_parameter_file_that_is_none_is_said(run: Run, tmp_path: Path, content: bytes, said: str) -> None:
    (tmp_path / "main.bicep").write_text("param postgresql string\n", encoding="utf-8")
    (tmp_path / "p.json").write_bytes(content)
    code, output, _ = run("--parameters", "p.json", "--format", "concise")
    assert said in output
    assert code == 3


SHORT = 'resource "azurerm_postgresql_flexible_server" "s" {\n  name = "s"\n  backup_retention_days = %s\n}\n'
BICEP = """param days int = 8
resource s 'Microsoft.DBforPostgreSQL/flexibleServers@2024-08-01' = {
  name: 's'
  properties: { createMode: 'Default', backup: { backupRetentionDays: days } }
}
"""


def _linked(room: Path, files: dict[str, str]) -> None:
    """`files`, with `modules/link` leading to `modules/real`."""
    for name, text in files.items():
        (room / name).parent.mkdir(parents=True, exist_ok=True)
        (room / name).write_text(text, encoding="utf-8")
    (room / "modules/link").symlink_to("real", target_is_directory=True)


@pytest.mark.parametrize(
    ("files", "found"),
    [
        (
            {
                "modules/real/main.tf": 'variable "days" {}\n' + SHORT % "var.days",
                "app/main.tf": 'module "m" {\n  source = "../modules/link"\n  days   = 7\n}\n',
            },
            "modules/real/main.tf:4:27: note PGF702 Backups of server 's' are kept for '7' days",
        ),
        (
            {
                "modules/real/db.bicep": BICEP,
                "app/main.bicep": "module m '../modules/link/db.bicep' = { params: { days: 7 } }\n",
            },
            "modules/real/db.bicep:4:71: note PGF702 Backups of server 's' are kept for '7' days",
        ),
        (
            {
                "modules/real/db.bicep": BICEP,
                "app/db.bicepparam": "using '../modules/link/db.bicep'\nparam days = 7\n",
            },
            "modules/real/db.bicep:4:71: note PGF702 Backups of server 's' are kept for '7' days",
        ),
        (
            {"modules/real/main.tf": SHORT % 7},
            "modules/real/main.tf:3:27: note PGF702 Backups of server 's' are kept for '7' days",
        ),
    ],
)
def test_what_a_link_leads_to_is_judged_once_and_where_it_is(
    run: Run, tmp_path: Path, files: dict[str, str], found: str
) -> None:
    _linked(tmp_path, files)
    for path in (".", "modules/link", "modules/real"):
        code, output, _ = run(path, "--select", "PGF702", "--format", "concise", "--fail-on", "note")
        if path == "." or len(files) == 1:
            lines = [line for line in output.splitlines() if "PGF702" in line]
            assert [line[: len(found)] for line in lines] == [found]
            assert code == 1
        assert "modules/link" not in output


def test_links_in_a_circle_are_said(run: Run, tmp_path: Path) -> None:
    (tmp_path / "loop").symlink_to("loop")
    (tmp_path / "main.tf").write_text(SHORT % 35 + 'module "m" {\n  source = "./loop"\n}\n', encoding="utf-8")
    code, output, _ = run("--select", "PGF702", "--format", "concise")
    (said,) = problems(output)
    assert said.startswith(
        "main.tf:6:12: problem module-not-found Module 'm' does not exist: './loop' has no Terraform"
    )
    assert code == 3
    assert run("loop") == (2, "", "pgflexlint: 'loop' cannot be found: Too many levels of symbolic links.\n")


def _pipe(path: Path) -> None:
    os.mkfifo(path)


def _socket(path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as made:
        made.bind(path.name)


def _dangling(path: Path) -> None:
    path.symlink_to("nowhere")


def _leading_out(path: Path) -> None:
    outside = path.parent.parent / "outside.tf"
    outside.write_text(SHORT % 7, encoding="utf-8")
    path.symlink_to(outside)


def _binary(path: Path) -> None:
    path.write_bytes(bytes(range(256)) * 1000)


def _huge(path: Path) -> None:
    with path.open("wb") as file:
        file.truncate(SIZE_LIMIT + 1)


Odd = tuple[Callable[[Path], None], tuple[int, str], str]
NEITHER = (2, "pgflexlint: 'x.tf' is neither a file nor a directory.")
SPECIAL = "x.tf: problem unreadable-file This is a pipe, socket or device, not a regular file. Exclude it."
ELSEWHERE = "Scan its target separately, or exclude it."
LINK = "x.tf: problem unreadable-file This link points"
ODD: list[Odd] = [
    (_pipe, NEITHER, SPECIAL),
    (_socket, NEITHER, SPECIAL),
    (
        _dangling,
        (2, "pgflexlint: There is no file or directory 'x.tf'."),
        f"{LINK} to a missing file. Fix, delete or exclude it.",
    ),
    (_leading_out, (3, LINK), f"{LINK} outside the scanned directory, so it is not followed. {ELSEWHERE}"),
    (
        _binary,
        (3, "x.tf: problem unreadable-file"),
        "x.tf: problem unreadable-file This file is not UTF-8 text: see line 2. Save it as UTF-8, or exclude it.",
    ),
    (
        _huge,
        (3, "x.tf: problem unreadable-file"),
        f"x.tf: problem unreadable-file This file is larger than {SIZE_LIMIT // 2**20} MiB. Split it, or exclude it.",
    ),
]


@pytest.mark.parametrize("odd", ODD, ids=[make.__name__ for make, *_ in ODD])
def test_what_is_no_readable_file_is_said(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, odd: Odd) -> None:
    """Named on the command line, and met in a directory."""
    make, named, met = odd
    room = tmp_path / "room"
    room.mkdir()
    monkeypatch.chdir(room)
    (room / "main.tf").write_text(SHORT % 35, encoding="utf-8")
    make(room / "x.tf")
    code, output, error = run("x.tf", "--select", "PGF702", "--format", "concise")
    assert (code, (output + error).startswith(named[1])) == (named[0], True), output + error
    code, output, _ = run(".", "--select", "PGF702", "--format", "concise")
    assert output.splitlines()[0] == met
    assert code == 3


TOO_LARGE = " " * SIZE_LIMIT
SCHEMA = '"$schema": "https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#"'


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (f"{{{SCHEMA},{TOO_LARGE}}}".encode(), "This file is larger than 8 MiB. Split it, or exclude it."),
        (
            f'{{"resources": [],{TOO_LARGE}{SCHEMA}}}'.encode(),
            "This file is larger than 8 MiB. Split it, or exclude it.",
        ),
        (f"{{{SCHEMA},{TOO_LARGE}}}".encode("utf-16"), "This file is larger than 8 MiB. Split it, or exclude it."),
        (f'{{"a": 1{TOO_LARGE}}}'.encode(), None),
        (b" " * (SEARCH_LIMIT + 1), "This file is larger than 8 MiB. Split it, or exclude it."),
        (
            f'{{{SCHEMA.upper()},\n"x": "\xe9"}}'.encode("latin-1"),
            "This file is not UTF-8 text: see line 2. Save it as UTF-8, or exclude it.",
        ),
        (b'{"a": "\xe9"}', None),
        (
            f"{{{SCHEMA}}}".encode("utf-32"),
            "This file is neither UTF-8 nor UTF-16 text. Save it as UTF-8, or exclude it.",
        ),
        ('{"a": "b"}'.encode("utf-32-be"), None),
        (None, "This link points to a missing file. Fix, delete or exclude it."),
    ],
)
def test_json_that_cannot_be_read_is_said_where_it_may_be_a_template(
    run: Run, tmp_path: Path, content: bytes | None, said: str | None
) -> None:
    """Wherever its schema stands. Other JSON is none of our business."""
    path = tmp_path / "x.json"
    if content is None:
        path.symlink_to("nowhere")
    else:
        path.write_bytes(content)
    code, output, _ = run("--format", "concise")
    problems = [line for line in output.splitlines() if "problem" in line.split()]
    assert (code, problems) == ((0, []) if said is None else (3, [f"x.json: problem unreadable-file {said}"]))


@pytest.mark.parametrize("path", ["/dev/null", "nope", "nope/deeper.tf"])
def test_what_is_not_there_is_wrong_usage(run: Run, path: str) -> None:
    code, output, error = run(path)
    assert (code, output) == (2, "")
    assert f"'{path}'" in error
    assert error.count("\n") == 1


def test_files_that_have_nothing_to_do_with_it_are_no_mistake(run: Run, tmp_path: Path) -> None:
    """A hook names whatever was changed."""
    (tmp_path / "notes.txt").write_text("postgresql", encoding="utf-8")
    assert run("notes.txt")[:2] == (0, "Found no flexible server to judge (0 files read).\n")


def test_a_named_file_outside_of_the_current_directory(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "here").mkdir()
    (tmp_path / "there").mkdir()
    (tmp_path / "there/main.tf").write_text(SHORT % 7, encoding="utf-8")
    monkeypatch.chdir(tmp_path / "here")
    code, output, _ = run("../there/main.tf", "--select", "PGF702", "--format", "concise", "--fail-on", "note")
    assert output.startswith("../there/main.tf:3:27: note PGF702")
    assert code == 1


REFUSED = "Check the spelling of the name, or declare it: Terraform refuses it."


@pytest.mark.parametrize(
    ("expression", "said"),
    [
        ("var.tsl", f"Variable 'tsl' is not declared; did you mean 'tls'? {REFUSED}"),
        ("try(var.nope, 1)", f"Variable 'nope' is not declared. {REFUSED}"),
        ("local.nope", f"Local value 'nope' is not declared. {REFUSED}"),
        ("module.nope.x", f"Module 'nope' is not declared. {REFUSED}"),
        ("module.m.nope", f"Module 'm' has no output 'nope'. {REFUSED}"),
        ("azurerm_subnet.nope.id", f"azurerm_subnet.nope is not declared. {REFUSED}"),
        ("azurerm_virtual_network.nope.id", f"Nothing called 'azurerm_virtual_network' is declared. {REFUSED}"),
        ("data.azurerm_subnet.nope.id", f"data.azurerm_subnet.nope is not declared. {REFUSED}"),
        ("data.azurerm_nope.x.id", f"No data.azurerm_nope is declared. {REFUSED}"),
        ("each.value", f"Nothing called 'each' is declared. {REFUSED}"),
        ("data.azurerm_subnet.db.id", None),
        ("azurerm_subnet.db.nope", None),
        ('module.far["a"].nope', None),
    ],
)
def test_a_reference_that_leads_nowhere_is_said(run: Run, tmp_path: Path, expression: str, said: str | None) -> None:
    _terraform(
        tmp_path,
        {
            "main.tf": 'variable "tls" {}\nmodule "m" {\n  source = "./a/m"\n  x      = 1\n}\n'
            'module "far" {\n  for_each = toset(["a"])\n  source = "x/far/azurerm"\n  name = each.key\n}\n'
            'resource "azurerm_subnet" "db" {}\n'
            'data "azurerm_subnet" "db" {}\nresource "azurerm_postgresql_flexible_server" "s" {\n'
            f'  name    = "s"\n  version = {expression}\n}}\n'
        },
    )
    code, output, _ = run("--select", "PGF705", "--format", "concise")
    problems = [line for line in output.splitlines() if "invalid-reference" in line]
    column = len("  version = ") + 1 + (4 if "try" in expression else 0)
    assert problems == ([] if said is None else [f"main.tf:15:{column}: problem invalid-reference {said}"])
    assert code == (0 if said is None else 3)


def test_of_a_module_that_could_not_be_read_whole_no_name_is_missed(run: Run, tmp_path: Path) -> None:
    _terraform(tmp_path, {"a/m/b.tf": 'variable "y" {\n  default = = 1\n}\noutput "o" {\n  value = var.y\n}\n'})
    assert "invalid-reference" not in run("--format", "concise")[1]


CONSTANT = "only constant values can. Write the value itself: Terraform refuses anything else."


@pytest.mark.parametrize(
    ("files", "arguments", "said"),
    [
        (
            {"terraform.tfvars": "x = var.y\n"},
            (),
            f"terraform.tfvars:1:5: problem invalid-reference 'var' cannot be used here: {CONSTANT}",
        ),
        (
            {"terraform.tfvars": 'x = upper("a")\n'},
            (),
            f"terraform.tfvars:1:5: problem invalid-reference Function 'upper' cannot be used here: {CONSTANT}",
        ),
        (
            {"terraform.tfvars": "x = 1\ny {\n}\n"},
            (),
            "terraform.tfvars:2:1: problem syntax-error A variable file holds values, but 'y' is a block. "
            "Write it as an argument, with '=', or move it to a '.tf' file.",
        ),
        (
            {"terraform.tfvars": 'n = "Hunter2"\n'},
            (),
            "terraform.tfvars:1:5: problem evaluation-error The value of variable 'n' does not fit its type: "
            "a number is needed, but this string is not one. Correct the value: Terraform refuses it.",
        ),
        (
            {},
            ("--var", "n=Hunter2"),
            "problem evaluation-error The value of variable 'n' does not fit its type: "
            "nothing is called 'Hunter2' here. Correct the value: Terraform refuses it.",
        ),
        (
            {},
            ("--var", "m={"),
            "problem evaluation-error The value of variable 'm' does not fit its type: "
            "its text is not an expression. Correct the value: Terraform refuses it.",
        ),
        (
            {"main.tf": 'module "m" {\n  source = "./a/m"\n  x = 1\n  n = [1]\n}\n'},
            (),
            None,  # the caller may take it from a default that is always given anew
        ),
        ({"terraform.tfvars": 'n = "7"\nm = { a = 1 }\n'}, ("--var", "x={"), None),
    ],
)
def test_values_that_terraform_refuses_are_said(
    run: Run, tmp_path: Path, files: dict[str, str], arguments: tuple[str, ...], said: str | None
) -> None:
    uses = (
        'variable "x" { type = string }\nvariable "n" { type = number }\nvariable "m" { type = map(string) }\n'
        'resource "azurerm_postgresql_flexible_server" "t" {\n'
        '  name = var.x\n  backup_retention_days = var.n\n  zone = lookup(var.m, "z", "1")\n}\n'
    )
    _terraform(tmp_path, {"a/m/main.tf": uses, **({"main.tf": uses} | files)})
    _, output, _ = run("--format", "concise", "--select", "PGF702", *arguments)
    problems = [line for line in output.splitlines() if "problem " in line]
    assert problems == ([] if said is None else [said])


BICEP = """resource s 'Microsoft.DBforPostgreSQL/flexibleServers@2024-08-01' = {
  name: 's'
  properties: { createMode: 'Default', backup: { backupRetentionDays: 7 } }
}
"""
ARM = """{"$schema": "https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#", "resources": [
  {"type": "Microsoft.DBforPostgreSQL/flexibleServers", "apiVersion": "2024-08-01", "name": "s", "properties":
    {"createMode": "Default", "backup": {"backupRetentionDays": 7}}}]}
"""


TEXTS = {"main.tf": (SHORT % 7, ""), "main.bicep": (BICEP, "3:71"), "main.json": (ARM, "3:65")}


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-32-le", "utf-32-be"])
@pytest.mark.parametrize("name", TEXTS)
def test_every_encoding_is_read_or_said(run: Run, tmp_path: Path, name: str, encoding: str) -> None:
    text, place = TEXTS[name]
    (tmp_path / name).write_bytes(text.encode(encoding))
    code, output, _ = run(str(tmp_path), "--select", "PGF702", "--format", "concise")
    first = output.splitlines()[0]
    if encoding.startswith("utf-32"):
        assert code == 3
        assert "problem unreadable-file This file is neither UTF-8 nor UTF-16 text. Save it as UTF-8" in first
    else:
        assert f"{name}:{place}" in first
        assert "note PGF702 Backups of server" in first


REFUSES = "Terraform refuses it."


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (
            'resource "azurerm_postgresql_flexible_server" {\n}\n',
            "1:1: problem syntax-error Block 'resource' takes two labels, its type and its name, and this one has 1. "
            f"Correct its labels: {REFUSES}",
        ),
        (
            'resources "azurerm_postgresql_flexible_server" "a" {}\n',
            "1:1: problem syntax-error There is no block 'resources'; did you mean 'resource'? "
            f"Correct its type: {REFUSES}",
        ),
        (
            "output {}\n",
            "1:1: problem syntax-error Block 'output' takes one label, its name, and this one has none. "
            f"Correct its labels: {REFUSES}",
        ),
        (
            "a = 3\n",
            "1:1: problem syntax-error Argument 'a' is outside of any block. "
            "Put it into a 'locals' block, or into a variable file.",
        ),
        ('module "m" {}\n', "1:1: problem syntax-error Module 'm' has no 'source'. Add a 'source'."),
        (
            "<<<<<<< HEAD\nlocals {}\n",
            "1:1: problem syntax-error This is the mark of a merge that is not resolved. Choose one of its sides.",
        ),
        (
            'variable "days" {\n  type = numbr\n  default = 3\n}\n',
            f"2:10: problem invalid-reference There is no type 'numbr'; did you mean 'number'? "
            f"Check the spelling: {REFUSES}",
        ),
        (
            'variable "days" {\n  type = number\n  default = "thirty"\n}\n',
            "3:13: problem evaluation-error The value of variable 'days' does not fit its type: "
            f"a number is needed, but this string is not one. Correct the value: {REFUSES}",
        ),
    ],
)
def test_what_terraform_would_refuse_is_said(run: Run, tmp_path: Path, text: str, said: str) -> None:
    server = 'resource "azurerm_postgresql_flexible_server" "s" {\n  backup_retention_days = %s\n}\n'
    days = "var.days" if "days" in text else "35"
    (tmp_path / "main.tf").write_text(text + server % days, encoding="utf-8")
    code, output, _ = run("--select", "PGF702", "--format", "concise")
    assert [line for line in output.splitlines() if "problem " in line] == [f"main.tf:{said}"]
    assert code == 3


@pytest.mark.parametrize(
    ("arguments", "tfvars", "said"),
    [
        (
            (),
            "days = null\n",
            "terraform.tfvars:1:8: problem evaluation-error The value of variable 'days' does not fit",
        ),
        (
            ("--var", "names=[require_secure_transport]"),
            "days = 35\n",
            "problem evaluation-error The value of variable 'n",
        ),
    ],
)
def test_null_and_names_are_no_values(
    run: Run, tmp_path: Path, arguments: tuple[str, ...], tfvars: str, said: str
) -> None:
    text = (
        'variable "days" {\n  type = number\n  nullable = false\n}\nvariable "names" {\n  type = list(string)\n'
        '  default = []\n}\nresource "azurerm_postgresql_flexible_server" "s" {\n'
        '  backup_retention_days = var.days\n  zone = join("", var.names)\n}\n'
    )
    (tmp_path / "main.tf").write_text(text, encoding="utf-8")
    (tmp_path / "terraform.tfvars").write_text(tfvars, encoding="utf-8")
    code, output, _ = run("--select", "PGF702,PGF904", "--format", "concise", *arguments)
    [problem] = [line for line in output.splitlines() if "problem " in line]
    assert problem.startswith(said)
    assert code == 3


WEAK = """resource "azurerm_postgresql_flexible_server" "s" {
  name = %s
}
resource "azurerm_postgresql_flexible_server_configuration" "c" {
  name      = "ssl_min_protocol_version"
  server_id = azurerm_postgresql_flexible_server.s.id
  value     = "TLSv1"
}
"""
CALL = '{"module": {"postgres": {"source": "%s"}}}'
RESTORED = "x/.terraform/modules/modules.json"
REGISTRY = 'module "postgres" {\n  source = "x/y/z"\n}\n'


@pytest.mark.parametrize(
    "files",
    [
        {"x/main.tf": 'module "postgres" {\n  source = "./a\\u0000b"\n}\n'},
        {"x/main.tf.json": CALL % r"./a\u0000b"},
        {"x/main.tf.json": CALL % r"./a\ud800b"},
        *({"x/main.tf": WEAK % call} for call in (
            r'file("a\u0000b")', r'fileexists("a\u0000b")', r'templatefile("a\u0000b", {})', r'filesha256("a\u0000b")',
            r'join("", fileset(".", "a\u0000b/*"))', r'join("", fileset("a\u0000b", "*"))',
        )),
        *({"x/main.tf": REGISTRY, RESTORED: f'{{"Modules": [{entry}]}}'} for entry in (
            r'{"Key": "postgres", "Dir": "a\u0000b"}', r'{"Key": "postgres", "Dir": "a\ud800b"}',
            '{"Key": 5, "Dir": "."}', '{"Key": true, "Dir": "."}', "5",
        )),
        {"x/main.tf": REGISTRY, RESTORED: "[]"},
    ],
)  # fmt: skip
def test_what_no_path_can_be_costs_no_finding_elsewhere(tmp_path: Path, run: Run, files: dict[str, str]) -> None:
    _terraform(tmp_path, {"prod/main.tf": WEAK % '"s"', **files})
    code, output, errors = run("--select", "PGF102", "--format", "concise")
    assert (code, errors) == (1, "")
    assert "prod/main.tf:7:15: error PGF102" in output


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (r'baseline = "a\u0000b"', r"'a\x00b' is not a valid path."),
        ('[[scenarios]]\nname = "n"\nroot = "a\\u0000b"\n', r"'scenarios[0]' names 'a\x00b', which does not exist."),
        ('[[scenarios]]\nname = "n"\nroot = "prod"\nvar-files = ["a\\u0000b"]\n',
         r"'scenarios[0]' names 'a\x00b', which does not exist."),
    ],
)  # fmt: skip
def test_what_no_path_can_be_is_said_of_the_configuration(tmp_path: Path, run: Run, text: str, said: str) -> None:
    _terraform(tmp_path, {"prod/main.tf": WEAK % '"s"', ".pgflexlint.toml": text})
    code, output, errors = run()
    assert (code, output) == (2, "")
    assert said in errors

"""`--fix` and `--diff`: what is written, what is shown, and what is left alone."""

from __future__ import annotations

import codecs
import json
import os
import subprocess
from pathlib import Path

import pytest

from pgflexlint.commands import fix
from tests.command_line import PARAMETER, SERVER, Check, Write, found
from tests.test_outputs import obeyed

OFF = PARAMETER % '"off"'
ON = PARAMETER % '"on"'
BICEP = """\
resource main 'Microsoft.DBforPostgreSQL/flexibleServers@2024-08-01' = {
  name: 'psql-main'
  location: 'westeurope'
  properties: { version: '17' }

  resource tls 'configurations' = {
    name: 'require_secure_transport'
    properties: { value: '%s', source: 'user-override' }
  }
}
"""
ARM = """\
{
  "$schema": "https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#",
  "contentVersion": "1.0.0.0",
  "resources": [
    {
      "type": "Microsoft.DBforPostgreSQL/flexibleServers/configurations",
      "apiVersion": "2024-08-01",
      "name": "psql-main/require_secure_transport",
      "properties": { "value": "%s", "source": "user-override" }
    }
  ]
}
"""
SELECTION = ("--select", "PGF101,PGF501,PGF502", "--format", "concise")


@pytest.mark.parametrize(
    ("name", "text", "place"),
    [
        ("main.tf", SERVER + PARAMETER.replace("%s", '"%s"'), "main.tf:14:15"),
        ("main.bicep", BICEP, "main.bicep:8:26"),
        ("main.json", ARM, "main.json:9:32"),
    ],
)
def test_a_file_is_changed_and_looked_at_again(write: Write, run: Check, name: str, text: str, place: str) -> None:
    room = write({name: text % "off"})
    code, output, errors = run("check", "--fix", *SELECTION)
    assert (room / name).read_text("utf-8") == text % "on"
    quote = "'" if name.endswith("bicep") else '"'
    assert errors == f"{place}: PGF101 {quote}off{quote} is {quote}on{quote} now\n"
    assert (code, found(output)) == (0, [])


def test_what_cannot_be_changed_is_still_found(write: Write, run: Check) -> None:
    write({"main.tf": SERVER + OFF})
    code, output, _ = run("check", "--fix", "--select", "PGF101,PGF701", "--format", "concise")
    assert (code, found(output)) == (1, ["PGF701 main.tf:8"])


@pytest.mark.parametrize(
    ("mark", "encoding", "end"),
    [
        (b"", "utf-8", "\r\n"),
        (codecs.BOM_UTF8, "utf-8", "\n"),
        (codecs.BOM_UTF16_LE, "utf-16-le", "\r\n"),
        (codecs.BOM_UTF16_BE, "utf-16-be", "\n"),
        (b"", "utf-16-le", "\n"),
        (b"", "utf-16-be", "\r\n"),
    ],
)
def test_everything_else_stays_as_it_was_byte_for_byte(
    write: Write, run: Check, mark: bytes, encoding: str, end: str
) -> None:
    def content(parameter: str) -> bytes:
        return mark + f"# 🐘 é\t\n{SERVER}{parameter}# the end".replace("\n", end).encode(encoding)

    room = write({"main.tf": content(OFF)})
    (room / "main.tf").chmod(0o640)
    run("check", "--fix", *SELECTION)
    assert (room / "main.tf").read_bytes() == content(ON)
    assert (room / "main.tf").stat().st_mode & 0o777 == 0o640
    assert [path.name for path in room.iterdir()] == ["main.tf"]


def test_what_is_allowed_or_known_is_not_changed(write: Write, run: Check) -> None:
    allowed = PARAMETER % '"off" # pgflexlint: ignore[PGF101] the old client'
    room = write({"main.tf": SERVER + allowed})
    assert run("check", "--fix", *SELECTION)[2] == ""
    write({"main.tf": SERVER + OFF})
    run("baseline", "create", "--select", "PGF101", "--baseline", "known.json")
    assert run("check", "--fix", "--baseline", "known.json", *SELECTION)[2] == ""
    assert (room / "main.tf").read_text("utf-8") == SERVER + OFF


def test_what_was_downloaded_is_not_changed(write: Write, run: Check) -> None:
    modules = {"Modules": [{"Key": "db", "Source": "registry.terraform.io/a/b/c", "Dir": ".terraform/modules/db"}]}
    room = write(
        {
            "main.tf": 'module "db" {\n  source  = "a/b/c"\n  version = "1.0.0"\n}\n',
            ".terraform/modules/modules.json": json.dumps(modules),
            ".terraform/modules/db/main.tf": SERVER + OFF,
        }
    )
    code, output, errors = run("check", "--fix", *SELECTION)
    assert (code, found(output)) == (1, ["PGF101 .terraform/modules/db/main.tf:14"])
    assert errors == ""
    assert (room / ".terraform/modules/db/main.tf").read_text("utf-8") == SERVER + OFF


def test_a_link_stays_one(write: Write, run: Check) -> None:
    room = write({"shared/tls.tf": OFF, "main.tf": SERVER})
    (room / "tls.tf").symlink_to("shared/tls.tf")
    run("check", "--fix", "main.tf", "tls.tf", *SELECTION)
    assert (room / "tls.tf").is_symlink()
    assert (room / "shared/tls.tf").read_text("utf-8") == ON


def test_a_file_that_was_changed_meanwhile_is_left_alone(
    write: Write, run: Check, monkeypatch: pytest.MonkeyPatch
) -> None:
    room = write({"main.tf": SERVER + OFF})
    read = fix.changes

    def slowly(report: object) -> object:
        write({"main.tf": "# rewritten\n"})
        return read(report)  # type: ignore[arg-type]

    monkeypatch.setattr(fix, "changes", slowly)
    code, _, errors = run("check", "--fix", *SELECTION)
    assert errors == "main.tf: left unchanged, because it has changed since it was read\n"
    assert code == 1
    assert (room / "main.tf").read_text("utf-8") == "# rewritten\n"


def test_a_file_that_cannot_be_written_is_said(write: Write, run: Check, monkeypatch: pytest.MonkeyPatch) -> None:
    room = write({"main.tf": SERVER + OFF})

    def full(source: str, goal: Path) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr(os, "replace", full)
        code, output, errors = run("check", "--fix", *SELECTION)
    assert (code, output) == (2, "")
    assert errors == "pgflexlint: 'main.tf' cannot be changed: No space left on device.\n"
    assert (room / "main.tf").read_text("utf-8") == SERVER + OFF
    assert [path.name for path in room.iterdir()] == ["main.tf"]


def test_a_diff_can_be_applied_and_nothing_is_written(write: Write, run: Check) -> None:
    room = write({"infra/main.tf": SERVER + OFF, "infra/other.tf": "# nothing\n"})
    code, output, _ = run("check", "--diff", *SELECTION)
    assert code == 1
    assert output.splitlines()[:2] == ["--- a/infra/main.tf", "+++ b/infra/main.tf"]
    assert (room / "infra/main.tf").read_text("utf-8") == SERVER + OFF
    subprocess.run(["git", "apply"], input=output, cwd=room, check=True, text=True)
    assert (room / "infra/main.tf").read_text("utf-8") == SERVER + ON
    assert run("check", "--diff", *SELECTION) == (0, "", "")


def test_a_diff_shows_no_secret_and_gives_no_runner_a_command(write: Write, run: Check) -> None:
    password = '  administrator_password = "Not-A-Real-Passw0rd" # ##[group]x\x1b[2J'
    text = OFF.replace("  value", "  # \x1b[2J ##[group]x\n  /*\n  ::add-mask::x\n  */\n  value")
    server = SERVER.replace("\n}", f"\n{password}\n}}")
    write({"main.tf": server + text})
    code, output, _ = run("check", "--diff", *SELECTION)
    assert code == 1
    assert '+  value     = "on"' in output
    assert "Passw0rd" not in output
    assert "\x1b" not in output
    assert list(obeyed(output)) == []


def test_a_diff_says_that_something_could_not_be_looked_at(write: Write, run: Check) -> None:
    write({"main.tf": SERVER + "resource {"})
    code, output, errors = run("check", "--diff", *SELECTION)
    assert (code, output) == (3, "")
    assert "could not be scanned" in errors


def test_how_many_can_be_mended_is_said(write: Write, run: Check) -> None:
    write({"main.tf": SERVER + OFF})
    assert "\n1 finding can be fixed with --fix (--diff shows how).\n" in run("check", "--select", "PGF101")[1]
    assert "--fix" not in run("check", "--select", "PGF701")[1]


@pytest.mark.parametrize("mode", ["--fix", "--watch"])
def test_standard_input_cannot_be_changed_or_watched(write: Write, run: Check, mode: str) -> None:
    write({})
    code, output, errors = run("check", mode, "--stdin-filename", "main.tf", "-")
    assert (code, output) == (2, "")
    assert errors == f"pgflexlint: {mode} cannot be combined with --stdin-filename.\n"

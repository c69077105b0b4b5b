"""The front door: arguments in; streams, files and the exit code out; and never a traceback."""

from __future__ import annotations

import io
import json
import os
import re
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from pgflexlint import __version__, catalogue
from pgflexlint.cli import FORMATS
from pgflexlint.commands.streams import FILE_WIDTH
from pgflexlint.explain import SECTIONS
from pgflexlint.rule import Rule
from pgflexlint_rules import RULES
from tests.command_line import PARAMETER, SERVER, Check, Write, found, problems
from tests.console import pgflexlint, scrubbed
from tests.paths import FIXTURES, ROOT

WEBSHOP = FIXTURES / "projects" / "webshop"

# --- exit codes -------------------------------------------------------------------------------------------------


def test_clean_is_0(write: Write, run: Check) -> None:
    write({"main.tf": SERVER + PARAMETER % '"on"'})
    code, output, errors = run("check", "--select", "PGF101")
    assert (code, errors) == (0, "")
    assert output.startswith("All clear: nothing wrong with 1 server")


def test_findings_are_1(write: Write, run: Check) -> None:
    write({"main.tf": SERVER + PARAMETER % '"off"'})
    code, output, errors = run("check", "--select", "PGF101", "--format", "concise")
    assert (code, errors) == (1, "")
    assert found(output) == ["PGF101 main.tf:14"]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("check", "nowhere"), "There is no file or directory 'nowhere'."),
        (("check", "chek"), "There is no file or directory 'chek'."),
        (("nowhere",), "There is no file or directory 'nowhere'."),
        (("--config", "explai"), "There is no configuration 'explai'."),
        (("check", "--select", "PGF999"), "There is no rule 'PGF999'"),
        (("check", "--select", "firewall-open-internet"), "did you mean 'firewall-open-to-internet'?"),
        (("check", "--ignore", "PGF1033"), "There is no rule 'PGF1033'; did you mean 'PGF103'?"),
        (("check", "--extend-select", "TLS"), "There is no rule 'TLS'"),
        (("check", "--as-of", "tomorrow"), "--as-of takes a date such as 2027-01-31, not 'tomorrow'."),
        (("explain", "PGF999"), "There is no rule 'PGF999'"),
        (("explain", "firewall"), "There is no rule 'firewall'. 'pgflexlint rules' lists all."),
        (("explain", "pgf6"), "'pgf6' is the beginning of several ids. Choose one of PGF601, PGF602."),
        (("check", ""), "A path is empty. Write '.' for the current directory."),
        (("check", "--config", "."), "'.' cannot be read: Is a directory."),
        (("check", "-o", "sarif"), "-o takes FORMAT:FILE"),
        (("check", "-o", "xml:report"), "-o takes FORMAT:FILE"),
        (("check", "-o", "sarif:-"), "'-o sarif:-' names no file. Use '--format sarif' to print it."),
        (("check", "-o", "sarif:x", "-o", "json:./x"), "Two outputs go to 'x'. Give each -o a file of its own."),
        (("check", "--var", "tls"), "--var takes NAME=VALUE."),
        (("check", "--var-file", "../other.tfvars"), "'../other.tfvars' is outside"),
    ],
)
def test_wrong_usage_is_2_and_says_what_would_be_right(
    write: Write, run: Check, arguments: tuple[str, ...], said: str
) -> None:
    write({"main.tf": SERVER})
    code, output, errors = run(*arguments)
    assert (code, output) == (2, "")
    assert errors.startswith("pgflexlint: ")
    assert said in errors


@pytest.mark.parametrize(
    ("arguments", "meant"), [(("chek", "."), "check"), (("Baselin", "show"), "baseline"), (("trac", "-q"), "trace")]
)
def test_a_command_that_is_nearly_one_is_said(
    write: Write, run: Check, capsys: pytest.CaptureFixture[str], arguments: tuple[str, ...], meant: str
) -> None:
    room = write({"main.tf": "a = 1\n"})
    with pytest.raises(SystemExit, match=r"^2$"):
        run(*arguments)
    said = f"There is no file, directory or command '{arguments[0]}'; did you mean '{meant}'?\n"
    assert capsys.readouterr().err.endswith(said)
    (room / arguments[0]).mkdir()
    assert run(arguments[0])[0] == 0, "a directory of this name is meant"


LONG = "x" * 300


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ((LONG,), f"'{LONG}' cannot be found: File name too long."),
        (("--config", LONG), f"'{LONG}' cannot be read: File name too long."),
        (("--var-file", LONG), f"There is no variable file '{LONG}'."),
        (("--parameters", LONG), f"There is no parameter file '{LONG}'."),
        (("--baseline", LONG), f"'{LONG}' cannot be read: File name too long."),
        (("-o", f"json:{LONG}", "--quiet"), f"'{LONG}' cannot be written: File name too long."),
        (("-o", f"json:{LONG}", "-o", f"text:{LONG}"), f"Two outputs go to '{LONG}'. Give each -o a file of its own."),
        (("--stdin-filename", LONG), ""),
        (("--config", "long.toml"), f"long.toml:2: 'scenarios[0]' names '{LONG}', which does not exist."),
        (("loop",), "'loop' cannot be found: Too many levels of symbolic links."),
    ],
)
def test_a_name_that_no_file_can_have_is_wrong_usage(
    write: Write, run: Check, monkeypatch: pytest.MonkeyPatch, arguments: tuple[str, ...], said: str
) -> None:
    room = write({"main.tf": SERVER, "long.toml": f'[[scenarios]]\nroot = "{LONG}"\n'})
    (room / "loop").symlink_to("loop")
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO()))
    code, output, errors = run("check", *arguments)
    assert (code, errors) == ((2, f"pgflexlint: {said}\n") if said else (0, "")), output


def test_what_may_not_be_looked_at_is_said(write: Write, run: Check) -> None:
    room = write({"closed/main.tf": SERVER, "closed/deep/main.tf": SERVER})
    (room / "closed").chmod(0)
    try:
        if os.access(room / "closed", os.R_OK):
            pytest.skip("this user may read everything")
        for path in ("closed/main.tf", "closed/deep"):
            assert run("check", path) == (2, "", f"pgflexlint: '{path}' cannot be found: Permission denied.\n")
        code, output, _ = run("check", "closed", "--format", "concise")
        assert (code, len(problems(output))) == (3, 1)
    finally:
        (room / "closed").chmod(0o755)


PATHS = {
    "before the options": ("check", "a", "b", "--format", "concise"),
    "behind them": ("check", "--format", "concise", "a", "b"),
    "around them": ("check", "a", "--format", "concise", "b"),
    "among them": ("a", "--format", "concise", "b", "--fail-on", "note", "a"),
    "behind a separator": ("check", "a", "--format", "concise", "--select", "PGF702", "--", "b"),
    "a file and a directory": ("check", "a/main.tf", "--format", "concise", "b"),
    "a directory and a file": ("check", "a", "b/main.tf", "--format", "concise"),
}


@pytest.mark.parametrize("arguments", PATHS.values(), ids=PATHS.keys())
def test_paths_stand_anywhere_and_are_all_looked_at(write: Write, run: Check, arguments: tuple[str, ...]) -> None:
    write({"a/main.tf": SERVER, "b/main.tf": SERVER, "c/main.tf": SERVER})
    arguments = arguments if "--" in arguments else (*arguments, "--select", "PGF702")
    assert found(run(*arguments)[1]) == ["PGF702 a/main.tf:7", "PGF702 b/main.tf:7"]


def test_every_command_takes_paths_anywhere(write: Write, run: Check) -> None:
    room = write({"a/main.tf": SERVER, "b/main.tf": SERVER.replace('"main"', '"other"')})
    run("baseline", "create", "a", "--select", "PGF702", "b", "--baseline", "known.json")
    assert len(json.loads((room / "known.json").read_text("utf-8"))["findings"]) == 2
    assert run("config", "show", "a", "--select", "PGF702", "b")[0] == 0
    address = "azurerm_postgresql_flexible_server.other.backup.retention_days"
    assert "7" in run("trace", address, "a", "--color", "never", "b")[1]


def test_a_directory_beside_a_file_is_looked_at_whole(write: Write, run: Check) -> None:
    write({".git/HEAD": "", "a/main.tf": SERVER, "a/deep/main.tf": SERVER, "b/main.tf": SERVER, "b/other.TF": ""})
    code, output, _ = run("check", "a/main.tf", "b", "--select", "PGF702", "--fail-on", "note", "--format", "concise")
    assert (code, found(output), problems(output)) == (1, ["PGF702 a/main.tf:7", "PGF702 b/main.tf:7"], [])


@pytest.mark.parametrize("left", [("--nonsense", "b"), ("b", "--nonsense"), ("b", "-z")])
def test_an_option_that_there_is_not_is_no_path(
    run: Check, capsys: pytest.CaptureFixture[str], left: list[str]
) -> None:
    with pytest.raises(SystemExit) as stopped:
        run("check", "a", "--format", "concise", *left)
    assert stopped.value.code == 2
    assert f"There is no option '{next(each for each in left if each[0] == '-')}'" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (
            ("check", "--formt=json", "."),
            "pgflexlint check: error: There is no option '--formt'; did you mean '--format'?",
        ),
        (("check", "--form", "json"), "There is no option '--form'; did you mean '--format'?"),
        (("--versoin",), "There is no option '--versoin'."),
        (("explain", "--fromat", "json", "PGF101"), "There is no option '--fromat'; did you mean '--format'?"),
        (("baseline", "create", "--basline", "x"), "There is no option '--basline'; did you mean '--baseline'?"),
        (("trace",), "the following arguments are required: ADDRESS[.ATTRIBUTE]\n"),
    ],
)
def test_a_wrong_option_is_said_with_the_one_that_was_meant(
    write: Write, run: Check, capsys: pytest.CaptureFixture[str], arguments: tuple[str, ...], said: str
) -> None:
    write({"main.tf": SERVER})
    with pytest.raises(SystemExit, match=r"^2$"):
        run(*arguments)
    assert said in capsys.readouterr().err


@pytest.mark.parametrize("name", ["-otext:owned.tf", "-weird.tf", "--fix"])
def test_a_file_that_could_be_an_option_is_no_option(
    write: Write, run: Check, capsys: pytest.CaptureFixture[str], name: str
) -> None:
    room = write({"main.tf": SERVER, name: SERVER.replace('"main"', '"other"')})
    with pytest.raises(SystemExit) as stopped:
        run("check", "--quiet", "main.tf", name)
    assert stopped.value.code == 2
    said = f"'{name}' is an option and also a file here. Write './{name}' for the file."
    assert said in capsys.readouterr().err
    code, output, _ = run("check", "--select", "PGF701", "--format", "concise", "--", "main.tf", name)
    assert code == 1
    assert found(output) == [*([f"PGF701 {name}:8"] if name.endswith(".tf") else []), "PGF701 main.tf:8"]
    assert sorted(path.name for path in room.iterdir()) == sorted(["main.tf", name])


def test_a_number_of_processes_is_one(run: Check, capsys: pytest.CaptureFixture[str]) -> None:
    for number in ("0", "-1", "many", "1.5"):
        with pytest.raises(SystemExit):
            run("check", f"--jobs={number}")
        assert f"argument --jobs: it must be a whole number of 1 or more, not '{number}'" in capsys.readouterr().err


def shell(command: str, room: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["sh", "-c", command], cwd=room, env=scrubbed(), capture_output=True, text=True, check=False, timeout=60
    )


@pytest.mark.parametrize("command", ["check", "rules", "explain PGF101", "config show", "config schema", "trace NAME"])
def test_a_closed_standard_output_is_said(write: Write, command: str) -> None:
    room = write({"main.tf": SERVER})
    done = shell(f"pgflexlint {command} >&-".replace("NAME", "azurerm_postgresql_flexible_server.main"), room)
    assert (done.returncode, done.stderr) == (
        2, "pgflexlint: The output cannot be written: standard output is closed.\n",
    )  # fmt: skip


def test_what_needs_no_stream_works_without_it(write: Write) -> None:
    room = write({"main.tf": SERVER})
    done = shell("pgflexlint check --select PGF702 -o json:a.json main.tf --quiet --fail-on never 2>&-", room)
    assert done.returncode == 0
    assert len(json.loads((room / "a.json").read_text("utf-8"))["findings"]) == 1
    assert shell("pgflexlint check --select PGF702 2>&-", room).stdout.endswith("pgflexlint explain PGF702\n")
    assert shell("pgflexlint check --select PGF101 main.tf --quiet >&-", room).returncode == 0
    done = shell("pgflexlint check --select PGF999 2>&-", room)
    assert (done.returncode, done.stdout) == (2, ""), "what is wrong is not written where a report is expected"
    assert shell("pgflexlint check >&- 2>&-", room).returncode == 2


def test_a_closed_standard_input_is_said(write: Write) -> None:
    done = shell("pgflexlint check --stdin-filename a.tf <&-", write({"main.tf": SERVER}))
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == "pgflexlint: --stdin-filename reads standard input, but that is closed.\n"


@pytest.mark.parametrize("command", ["check", "check --watch", "config show", "baseline create", "trace x"])
def test_a_current_directory_that_was_deleted_is_said(write: Write, command: str) -> None:
    room = write({"gone/main.tf": SERVER})
    done = shell(f"cd gone && rm -r ../gone && pgflexlint {command}", room)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == (
        "pgflexlint: The current directory cannot be found (No such file or directory). Change to one that exists.\n"
    )


@pytest.mark.parametrize("arguments", [("check", "--format", "xml"), ("check", "--nonsense"), ("rules", "PGF1")])
def test_what_cannot_be_parsed_is_2(run: Check, arguments: tuple[str, ...]) -> None:
    with pytest.raises(SystemExit) as stopped:
        run(*arguments)
    assert stopped.value.code == 2


@pytest.mark.parametrize("selection", [("--select", ""), ("--select", ","), ("--ignore", "ALL")])
def test_a_run_without_any_rule_is_2(write: Write, run: Check, selection: tuple[str, str]) -> None:
    write({"main.tf": SERVER + PARAMETER % '"off"'})
    assert run("check", *selection)[0] == 2


def test_a_rule_that_is_not_there_is_said_in_one_sentence(run: Check) -> None:
    assert run("explain", "PGF110")[2].rstrip().endswith(("?", "."))


@pytest.mark.parametrize(
    ("files", "place", "said"),
    [
        (
            {"main.tf": SERVER, "bad.tf": 'resource "x" "y" {\n  a = = 1\n}\n'},
            "bad.tf:2:7",
            "syntax-error",
        ),
        ({"main.tf": SERVER, "bad.tf": b"a = 1\nb = \xff\xfe\n"}, "bad.tf", "This file is not UTF-8 text: see line 2."),
        ({"main.tf": SERVER + 'module "gone" {\n  source = "./gone"\n}\n'}, "main.tf:12:12", "Check its 'source'"),
        (
            {
                "main.tf": 'module "b" {\n  source = "./b"\n}\n',
                "b/main.tf": SERVER + 'module "a" {\n  source = "../"\n}\n',
            },
            "b/main.tf:12:12",
            "Module 'a' calls itself, directly or through others. Break the cycle of modules.",
        ),
        ({"main.tf": SERVER + PARAMETER % 'uper("on")'}, "main.tf:14:15", "Terraform has no function 'uper'."),
        (
            {"main.tf": SERVER + PARAMETER % "local.a" + "locals {\n  a = local.b\n  b = local.a\n}\n"},
            "main.tf:17:3",
            "depends on itself. Break the cycle",
        ),
        (
            {"main.tf": SERVER + PARAMETER % "azurerm_postgresql_flexible_server_configuration.tls.value"},
            "main.tf:14:3",
            "depends on itself. Break the cycle",
        ),
    ],
    ids=["syntax", "encoding", "missing-module", "module-cycle", "function", "local-cycle", "self-reference"],
)
def test_what_could_not_be_looked_at_is_3_with_place_and_remedy(
    write: Write, run: Check, files: dict[str, str | bytes], place: str, said: str
) -> None:
    write(files)
    code, output, errors = run("check", "--select", "PGF101", "--format", "concise")
    assert (code, errors) == (3, "")
    assert [line for line in problems(output) if line.startswith(f"{place}: problem ") and said in line], output
    assert "(1 server, 1 rule" in output, "the rest was looked at"
    assert "Not scanned: 1 file in part or whole" in output


@pytest.mark.parametrize("format_", FORMATS)
def test_the_exit_code_is_the_same_in_every_format(write: Write, run: Check, format_: str) -> None:
    room = write({"main.tf": SERVER, "bad.tf": "a = = 1\n"})
    assert run("check", "--select", "PGF101", "--format", format_)[0] == 3
    assert run("check", "--select", "PGF701", "--format", format_)[0] == 1, "a finding counts for more than a problem"
    (room / "bad.tf").unlink()
    assert run("check", "--select", "PGF101", "--format", format_)[0] == 0


def test_a_file_that_may_not_be_read_is_a_problem(write: Write, run: Check) -> None:
    room = write({"main.tf": SERVER, "closed.tf": "a = 1\n"})
    (room / "closed.tf").chmod(0)
    if os.access(room / "closed.tf", os.R_OK):
        pytest.skip("this user may read everything")
    code, output, _ = run("check", "--select", "PGF101", "--format", "concise")
    assert code == 3
    assert problems(output)[0].startswith("closed.tf: problem unreadable-file This file cannot be read: ")


def test_a_directory_that_may_not_be_read_is_a_problem(write: Write, run: Check) -> None:
    room = write({"main.tf": SERVER, "closed/main.tf": "a = 1\n"})
    (room / "closed").chmod(0)
    try:
        if os.access(room / "closed", os.R_OK):
            pytest.skip("this user may read everything")
        assert run("check", "--select", "PGF101")[0] == 3
    finally:
        (room / "closed").chmod(0o755)


@pytest.mark.parametrize("named", [".", "d" * 200])
def test_a_directory_too_deep_to_be_read_is_a_problem(
    write: Write, run: Check, monkeypatch: pytest.MonkeyPatch, named: str
) -> None:
    room = write({"main.tf": "locals {}\n"})
    for _ in range(25):  # longer than a path may be
        Path("d" * 200).mkdir()
        monkeypatch.chdir("d" * 200)
    Path("main.tf").write_text(SERVER, encoding="utf-8")
    monkeypatch.chdir(room)
    code, output, _ = run("check", named, "--format", "concise")
    (line,) = problems(output)
    assert line.endswith(
        ": problem unreadable-file This directory cannot be listed: File name too long."
        " Check its permissions, or exclude it."
    )
    assert code == 3


def test_a_link_out_of_the_directory_is_not_followed(write: Write, run: Check, tmp_path: Path) -> None:
    inside = write({"inside/main.tf": SERVER, "outside.tf": SERVER + PARAMETER % '"off"'}) / "inside"
    (inside / ".git").mkdir()
    (inside / "link.tf").symlink_to(tmp_path / "outside.tf")
    code, output, _ = run("check", "inside", "--select", "PGF101", "--format", "concise")
    assert code == 3
    assert problems(output)[0].startswith(
        "inside/link.tf: problem unreadable-file This link points outside the scanned directory"
    )


@pytest.mark.parametrize("goal", ["loop.tf", "nothing.tf"], ids=["loop", "dangling"])
def test_a_link_that_leads_nowhere_is_a_problem(write: Write, run: Check, goal: str) -> None:
    room = write({"main.tf": SERVER})
    (room / "loop.tf").symlink_to(goal)
    code, output, _ = run("check", "--select", "PGF101", "--format", "concise")
    assert code == 3
    assert problems(output)[0].startswith("loop.tf: problem unreadable-file ")


# --- what is run, and on what -----------------------------------------------------------------------------------


def test_check_is_the_default_command(write: Write, run: Check) -> None:
    write({"main.tf": SERVER})
    assert run("--select", "PGF305") == run("check", "--select", "PGF305") == run(".", "--select=PGF305")


WATCHED = {"PGF201", "PGF305", "PGF701", "PGF702", "PGF703"}
"""Some of the rules that have something to say of `SERVER`; the first is off by default."""


@pytest.mark.parametrize(
    ("options", "ids"),
    [
        (("--select", "PGF702"), {"PGF702"}),
        (("--select", "PGF305,PGF7"), {"PGF305", "PGF701", "PGF702", "PGF703"}),
        (("--select", "PGF305", "--select", "PGF702"), {"PGF305", "PGF702"}),
        (("--select", "backup-retention-short"), {"PGF702"}),
        (("--select", "pgf702"), {"PGF702"}),
        (("--select", "PGF702", "--extend-select", "PGF305"), {"PGF305", "PGF702"}),
        (("--select", "PGF7", "--ignore", "PGF701,high-availability-disabled"), {"PGF702"}),
        (("--select", "ALL", "--ignore", "PGF4,PGF5"), WATCHED),
        (("--select", "DEFAULT", "--ignore", "PGF4,PGF5"), {"PGF305", "PGF701", "PGF702", "PGF703"}),
        (("--extend-select", "PGF702", "--ignore", "PGF4,PGF5"), {"PGF305", "PGF701", "PGF702", "PGF703"}),
    ],
)
def test_rules_are_selected_by_id_prefix_and_slug(
    write: Write, run: Check, options: tuple[str, ...], ids: set[str]
) -> None:
    write({"main.tf": SERVER})
    _, output, _ = run("check", "--format", "concise", *options)
    assert {line.split()[0] for line in found(output)} & WATCHED == ids


def test_versions_are_judged_as_of_a_day(write: Write, run: Check) -> None:
    write({"main.tf": SERVER.replace('"16"', '"15"')})
    check = ("check", "--select", "PGF705", "--format", "concise", "--as-of")
    assert run(*check, "2027-01-31")[0] == 0
    code, output, _ = run(*check, "2027-11-12")
    assert (code, found(output)) == (1, ["PGF705 main.tf:5"])


def test_directories_are_excluded_as_git_does(write: Write, run: Check) -> None:
    write({"main.tf": SERVER, "examples/a/main.tf": SERVER, "live/examples/main.tf": SERVER})
    check = ("check", "--select", "PGF305", "--format", "concise")
    everything = ["PGF305 examples/a/main.tf:9", "PGF305 live/examples/main.tf:9", "PGF305 main.tf:9"]
    assert found(run(*check)[1]) == everything
    assert found(run(*check, "--exclude", "examples")[1]) == everything[2:]
    assert found(run(*check, "--exclude", "/examples")[1]) == everything[1:]
    assert found(run(*check, "--exclude", "examples/**")[1]) == everything[1:]
    assert found(run(*check, "--exclude", "examples", "--exclude", "!live/examples")[1]) == everything[1:]
    assert found(run(*check, "--exclude", "nothing")[1]) == everything


def test_named_files_are_looked_at_with_what_they_belong_to(write: Write, run: Check) -> None:
    write(
        {
            "main.tf": 'module "db" {\n  source = "./db"\n  tls = "off"\n}\n',
            "db/main.tf": SERVER + 'variable "tls" {}\n' + PARAMETER % "var.tls",
            "other/main.tf": SERVER + PARAMETER % '"off"',
        }
    )
    check = ("check", "--select", "PGF101", "--format", "concise")
    assert found(run(*check, "main.tf")[1]) == ["PGF101 db/main.tf:15"]
    assert found(run(*check, "db/main.tf")[1]) == ["PGF101 db/main.tf:15"]
    assert found(run(*check, "db/main.tf", "other/main.tf")[1]) == ["PGF101 db/main.tf:15", "PGF101 other/main.tf:14"]


def test_what_people_and_editors_read_leads_from_where_they_are(
    write: Write, run: Check, monkeypatch: pytest.MonkeyPatch
) -> None:
    room = write(
        {
            ".git/HEAD": "",
            "infra/main.tf": 'module "db" {\n  source = "../lib/db"\n  tls = "off"\n}\n',
            "infra/broken.tf": "locals {",
            "infra/notes/notes.tf": "",
            "lib/db/main.tf": SERVER + 'variable "tls" {}\n' + PARAMETER % "var.tls",
            "lib/db/other.tf": PARAMETER.replace('"tls"', '"old"').replace(
                "require_secure_transport", "ssl_min_protocol_version"
            )
            % '"TLSv1"',
        }
    )
    monkeypatch.chdir(room / "infra")
    check = ("check", "--select", "PGF101,PGF102")
    output = run(*check, "--format", "concise")[1]
    assert found(output) == ["PGF101 ../lib/db/main.tf:15", "PGF102 ../lib/db/other.tf:4"]
    assert [line.split(": ")[0] for line in problems(output)] == ["broken.tf:1:8"]
    text = run(*check, "--statistics")[1]
    assert "nothing to do with PostgreSQL: 1 (notes/notes.tf)" in text
    assert [line.split()[1] for line in text.splitlines() if line.lstrip().startswith(("--> ", "::: "))] == [
        "../lib/db/main.tf:15:15", "main.tf:3:9", "main.tf:1:1", "../lib/db/other.tf:4:15", "main.tf:1:1",
        "broken.tf:1:8",
    ]  # fmt: skip
    assert "--- a/../lib/db/other.tf\n" in run(*check, "..", "--diff")[1]
    assert "main.tf:3:9" in run("trace", "module.db.azurerm_postgresql_flexible_server_configuration.tls.value")[1]
    assert run("baseline", "create", "--select", "PGF101,PGF102")[0] == 3
    assert run("baseline", "show")[1].startswith("../lib/db/main.tf: PGF101")
    assert '"path":"lib/db/main.tf"' in (room / "infra/.pgflexlint-baseline.json").read_text("utf-8").replace(" ", "")
    for name in ("json", "sarif", "github", "gitlab", "azure", "junit", "markdown"):
        output = run(*check, "--format", name)[1]
        assert "lib/db/main.tf" in output
        assert "../lib" not in output.replace('"../lib/db"', "")
    monkeypatch.chdir(room.parent)
    assert f"PGF101 {room.name}/lib/db/main.tf:15" in found(run(*check, room.name, "--format", "concise")[1])
    monkeypatch.chdir(room / "lib")
    assert "../infra/broken.tf:1:8" in run(*check, "../infra", "--format", "concise")[1]
    run("check", "db/other.tf", "--select", "PGF102", "--fix")
    assert '"TLSv1"' not in (room / "lib/db/other.tf").read_text("utf-8")


def test_what_touches_no_named_file_is_counted(write: Write, run: Check) -> None:
    write(
        {
            "main.tf": SERVER + PARAMETER % "var.tls",
            "tls.tf": 'variable "tls" {\n  default = "off"\n}\n',
            "empty.tf": "",
        }
    )
    check = ("check", "--select", "PGF101,PGF701", "--format", "concise")
    assert run(*check, "empty.tf")[1] == (
        "Found nothing wrong that touches the named files (1 server, 2 rules, 3 files read)."
        " 2 findings that touch none of the named files are left out.\n"
    )
    assert run(*check, "tls.tf")[1].splitlines()[-1] == (
        "Found 1 error in 1 file (1 server, 2 rules). 1 finding that touches none of the named files is left out."
    )
    assert "left out" not in run(*check, "main.tf")[1]
    write({"empty.tf": "resource {"})
    assert "Found nothing wrong in what could be scanned" in run(*check, "empty.tf")[1]


FIREWALL = """\
resource "azurerm_postgresql_flexible_server_firewall_rule" "each" {
  for_each         = local.rules
  name             = each.key
  server_id        = azurerm_postgresql_flexible_server.main.id
  start_ip_address = each.value.start
  end_ip_address   = each.value.end
}
"""
OPEN = '{"all": {"start": "0.0.0.0", "end": "255.255.255.255"}}\n'


@pytest.mark.parametrize(
    ("expression", "name", "text"),
    [
        ('jsondecode(file("${path.module}/rules.json"))', "db/rules.json", OPEN),
        ('jsondecode(file("${path.module}/${var.name}"))', "db/rules", OPEN),
        (
            'yamldecode(file("./rules/open.yaml"))',
            "rules/open.yaml",
            "all:\n  start: 0.0.0.0\n  end: 255.255.255.255\n",
        ),
        (
            '{ for each in csvdecode(file("rules.csv")) : each.name => each }',
            "rules.csv",
            "name,start,end\nall,0.0.0.0,255.255.255.255\n",
        ),
        ('merge([for each in fileset("rules", "*") : jsondecode(file("rules/${each}"))]...)', "rules/open.txt", OPEN),
        ('jsondecode(base64decode(filebase64("rules.dat")))', "rules.dat", OPEN),
    ],
)
def test_a_named_file_that_terraform_reads_leads_to_what_comes_of_it(
    write: Write, run: Check, expression: str, name: str, text: str
) -> None:
    write(
        {
            ".git/HEAD": "",
            "main.tf": 'module "db" {\n  source = "./db"\n  name = "rules"\n}\n',
            "db/main.tf": f'{SERVER}{FIREWALL}variable "name" {{}}\nlocals {{\n  rules = {expression}\n}}\n',
            name: text,
            "other/main.tf": SERVER + PARAMETER % 'file("on.txt")',
            "other/on.txt": "off",
            "broken/main.tf": SERVER + PARAMETER % 'file("",',
            "package.json": "{}",
        }
    )
    code, output, _ = run("check", name, "--select", "PGF3", "--format", "concise")
    assert (code, found(output), problems(output)) == (1, ["PGF301 db/main.tf:16"], [])
    output = run("check", name, "--select", "PGF301")[1]
    assert f"::: {name}:1:1" in output
    assert "the content of a file" in output
    assert run("check", "package.json", "--format", "concise")[0] == 0


def test_one_file_is_one_step_through_whichever_callers_and_processes(write: Write, run: Check) -> None:
    root = 'module "db" {\n  source = "../db"\n}\n'
    rule = FIREWALL.replace("local.rules", 'toset(["a", "b"])').replace("each.value", 'jsondecode(file("../r.json"))')
    write({".git/HEAD": "", "r.json": '{"start": "0.0.0.0", "end": "255.255.255.255"}', "db/main.tf": SERVER + rule})
    write({f"{name}/main.tf": root for name in ("one", "two", "three")})
    check = ("check", "r.json", "--select", "PGF301")
    alone = run(*check, "--jobs", "1")
    assert run(*check, "--jobs", "3") == alone
    as_json = ("check", "--select", "PGF301", "--format", "json", "--jobs")
    assert run(*as_json, "3") == run(*as_json, "1")  # what the processes read is counted
    assert alone[1].count("error[PGF301]") == 2
    assert alone[1].count("::: r.json:1:1") == 2


@pytest.mark.parametrize(
    ("expression", "name", "text"),
    [
        ("loadJsonContent('rules.json')", "rules.json", OPEN),
        ("loadYamlContent('data/rules.yaml')", "data/rules.yaml", "all: {start: 0.0.0.0, end: 255.255.255.255}\n"),
        ("json(loadTextContent('./open rules.txt'))", "open rules.txt", OPEN),
        ("json(base64ToString(loadFileAsBase64('rules')))", "rules", OPEN),
        ("loadYamlContent(path)", "rules.yml", "all: {start: 0.0.0.0, end: 255.255.255.255}\n"),
    ],
)
def test_a_named_file_that_bicep_loads_leads_to_what_comes_of_it(
    write: Write, run: Check, expression: str, name: str, text: str
) -> None:
    bicep = f"""\
var path = 'rules.yml'
var rules = {expression}
resource main 'Microsoft.DBforPostgreSQL/flexibleServers@2024-08-01' existing = {{
  name: 'psql-main'
}}
resource each 'Microsoft.DBforPostgreSQL/flexibleServers/firewallRules@2024-08-01' = {{
  parent: main
  name: 'all'
  properties: {{ startIpAddress: rules.all.start, endIpAddress: rules.all.end }}
}}
"""
    write({".git/HEAD": "", "main.bicep": bicep, name: text, "package.json": "{}"})
    code, output, _ = run("check", name, "--select", "PGF301", "--format", "concise")
    assert (code, found(output)) == (1, ["PGF301 main.bicep:9"])
    assert f"::: {name}:1:" in run("check", name, "--select", "PGF301")[1]
    assert run("check", "package.json")[0] == 0


def test_a_password_that_is_a_whole_file_is_never_shown(write: Write, run: Check) -> None:
    server = SERVER.rstrip("}\n") + '\n  administrator_password = file("password.txt")\n}\n'
    write({"main.tf": server, "password.txt": "Hunter2-Hunter2\n"})
    for address in (
        "azurerm_postgresql_flexible_server.main",
        "azurerm_postgresql_flexible_server.main.administrator_password",
    ):
        assert "Hunter2" not in run("trace", address)[1]
    for name in FORMATS:
        assert "Hunter2" not in run("check", "--select", "ALL", "--show-unknown", "--format", name)[1]


REGISTRY_PARAMETERS = """using 'br/public:avm/res/db-for-postgre-sql/flexible-server:0.15.1'
var days = 7
param name = 'postgres'
param skuName = 'Standard_D2ds_v5'
param tier = 'GeneralPurpose'
param availabilityZone = -1
param backupRetentionDays = days
param administratorLoginPassword = 'Fake-Passw0rd'
"""


@pytest.mark.parametrize("named", [(), ("prod.bicepparam",), (".", "--parameters", "prod.bicepparam")])
def test_a_parameter_file_for_a_template_in_a_registry_is_judged_as_a_module(
    write: Write, run: Check, named: tuple[str, ...]
) -> None:
    write({"prod.bicepparam": REGISTRY_PARAMETERS})
    code, output, _ = run("check", *named, "--select", "PGF407,PGF702,PGF305", "--format", "concise")
    assert found(output) == ["PGF702 prod.bicepparam:7", "PGF407 prod.bicepparam:8"]
    assert "Fake-Passw0rd" not in output
    assert code == 1


def test_a_parameter_file_for_a_registry_that_nobody_knows_is_counted(write: Write, run: Check) -> None:
    write({"prod.bicepparam": "using 'br:x.azurecr.io/bicep/postgres:v1'\nparam name = 'x'\n"})
    code, output, _ = run("check", "--format", "concise")
    assert output == (
        "Found no flexible server to judge (1 file read). Not scanned: modules that are not on disk: 1.\n"
    )
    assert code == 0


def test_a_finding_is_shown_for_each_parameter_file_that_makes_it(write: Write, run: Check) -> None:
    server = (
        "param access string\nresource s 'Microsoft.DBforPostgreSQL/flexibleServers@2024-08-01' = {\n  name: 's'\n"
        "  properties: { version: '16', network: { publicNetworkAccess: access } }\n}\n"
    )
    given = "using 'main.bicep'\nparam access = '%s'\n"
    files = {"dev": "Enabled", "prod": "Enabled", "test": "Disabled"}
    write({"main.bicep": server, **{f"{name}.bicepparam": given % word for name, word in files.items()}})
    shown = {
        name: found(run("check", "--select", "PGF305", "--format", "concise", f"{name}.bicepparam")[1])
        for name in files
    }
    assert shown == {"dev": ["PGF305 main.bicep:4"], "prod": ["PGF305 main.bicep:4"], "test": []}


@pytest.mark.parametrize(
    ("level", "codes"),
    [("error", (1, 0, 0)), ("warning", (1, 1, 0)), ("note", (1, 1, 1)), ("never", (0, 0, 0))],
)
def test_fail_on_decides_what_costs_the_clean_exit_code(
    write: Write, run: Check, level: str, codes: tuple[int, ...]
) -> None:
    write({"main.tf": SERVER + PARAMETER % '"off"'})
    for rule, code in zip(("PGF101", "PGF701", "PGF702"), codes, strict=True):
        assert run("check", "--select", rule, "--fail-on", level)[0] == code, rule


def test_fail_on_never_does_not_hide_that_something_was_not_looked_at(write: Write, run: Check) -> None:
    write({"main.tf": SERVER, "bad.tf": "a = = 1\n"})
    assert run("check", "--fail-on", "never")[0] == 3


@pytest.mark.parametrize("others", [{}, {"a.tf": SERVER}], ids=["nothing to judge", "a server to judge"])
def test_a_remark_does_not_cost_the_exit_code(write: Write, run: Check, others: dict[str, str | bytes]) -> None:
    write({"main.TF": "x = 1\n", **others})
    code, output, _ = run("check", "--fail-on", "never", "--format", "concise", "main.TF", *others)
    assert code == 0
    assert [line.split(" Names")[0] for line in problems(output)] == [
        "main.TF: remark configuration This file is not scanned because of its suffix."
    ]


def test_notes_alone_do_not_fail(write: Write, run: Check) -> None:
    write({"main.tf": SERVER})
    assert run("check", "--select", "PGF702")[0] == 0


# --- inputs -----------------------------------------------------------------------------------------------------

VARIABLE = 'variable "tls" {\n  type = string\n}\nprovider "azurerm" {}\n'


def test_variables_come_from_the_command_line_and_from_files(write: Write, run: Check) -> None:
    room = write({"main.tf": SERVER + PARAMETER % "var.tls" + VARIABLE, "prod.tfvars": 'tls = "off"\n'})
    check = ("check", "--select", "PGF101", "--format", "concise")
    unknown = run(*check, "--show-unknown")
    assert unknown[0] == 0
    assert "main.tf:14:15: unknown PGF101 secure-transport-disabled could not be decided" in unknown[1]
    assert "because variable 'tls' has no value" in unknown[1]
    assert run(*check, "--var", "tls=off")[0] == 1
    assert run(*check, "--var", "tls=on")[0] == 0
    assert run(*check, "--var-file", "prod.tfvars")[0] == 1
    assert run(*check, "--var-file", "prod.tfvars", "--var", "tls=on")[0] == 0, "--var counts for more"
    (room / "terraform.tfvars").write_text('tls = "on"\n', encoding="utf-8")
    assert "unknown" not in run(*check, "--show-unknown")[1]
    assert run(*check, "--var-file", "prod.tfvars")[0] == 1, "--var-file counts for more than an automatic file"


def test_a_variable_file_that_is_not_there_is_wrong_usage(write: Write, run: Check) -> None:
    write({"main.tf": SERVER})
    code, _, errors = run("check", "--select", "PGF101", "--var-file", "gone.tfvars")
    assert (code, errors) == (2, "pgflexlint: There is no variable file 'gone.tfvars'.\n")
    code, _, errors = run("check", "--select", "PGF101", "--parameters", "gone.bicepparam")
    assert (code, errors) == (2, "pgflexlint: There is no parameter file 'gone.bicepparam'.\n")


def test_what_is_unknown_is_counted_and_shown_on_request(write: Write, run: Check) -> None:
    write({"main.tf": SERVER + PARAMETER % "var.tls" + VARIABLE})
    assert "1 check could not be decided (--show-unknown)." in run("check", "--select", "PGF101")[1]
    shown = run("check", "--select", "PGF101", "--show-unknown")[1]
    assert "unknown[PGF101]: secure-transport-disabled could not be decided" in shown


# --- inline ignores ---------------------------------------------------------------------------------------------


def ignored(where: str, comment: str) -> str:
    """The server with a comment on line 7 (`same`) or above it (`above`)."""
    line = "  backup_retention_days         = 7\n"
    return SERVER.replace(line, f"{line[:-1]} {comment}\n" if where == "same" else f"  {comment}\n{line}")


@pytest.mark.parametrize("where", ["same", "above"])
@pytest.mark.parametrize(
    "comment",
    [
        "# pgflexlint: ignore[PGF702] a toy",
        "// pgflexlint: ignore[PGF702] a toy",
        "/* pgflexlint: ignore[PGF702] a toy */",
        "# pgflexlint: ignore[backup-retention-short] a toy",
        "# pgflexlint:ignore[ PGF702 ]a toy",
    ],
)
def test_a_comment_allows_a_finding(write: Write, run: Check, where: str, comment: str) -> None:
    write({"main.tf": ignored(where, comment)})
    check = ("check", "--select", "PGF702", "--fail-on", "note", "--format", "concise")
    code, output, _ = run(*check)
    assert (code, found(output), problems(output)) == (0, [], [])
    assert "1 finding is allowed (--show-suppressed)." in output
    assert ": allowed PGF702 " in run(*check, "--show-suppressed")[1]
    assert "allowed because: a toy" in run("check", "--select", "PGF702", "--show-suppressed")[1]


def test_a_comment_allows_several_rules(write: Write, run: Check) -> None:
    comment = "# pgflexlint: ignore[PGF703, PGF401,entra-auth-disabled] a toy\n"
    write({"main.tf": comment + SERVER})
    code, output, _ = run("check", "--select", "PGF401,PGF703", "--format", "concise")
    assert (code, found(output), problems(output)) == (0, [], [])
    assert "2 findings are allowed" in output


def test_ignores_can_be_switched_off(write: Write, run: Check) -> None:
    write({"main.tf": ignored("same", "# pgflexlint: ignore[PGF702,PGF999] a toy")})
    code, output, _ = run("check", "--select", "PGF702", "--fail-on", "note", "--no-ignores", "--format", "concise")
    assert (code, found(output), problems(output)) == (1, ["PGF702 main.tf:7"], [])


@pytest.mark.parametrize(
    ("comment", "said"),
    [
        ("# pgflexlint: ignore[PGF101] a toy", "No finding here matches ignore[PGF101]."),
        ("# pgflexlint: ignore[PGF999] a toy", "There is no rule 'PGF999' to ignore; did you mean 'PGF9"),
        ("# pgflexlint: ignore", "An ignore without rules in brackets has no effect."),
        ("# pgflexlint: ignore a toy", "An ignore without rules in brackets has no effect."),
    ],
)
def test_an_ignore_that_allows_nothing_is_remarked_on_at_no_cost(
    write: Write, run: Check, comment: str, said: str
) -> None:
    write({"main.tf": ignored("same", comment)})
    code, output, _ = run("check", "--select", "PGF101", "--format", "concise")
    assert code == 0
    assert [line for line in problems(output) if line.startswith("main.tf:7:37: remark configuration " + said)], output


def test_an_ignore_for_a_rule_that_does_not_run_is_not_remarked_on(write: Write, run: Check) -> None:
    write({"main.tf": ignored("same", "# pgflexlint: ignore[PGF702] a toy")})
    assert problems(run("check", "--select", "PGF101", "--format", "concise")[1]) == []


def test_an_ignore_is_for_its_line_only(write: Write, run: Check) -> None:
    write({"main.tf": "# pgflexlint: ignore[PGF702] a toy\n\n" + SERVER})
    code, output, _ = run("check", "--select", "PGF702", "--fail-on", "note", "--format", "concise")
    assert (code, found(output)) == (1, ["PGF702 main.tf:9"])


# --- outputs ----------------------------------------------------------------------------------------------------


def test_one_run_writes_many_files(write: Write, run: Check) -> None:
    room = write({"main.tf": SERVER})
    code, output, _ = run("check", "--select", "PGF701", "-o", "sarif:out/a.sarif", "--output", "json:b.json")
    assert code == 1
    assert output.startswith("warning[PGF701]")
    assert json.loads((room / "out/a.sarif").read_text("utf-8"))["version"] == "2.1.0"
    assert json.loads((room / "b.json").read_text("utf-8"))["exitCode"] == 1
    assert sorted(path.name for path in room.iterdir()) == ["b.json", "main.tf", "out"], "no half-written file stays"


def test_a_file_is_replaced_as_a_whole_or_not_at_all(write: Write, run: Check, monkeypatch: pytest.MonkeyPatch) -> None:
    room = write({"main.tf": SERVER, "report.json": "precious"})

    def full(source: str, goal: Path) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr(os, "replace", full)
        code, output, errors = run("check", "-o", "json:report.json")
    assert (code, output) == (2, "")
    assert errors == "pgflexlint: 'report.json' cannot be written: No space left on device.\n"
    assert (room / "report.json").read_text("utf-8") == "precious"
    assert sorted(path.name for path in room.iterdir()) == ["main.tf", "report.json"]
    run("check", "-o", "json:report.json")
    assert json.loads((room / "report.json").read_text("utf-8"))


def test_what_is_no_regular_file_is_written_to_and_stays(write: Write, run: Check) -> None:
    room = write({"main.tf": SERVER})
    pipe = room / "pipe"
    os.mkfifo(pipe)
    with ThreadPoolExecutor() as pool:
        read = pool.submit(pipe.read_text, "utf-8")
        run("check", "-o", "json:pipe")
        assert json.loads(read.result(timeout=60))["exitCode"] == 1
    assert pipe.is_fifo()
    run("check", "-o", f"json:{os.devnull}")
    assert Path(os.devnull).is_char_device()


def test_a_link_is_replaced_and_not_followed(
    write: Write, run: Check, tmp_path_factory: pytest.TempPathFactory
) -> None:
    room = write({"main.tf": SERVER})
    precious = tmp_path_factory.mktemp("outside") / "precious"
    precious.write_text("precious", encoding="utf-8")
    (room / "report.json").symlink_to(precious)
    run("check", "-o", "json:report.json")
    assert precious.read_text("utf-8") == "precious"
    assert json.loads((room / "report.json").read_text("utf-8"))


def test_a_file_that_cannot_be_written_is_said(write: Write, run: Check) -> None:
    write({"main.tf": SERVER, "file": ""})
    code, _, errors = run("check", "-o", "json:file/report.json")
    assert code == 2
    assert errors == "pgflexlint: 'file/report.json' cannot be written: Not a directory.\n"


@pytest.mark.parametrize("format_", FORMATS)
def test_passwords_are_in_no_output(run: Check, tmp_path: Path, format_: str) -> None:
    literals = ["Not-A-Real-Passw0rd"]
    source = "".join(path.read_text("utf-8") for path in WEBSHOP.rglob("*.tf"))
    assert all(literal in source for literal in literals)
    shown = ("--show-unknown", "--show-suppressed", "--format", format_, "-o", f"{format_}:report")
    code, output, errors = run("check", WEBSHOP, *shown)
    assert code == 1
    assert "PGF407" in output
    for literal in literals:
        assert literal not in output + errors + (tmp_path / "report").read_text("utf-8")


@pytest.mark.parametrize("format_", FORMATS)
def test_the_machine_is_in_no_output(run: Check, format_: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    assert str(ROOT) not in run("check", WEBSHOP, "--show-unknown", "--format", format_)[1]


def test_rules_are_listed(run: Check) -> None:
    code, output, _ = run("rules")
    assert code == 0
    *listed, _, ending = output.splitlines()
    rows = [line.split()[:3] for line in listed if line.startswith("  ")]
    assert rows == [[rule.id, rule.slug, rule.level.value] for rule in RULES]
    sections = [line for line in listed if line and not line.startswith(" ")]
    assert sections == [name for name in SECTIONS.values() if name in sections]
    assert [line for line in listed if "PGF806" in line] == [
        f"  PGF806  {'role-without-expiry':{max(len(rule.slug) for rule in RULES)}}  note     "
        "The password of a role never expires. (off by default)"
    ]
    assert ending.startswith(f"{len(RULES)} rules, {sum(not rule.default for rule in RULES)} of them off by default. ")


def test_the_list_of_rules_fits_a_terminal() -> None:
    for width in (72, 100):
        lines = ["".join(text for _, text in line) for line in catalogue.lines(RULES, width)]
        assert max(map(len, lines)) <= width
    assert " ".join(" ".join(lines).split()).count("The server accepts connections that are not encrypted.") == 1


def test_the_list_of_rules_is_coloured_when_asked(run: Check) -> None:
    plain, colored = run("rules")[1], run("rules", "--color", "always")[1]
    assert "\x1b[" in colored
    assert re.sub(r"\x1b\[[0-9;]*m", "", colored) == plain


def test_programs_get_all_that_rules_say(run: Check) -> None:
    rows = json.loads(run("rules", "--format", "json")[1])
    assert [row["id"] for row in rows] == [rule.id for rule in RULES]
    row = next(row for row in rows if row["id"] == "PGF802")
    assert row == json.loads(run("explain", "PGF802", "--format", "json")[1])
    assert (row["level"], row["default"], row["cwe"]) == ("warning", True, ["CWE-732"])
    assert row["options"][0] | {"summary": ""} == {
        "name": "allowed-privileges", "default": [], "summary": "", "least": None, "most": None, "pattern": "",
        "example": "",
    }  # fmt: skip
    assert set(row["not_in"]) == {"Bicep", "ARM JSON"}


def test_rules_are_listed_as_markdown(run: Check) -> None:
    output = run("rules", "--format", "markdown")[1]
    assert output.startswith(
        "## Data in transit\n\n| id | slug | level | what is wrong |\n|---|---|---|---|\n| [PGF101](https://"
    )
    assert re.findall(r"^\| \[(PGF\d+)\]", output, re.MULTILINE) == [rule.id for rule in RULES]


def test_rules_are_explained_by_id_and_slug(run: Check) -> None:
    code, output, _ = run("explain", "PGF301")
    assert code == 0
    assert output.startswith(
        "PGF301 firewall-open-to-internet\n================================\n\nThe firewall lets in"
    )
    assert max(len(line) for line in output.splitlines() if "://" not in line) <= FILE_WIDTH
    assert "\n    # pgflexlint: ignore[PGF301] reason\n" in output
    assert run("explain", "pgf301") == run("explain", "firewall-open-to-internet") == (code, output, "")


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)
def test_a_rule_is_explained_as_its_page_says(run: Check, rule: Rule) -> None:
    text, page = run("explain", rule.id)[1], run("explain", rule.id, "--format", "markdown")[1]
    assert (ROOT / rule.page).read_text("utf-8").startswith(page)
    words = set(re.findall(r"\w+", page)) - {"hcl"}
    assert words == set(re.findall(r"\w+", text))


# --- as a process of its own ------------------------------------------------------------------------------------


def test_the_version_is_said_without_loading_anything() -> None:
    code = "import sys, pgflexlint.cli\ntry: pgflexlint.cli.main(['--version'])\nfinally: print(*sys.modules)"
    run = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, env=scrubbed(), check=False, cwd=ROOT
    )
    version, modules = run.stdout.splitlines()[:2]
    assert version == f"pgflexlint {__version__}"
    loaded = set(modules.split())
    assert not {"hcl2", "lark", "rich", "sarif_om", "jsonschema", "yaml", "pathspec", "pgflexlint_rules"} & loaded
    assert not [name for name in loaded if name.startswith(("pgflexlint.syntax", "pgflexlint.evaluate"))]


def test_text_loads_neither_sarif_nor_rich_nor_the_grammar(write: Write) -> None:
    room = write({"main.tf": SERVER})
    code = f"import sys, pgflexlint.cli\nprint(pgflexlint.cli.main(['check', {str(room)!r}]), *sys.modules)"
    run = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, env=scrubbed(), check=False, cwd=room
    )
    exit_code, *loaded = run.stdout.splitlines()[-1].split()
    assert exit_code == "1"
    assert not {"hcl2", "lark", "rich", "sarif_om", "jsonschema", "typing_extensions", "inspect"} & set(loaded)


def test_the_module_and_the_script_are_the_same_program() -> None:
    assert pgflexlint("--version").stdout == f"pgflexlint {__version__}\n"
    assert pgflexlint("check", WEBSHOP).returncode == 1
    assert pgflexlint("rules").returncode == 0


def test_help_tells_the_exit_codes() -> None:
    for arguments in (("--help",), ("check", "--help")):
        assert "0 clean; 1 findings at or above --fail-on; 2 wrong usage" in pgflexlint(*arguments).stdout


@pytest.mark.parametrize("arguments", [("rules",), ("explain", "PGF101"), ("check", str(WEBSHOP))], ids=lambda a: a[0])
def test_a_reader_that_goes_away_is_no_error_of_ours(arguments: tuple[str, ...]) -> None:
    reader, writer = os.pipe()
    os.close(reader)
    command = [sys.executable, "-m", "pgflexlint", *arguments]
    try:
        run = subprocess.run(command, stdout=writer, stderr=subprocess.PIPE, env=scrubbed(), cwd=ROOT, check=False)
    finally:
        os.close(writer)
    assert run.stderr == b""
    assert run.returncode not in (4, 120)


@pytest.mark.parametrize("encoding", ["cp1252", "ascii"])
def test_a_terminal_that_cannot_show_a_character_gets_another(write: Write, encoding: str) -> None:
    room = write({"main.tf": SERVER.replace('"main"', '"データ"')})
    run = pgflexlint("check", "--select", "PGF701", cwd=room, encoding=encoding, PYTHONIOENCODING=encoding)
    assert run.returncode == 1
    assert "Backups of server" in run.stdout


@pytest.mark.parametrize("format_", FORMATS)
def test_a_file_name_that_is_no_text_can_be_shown(tmp_path: Path, format_: str) -> None:
    try:
        Path(os.fsdecode(os.fsencode(tmp_path) + b"/m\xff.tf")).write_text(SERVER, encoding="utf-8")
    except OSError:
        pytest.skip("this file system has text names only")
    run = pgflexlint("check", "--select", "PGF701", "--format", format_, "-o", f"{format_}:report", cwd=tmp_path)
    assert (run.returncode, run.stderr) == (1, "")


def test_an_internal_error_is_4_and_asks_to_be_reported(
    write: Write, run: Check, monkeypatch: pytest.MonkeyPatch
) -> None:
    write({"main.tf": SERVER})

    def broken(*_: object) -> None:
        raise ZeroDivisionError("oops")

    monkeypatch.setattr("pgflexlint.commands.check.analyze", broken)
    code, output, errors = run("check")
    assert (code, output) == (4, "")
    assert errors.startswith("pgflexlint: internal error (ZeroDivisionError: oops). This is a bug: please report it.")
    monkeypatch.setenv("PGFLEXLINT_DEBUG", "1")
    code, output, errors = run("check")
    assert (code, output) == (4, "")
    assert "in broken" in errors
    assert "ZeroDivisionError: oops" in errors


@pytest.mark.parametrize("debug", ["", "1"])
def test_what_an_internal_error_quotes_does_no_harm(
    write: Write, run: Check, monkeypatch: pytest.MonkeyPatch, debug: str
) -> None:
    write({"main.tf": SERVER})

    def broken(*_: object) -> None:
        raise ValueError("##[error]a\n::error::b\r##vso[task.complete]c\x1b[2Jd\u2028::error::e")

    monkeypatch.setattr("pgflexlint.commands.check.analyze", broken)
    monkeypatch.setenv("PGFLEXLINT_DEBUG", debug)
    code, output, errors = run("check")
    assert (code, output) == (4, "")
    for line in errors.split("\n"):
        assert line.isprintable()
        assert not line.lstrip().startswith("::")
        assert "##[" not in line
        assert "##vso[" not in line


# --- standard input ---------------------------------------------------------------------------------------------


def typed(monkeypatch: pytest.MonkeyPatch, content: str | bytes) -> None:
    stream = io.TextIOWrapper(io.BytesIO(content.encode() if isinstance(content, str) else content))
    monkeypatch.setattr("sys.stdin", stream)


@pytest.mark.parametrize("paths", [(), ("-",)])
def test_standard_input_stands_for_a_file(
    write: Write, run: Check, monkeypatch: pytest.MonkeyPatch, paths: tuple[str, ...]
) -> None:
    write({"infra/main.tf": SERVER, "infra/tls.tf": PARAMETER % '"on"'})
    check = ("check", "--select", "PGF101", "--format", "concise", "--stdin-filename", "infra/tls.tf", *paths)
    typed(monkeypatch, "\n" + PARAMETER % '"off"')
    code, output, _ = run(*check)
    assert (code, found(output)) == (1, ["PGF101 infra/tls.tf:5"])
    typed(monkeypatch, PARAMETER % '"on"')
    assert run(*check)[0] == 0


def test_the_file_need_not_be_there_yet(write: Write, run: Check, monkeypatch: pytest.MonkeyPatch) -> None:
    write({"infra/main.tf": SERVER})
    typed(monkeypatch, PARAMETER % '"off"')
    output = run("check", "--select", "PGF101", "--format", "concise", "--stdin-filename", "infra/new.tf")[1]
    assert found(output) == ["PGF101 infra/new.tf:4"]
    typed(monkeypatch, "resource db 'Microsoft.DBforPostgreSQL/flexibleServers@2024-08-01' = {\n  name: 'db'\n}\n")
    output = run("check", "--select", "PGF305", "--format", "concise", "--stdin-filename", "new.bicep")[1]
    assert found(output) == ["PGF305 new.bicep:1"]


def test_standard_input_that_is_no_text_is_a_problem(write: Write, run: Check, monkeypatch: pytest.MonkeyPatch) -> None:
    write({"main.tf": SERVER})
    typed(monkeypatch, b"\xff\xff")
    code, output, _ = run("check", "--select", "PGF101", "--format", "concise", "--stdin-filename", "b.tf")
    assert code == 3
    assert problems(output) == [
        "b.tf: problem unreadable-file This file is not UTF-8 text: see line 1. Save it as UTF-8, or exclude it."
    ]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("-",), "'-' is standard input, and --stdin-filename must name the file that it stands for."),
        (
            ("--stdin-filename", "b.tf", "main.tf"),
            "--stdin-filename cannot be combined with another path, such as 'main.tf'.",
        ),
        (("--stdin-filename", "."), "--stdin-filename must be a file, but '.' is a directory."),
    ],
)
def test_standard_input_without_one_file_is_2(write: Write, run: Check, arguments: tuple[str, ...], said: str) -> None:
    write({"main.tf": SERVER})
    assert run("check", *arguments) == (2, "", f"pgflexlint: {said}\n")


# --- how much was looked at -------------------------------------------------------------------------------------


def test_statistics_say_what_was_looked_at_and_what_was_not_and_why(write: Write, run: Check) -> None:
    schema = '{"$schema": "https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#"}'
    write(
        {
            "main.tf": SERVER,
            "prod.tfvars": "a = 1\n",
            "terraform.tfvars": "\n",
            "network/main.tf": 'resource "azurerm_virtual_network" "a" {}\n',
            "broken/main.tf": b"postgres \xff",
            "package.json": "{}",
            "empty.json": schema,
            "old/main.tf": "",
            "notes.md": "",
        }
    )
    check = ("check", "--select", "PGF701,PGF702,PGF703,PGF305", "--statistics", "--exclude", "prod.tfvars")
    output = run(*check, "--format", "concise")[1]
    lines = output.splitlines()
    first = next(index for index, line in enumerate(lines) if " seen, " in line)
    assert lines[first:-1] == [
        "8 files seen, 2 analysed",
        "  nothing to do with PostgreSQL: 3 (empty.json, network/main.tf, old/main.tf)",
        "  JSON that is not an ARM template: 1 (package.json)",
        "  cannot be read: 1 (broken/main.tf)",
        "  excluded: 1 (prod.tfvars)",
        "1 root, 1 scenario, 1 server, 4 rules",
        "     1  PGF305  public-network-access-enabled  note",
        "     1  PGF701  geo-redundant-backup-disabled  warning",
        "     1  PGF702  backup-retention-short         note",
        "     1  PGF703  high-availability-disabled     note",
    ]
    text = run(*check)[1]
    assert "\n".join(lines[first:-1]) in text
    coverage = json.loads(run(*check[:-2], "--format", "json")[1])["coverage"]
    assert coverage["left"]["values that no root uses"] == ["prod.tfvars"]
    assert (coverage["seen"], coverage["analysed"], coverage["scenarios"]) == (8, 2, 1)


def test_a_link_to_another_directory_is_counted_and_not_followed(write: Write, run: Check) -> None:
    room = write({".git/HEAD": "", "shared/main.tf": SERVER, "live/main.tf": "locals {}\n"})
    (room / "live/shared").symlink_to("../shared", target_is_directory=True)
    (room / "live/loop").symlink_to("..", target_is_directory=True)
    output = run("check", "live", "--statistics")[1]
    assert "  links to other directories: 2 (live/loop/, live/shared/)\n" in output
    assert found(run("check", "--select", "PGF702", "--format", "concise")[1]) == ["PGF702 shared/main.tf:7"]


def test_a_compiled_template_and_a_broken_file_have_reasons_of_their_own(write: Write, run: Check) -> None:
    template = '{"$schema": "https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#",'
    template += ' "metadata": {"_generator": {"name": "bicep"}}, "resources": [{"name": "db",'
    template += ' "type": "Microsoft.DBforPostgreSQL/flexibleServers", "apiVersion": "2024-08-01"}]}'
    server = "resource db 'Microsoft.DBforPostgreSQL/flexibleServers@2024-08-01' = {\n  name: 'db'\n}\n"
    write({"main.bicep": server, "main.json": template, "bad.json": template[:120].replace("metadata", "postgres")})
    left = json.loads(run("check", "--format", "json")[1])["coverage"]["left"]
    assert left["compiled from the Bicep file beside it"] == ["main.json"]

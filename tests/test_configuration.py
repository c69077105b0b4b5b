"""The configuration file: which one counts, what each key does, and what is said of a wrong one."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import tomllib
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator, FormatChecker
from msgspec.structs import replace

import pgflexlint_rules
from pgflexlint.baseline import dumps
from pgflexlint.configfile import conforms, line_of, load
from pgflexlint.configuration import KEYS, option_value, plain, schema
from pgflexlint.model import Server
from pgflexlint.problem import UsageError
from pgflexlint.rule import TODAY, Fail, Option, Rule, Verdict
from pgflexlint.source import SourceFile
from pgflexlint_rules import RULES
from tests.command_line import PARAMETER, SERVER, Check, Write, found, problems
from tests.console import scrubbed
from tests.work import calls

CHECK = ("check", "--format", "concise")
OPTIONS = (
    Option("fewest", 3, "How many there must be.", 1, 9),
    Option("share", 0.5, "How much of it."),
    Option("name", "x", "What it is called."),
    Option("after", date(2027, 1, 31), "From when on."),
    Option("also_these", ("a", "b"), "What else."),
    Option("closely", False, "Whether to look closely."),
    Option("size", "1 GB", "How big it is.", pattern=r"\d+ [GM]B"),
    Option("sizes", (), "How big they are.", pattern=r"\d+ [GM]B"),
    Option("as_of", TODAY, "The day for which it is judged."),
)


def ids(output: str) -> set[str]:
    return {line.split()[0] for line in found(output)}


def told(server: Server, **options: Any) -> Any:
    """A check that says what it was told."""
    yield from _told(server, options)


def _told(server: Server, options: dict[str, Any]) -> list[Verdict]:
    return [Fail(server.header, "told", (repr(options),))]


@pytest.fixture
def talkative(monkeypatch: pytest.MonkeyPatch) -> Rule:
    """PGF702 with an option of every type, and a finding that tells them."""
    (old,) = (rule for rule in RULES if rule.id == "PGF702")
    rule = replace(old, options=OPTIONS, check=told, messages={"told": "It is told '{0}'."})
    rules = tuple(rule if each is old else each for each in RULES)
    for module in ("config", "baseline", "trace"):  # first, so that none of them is imported with these rules
        monkeypatch.setattr(f"pgflexlint.commands.{module}.RULES", rules)
    monkeypatch.setattr(pgflexlint_rules, "RULES", rules)
    return rule


# --- which file counts ------------------------------------------------------------------------------------------


def test_the_nearest_file_up_the_tree_counts(write: Write, run: Check) -> None:
    write(
        {
            ".git/HEAD": "",
            "pyproject.toml": '[tool.pgflexlint]\nselect = ["PGF305"]\n',
            "main.tf": SERVER,
            "team/pyproject.toml": '[tool.other]\nkey = "pgflexlint"\n',
            "team/infra/main.tf": SERVER,
            "other/.pgflexlint.toml": 'select = ["PGF701"]\n',
            "other/main.tf": SERVER,
        }
    )
    assert ids(run(*CHECK)[1]) == {"PGF305"}
    assert found(run(*CHECK, "team/infra")[1]) == ["PGF305 team/infra/main.tf:9"]
    assert found(run(*CHECK, "other")[1]) == ["PGF701 other/main.tf:8"]
    assert found(run(*CHECK, "other/main.tf")[1]) == ["PGF701 other/main.tf:8"]
    assert ids(run(*CHECK, "other", "team")[1]) == {"PGF305"}, "what they share counts"


def test_no_file_above_the_git_checkout_counts(write: Write, run: Check) -> None:
    write({".pgflexlint.toml": 'select = ["PGF305"]\n', "repo/.git/HEAD": "", "repo/main.tf": SERVER})
    assert len(ids(run(*CHECK, "repo")[1])) > 1


@pytest.mark.parametrize(
    "project",
    [
        '[tool.pgflexlint]\nselect = ["PGF305"]\n',
        '[tool]\npgflexlint.select = ["PGF305"]\n',
        '[tool]\npgflexlint = { select = ["PGF305"] }\n',
        'tool.pgflexlint.select = ["PGF305"]\n',
        '[ tool . "pgflexlint" ]\nselect = ["PGF305"]\n',
    ],
)
def test_the_table_may_be_written_in_all_of_toml_s_ways(write: Write, run: Check, project: str) -> None:
    room = write({"pyproject.toml": project, "main.tf": SERVER})
    assert ids(run(*CHECK)[1]) == {"PGF305"}
    (room / ".pgflexlint.toml").write_text('select = ["PGF701"]\n', encoding="utf-8")
    assert ids(run(*CHECK)[1]) == {"PGF701"}, "our own file counts for more than the project's"


def test_another_file_can_be_given_and_all_can_be_left_out(write: Write, run: Check) -> None:
    write(
        {
            ".pgflexlint.toml": 'select = ["PGF305"]\n',
            "ci/strict.toml": 'select = ["PGF701"]\nexclude = ["old"]\n',
            "ci/pyproject.toml": '[tool.pgflexlint]\nselect = ["PGF702"]\n',
            "main.tf": SERVER,
            "old/main.tf": SERVER,
        }
    )
    assert found(run(*CHECK, "--config", "ci/strict.toml")[1]) == ["PGF701 main.tf:8"], "globs of the current directory"
    assert ids(run(*CHECK, "--config", "ci/pyproject.toml")[1]) == {"PGF702"}
    everything = run(*CHECK, "--isolated")
    assert run(*CHECK, "--no-config") == everything
    assert {"PGF305", "PGF701"} < ids(everything[1])
    assert run(*CHECK, "--isolated", "--config", "ci/strict.toml") == (
        2, "", "pgflexlint: --config cannot be combined with --isolated.\n",
    )  # fmt: skip
    assert run(*CHECK, "--config", "ci/loose.toml") == (
        2, "", "pgflexlint: There is no configuration 'ci/loose.toml'.\n",
    )  # fmt: skip


def test_a_link_out_of_the_checkout_is_not_read(write: Write, run: Check, tmp_path: Path) -> None:
    write({"secret": 'select = ["PGF305"]\n', "repo/.git/HEAD": "", "repo/main.tf": SERVER})
    (tmp_path / "repo" / ".pgflexlint.toml").symlink_to(tmp_path / "secret")
    code, output, errors = run(*CHECK, "repo")
    assert (code, output) == (2, "")
    assert errors == "pgflexlint: 'repo/.pgflexlint.toml' is a link to a file outside the scanned directory.\n"


def test_a_project_that_is_a_link_inside_the_checkout_is_read(write: Write, run: Check, tmp_path: Path) -> None:
    write({"a/p.toml": '[tool.pgflexlint]\nselect = ["PGF305"]\n', ".git/HEAD": "", "main.tf": SERVER})
    (tmp_path / "pyproject.toml").symlink_to(tmp_path / "a" / "p.toml")
    assert ids(run(*CHECK)[1]) == {"PGF305"}


TOO_LARGE = (2, "", "pgflexlint: 'pyproject.toml' is larger than 1 MiB.\n")


def test_a_project_larger_than_the_limit_is_not_read(write: Write, run: Check, tmp_path: Path) -> None:
    write({"main.tf": SERVER, "pyproject.toml": b"[tool.pgflexlint]\n#" + b"x" * 2**20})
    assert run(*CHECK) == TOO_LARGE
    os.truncate(tmp_path / "pyproject.toml", 2**34)
    assert run(*CHECK) == TOO_LARGE


def test_a_project_larger_than_the_limit_is_not_parsed(write: Write, run: Check) -> None:
    def work(keys: int) -> int:
        write({"main.tf": SERVER, "pyproject.toml": "[tool]\n" + "".join(f"a{at}=1\n" for at in range(keys))})
        return calls(run, *CHECK)

    work(1)  # loads what a run needs
    assert work(150_000) < work(1)


# --- what is wrong with a file ----------------------------------------------------------------------------------


NO_ROOT = "'scenarios[0].root' must be a directory with Terraform files, or a Bicep or ARM template"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("\nselct = []\n", "2: There is no key 'selct'; did you mean 'select'?"),
        ("zzz = 1\n", "1: There is no key 'zzz'."),
        ('select = ["PGF999"]\n', "1: 'select' names 'PGF999', which is not a rule; did you mean 'PGF9'?"),
        (
            'ignore = [\n  "PGF3",  # the firewall\n  "firewall-open-internet",\n]\n',
            "3: 'ignore' names 'firewall-open-internet', which is not a rule;"
            " did you mean 'firewall-open-to-internet'?",
        ),
        (
            'rules.PGF301.allowed = ["20.0.0.0/40"]\n',
            "1: 'rules.PGF301.allowed[0]' must be a string such as '20.50.2.0/24', not '20.0.0.0/40'.",
        ),
        ('select = ["pgf701"]\n', "1: 'select' names 'pgf701', which is not a rule; did you mean 'PGF701'?"),
        (
            'select = ["PGF1,PGF705"]\n',
            "1: 'select' names 'PGF1,PGF705', which is not a rule. Write each rule in quotes of its own.",
        ),
        ("select = [1]\n", "1: 'select[0]' must be a string, not a number."),
        ("rules.PGF702.level = true\n", "1: 'rules.PGF702.level' must be a string, not true."),
        (
            '\nscenarios = {root = "."}\n',
            "2: 'scenarios' must be a list, not a table. Write its name in double brackets.",
        ),
        (
            '\nbaseline = "none.json"\n',
            "2: There is no baseline 'none.json'. Run 'pgflexlint baseline create' to write one.",
        ),
        ('Fail-On = "error"\n', "1: There is no key 'Fail-On'; did you mean 'fail-on'?"),
        ('fail-on = "eror"\n', "1: 'fail-on' must be 'error', 'warning', 'note' or 'never', not 'eror'."),
        ('\n\nexclude = "examples"\n', "3: 'exclude' must be a list, not a string."),
        ("exclude = [3]\n", "1: 'exclude[0]' must be a string, not a number."),
        ("require-reason = 1\n", "1: 'require-reason' must be true or false, not a number."),
        ("baseline = true\n", "1: 'baseline' must be a string, not true."),
        ("baseline = 2027-01-31\n", "1: 'baseline' must be a string, not a date or time."),
        ("exclude = [2027-01-31]\n", "1: 'exclude[0]' must be a string, not a date or time."),
        ("select = [2027-01-31]\n", "1: 'select[0]' must be a string, not a date or time."),
        ("fail-on = 07:32:00\n", "1: 'fail-on' must be a string, not a date or time."),
        ("[[scenarios]]\nroot = 2027-01-31\n", "2: 'scenarios[0].root' must be a string, not a date or time."),
        (
            '[[allow]]\nrules = ["PGF1"]\nreason = "x"\naddress = 2027-01-31\n',
            "4: 'allow[0].address' must be a string, not a date or time.",
        ),
        ("rules.PGF705.level = 2027-01-31\n", "1: 'rules.PGF705.level' must be a string, not a date or time."),
        (
            "rules.PGF705.as-of = 2027-01-31T10:00:00\n",
            "1: 'rules.PGF705.as-of' must be a date such as 2027-01-31, not '2027-01-31T10:00:00'.",
        ),
        ("[rules.PGF702]\nminimum = 3\n", "2: Rule PGF702 has no option 'minimum'. It has 'days', 'level'."),
        ('[rules.PGF702]\nlevel = "note"\nlvel = "x"\n', "3: Rule PGF702 has no option 'lvel'; did you mean 'level'?"),
        (
            '[rules.backup-retention]\nlevel = "note"\n',
            "1: 'rules' configures 'backup-retention', which is not a rule; did you mean 'backup-retention-short'?",
        ),
        ('rules.PGF702.level = "off"\n', "1: 'rules.PGF702.level' must be 'error', 'warning' or 'note', not 'off'."),
        ("[rules]\nPGF702 = 3\n", "2: 'rules.PGF702' must be a table, not a number."),
        (
            '[rules.PGF702]\nlevel = "note"\n[rules.backup-retention-short]\nlevel = "error"\n',
            "3: 'backup-retention-short' and 'PGF702' are the same rule. Merge their tables.",
        ),
        ('[[allow]]\nrules = ["PGF702"]\n', "1: 'allow[0]' needs 'reason'."),
        (
            '[[allow]]\nrules = ["PGF7"]\nreason = "x"\n\n[[allow]]\nrules = ["PGF7"]\n'
            'reason = "y"\nuntl = 2027-01-31\n',
            "8: 'allow[1]' has no key 'untl'; did you mean 'until'?",
        ),
        (
            '[[allow]]\nrules = ["PGF7"]\nreason = "x"\nuntil = "soon"\n',
            "4: 'allow[0].until' must be a date such as 2027-01-31, not 'soon'.",
        ),
        ('[[scenarios]]\nname = "prod"\n', "1: 'scenarios[0]' needs 'root'."),
        ('[[scenarios]]\nroot = "gone"\n', "2: 'scenarios[0]' names 'gone', which does not exist."),
        ('[[scenarios]]\nroot = "../"\n', "2: 'scenarios[0]' points to '../', outside the scanned directory."),
        (
            '[[scenarios]]\nroot = "."\nvar-files = ["prod.tfvars"]\n',
            "3: 'scenarios[0]' names 'prod.tfvars', which does not exist.",
        ),
        (
            '[[scenarios]]\nroot = "."\nparameters = ["x"]\n',
            "3: 'scenarios[0]' has a Terraform directory as its root, which takes 'var-files', not 'parameters'.",
        ),
        (
            '[[scenarios]]\nroot = "main.bicep"\nvar-files = ["x"]\n',
            "3: 'scenarios[0]' has a template as its root, which takes 'parameters', not 'var-files'.",
        ),
        ('[[scenarios]]\nroot = "main.tf"\nparameters = ["p.json"]\n', f"2: {NO_ROOT}, not 'main.tf'."),
        ('[[scenarios]]\nroot = "main.tf"\nvar-files = ["p.tfvars"]\n', f"2: {NO_ROOT}, not 'main.tf'."),
        ('[[scenarios]]\nname = "x"\nroot = "main.tf.json"\n', f"3: {NO_ROOT}, not 'main.tf.json'."),
        ('[[scenarios]]\nroot = "p.tfvars"\n', f"2: {NO_ROOT}, not 'p.tfvars'."),
        ('[[scenarios]]\nroot = "p.bicepparam"\n', f"2: {NO_ROOT}, not 'p.bicepparam'."),
        ('[[scenarios]]\nroot = "portal"\n', f"2: {NO_ROOT}, not 'portal'."),
        (
            '[[scenarios]]\nroot = "."\n[[scenarios]]\nroot = "./"\n',
            "4: 'scenarios[1]' repeats the name 'defaults' for root './'.",
        ),
    ],
)
def test_a_mistake_is_said_with_its_line_and_what_would_be_right(
    write: Write, run: Check, text: str, said: str
) -> None:
    others = dict.fromkeys(
        ("main.bicep", "main.tf.json", "p.json", "p.tfvars", "p.bicepparam", "portal/main.bicep"), ""
    )
    room = write({".pgflexlint.toml": text, "main.tf": SERVER, **others})
    assert run(*CHECK) == (2, "", f"pgflexlint: .pgflexlint.toml:{said}\n")
    (room / ".pgflexlint.toml").unlink()
    table = text.replace("[[", "[[tool.pgflexlint.").replace("\n[r", "\n[tool.pgflexlint.r")
    table = f"[tool.pgflexlint.{table[1:]}" if table.startswith("[r") else table
    if not table.startswith("["):
        table = f"[tool.pgflexlint]\n{table}"
        line, _, rest = said.partition(":")
        said = f"{int(line) + 1}:{rest}"
    (room / "pyproject.toml").write_text(table, encoding="utf-8")
    assert run(*CHECK) == (2, "", f"pgflexlint: pyproject.toml:{said}\n")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[tool]\npgflexlint = 3\n", "2: 'tool.pgflexlint' must be a table, not a number"),
        ('[tool]\npgflexlint = "x"\n', "2: 'tool.pgflexlint' must be a table, not a string"),
        ("\n[[tool.pgflexlint]]\nselect = []\n", "2: 'tool.pgflexlint' must be a table, not a list"),
        ("tool = 3\n", "1: 'tool' must be a table, not a number"),
    ],
)
def test_what_should_be_our_table_and_is_none_is_said(write: Write, run: Check, text: str, said: str) -> None:
    write({"pyproject.toml": text, "main.tf": SERVER})
    assert run(*CHECK) == (2, "", f"pgflexlint: pyproject.toml:{said}. Write the keys below [tool.pgflexlint].\n")


def test_the_table_of_a_project_is_not_for_our_own_file(write: Write, run: Check) -> None:
    write({".pgflexlint.toml": '\n[tool.pgflexlint]\nselect = ["PGF1"]\n', "main.tf": SERVER})
    said = "pgflexlint: .pgflexlint.toml:2: Write the keys at the top of this file, without 'tool.pgflexlint'.\n"
    assert run(*CHECK) == (2, "", said)
    write({".pgflexlint.toml": "[tool]\nx = 1\n"})
    assert run(*CHECK)[2] == "pgflexlint: .pgflexlint.toml:1: There is no key 'tool'.\n"


def test_a_mistake_is_said_as_seen_from_the_current_directory(
    write: Write, run: Check, monkeypatch: pytest.MonkeyPatch
) -> None:
    room = write({".git/HEAD": "", ".pgflexlint.toml": "\nselct = []\n", "infra/main.tf": SERVER, "x.toml": "a = b\n"})
    monkeypatch.chdir(room / "infra")
    assert run(*CHECK)[2] == "pgflexlint: ../.pgflexlint.toml:2: There is no key 'selct'; did you mean 'select'?\n"
    assert run(*CHECK, "--config", "../x.toml")[2].startswith("pgflexlint: ../x.toml:1:5: This is not valid TOML: ")
    (room / ".pgflexlint.toml").write_text('[[scenarios]]\nroot = "gone"\n', encoding="utf-8")
    assert run(*CHECK)[2].startswith("pgflexlint: ../.pgflexlint.toml:2: 'scenarios[0]' names 'gone'")
    (room / ".pgflexlint.toml").write_text('ignore = ["PGF7"]\n', encoding="utf-8")
    assert 'ignore = ["PGF7"] # ../.pgflexlint.toml:1' in " ".join(run("config", "show")[1].split())
    (room / ".pgflexlint.toml").unlink()
    (room / ".pgflexlint.toml").symlink_to("/etc/hostname")
    assert run(*CHECK)[2] == "pgflexlint: '../.pgflexlint.toml' is a link to a file outside the scanned directory.\n"


def test_all_mistakes_are_said_in_the_order_of_the_file(write: Write, run: Check) -> None:
    write({".pgflexlint.toml": 'fail-on = "x"\nselct = []\nexclude = 1\n', "main.tf": SERVER})
    lines = run(*CHECK)[2].splitlines()
    assert [line.split(":")[2] for line in lines] == ["1", "2", "3"]


_LONG_KEY = "This is not valid TOML: A key has more than 100 parts."


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"select = [\n", ".pgflexlint.toml: This is not valid TOML: Invalid value (at end of document)."),
        (b"a = 1\nb = = 2\n", ".pgflexlint.toml:2:5: This is not valid TOML: Invalid value."),
        (b"a = '\xff'\n", "'.pgflexlint.toml' cannot be read: This file is not UTF-8 text: see line 1."),
        (b"#" * (2**20 + 1), "'.pgflexlint.toml' is larger than 1 MiB."),
        (b"#\na = " + b"9" * 4301, ".pgflexlint.toml:2:1: This is not valid TOML: A number is too long."),
        (b"#\na = -" + b"9" * 5000, ".pgflexlint.toml:2:1: This is not valid TOML: A number is too long."),
        *(
            (
                b"[rules.PGF702]\ndays = 0" + digits,
                ".pgflexlint.toml:2:1: This is not valid TOML: A number is too long.",
            )
            for digits in (b"x" + b"f" * 3600, b"o" + b"7" * 5000, b"b" + b"1" * 15_000)
        ),
        (
            b"".join(b"a%d." % at + b"a." * 74 + b"a = 1\n" for at in range(6000)),
            ".pgflexlint.toml:134:1: This is not valid TOML: The keys have more than 10,000 parts.",
        ),
        (b"x = 1\n" + b"a." * 16_000 + b"a = 1\n", f".pgflexlint.toml:2:1: {_LONG_KEY}"),
        (b'x = """\n"""\n[' + b'"a" . ' * 16_000 + b"a]\n", f".pgflexlint.toml:3:1: {_LONG_KEY}"),
        (b"a = " + b"[" * 5000 + b"]" * 5000, ".pgflexlint.toml: This is not valid TOML: It is nested too deeply."),
        (b"a = '" + b"a." * 200 + b"'", ".pgflexlint.toml:1: There is no key 'a'."),
    ],
)
def test_a_file_that_cannot_be_read_is_said(write: Write, run: Check, content: bytes, said: str) -> None:
    write({".pgflexlint.toml": content, "main.tf": SERVER})
    assert run(*CHECK) == (2, "", f"pgflexlint: {said}\n")


def test_a_project_file_that_is_no_toml_is_said_where_it_may_have_the_table(write: Write, run: Check) -> None:
    write({"pyproject.toml": "[tool.pgflexlint]\nselect = [\n", "main.tf": SERVER})
    assert run(*CHECK)[2].startswith("pgflexlint: pyproject.toml: This is not valid TOML: ")


@pytest.mark.parametrize("hostile", ["a.b = 1\n" * 3000 + "selct = 1\n", "x" * 200_000 + " = 1\n", "a = " + "[" * 9000])
def test_a_hostile_file_costs_no_more_than_a_moment(write: Write, run: Check, hostile: str) -> None:
    write({".pgflexlint.toml": hostile, "main.tf": SERVER})
    assert run(*CHECK)[0] == 2


# --- what each key does -----------------------------------------------------------------------------------------


def test_rules_are_selected(write: Write, run: Check) -> None:
    write(
        {
            ".pgflexlint.toml": 'select = ["PGF701", "PGF702", "PGF703"]\nextend-select = ["PGF305"]\n'
            'ignore = ["high-availability-disabled"]\n',
            "main.tf": SERVER,
        }
    )
    assert ids(run(*CHECK)[1]) == {"PGF305", "PGF701", "PGF702"}
    assert ids(run(*CHECK, "--ignore", "PGF701")[1]) == {"PGF305", "PGF702"}, "the command line takes away more"
    assert ids(run(*CHECK, "--extend-select", "PGF703")[1]) == {"PGF305", "PGF701", "PGF702", "PGF703"}
    assert ids(run(*CHECK, "--select", "PGF703")[1]) == {"PGF703"}, "and selects anew"


def test_a_selection_without_any_rule_is_2(write: Write, run: Check) -> None:
    write({".pgflexlint.toml": 'ignore = ["ALL"]\n', "main.tf": SERVER})
    assert run(*CHECK) == (2, "", "pgflexlint: No rule is left to run. Check what is selected and ignored.\n")


def test_what_is_excluded_is_left_out(write: Write, run: Check) -> None:
    write(
        {
            ".git/HEAD": "",
            ".pgflexlint.toml": 'select = ["PGF305"]\nexclude = ["examples", "*.draft.tf"]\n',
            "live/main.tf": SERVER,
            "live/b.draft.tf": SERVER.replace("main", "draft"),
            "examples/main.tf": SERVER,
        }
    )
    assert found(run(*CHECK)[1]) == ["PGF305 live/main.tf:9"]
    assert found(run(*CHECK, "live")[1]) == ["PGF305 live/main.tf:9"], "globs are relative to the file"
    elsewhere = ["PGF305 examples/main.tf:9", "PGF305 live/b.draft.tf:9"]
    assert found(run(*CHECK, "--exclude", "live/main.tf")[1]) == elsewhere, "the command line counts for more"
    assert found(run(*CHECK, "live/b.draft.tf")[1]) == ["PGF305 live/b.draft.tf:9"], "what is named is looked at"


def test_globs_of_the_command_line_are_relative_to_the_current_directory_also_above_the_checkout(
    write: Write, run: Check
) -> None:
    write(
        {
            "shop/.git/HEAD": "",
            "shop/main.tf": SERVER,
            "shop/examples/main.tf": SERVER,
            "shop/shop/main.tf": SERVER,
        }
    )
    check = (*CHECK, "--select", "PGF305")
    rest = ["PGF305 shop/main.tf:9", "PGF305 shop/shop/main.tf:9"]
    for glob in ("shop/examples/**", "/shop/examples", "examples", "*/examples"):
        assert found(run(*check, "shop", "--exclude", glob)[1]) == rest, glob
    assert len(found(run(*check, "shop", "--exclude", "/examples")[1])) == 3, "there is no such directory here"


EXCLUDED: dict[str, str | bytes] = {
    ".git/HEAD": "",
    ".gitignore": "scratch/\n*.local.tf\n",
    ".pgflexlint.toml": 'select = ["PGF305"]\nexclude = ["legacy", "*.draft.tf", "!legacy/kept"]\n',
    "live/main.tf": SERVER,
    "live/b.draft.tf": SERVER.replace("main", "draft"),
    "live/c.local.tf": SERVER.replace("main", "local"),
    "legacy/main.tf": SERVER,
    "legacy/kept/main.tf": SERVER,
    "scratch/deep/main.tf": SERVER,
}
NAMED = [path for path in EXCLUDED if path.endswith(".tf")]


@pytest.mark.parametrize("how", ["option", "key"])
def test_what_is_named_can_be_excluded_as_well(write: Write, run: Check, how: str) -> None:
    room = write(EXCLUDED)
    if how == "key":
        (room / ".pgflexlint.toml").write_text(f"{EXCLUDED['.pgflexlint.toml']!s}force-exclude = true\n")
    check = (*CHECK, "--force-exclude") if how == "option" else CHECK
    kept = ["PGF305 live/c.local.tf:9", "PGF305 live/main.tf:9", "PGF305 scratch/deep/main.tf:9"]
    assert found(run(*check, *NAMED)[1]) == kept, "what Git ignores may still be tracked"
    assert found(run(*check, "legacy", "scratch/deep", "live")[1]) == kept[1:]
    for path in ("live/b.draft.tf", "legacy/main.tf", "legacy/kept/main.tf"):
        code, output, _ = run(*check, path)
        assert (code, found(output), problems(output)) == (0, [], []), path
    assert "excluded: 2 (legacy/, live/b.draft.tf)" in run(*check, *NAMED, "--statistics")[1]


@pytest.mark.parametrize("configured", ["true", "false"])
@pytest.mark.parametrize("path", ["legacy/main.tf", "live/b.draft.tf"])
def test_the_last_option_says_whether_exclusion_is_forced(write: Write, run: Check, configured: str, path: str) -> None:
    room = write(EXCLUDED)
    (room / ".pgflexlint.toml").write_text(f"{EXCLUDED['.pgflexlint.toml']!s}force-exclude = {configured}\n")
    force, not_force = "--force-exclude", "--no-force-exclude"
    assert found(run(*CHECK, path)[1]) == ([] if configured == "true" else [f"PGF305 {path}:9"])
    for options, expected in {
        (force,): [],
        (not_force,): [f"PGF305 {path}:9"],
        (force, not_force): [f"PGF305 {path}:9"],
        (not_force, force): [],
    }.items():
        assert found(run(*CHECK, *options, path)[1]) == expected, options


def test_what_is_named_is_looked_at_unless_exclusion_is_forced(write: Write, run: Check) -> None:
    write(EXCLUDED)
    assert len(found(run(*CHECK, *NAMED)[1])) == len(NAMED)


def test_where_all_that_is_named_is_excluded_nothing_is_judged(write: Write, run: Check) -> None:
    write(
        {
            **EXCLUDED,
            "app/main.bicep": TEMPLATE,
            "app/prod.bicepparam": "using 'main.bicep'\nparam public = 'Enabled'\n",
            "legacy/allowed.toml": '[[allow]]\nrules = ["PGF305"]\nreason = "x"\naddress = "nobody"\n',
        }
    )
    check = (*CHECK, "--force-exclude", "legacy/main.tf")
    assert run(*check, "--quiet") == (0, "", "")
    assert run(*check, "--quiet", "--parameters", "app/prod.bicepparam") == (0, "", "")
    assert run(*check, "--quiet", "--config", "legacy/allowed.toml", "--exclude", "legacy") == (0, "", "")


def test_a_module_that_is_excluded_by_force_is_read_where_it_is_called(write: Write, run: Check) -> None:
    write(
        {
            ".git/HEAD": "",
            ".pgflexlint.toml": 'select = ["PGF305"]\nexclude = ["modules"]\nforce-exclude = true\n',
            "main.tf": 'module "db" {\n  source = "./modules/db"\n}\n',
            "modules/db/main.tf": SERVER,
        }
    )
    assert found(run(*CHECK, "main.tf")[1]) == ["PGF305 modules/db/main.tf:9"]
    assert found(run(*CHECK, "modules/db/main.tf", "main.tf")[1]) == ["PGF305 modules/db/main.tf:9"]
    assert found(run(*CHECK, "modules/db/main.tf")[1]) == ["PGF305 modules/db/main.tf:9"], "as a scan of all would"


TEMPLATE = """\
param public string

resource db 'Microsoft.DBforPostgreSQL/flexibleServers@2024-08-01' = {
  name: 'db'
  properties: { network: { publicNetworkAccess: public } }
}
"""
USED: dict[str, str | bytes] = {
    ".git/HEAD": "",
    ".pgflexlint.toml": 'select = ["PGF305"]\nfail-on = "note"\n'
    'exclude = ["modules", "*.mod.bicep", "data", "draft.*"]\n',
    "modules/pg/main.tf": SERVER.replace("enabled = true", "enabled = var.public") + 'variable "public" {}\n',
    "modules/pg/more.tf": SERVER.replace('"main"', '"more"'),
    "modules/unused/main.tf": SERVER + "x = = y\n",
    "modules/unused/main.TF": "",
    "modules/deep/main.tf": 'module "pg" {\n  source = "../pg"\n  public = true\n}\n',
    "data/public.yaml": "postgresql:\n  public: true\n",
    "data/unused.yaml": "postgresql:\n  public: true\n",
    "live/main.tf": 'module "deep" {\n  source = "../modules/deep"\n}\nlocals {\n'
    '  read = yamldecode(file("${path.module}/../data/${local.name}.yaml"))\n  name = "public"\n}\n'
    + SERVER.replace("enabled = true", "enabled = local.read.postgresql.public"),
    "app/main.bicep": "module db 'db.mod.bicep' = {\n  name: 'db'\n  params: { public: 'Enabled' }\n}\n",
    "app/db.mod.bicep": TEMPLATE,
    "app/other.mod.bicep": TEMPLATE.replace(": public", ": 'Enabled'"),
    "broken/main.tf": SERVER + "x = = y\n",
    "broken/draft.tf": SERVER.replace('"main"', '"draft"'),
    "broken/draft.auto.tfvars": "public = true\n",
}  # fmt: skip


@pytest.mark.parametrize(
    ("named", "places"),
    [
        ("modules/pg/main.tf", ["modules/pg/main.tf:9"]),
        ("modules/pg/more.tf", ["modules/pg/more.tf:9"]),
        ("modules/deep/main.tf", ["modules/pg/main.tf:9", "modules/pg/more.tf:9"]),
        ("data/public.yaml", ["live/main.tf:16"]),
        ("app/db.mod.bicep", ["app/db.mod.bicep:5"]),
        ("modules/unused/main.tf", []),
        ("modules/unused/main.TF", []),
        ("data/unused.yaml", []),
        ("app/other.mod.bicep", []),
        ("broken/draft.tf", []),
        ("broken/draft.auto.tfvars", []),
    ],
)
def test_a_file_that_is_excluded_by_force_counts_where_it_is_used(
    write: Write, run: Check, named: str, places: list[str]
) -> None:
    write(USED)
    code, output, errors = run(*CHECK, "--force-exclude", "--quiet", "--", named)
    assert (found(output), problems(output), errors) == ([f"PGF305 {place}" for place in places], [], "")
    assert code == (1 if places else 0)
    assert set(found(output)) <= set(found(run(*CHECK)[1])), "as in a scan of everything"


def test_a_module_that_is_excluded_is_still_read_where_it_is_called(write: Write, run: Check) -> None:
    write(
        {
            ".pgflexlint.toml": 'select = ["PGF305"]\nexclude = ["modules"]\n',
            "main.tf": 'module "db" {\n  source = "./modules/db"\n}\n',
            "modules/db/main.tf": SERVER,
        }
    )
    assert found(run(*CHECK)[1]) == ["PGF305 modules/db/main.tf:9"]


DECIDED: dict[str, str | bytes] = {
    ".git/HEAD": "",
    ".pgflexlint.toml": 'select = ["PGF305"]\n',
    "live/main.tf": SERVER,
    "live/.pgflexlint.toml": 'select = ["PGF305"]\n',
    "old/main.tf": SERVER,
    "old/b.draft.tf": SERVER.replace("main", "draft"),
    "ci/lint.toml": 'select = ["PGF305"]\nexclude = ["*.draft.tf"]\n',
    "ci/known.json": dumps([]),
    "app/pyproject.toml": '[tool.pgflexlint]\nselect = ["PGF305"]\n',
    "app/main.tf": SERVER,
    "bare/pyproject.toml": '[project]\nname = "x"\n',
}


@pytest.mark.parametrize(
    ("arguments", "places"),
    [
        ([".pgflexlint.toml"], ["app/main.tf:9", "live/main.tf:9", "old/b.draft.tf:9", "old/main.tf:9"]),
        ([".pgflexlint.toml", "--force-exclude", "--exclude", "live", "--exclude", "*.toml", "--exclude", "app"],
         ["old/b.draft.tf:9", "old/main.tf:9"]),
        (["live/.pgflexlint.toml"], ["live/main.tf:9"]),
        (["app/pyproject.toml"], ["app/main.tf:9"]),
        (["app/pyproject.toml", "old/main.tf"], ["old/main.tf:9"]),
        (["app/pyproject.toml", "--isolated", "--select", "PGF305"], []),
        (["bare/pyproject.toml"], []),
        (["ci/lint.toml"], []),
        (["ci/lint.toml", "--config", "ci/lint.toml"], ["app/main.tf:9", "live/main.tf:9", "old/main.tf:9"]),
        (["ci/known.json"], []),
        (["ci/known.json", "--baseline", "ci/known.json", "--exclude", "old"], ["app/main.tf:9", "live/main.tf:9"]),
        ([".pgflexlint.toml", "ci/lint.toml", "old/b.draft.tf", "--exclude", "*.draft.tf", "--exclude", "app"],
         ["live/main.tf:9", "old/b.draft.tf:9", "old/main.tf:9"]),
    ],
)  # fmt: skip
def test_what_decides_on_findings_touches_them_all(
    write: Write, run: Check, arguments: list[str], places: list[str]
) -> None:
    write(DECIDED)
    _, output, errors = run(*CHECK, *arguments)
    assert (found(output), errors) == ([f"PGF305 {place}" for place in places], "")


def test_what_decides_touches_all_from_wherever_it_is_named(
    write: Write, run: Check, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(write(DECIDED) / "live")
    everywhere = ["../app/main.tf:9", "main.tf:9", "../old/b.draft.tf:9", "../old/main.tf:9"]
    assert found(run(*CHECK, "../.pgflexlint.toml")[1]) == [f"PGF305 {place}" for place in everywhere]


def test_a_changed_configuration_tells_what_allows_nothing(write: Write, run: Check) -> None:
    write({**DECIDED, ".pgflexlint.toml": '[[allow]]\nrules = ["PGF305"]\nreason = "x"\npath = "none/*"\n'})
    (line,) = problems(run(*CHECK, "--select", "PGF305", ".pgflexlint.toml")[1])
    assert line.startswith(".pgflexlint.toml:1:1: remark configuration This entry matches no scanned file.")


def test_templates_are_excluded_by_themselves(write: Write, run: Check) -> None:
    server = "resource db 'Microsoft.DBforPostgreSQL/flexibleServers@2024-08-01' = {\n  name: 'db'\n}\n"
    write(
        {
            ".pgflexlint.toml": 'select = ["PGF305"]\nexclude = ["old.bicep"]\n',
            "old.bicep": server,
            "new.bicep": server,
        }
    )
    assert found(run(*CHECK)[1]) == ["PGF305 new.bicep:1"]
    assert "excluded: 1 (old.bicep)" in run(*CHECK, "--statistics")[1]


@pytest.mark.parametrize(("level", "code"), [("error", 0), ("warning", 1), ("never", 0)])
def test_fail_on_says_what_fails(write: Write, run: Check, level: str, code: int) -> None:
    write({".pgflexlint.toml": f'select = ["PGF701"]\nfail-on = "{level}"\n', "main.tf": SERVER})
    assert run(*CHECK)[0] == code
    assert run(*CHECK, "--fail-on", "note")[0] == 1


def test_levels_are_set_by_rule(write: Write, run: Check) -> None:
    write(
        {
            ".pgflexlint.toml": 'select = ["PGF701", "PGF702"]\nrules.PGF701.level = "note"\n\n'
            '[rules.backup-retention-short]\nlevel = "error"\n',
            "main.tf": SERVER,
        }
    )
    code, output, _ = run(*CHECK)
    assert code == 1
    assert "main.tf:7:35: error PGF702" in output
    assert "main.tf:8:35: note PGF701" in output
    results = json.loads(run("check", "--format", "sarif")[1])["runs"][0]["results"]
    assert {(each["ruleId"], each["level"]) for each in results} == {("PGF701", "note"), ("PGF702", "error")}


@pytest.mark.usefixtures("talkative")
def test_options_reach_the_check_in_their_types(write: Write, run: Check) -> None:
    room = write({"main.tf": SERVER})
    told = ("check", "--select", "PGF702", "--format", "json")

    def options() -> str:
        return str(json.loads(run(*told)[1])["findings"][0]["message"])

    defaults = {option.name: option.default for option in OPTIONS} | {"as_of": date.today()}
    assert options() == f"It is told '{defaults!r}'."
    (room / ".pgflexlint.toml").write_text(
        "[rules.PGF702]\nfewest = 9\nshare = 1\nname = 'y'\nafter = 2028-02-29\nalso-these = []\nclosely = true\n"
        "size = '2 MB'\nsizes = ['3 GB']\nas-of = '2027-01-31'\n",
        encoding="utf-8",
    )
    set_ = {"fewest": 9, "share": 1.0, "name": "y", "after": date(2028, 2, 29), "also_these": (), "closely": True}
    set_ |= {"size": "2 MB", "sizes": ("3 GB",), "as_of": date(2027, 1, 31)}
    assert options() == f"It is told '{set_!r}'."


@pytest.mark.usefixtures("talkative")
@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("fewest = 0", "'rules.PGF702.fewest' must be at least 1, not 0."),
        ("fewest = 10", "'rules.PGF702.fewest' must be at most 9, not 10."),
        ("fewest = 2.5", "'rules.PGF702.fewest' must be a whole number, not a number."),
        ("fewest = true", "'rules.PGF702.fewest' must be a whole number, not true."),
        ("after = 'then'", "'rules.PGF702.after' must be a date such as 2027-01-31, not 'then'."),
        (
            "after = 2027-01-31T12:00:00",
            "'rules.PGF702.after' must be a date such as 2027-01-31, not '2027-01-31T12:00:00'.",
        ),
        ("also-these = ['a', 1]", "'rules.PGF702.also-these[1]' must be a string, not a number."),
        ("size = '1 TB!'", r"'rules.PGF702.size' must match '\d+ [GM]B', which '1 TB!' does not."),
        ("sizes = ['1 GB', 'x']", r"'rules.PGF702.sizes[1]' must match '\d+ [GM]B', which 'x' does not."),
        ("also_these = []", "Rule PGF702 has no option 'also_these'; did you mean 'also-these'?"),
    ],
)
def test_an_option_of_the_wrong_type_is_said(write: Write, run: Check, line: str, said: str) -> None:
    write({".pgflexlint.toml": f"[rules.PGF702]\n{line}\n", "main.tf": SERVER})
    assert run(*CHECK) == (2, "", f"pgflexlint: .pgflexlint.toml:2: {said}\n")


def test_findings_are_allowed_by_file(write: Write, run: Check) -> None:
    write(
        {
            "conf/.git/HEAD": "",
            "conf/.pgflexlint.toml": 'select = ["PGF305"]\n[per-file-ignores]\n'
            '"test/**" = ["PGF3"]\n"*.old.tf" = ["ALL"]\n',
            "conf/main.tf": SERVER,
            "conf/test/main.tf": SERVER,
            "conf/x/main.old.tf": SERVER,
        }
    )
    code, output, _ = run(*CHECK, "conf", "--show-suppressed", "--fail-on", "note")
    assert code == 1
    assert [line.split(": ")[0] + line.rpartition("]")[2] for line in output.splitlines() if "PGF305" in line] == [
        "conf/main.tf:9:35",
        "conf/test/main.tf:9:35 (by the configuration, conf/.pgflexlint.toml:3:1)",
        "conf/x/main.old.tf:9:35 (by the configuration, conf/.pgflexlint.toml:4:1)",
    ]
    assert "2 findings are allowed." in output


ALLOW = """\
select = ["PGF305"]
[[allow]]
rules = ["PGF305"]
address = "azurerm_postgresql_flexible_server.*"
path = "live/**"
reason = "it is moved"
until = %s
"""


def test_findings_are_allowed_by_address_and_path_for_a_reason_until_a_day(write: Write, run: Check) -> None:
    room = write({".pgflexlint.toml": ALLOW % "9999-12-31", "live/main.tf": SERVER, "main.tf": SERVER})
    code, output, _ = run(*CHECK, "--show-suppressed", "--fail-on", "note")
    assert (code, problems(output)) == (1, [])
    assert "live/main.tf:9:35: allowed PGF305" in output
    assert "\nmain.tf:9:35: note PGF305" in f"\n{output}"
    assert "allowed because: it is moved" in run("check", "--show-suppressed")[1]
    (room / ".pgflexlint.toml").write_text(ALLOW % '"2020-02-29"', encoding="utf-8")
    output = run(*CHECK)[1]
    assert found(output) == ["PGF305 live/main.tf:9", "PGF305 main.tf:9"]
    assert problems(output) == [
        ".pgflexlint.toml:2:1: remark configuration This entry expired after 2020-02-29."
        " Fix the finding, or set a later date."
    ]


def test_arm_templates_are_allowed_by_address(write: Write, run: Check) -> None:
    template = {
        "$schema": "https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#",
        "contentVersion": "1.0.0.0",
        "resources": [
            {"type": "Microsoft.DBforPostgreSQL/flexibleServers", "apiVersion": "2024-08-01", "name": name,
             "location": "westeurope", "properties": {"version": "16"}}
            for name in ("db[a]", "dba", "db-b")
        ],
    }  # fmt: skip
    allow = '[[allow]]\nrules = ["PGF305"]\naddress = "flexibleServers/%s"\nreason = "x"\n'
    room = write({"main.json": json.dumps(template, indent=1), ".pgflexlint.toml": allow % "db[a]"})
    allowed = ("check", "--select", "PGF305", "--format", "json")

    def addresses() -> list[str]:
        return [each["resources"][0] for each in json.loads(run(*allowed)[1])["suppressed"]]

    assert addresses() == ["flexibleServers/db[a]"], "brackets stand for themselves"
    (room / ".pgflexlint.toml").write_text(allow % "db?b", encoding="utf-8")
    assert addresses() == ["flexibleServers/db-b"]
    (room / ".pgflexlint.toml").write_text(allow % "db*", encoding="utf-8")
    assert len(addresses()) == 3
    assert json.loads(run(*allowed, "--no-ignores")[1])["suppressed"] == []


def test_what_allows_nothing_is_remarked_on_where_all_was_looked_at(write: Write, run: Check) -> None:
    write({".git/HEAD": "", ".pgflexlint.toml": ALLOW % "9999-12-31", "main.tf": SERVER, "live/x.tf": ""})
    said = ".pgflexlint.toml:2:1: remark configuration No finding matches this entry. Remove it."
    assert problems(run(*CHECK)[1]) == [said]
    assert run(*CHECK, "--fail-on", "never")[0] == 0
    assert run(*CHECK, "--fail-on", "never", "--strict-ignores")[0] == 1
    assert problems(run(*CHECK, "main.tf")[1]) == [], "only a part was looked at"
    assert problems(run(*CHECK, "live")[1]) == []
    assert problems(run(*CHECK, "--select", "PGF701")[1]) == [], "its rule did not run"


# --- scenarios --------------------------------------------------------------------------------------------------

TERRAFORM = SERVER + PARAMETER % "var.tls" + 'variable "tls" {\n  type = string\n}\n'


def scenarios(*tables: str) -> str:
    return 'select = ["PGF101"]\n' + "".join(f'[[scenarios]]\nroot = "infra"\n{table}\n' for table in tables)


def test_a_terraform_root_is_judged_with_each_of_its_scenarios(write: Write, run: Check) -> None:
    room = write(
        {
            ".git/HEAD": "",
            ".pgflexlint.toml": scenarios(
                'var-files = ["env/dev.tfvars"]', 'var-files = ["env/prod.tfvars"]\nname = "prod"'
            ),
            "infra/main.tf": TERRAFORM,
            "env/dev.tfvars": 'tls = "off"\n',
            "env/prod.tfvars": 'tls = "on"\n',
        }
    )
    code, output, _ = run(*CHECK)
    assert (code, found(output)) == (1, ["PGF101 infra/main.tf:14"])
    assert output.splitlines()[0].endswith("(only with env/dev.tfvars)")
    assert "1 root, 2 scenarios, 1 server, 1 rule" in run(*CHECK, "--statistics")[1]
    assert found(run(*CHECK, "--var", "tls=on")[1]) == [], "--var counts for more, in each"
    assert found(run(*CHECK, "--var-file", "env/prod.tfvars")[1]) == [], "--var-file takes their place"
    assert found(run(*CHECK, "env/dev.tfvars")[1]) == ["PGF101 infra/main.tf:14"], "a variable file leads to its root"
    assert found(run(*CHECK, "env/prod.tfvars")[1]) == []
    (room / "env/prod.tfvars").write_text('tls = "off"\n', encoding="utf-8")
    output = run(*CHECK)[1]
    assert found(output) == ["PGF101 infra/main.tf:14"]
    assert "only with" not in output, "it holds with all"


def test_the_last_file_of_a_scenario_wins(write: Write, run: Check) -> None:
    write(
        {
            ".pgflexlint.toml": scenarios('var-files = ["a.tfvars", "b.tfvars"]\nname = "both"'),
            "infra/main.tf": TERRAFORM,
            "infra/terraform.tfvars": 'tls = "on"\n',
            "a.tfvars": 'tls = "on"\n',
            "b.tfvars": 'tls = "off"\n',
        }
    )
    assert found(run(*CHECK)[1]) == ["PGF101 infra/main.tf:14"]


def test_a_root_with_scenarios_is_one_whoever_calls_it(write: Write, run: Check) -> None:
    write(
        {
            ".pgflexlint.toml": scenarios('var-files = ["prod.tfvars"]'),
            "infra/main.tf": TERRAFORM,
            "prod.tfvars": 'tls = "off"\n',
            "test/main.tf": 'module "infra" {\n  source = "../infra"\n  tls = "on"\n}\n',
        }
    )
    assert found(run(*CHECK)[1]) == ["PGF101 infra/main.tf:14"]


BICEP = """\
param tls string = 'on'
resource db 'Microsoft.DBforPostgreSQL/flexibleServers@2024-08-01' = {
  name: 'db'
  resource tls 'configurations' = {
    name: 'require_secure_transport'
    properties: { value: tls, source: 'user-override' }
  }
}
""".replace("resource tls", "resource parameter")


COMPILED = """\
"parameters": { "tls": { "type": "string", "defaultValue": "on" } },
"resources": [
  {
    "type": "Microsoft.DBforPostgreSQL/flexibleServers/configurations",
    "apiVersion": "2024-08-01",
    "name": "[format('{0}/{1}', 'db', 'require_secure_transport')]",
    "properties": { "value": "[parameters('tls')]", "source": "user-override" }
  },
  { "type": "Microsoft.DBforPostgreSQL/flexibleServers", "apiVersion": "2024-08-01", "name": "db" }
] }
"""


def test_a_template_is_judged_with_its_scenarios_only(write: Write, run: Check) -> None:
    parameters = '{"$schema": "https://schema.management.azure.com/schemas/2019-04-01/deploymentParameters.json#",'
    parameters += ' "contentVersion": "1.0.0.0", "parameters": {"tls": {"value": "%s"}}}'
    table = '[[scenarios]]\nroot = "main.bicep"\nparameters = [%s]\nname = "prod"\n'
    room = write(
        {
            "main.bicep": BICEP,
            "main.parameters.json": parameters % "off",
            "env/on.json": parameters % "on",
            "env/off.json": parameters % "off",
            ".pgflexlint.toml": table % '"env/on.json"',
        }
    )
    check = (*CHECK, "--select", "PGF101")
    assert found(run(*check, "--isolated")[1]) == ["PGF101 main.bicep:6"], "by its name"
    assert found(run(*check)[1]) == []
    assert found(run(*check, "--parameters", "env/off.json")[1]) == ["PGF101 main.bicep:6"]
    (room / ".pgflexlint.toml").write_text(table % '"env/on.json", "env/off.json"', encoding="utf-8")
    assert found(run(*check)[1]) == ["PGF101 main.bicep:6"], "the last one wins"
    with (room / ".pgflexlint.toml").open("a", encoding="utf-8") as file:
        file.write('[[scenarios]]\nroot = "main.bicep"\n')
    assert run(*check)[1].splitlines()[0].endswith("(only with prod)")


def test_a_parameter_file_that_is_no_text_is_a_problem(write: Write, run: Check) -> None:
    table = '[[scenarios]]\nroot = "main.bicep"\nparameters = ["p.json"]\n'
    write({"main.bicep": BICEP, "p.json": b"\xff\xff", ".pgflexlint.toml": table})
    code, output, _ = run(*CHECK, "--select", "PGF101")
    assert code == 3
    assert problems(output) == [
        "p.json: problem unreadable-file This file is not UTF-8 text: see line 1. Save it as UTF-8, or exclude it."
    ]


@pytest.mark.parametrize(
    ("root", "file", "said"),
    [
        ("main.bicep", "x.tfvars", "x.tfvars: it is not a parameter file"),
        ("main.bicep", "q.json", "q.json: it is not a parameter file"),
        ("main.bicep", "main.bicep", "main.bicep: it is not a parameter file"),
        ("q.json", "p.json", "q.json: it is not a template"),
        ("p.json", "p.json", "p.json: it is not a template"),
        ("main.json", "p.json", "main.json: it was compiled from the Bicep file beside it"),
    ],
)
def test_a_scenario_that_says_nothing_is_a_problem(write: Write, run: Check, root: str, file: str, said: str) -> None:
    start = '{"$schema": "https://schema.management.azure.com/schemas/2019-04-01/deployment%s.json#", '
    start += '"contentVersion": "1.0.0.0", '
    content = f'"metadata": {{"_generator": {{"name": "bicep"}}}}, {COMPILED}'
    write(
        {
            ".pgflexlint.toml": f'[[scenarios]]\nroot = "{root}"\nname = "prod"\nparameters = ["{file}"]\n',
            "main.bicep": BICEP,
            "main.json": start % "Template" + content,
            "p.json": start % "Parameters" + '"parameters": {"other": {"value": "off"}}}',
            "q.json": "{}",
            "x.tfvars": 'tls = "off"\n',
        }
    )
    path, why = said.split(": ")
    hint = "Check the scenario's 'root' and 'parameters'."
    told = f"{path}: problem configuration Scenario 'prod' in the configuration names this file, but {why}. {hint}"
    code, output, _ = run(*CHECK, "--select", "PGF101")
    assert (code, problems(output)) == (3, [told])


@pytest.mark.parametrize(
    ("left_out", "said"),
    [
        ({"excluded": "infra"}, ["2"]),
        ({"excluded": "portal/*.bicep"}, ["6"]),
        ({".gitignore": "infra/\nportal/\n"}, ["2", "6"]),
        ({"excluded": "portal/other.bicep"}, []),
    ],
)
def test_a_scenario_whose_root_is_left_out_is_remarked_on(
    write: Write, run: Check, left_out: dict[str, str], said: list[str]
) -> None:
    text = """[[scenarios]]
root = "infra"
name = "test"

[[scenarios]]
root = "portal/main.bicep"
"""
    excluded = left_out.get("excluded", "")
    write(
        {
            ".git/HEAD": "",
            ".gitignore": left_out.get(".gitignore", ""),
            ".pgflexlint.toml": text,
            "infra/main.tf": SERVER,
            "infra/x.tfvars": "",
            "portal/main.bicep": TEMPLATE,
            "portal/main.bicepparam": "using 'main.bicep'\nparam public = 'Disabled'\n",
            "other/main.tf": SERVER,
        }
    )
    exclude = ("--exclude", excluded) if excluded else ()
    message = (
        "This scenario has no effect, because its root is excluded or ignored by Git. Include the root, or remove this."
    )
    assert problems(run(*CHECK, *exclude)[1]) == [
        f".pgflexlint.toml:{line}:1: remark configuration {message}" for line in said
    ]
    assert problems(run(*CHECK, *exclude, "other")[1]) == [], "the run does not scan it"
    more = ("--var-file", "infra/x.tfvars", "--parameters", "portal/main.bicepparam")
    assert problems(run(*CHECK, *exclude, *more)[1]) == [], "these take the place of the scenarios"


# --- config show and schema -------------------------------------------------------------------------------------


def test_what_is_in_effect_is_shown_with_where_it_comes_from(write: Write, run: Check) -> None:
    write(
        {
            ".git/HEAD": "",
            "pyproject.toml": '[project]\nname = "x"\n\n[tool.pgflexlint]\nignore = ["PGF7"]\nfail-on = "error"\n',
            "infra/main.tf": SERVER,
        }
    )
    asked_for = ("--fail-on", "note", "--ignore", "PGF4,PGF9", "--no-force-exclude")
    code, output, errors = run("config", "show", "infra", *asked_for)
    assert (code, errors) == (0, "")
    lines = [" ".join(line.split()) for line in output.splitlines()]
    assert lines[:3] == [
        'select = ["DEFAULT"] # default',
        "extend-select = [] # default",
        'ignore = ["PGF7", "PGF4", "PGF9"] # pyproject.toml:5, --ignore',
    ]
    assert 'fail-on = "note" # --fail-on' in lines
    assert "force-exclude = false # --no-force-exclude" in lines
    assert {line.split(" = ")[0] for line in lines[:-2]} == {key.name for key in KEYS}
    assert re.fullmatch(r"# \d+ rules: PGF101, PGF102, .*", lines[-1])
    assert not {"PGF401", "PGF702"} & set(re.findall(r"PGF\d+", lines[-1]))
    content = json.loads(run("config", "show", "infra", "--format", "json")[1])
    assert content["configuration"] == "pyproject.toml"
    assert {"key": "fail-on", "value": "error", "source": "pyproject.toml", "line": 6} in content["settings"]
    assert "PGF701" not in content["rules"]
    assert json.loads(run("config", "show", "--isolated", "--format", "json")[1])["configuration"] is None


@pytest.mark.parametrize(
    ("asked_for", "row"),
    [
        ((), 'ignore = ["PGF7", "PGF101"] # .pgflexlint.toml:2'),
        (("--ignore", "PGF101,PGF102"), 'ignore = ["PGF7", "PGF101", "PGF102"] # .pgflexlint.toml:2, --ignore'),
        (("--select", "PGF1"), "ignore = [] # default"),
        (("--select", "PGF1", "--ignore", "PGF102"), 'ignore = ["PGF102"] # --ignore'),
        (("--extend-select", "PGF9"), 'extend-select = ["PGF8", "PGF9"] # .pgflexlint.toml:1, --extend-select'),
        (("--no-force-exclude",), "force-exclude = false # --no-force-exclude"),
        (("--no-respect-gitignore",), "respect-gitignore = false # --no-respect-gitignore"),
        (("--exclude", "new", "--exclude", "newer"), 'exclude = ["new", "newer"] # --exclude'),
        (("--fail-on", "never"), 'fail-on = "never" # --fail-on'),
        (("--baseline", ""), 'baseline = "" # --baseline'),
    ],
)
def test_a_key_is_shown_once(write: Write, run: Check, asked_for: tuple[str, ...], row: str) -> None:
    text = """\
extend-select = ["PGF8"]
ignore = ["PGF7", "PGF101"]
exclude = ["old"]
respect-gitignore = true
force-exclude = true
fail-on = "error"
baseline = "known.json"
"""
    write({".git/HEAD": "", ".pgflexlint.toml": text, "main.tf": SERVER})
    code, output, errors = run("config", "show", *asked_for)
    assert (code, errors) == (0, "")
    assert row in [" ".join(line.split()) for line in output.splitlines()]
    settings = json.loads(run("config", "show", "--format", "json", *asked_for)[1])["settings"]
    assert [each["key"] for each in settings] == list(tomllib.loads(output)) == [key.name for key in KEYS]
    assert {each["key"]: each["value"] for each in settings} == tomllib.loads(output)


SETTLED = """\
extend-select = ["PGF8", "high-availability-disabled"]
ignore = ["PGF7", "firewall-open-to-internet"]

[per-file-ignores]
"sandbox/**" = ["PGF1"]

[[allow]]
rules = ["PGF401"]
reason = "later"

[[scenarios]]
root = "infra"
name = "test"
var-files = ["infra/test.tfvars"]

[[scenarios]]
root = "main.bicep"
"""


@pytest.mark.parametrize(
    ("asked_for", "rows", "options"),
    [
        (("--extend-select", "PGF8"), ['ignore = ["PGF7", "firewall-open-to-internet"] # .pgflexlint.toml:2'], []),
        (
            ("--extend-select", "PGF701,PGF301", "--ignore", "PGF1,PGF301"),
            [
                'ignore = ["PGF702", "PGF703", "PGF704", "PGF705", "PGF706", "PGF707", "PGF1", "PGF301"]'
                " # .pgflexlint.toml:2, --extend-select, --ignore",
            ],
            [],
        ),
        (("--extend-select", "ALL"), ["ignore = [] # .pgflexlint.toml:2, --extend-select"], []),
        (("--select", "ALL", "--extend-select", "PGF7"), ["ignore = [] # default"], []),
        (
            ("--no-ignores", "--as-of", "2027-01-31"),
            ["per-file-ignores = {} # --no-ignores", "allow = [] # --no-ignores"],
            ["--as-of 2027-01-31", "--no-ignores"],
        ),
        (
            ("--var", "password=placeholder", "--var-file", "infra/##[x].tfvars"),
            ['scenarios = [{root = "main.bicep"}] # .pgflexlint.toml:11, --var-file'],
            ["--var password", "--var-file infra/##[x].tfvars"],
        ),
        (
            ("--parameters", "main.bicepparam"),
            [
                'scenarios = [{root = "infra", name = "test", var-files = ["infra/test.tfvars"]}]'
                " # .pgflexlint.toml:11, --parameters",
            ],
            ["--parameters main.bicepparam"],
        ),
        (
            ("--parameters", "main.bicepparam", "--var-file", "infra/test.tfvars"),
            ["scenarios = [] # --parameters, --var-file"],
            ["--var-file infra/test.tfvars", "--parameters main.bicepparam"],
        ),
    ],
)
def test_what_is_shown_is_what_the_options_leave(
    write: Write, run: Check, asked_for: tuple[str, ...], rows: list[str], options: list[str]
) -> None:
    files = {"infra/test.tfvars": "", "infra/##[x].tfvars": "", "main.bicepparam": "using 'main.bicep'\n"}
    room = write({".pgflexlint.toml": SETTLED, "infra/main.tf": SERVER, "main.bicep": TEMPLATE, **files})
    code, output, errors = run("config", "show", *asked_for)
    assert (code, errors) == (0, "")
    lines = [" ".join(line.split()) for line in output.splitlines()]
    assert set(rows) <= set(lines)
    listed = ", ".join(options).replace("##[", r"\x23#[")
    assert [line for line in lines if line.startswith("# Options")] == [
        f"# Options without a key: {listed}" for _ in options[:1]
    ]
    content = json.loads(run("config", "show", "--format", "json", *asked_for)[1])
    assert content["options"] == options
    (room / ".pgflexlint.toml").write_text(output, encoding="utf-8")
    again = json.loads(run("config", "show", "--format", "json")[1])
    assert again["rules"] == content["rules"], "as a configuration it selects the same rules"
    assert [each["value"] for each in again["settings"]] == [each["value"] for each in content["settings"]]


def test_what_is_shown_is_a_configuration(write: Write, run: Check) -> None:
    text = """\
select = ["PGF1", "PGF705"]
exclude = ['a"b', 'back\\slash', "line\\nbreak\\u007f\\u202e\\U000e0001 ü"]
baseline = "known.json"
force-exclude = true
rules.PGF702.level = "note"
rules.PGF301.allowed = ["20.50.2.0/24"]
rules.PGF705.as-of = 2027-01-31
rules.secure-transport-disabled = {}

[per-file-ignores]
"team/**" = ["PGF1"]
plain = []

[[allow]]
rules = ["PGF101"]
reason = "it's \\"so\\" ##[x]"
until = 2027-01-31

[[allow]]
rules = ["PGF101"]
reason = ""
until = "2027-01-31"

[[scenarios]]
root = "infra"
name = "2027-01-31"
"""
    room = write({".pgflexlint.toml": text, "infra/main.tf": SERVER})
    code, output, errors = run("config", "show")
    assert (code, errors) == (0, "")
    assert "until = 2027-01-31}" in output
    shown, written = tomllib.loads(output), tomllib.loads(text)
    assert {key: shown[key] for key in written} == written
    assert shown.keys() == {key.name for key in KEYS}
    (room / ".pgflexlint.toml").write_text(output, encoding="utf-8")
    again = run("config", "show")[1]
    assert tomllib.loads(again) == shown


def test_the_schema_is_printed_and_is_one(run: Check) -> None:
    code, output, _ = run("config", "schema")
    assert code == 0
    printed = json.loads(output)
    Draft202012Validator.check_schema(printed)
    assert list(printed["properties"]) == [key.name for key in KEYS]
    validator = Draft202012Validator(printed)
    for key in KEYS:
        assert validator.is_valid({key.name: key.default}), key.name


def _same(declared: dict[str, Any], table: Any) -> bool:
    checker = FormatChecker()
    expected = Draft202012Validator(declared, format_checker=checker).is_valid(table)
    return conforms(table, declared, declared["$defs"]) == expected


def _rule_with_options() -> tuple[Rule, ...]:
    return (replace(RULES[0], options=OPTIONS), *RULES[1:3])


SCALARS: st.SearchStrategy[Any] = (
    st.none() | st.booleans() | st.integers(-2, 12) | st.floats() | st.text(max_size=3)
    | st.sampled_from(["PGF101", "ALL", "note", "2027-01-31", "2027-02-30", "20270131"])
)  # fmt: skip
NAMES = st.sampled_from(
    [key.name for key in KEYS]
    + ["level", "PGF101", "secure-transport-disabled", "rules", "reason", "until", "root", "var-files", "x"]
    + [option.name.replace("_", "-") for option in OPTIONS]
)
VALUES = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=4), max_leaves=8
)


@given(st.dictionaries(NAMES, VALUES, max_size=4))
def test_the_quick_check_and_jsonschema_agree(table: dict[str, Any]) -> None:
    assert _same(schema(_rule_with_options()), table)


@given(
    st.fixed_dictionaries(
        {},
        optional={
            "select": st.lists(st.sampled_from(["ALL", "PGF1", "PGF101", "secure-transport-disabled", "PGF9"])),
            "fail-on": st.sampled_from(["note", "never", "off"]),
            "rules": st.dictionaries(
                st.sampled_from(["PGF101", "PGF102"]),
                st.dictionaries(NAMES, SCALARS | st.lists(SCALARS, max_size=2), max_size=2),
            ),
            "allow": st.lists(
                st.fixed_dictionaries({"rules": st.just(["ALL"]), "reason": SCALARS}, optional={"until": SCALARS}),
                max_size=2,
            ),
        },
    )
)
def test_they_agree_on_what_is_almost_right(table: dict[str, Any]) -> None:
    assert _same(schema(_rule_with_options()), table)


@given(st.sampled_from(OPTIONS))
def test_the_default_of_an_option_is_what_it_would_be_set_to(option: Option) -> None:
    assert option_value(option, plain(option.default)) == option.default


def test_a_key_is_found_on_its_line_however_it_is_written() -> None:
    text = (
        '# select = 1\na = """\nselect = 2\n"""\nb = [\n  "select",\n]\nselect = [\n  "x",  # select\n  "y",\n]\n'
        "[rules.PGF101]\nlevel = 1\n[[allow]]\nreason = 'x'\n[[allow]]\n  reason = 'y'\n"
    )
    assert line_of(text, ("select",)) == 8
    assert line_of(text, ("select", 1), "y") == 10
    assert line_of(text, ("b", 0)) == 5
    assert line_of(text, ("rules", "PGF101")) == 12
    assert line_of(text, ("rules", "PGF101", "level")) == 13
    assert line_of(text, ("allow", 1)) == 16
    assert line_of(text, ("allow", 1, "reason")) == 17
    assert line_of(text.replace("\n", "\r\n"), ("allow", 1, "reason")) == 17


class Watched(str):
    """A text that counts how often something in it is replaced."""

    replaced = 0

    def replace(self, *arguments: Any, **more: Any) -> str:
        Watched.replaced += 1
        return super().replace(*arguments, **more)


def test_a_file_is_gone_through_once_however_many_lines_are_asked_for() -> None:
    text = Watched("[per-file-ignores]\r\n" + "".join(f'"a{at}" = ["PGF7"]\r\n' for at in range(300)))
    assert [line_of(text, ("per-file-ignores", f"a{at}")) for at in range(300)] == list(range(2, 302))
    assert Watched.replaced == 1


def test_a_byte_order_mark_and_crlf_are_no_matter(write: Write, run: Check) -> None:
    write({".pgflexlint.toml": b'\xef\xbb\xbfselect = [\r\n  "PGF305",\r\n]\r\n', "main.tf": SERVER})
    assert ids(run(*CHECK)[1]) == {"PGF305"}


def test_every_mistake_raises_with_a_sentence() -> None:
    with pytest.raises(UsageError, match=r"^x\.toml:1: There is no key 'a'\.\Z"):
        load(SourceFile("x.toml", "a = nan\n"), "", RULES, prefix=())


# --- what is not loaded -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("files", "missing"),
    [
        ({}, {"tomllib", "jsonschema", "pathspec"}),
        ({"pyproject.toml": '[project]\nname = "pgflexlint"\n'}, {"tomllib", "jsonschema", "pathspec"}),
        ({".pgflexlint.toml": 'select = ["PGF305"]\n'}, {"jsonschema", "pathspec"}),
    ],
    ids=["none", "not-ours", "valid"],
)
def test_a_library_is_loaded_only_where_it_is_needed(
    write: Write, files: dict[str, str | bytes], missing: set[str]
) -> None:
    room = write({"main.tf": SERVER, **files})
    code = "import sys, pgflexlint.cli\nprint(pgflexlint.cli.main(['check', '--fail-on=note']), *sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, env=scrubbed(), check=False, cwd=room
    )
    exit_code, *loaded = done.stdout.splitlines()[-1].split()
    assert exit_code == "1"
    assert not missing & set(loaded)

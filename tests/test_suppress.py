"""What comments allow, where, until when, and what is said of those that allow nothing."""

from __future__ import annotations

import json
import re

import pytest

from tests.command_line import SERVER, Check, Write, found, problems
from tests.work import calls

CHECK = ("check", "--select", "PGF701,PGF702", "--fail-on", "note", "--format", "concise")
BOTH = ["PGF701 main.tf:8", "PGF702 main.tf:7"]


def at_line(number: int, comment: str, *, source: str = SERVER) -> str:
    """The source with a comment at the end of a line."""
    lines = source.splitlines()
    lines[number - 1] += f" {comment}"
    return "\n".join(lines) + "\n"


def above(number: int, comment: str, *, source: str = SERVER) -> str:
    """The source with a comment on a line of its own before a line."""
    lines = source.splitlines()
    return "\n".join([*lines[: number - 1], comment, *lines[number - 1 :]]) + "\n"


BICEP = """\
resource db 'Microsoft.DBforPostgreSQL/flexibleServers@2024-08-01' = {
  name: 'db'
  properties: {
    version: '16'
    backup: {
      backupRetentionDays: 7
      geoRedundantBackup: 'Disabled'
    }
  }
}
"""
"""PGF702 on line 6, PGF701 on line 7."""


def sorted_found(output: str) -> list[str]:
    return sorted(found(output))


# --- Terraform --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("mark", ["# %s", "// %s", "/* %s */"])
def test_the_next_line_is_allowed_from_wherever_a_comment_stands(write: Write, run: Check, mark: str) -> None:
    write({"main.tf": at_line(6, mark % "pgflexlint: ignore-next-line[PGF702] a toy")})
    _, output, _ = run(*CHECK, "--show-suppressed")
    assert "main.tf:8:35: warning PGF701" in output
    assert "main.tf:7:35: allowed PGF702" in output
    assert "(by the comment, main.tf:6:" in output


BETWEEN = {
    "nothing": "",
    "an empty line": "\n",
    "empty lines": "\n  \n\t\n",
    "a comment": "  # why\n\n",
    "a block comment": "  /* why\n     and wherefore */\n",
    "a block comment in front of the code": "  /* why */",
    "other ignores": "  # pgflexlint: ignore[PGF305] a toy\n\n  // more\n",
}


@pytest.mark.parametrize("between", BETWEEN.values(), ids=BETWEEN.keys())
@pytest.mark.parametrize("word", ["ignore", "ignore-next-line"])
@pytest.mark.parametrize("mark", ["# %s\n", "// %s\r\n", "/* %s */\n", "/* %s\n   for now */\n"])
def test_the_next_code_is_allowed_whatever_stands_between(
    write: Write, run: Check, mark: str, word: str, between: str
) -> None:
    comment = f"{mark % f'pgflexlint: {word}[PGF702] a toy'}{between}"
    write({"main.tf": SERVER.replace("  backup_retention_days", f"  {comment}  backup_retention_days")})
    _, output, _ = run(*CHECK, "--select", "PGF305", "--show-suppressed")
    assert "allowed PGF702" in output
    assert "warning PGF701" in output
    assert "note PGF702" not in output
    assert not any("PGF702" in each for each in problems(output))


def test_a_comment_in_front_of_code_is_about_that_line(write: Write, run: Check) -> None:
    write({"main.tf": SERVER.replace("  backup_", "  /* pgflexlint: ignore[PGF702] a toy */ backup_")})
    assert sorted_found(run(*CHECK)[1]) == BOTH[:1]


def test_code_below_other_code_is_not_allowed(write: Write, run: Check) -> None:
    write({"main.tf": above(6, "# pgflexlint: ignore[PGF702] a toy\n")})
    _, output, _ = run(*CHECK)
    assert len(found(output)) == 2
    assert len(problems(output)) == 1


def test_all_of_many_comments_above_code_are_about_it(write: Write, run: Check) -> None:
    comments = "  # pgflexlint: ignore[PGF702] a toy\n\n  /* x */\n" * 300
    write({"main.tf": SERVER.replace("  backup_", f"{comments}  backup_", 1)})
    assert found(run(*CHECK)[1]) == ["PGF701 main.tf:908"]


def test_the_work_for_comments_above_code_grows_as_they_do(write: Write, run: Check) -> None:
    def work(number: int) -> int:
        comments = "// pgflexlint: ignore[PGF702] a toy\n@description('a')\n" * number
        write({"main.bicep": f"{comments}{BICEP}"})
        return calls(run, *CHECK)

    work(1)  # loads what a run needs
    assert work(500) < 12 * work(50)


SEVERAL = {
    "on one line": "  # pgflexlint: ignore[PGF999] a pgflexlint: ignore[PGF702] a toy\n",
    "in a block": "  /*\n   * pgflexlint: ignore[PGF999] a\n   * pgflexlint: ignore[PGF702] a\n   * toy\n   */\n",
    "behind prose": "  # pgflexlint: see the list; pgflexlint: ignore[PGF702] a toy  pgflexlint: ignore[PGF999]\n",
}


@pytest.mark.parametrize("comment", SEVERAL.values(), ids=SEVERAL.keys())
def test_one_comment_may_hold_several(write: Write, run: Check, comment: str) -> None:
    write({"main.tf": SERVER.replace("  backup_", f"{comment}  backup_")})
    output = run(*CHECK, "--show-suppressed", "--format", "json")[1]
    allowed = [(each["rule"]["id"], each["justification"]) for each in json.loads(output)["suppressed"]]
    assert allowed == [("PGF702", "a toy")]
    (line,) = problems(run(*CHECK)[1])
    assert "There is no rule 'PGF999' to ignore" in line


@pytest.mark.parametrize("line", [1, 5, 11])
def test_a_whole_file_is_allowed_from_any_line(write: Write, run: Check, line: int) -> None:
    write({"main.tf": above(line, "# pgflexlint: ignore-file[PGF702, PGF701] a toy"), "b.tf": "locals {\n  a = 1\n}\n"})
    code, output, _ = run(*CHECK)
    assert (code, found(output), problems(output)) == (0, [], [])


def test_another_file_of_the_module_is_not_allowed(write: Write, run: Check) -> None:
    write({"main.tf": SERVER, "b.tf": "# pgflexlint: ignore-file[PGF702] a toy\n"})
    _, output, _ = run(*CHECK)
    assert sorted_found(output) == BOTH
    assert problems(output) == [
        "b.tf:1:1: remark configuration No finding here matches ignore-file[PGF702]. Remove it."
    ]


@pytest.mark.parametrize(
    ("line", "text"),
    [
        (2, '  name                          = "# pgflexlint: ignore-file[PGF701,PGF702] x"'),
        (2, '  name = "${"/* pgflexlint: ignore-file[PGF701,PGF702] x */"}"'),
        (2, "  name = <<EOT\n# pgflexlint: ignore-file[PGF701,PGF702] x\nEOT"),
    ],
    ids=["string", "hole", "heredoc"],
)
def test_what_looks_like_a_comment_in_a_string_is_none(write: Write, run: Check, line: int, text: str) -> None:
    lines = SERVER.splitlines()
    lines[line - 1] = text
    write({"main.tf": "\n".join(lines) + "\n"})
    _, output, _ = run(*CHECK)
    assert len(found(output)) == 2
    assert problems(output) == []


def test_json_of_terraform_has_comments_as_members(write: Write, run: Check) -> None:
    server = {"name": "db", "//": "pgflexlint: ignore-file[PGF702] generated", "backup_retention_days": 7}
    write(
        {"main.tf.json": json.dumps({"resource": {"azurerm_postgresql_flexible_server": {"main": server}}}, indent=1)}
    )
    code, output, _ = run("check", "--select", "PGF702", "--fail-on", "note", "--format", "concise")
    assert (code, found(output), problems(output)) == (0, [], [])


def test_a_member_of_json_is_about_the_next_one(write: Write, run: Check) -> None:
    server = {
        "name": "db",
        "//": 'pgflexlint: ignore[PGF702] "generated"',
        "backup_retention_days": 7,
        "geo_redundant_backup_enabled": False,
    }
    document = json.dumps({"resource": {"azurerm_postgresql_flexible_server": {"main": server}}}, indent=1)
    write({"main.tf.json": document.replace('"backup', '\n // more\n "//": "no code",\n "backup')})
    _, output, _ = run(*CHECK)
    assert [each.split()[0] for each in found(output)] == ["PGF701"]
    assert "PGF702" not in output


# --- until, reasons ---------------------------------------------------------------------------------------------


def test_an_ignore_counts_until_its_day_is_over(write: Write, run: Check) -> None:
    room = write({"main.tf": at_line(7, "# pgflexlint: ignore[PGF702] until=9999-12-31 a toy")})
    _, output, _ = run(*CHECK)
    assert (found(output), problems(output)) == (BOTH[:1], [])
    assert "allowed because: a toy" in run("check", "--select", "PGF702", "--show-suppressed")[1]
    (room / "main.tf").write_text(at_line(7, "# pgflexlint: ignore[PGF702] a toy until=2020-02-29"), encoding="utf-8")
    _, output, _ = run(*CHECK)
    assert sorted_found(output) == BOTH
    assert problems(output) == [
        "main.tf:7:37: remark configuration ignore[PGF702] expired after 2020-02-29."
        " Fix the finding, or set a later date."
    ]


NEARLY_UNTIL = (
    "until = %s a toy",
    "until: %s a toy",
    "UNTIL=%s a toy",
    "until %s a toy",
    "until=%s, a toy",
    "a toy until : %s",
    ", until %s a toy",
    "- until %s a toy",
    ": until %s a toy",
    "(until %s) a toy",
    "a toy (until: %s)",
    "a toy [until=%s]",
    "until %s: a toy",
    "until (%s), a toy",
    "a toy, until %s.",
    "a toy,until=%s",
    "a (until %s) toy",
    "a toy - until '%s'",
    'until="%s" a toy',
)


@pytest.mark.parametrize("text", NEARLY_UNTIL)
def test_the_day_may_be_written_in_other_ways(write: Write, run: Check, text: str) -> None:
    room = write({"main.tf": at_line(7, f"# pgflexlint: ignore[PGF702] {text % '9999-12-31'}")})
    assert (found(run(*CHECK)[1]), problems(run(*CHECK)[1])) == (BOTH[:1], [])
    assert "allowed because: a toy\n" in run("check", "--select", "PGF702", "--show-suppressed")[1]
    (room / "main.tf").write_text(at_line(7, f"# pgflexlint: ignore[PGF702] {text % '2020-02-29'}"), encoding="utf-8")
    _, output, _ = run(*CHECK)
    assert sorted_found(output) == BOTH
    (line,) = problems(output)
    assert "ignore[PGF702] expired after 2020-02-29." in line


@pytest.mark.parametrize("text", NEARLY_UNTIL)
def test_a_day_alone_is_no_reason(write: Write, run: Check, text: str) -> None:
    only = re.sub(r"\b(a|toy)\b", "", text) % "9999-12-31"
    write({"main.tf": at_line(7, f"# pgflexlint: ignore[PGF702] {only}")})
    (line,) = problems(run(*CHECK, "--require-reason")[1])
    assert "ignore[PGF702] has no effect, because it has no reason." in line


@pytest.mark.parametrize(
    "reason",
    [
        "we wait until: the move",
        "until further notice",
        "until PROJ-123 is done",
        "until #123 is closed",
        "until TLSv1 is gone",
        "see https://h/x?until=2020-01-31 for why",
        "see https://h/x?a=1&until=2020-01-31",
        "see https://h/until/2020-01-31",
        "see //h/x?until=2020-01-31",
        "see h/x?until=2020-01-31",
        "where valid_until=2020-01-31",
        "untilled since 2020-01-31",
    ],
)
def test_a_reason_may_have_the_word_until(write: Write, run: Check, reason: str) -> None:
    write({"main.tf": at_line(7, f"# pgflexlint: ignore[PGF702] {reason}")})
    assert (found(run(*CHECK)[1]), problems(run(*CHECK)[1])) == (BOTH[:1], [])
    assert f"allowed because: {reason}\n" in run("check", "--select", "PGF702", "--show-suppressed")[1]


def test_a_day_behind_a_link_is_found(write: Write, run: Check) -> None:
    write({"main.tf": at_line(7, "# pgflexlint: ignore[PGF702] see https://h/x?until=9999-12-31, until 2020-02-29")})
    (line,) = problems(run(*CHECK)[1])
    assert "ignore[PGF702] expired after 2020-02-29." in line


@pytest.mark.parametrize(
    "text",
    [
        "until= a toy",
        "until=soon a toy",
        "until=2027-02-30 a toy",
        "until=31.1.2027 a toy",
        "until 31.1.2027 a toy",
        "until: Jan 2027",
        "until Jan. 31, 2027",
        "until 31 January 2027 a toy",
        "until December 31st",
        "until the end of 2027",
        "until the 31st",
        "until summer 2027",
        "until the move of the team in March 2027",
        "until Q3 2027",
        "until end of Q3",
        "a toy, until 2027-1-31",
        "until 2027/01/31 a toy",
        "until 31.01.2027 a toy",
        "until 20270131 a toy",
        "until=20270131 a toy",
        "until=2027-W04-7 a toy",
        "until 2027-01-31T00:00 a toy",
        "until 2027 a toy",
    ],
)
def test_a_day_that_is_none_is_remarked_on_and_allows_nothing(write: Write, run: Check, text: str) -> None:
    write({"main.tf": at_line(7, f"# pgflexlint: ignore[PGF702] {text}")})
    _, output, _ = run(*CHECK)
    assert sorted_found(output) == BOTH
    assert problems(output) == [
        "main.tf:7:37: remark configuration ignore[PGF702] has no valid date after 'until'."
        " Write it like until=2027-01-31."
    ]


@pytest.mark.parametrize("how", ["option", "file"])
def test_reasons_can_be_required(write: Write, run: Check, how: str) -> None:
    source = at_line(8, "# pgflexlint: ignore[PGF701] in May", source=at_line(7, "# pgflexlint: ignore[PGF702]"))
    room = write({"main.tf": source})
    if how == "file":
        (room / ".pgflexlint.toml").write_text("require-reason = true\n", encoding="utf-8")
    more = ("--require-reason",) if how == "option" else ()
    code, output, _ = run(*CHECK, *more)
    assert (code, found(output)) == (1, ["PGF702 main.tf:7"])
    assert problems(output) == [
        "main.tf:7:37: remark configuration ignore[PGF702] has no effect, because it has no reason."
        " Write the reason after it."
    ]
    assert found(run(*CHECK, "--isolated")[1]) == []


# --- what allows nothing ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("comment", "said"),
    [
        ("ignore[PGF999] x", "There is no rule 'PGF999' to ignore; did you mean 'PGF9"),
        ("ignore[backup-retention] x", "There is no rule 'backup-retention' to ignore;"
         " did you mean 'backup-retention-short'?"),
        ("ignore-next-line x", "An ignore-next-line without rules in brackets has no effect."),
        ("ignore-line[PGF701] x", "There is no 'ignore-line[…]' in a comment. Write 'ignore[…]' or 'ignore-next"),
        ("ignore[PGF701] x", "No finding here matches ignore[PGF701]."),
        ("ignore[PGF7] x", "'PGF7' is only the beginning of an id. Write the whole id."),
        ("ignore[pgf70] x", "'pgf70' is only the beginning of an id. Write the whole id."),
        ("ignore[PGF702,PGF701] x", "No finding here matches ignore[PGF701]."),
    ],
)  # fmt: skip
def test_what_allows_nothing_is_remarked_on(write: Write, run: Check, comment: str, said: str) -> None:
    write({"main.tf": at_line(7, f"# pgflexlint: {comment}")})
    _, output, _ = run(*CHECK)
    (line,) = problems(output)
    assert line.startswith(f"main.tf:7:37: remark configuration {said}")


@pytest.mark.parametrize(
    ("comment", "quoted"),
    [
        ("PGFLEXLINT: IGNORE[PGF702] x", "PGFLEXLINT: IGNORE"),
        ("Pgflexlint: ignore-next-line[PGF702]", "Pgflexlint: ignore-next-line"),
        ("pgflexlint-ignore: PGF702", "pgflexlint-ignore"),
        ("pgflexlint-ignore-file[PGF702]", "pgflexlint-ignore-file"),
        ("pgflexlint ignore[PGF702]", "pgflexlint ignore"),
        ("pgflexlint ignore PGF702", "pgflexlint ignore"),
        ("PGFlexLint: ignore PGF702", "PGFlexLint: ignore"),
        ("pgflexlint: disable=PGF702", "pgflexlint: disable"),
        ("pgflexlint:disable-next-line PGF702", "pgflexlint:disable-next-line"),
    ],
)
def test_what_is_nearly_a_directive_is_remarked_on(write: Write, run: Check, comment: str, quoted: str) -> None:
    write({"main.tf": at_line(7, f"# {comment}")})
    _, output, _ = run(*CHECK)
    assert problems(output) == [
        f"main.tf:7:37: remark configuration '{quoted}' is not an ignore comment and has no effect."
        " Write it like 'pgflexlint: ignore[PGF303] reason', in lower case."
    ]
    assert "PGF702 main.tf:7" in found(output)


@pytest.mark.parametrize(
    "prose",
    [
        "Pgflexlint ignores this.",
        "see pgflexlint-ignore.md",
        "PGFLEXLINT: quiet",
        "pgflexlint: disable it where PGF702 is",
    ],
)
def test_prose_that_names_us_is_left_alone(write: Write, run: Check, prose: str) -> None:
    write({"main.tf": at_line(7, f"# {prose}")})
    assert problems(run(*CHECK)[1]) == []


def test_prose_about_us_is_no_directive(write: Write, run: Check) -> None:
    write({"main.tf": at_line(7, "# checked with pgflexlint: nothing to say")})
    assert problems(run(*CHECK)[1]) == []


def test_an_ignore_for_a_rule_that_did_not_run_allows_what_the_others_found(write: Write, run: Check) -> None:
    write({"main.tf": at_line(7, "# pgflexlint: ignore[PGF702,PGF407] a toy")})
    _, output, _ = run(*CHECK)
    assert (found(output), problems(output)) == (BOTH[:1], [])


def test_what_cannot_be_decided_may_need_its_ignore(write: Write, run: Check) -> None:
    source = SERVER.replace("= 7", "= var.days") + 'variable "days" {}\n'
    write({"main.tf": at_line(7, "# pgflexlint: ignore[PGF702] a toy", source=source)})
    assert problems(run(*CHECK)[1]) == []


def test_strict_ignores_cost_the_exit_code(write: Write, run: Check) -> None:
    room = write({"main.tf": at_line(7, "# pgflexlint: ignore[PGF101] a toy")})
    check = ("check", "--select", "PGF101")
    assert run(*check)[0] == 0
    assert run(*check, "--strict-ignores")[0] == 1
    (room / ".pgflexlint.toml").write_text("strict-ignores = true\n", encoding="utf-8")
    assert run(*check)[0] == 1
    assert run(*check, "--no-ignores")[0] == 0


def test_remarks_are_about_the_named_files_only(write: Write, run: Check) -> None:
    write({"main.tf": at_line(7, "# pgflexlint: ignore[PGF999] a toy"), "b.tf": 'variable "x" {}\n'})
    assert problems(run(*CHECK, "b.tf")[1]) == []
    assert len(problems(run(*CHECK, "main.tf")[1])) == 1


def test_what_is_allowed_is_counted_for_the_named_files_only(write: Write, run: Check) -> None:
    write({"main.tf": at_line(7, "# pgflexlint: ignore[PGF702] a toy"), "b.tf": 'variable "x" {}\n'})
    assert "allowed" not in run(*CHECK, "b.tf")[1]
    assert "1 finding is allowed" in run(*CHECK, "main.tf")[1]


# --- Bicep and ARM ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("mark", ["// %s", "/* %s */"])
def test_bicep_has_the_same_comments(write: Write, run: Check, mark: str) -> None:
    write({"main.bicep": at_line(6, mark % "pgflexlint: ignore[PGF702] a toy", source=BICEP)})
    _, output, _ = run(*CHECK)
    assert (found(output), problems(output)) == (["PGF701 main.bicep:7"], [])


DECORATORS = {
    "one": "@description('x')\n",
    "two": "@batchSize(1)\n@sys.description('x') // why\n",
    "over lines": "@description('''\n  Not (closed, it isn't\n''')\n\n",
    "a list": "@metadata({\n  a: [\n    'it\\'s ) (not)' // (\n  ]\n  /* ) */\n})\n",
    "with comments": "\n// a\n@description('x')\n/* b\n */\n@batchSize(1)\n",
}


@pytest.mark.parametrize("decorators", DECORATORS.values(), ids=DECORATORS.keys())
def test_a_comment_above_decorators_is_about_what_they_decorate(write: Write, run: Check, decorators: str) -> None:
    source = f"// pgflexlint: ignore[PGF703] a toy\n{decorators}{BICEP}"
    write({"main.bicep": source})
    code, output, _ = run("check", "--select", "PGF703", "--fail-on", "note", "--format", "concise")
    assert (code, found(output), problems(output)) == (0, [], [])


@pytest.mark.parametrize(
    "code", ["PGF702", "backup-retention-short", "no-hardcoded-location PGF702", "PGF702 // a toy"]
)
def test_bicep_s_own_pragma_for_the_next_line(write: Write, run: Check, code: str) -> None:
    write({"main.bicep": above(6, f"      #disable-next-line {code}", source=BICEP)})
    _, output, _ = run(*CHECK)
    assert (found(output), problems(output)) == (["PGF701 main.bicep:8"], [])
    reason = "a toy" if "toy" in code else "no reason was given"
    assert f"allowed because: {reason}" in run("check", "--select", "PGF702", "--show-suppressed")[1]


def test_bicep_s_own_pragmas_for_a_part_of_a_file(write: Write, run: Check) -> None:
    second = BICEP.replace("resource db", "resource other").replace("'db'", "'other'")
    room = write({"main.bicep": f"#disable-diagnostics PGF702 PGF701\n{BICEP}#restore-diagnostics PGF702\n{second}"})
    _, output, _ = run(*CHECK)
    assert (found(output), problems(output)) == (["PGF702 main.bicep:18"], [])
    (room / "main.bicep").write_text(f"{BICEP}#disable-diagnostics PGF702\n{second}", encoding="utf-8")
    _, output, _ = run(*CHECK, "--ignore", "PGF701")
    assert found(output) == ["PGF702 main.bicep:6"]


@pytest.mark.parametrize(
    ("pragma", "said"),
    [
        ("#disable-next-line PGF701", "No finding here matches #disable-next-line PGF701."),
        (
            "#disable-next-line PGF702 // until=2020-01-01 a toy",
            "#disable-next-line PGF702 expired after 2020-01-01",
        ),
        (
            "#disable-next-line PGF702 // until 2020-01-01 a toy",
            "#disable-next-line PGF702 expired after 2020-01-01",
        ),
        ("#disable-next-line PGF70x, PGF704", "There is no rule 'PGF70x' to ignore"),
        ("#disable-next-line PGF999", "There is no rule 'PGF999' to ignore; did you mean 'PGF9"),
    ],
)
def test_a_pragma_that_allows_nothing_is_remarked_on(write: Write, run: Check, pragma: str, said: str) -> None:
    write({"main.bicep": above(6, pragma, source=BICEP)})
    (line,) = problems(run(*CHECK)[1])
    assert line.startswith(f"main.bicep:6:1: remark configuration {said}")


def test_pragmas_for_other_linters_are_left_to_them(write: Write, run: Check) -> None:
    write({"main.bicep": "#disable-next-line BCP081 no-unused-params\n" + BICEP})
    assert problems(run(*CHECK)[1]) == []


def test_a_pragma_in_a_text_is_none(write: Write, run: Check) -> None:
    write({"main.bicep": f"var text = '''\n#disable-diagnostics PGF702 PGF701\n'''\n{BICEP}"})
    _, output, _ = run(*CHECK)
    assert len(found(output)) == 2
    assert problems(output) == []


def test_a_pragma_is_bicep_s_alone(write: Write, run: Check) -> None:
    write({"main.tf": above(7, "#disable-next-line PGF702")})
    assert len(found(run(*CHECK)[1])) == 2


def test_arm_templates_take_the_same_comments(write: Write, run: Check) -> None:
    template = """\
{
  "$schema": "https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#",
  "contentVersion": "1.0.0.0", // pgflexlint: ignore-file[PGF703] a toy
  "resources": [{
    "type": "Microsoft.DBforPostgreSQL/flexibleServers", "apiVersion": "2024-08-01", "name": "db",
    "properties": {
      "version": "16",
      "backup": {
        // pgflexlint: ignore[PGF702] a toy
        "backupRetentionDays": 7,
        "geoRedundantBackup": "Disabled" /* pgflexlint: ignore[PGF701] a toy */
      },
      "x": "// pgflexlint: ignore-file[PGF305] a text"
    }
  }]
}
"""
    write({"main.json": template})
    check = ("check", "--select", "PGF701,PGF702,PGF703,PGF305", "--fail-on", "note", "--format", "concise")
    _, output, _ = run(*check)
    assert [line.split()[0] for line in found(output)] == ["PGF305"]
    assert problems(output) == []


# --- where nothing can be allowed --------------------------------------------------------------------------------

PARAMETER_FILE = """{
  "$schema": "https://schema.management.azure.com/schemas/2019-04-01/deploymentParameters.json#",
  "contentVersion": "1.0.0.0",
  "parameters": {
    "days": { "value": 7 } %s
  }
}
"""
TAKES_DAYS = BICEP.replace("Days: 7", "Days: days")
INPUTS = {
    "terraform.tfvars": {
        "main.tf": 'variable "days" {}\n' + SERVER.replace("= 7", "= var.days"),
        "terraform.tfvars": "days = 7 # %s\n",
    },
    "main.bicepparam": {
        "main.bicep": f"param days int\n{TAKES_DAYS}",
        "main.bicepparam": "using 'main.bicep'\nparam days = 7 // %s\n",
    },
    "main.parameters.json": {
        "main.bicep": f"param days int\n{TAKES_DAYS}",
        "main.parameters.json": PARAMETER_FILE.replace("%s", "// %s"),
    },
}


@pytest.mark.parametrize("name", INPUTS)
@pytest.mark.parametrize(
    ("comment", "said"),
    [
        (
            "pgflexlint: ignore[PGF702] a toy",
            "ignore[PGF702] has no effect in a file of values: findings are reported where the value is used. "
            "Write it there, or allow it in the configuration.",
        ),
        ("pgflexlint: ignore[PGF799] a toy", "There is no rule 'PGF799' to ignore"),
        ("pgflexlint: ignore[PGF702] until=2020-01-01", "ignore[PGF702] expired after 2020-01-01."),
    ],
)
def test_a_comment_beside_a_value_that_is_given_allows_nothing_and_is_remarked_on(
    write: Write, run: Check, name: str, comment: str, said: str
) -> None:
    write({path: text % comment if path == name else text for path, text in INPUTS[name].items()})
    code, output, _ = run(*CHECK, "--ignore", "PGF701", "--strict-ignores")
    assert code == 1
    assert [each.split()[0] for each in found(output)] == ["PGF702"]
    (line,) = problems(output)
    assert line.startswith(f"{name}:")
    assert said in line


def test_a_path_of_the_configuration_that_no_file_has_is_remarked_on(write: Write, run: Check) -> None:
    configuration = '[per-file-ignores]\n"a/**" = ["PGF7"]\n"gone/**" = ["PGF7"]\n'
    room = write({".pgflexlint.toml": configuration, "a/main.tf": SERVER, "b/main.tf": "", "b/.pgflexlint.toml": ""})
    code, output, _ = run(*CHECK, "--strict-ignores")
    assert (code, found(output)) == (1, [])
    assert problems(output) == [
        ".pgflexlint.toml:3:1: remark configuration This entry matches no scanned file. Correct the path, or remove it."
    ]
    assert problems(run(*CHECK, "a")[1]) == [], "a part of the directory"
    (room / "gone").mkdir()
    (room / "gone" / "main.tf").write_text(SERVER, encoding="utf-8")
    assert run(*CHECK, "--strict-ignores")[0] == 0


def test_a_file_that_is_ignored_for_nothing_is_remarked_on(write: Write, run: Check) -> None:
    write({".pgflexlint.toml": '[per-file-ignores]\n"a.tf" = ["PGF701"]\n', "a.tf": SERVER.replace("false", "true")})
    said = ".pgflexlint.toml:2:1: remark configuration No finding matches this entry. Remove it."
    assert problems(run(*CHECK)[1]) == [said]


@pytest.mark.parametrize("reason", ["", "  "])
def test_the_configuration_needs_a_reason_where_one_is_required(write: Write, run: Check, reason: str) -> None:
    allow = f'require-reason = true\n[[allow]]\nrules = ["PGF702"]\nreason = "{reason}"\n'
    room = write({"main.tf": SERVER, ".pgflexlint.toml": allow})
    code, output, _ = run(*CHECK, "--ignore", "PGF701")
    assert (code, found(output)) == (1, ["PGF702 main.tf:7"])
    said = "This entry has no effect, because it has no reason. Add a 'reason'."
    assert problems(output) == [f".pgflexlint.toml:2:1: remark configuration {said}"]
    (room / ".pgflexlint.toml").write_text(allow.replace(f'"{reason}"', '"a toy"'), encoding="utf-8")
    assert run(*CHECK, "--ignore", "PGF701")[0] == 0


# --- in outputs -------------------------------------------------------------------------------------------------


def test_the_work_for_entries_that_are_used_does_not_grow_with_other_files(write: Write, run: Check) -> None:
    entry = '[[allow]]\nrules = ["PGF702"]\nreason = "a toy"\npath = "main.tf"\n'

    def work(files: int, entries: int) -> int:
        write({f"other/{number}.tf": "locals {}\n" for number in range(files)})
        write({".pgflexlint.toml": entry * entries, "main.tf": SERVER})
        return calls(run, *CHECK)

    work(1, 1)  # loads what a run needs
    few = work(100, 50) - work(100, 1)
    assert work(400, 50) - work(400, 1) < few * 1.2


def test_what_allows_a_finding_is_in_every_output(write: Write, run: Check) -> None:
    write({"main.tf": at_line(7, "# pgflexlint: ignore[PGF702] a toy")})
    shown = ("check", "--select", "PGF702", "--show-suppressed", "--format")
    (row,) = json.loads(run(*shown, "json")[1])["suppressed"]
    assert row["justification"] == "a toy"
    assert row["allowedBy"] == {
        "kind": "comment", "path": "main.tf", "line": 7, "column": 37, "endLine": 7, "endColumn": 71,
    }  # fmt: skip
    (result,) = json.loads(run(*shown, "sarif")[1])["runs"][0]["results"]
    assert result["suppressions"] == [{"kind": "inSource", "status": "accepted", "justification": "a toy"}]
    assert "= allowed by: the comment, main.tf:7:37" in run(*shown, "text")[1]


def test_the_configuration_allows_from_outside(write: Write, run: Check) -> None:
    allow = '[[allow]]\nrules = ["PGF702"]\nreason = "a toy"\n'
    write({"main.tf": SERVER, ".pgflexlint.toml": allow})
    shown = ("check", "--select", "PGF702", "--show-suppressed", "--format")
    (result,) = json.loads(run(*shown, "sarif")[1])["runs"][0]["results"]
    assert result["suppressions"] == [{"kind": "external", "status": "accepted", "justification": "a toy"}]
    assert "= allowed by: the configuration, .pgflexlint.toml:1:1" in run(*shown, "text")[1]


FIREWALL_RULE = """resource "azurerm_postgresql_flexible_server_firewall_rule" "%s" {
  name             = "%s"
  server_id        = azurerm_postgresql_flexible_server.main.id
  start_ip_address = "%s"
  end_ip_address   = "%s"%s
}
"""
EVERYBODY = ("0.0.0.0", "255.255.255.255")
PARTNER = ("20.0.0.0", "20.255.255.255")
RANGES = [
    ("PGF301", EVERYBODY, EVERYBODY),
    ("PGF302", PARTNER, ("52.0.0.0", "52.127.255.255")),
    ("PGF302", PARTNER, ("52.0.0.0", "52.0.3.255")),
]


@pytest.mark.parametrize("by", ["comment", "configuration"])
@pytest.mark.parametrize("ranges", RANGES)
def test_one_firewall_rule_that_is_allowed_hides_no_other(
    write: Write, run: Check, ranges: tuple[str, tuple[str, str], tuple[str, str]], by: str
) -> None:
    rule, partner, other = ranges
    comment = f" # pgflexlint: ignore[{rule}] they have signed" if by == "comment" else ""
    address = "azurerm_postgresql_flexible_server_firewall_rule.partner"
    allowed = f'[[allow]]\nrules = ["{rule}"]\naddress = "{address}"\nreason = "they have signed"\n'
    room = write(
        {
            ".pgflexlint.toml": allowed if by == "configuration" else "",
            "main.tf": SERVER + FIREWALL_RULE % ("partner", "partner", *partner, comment),
        }
    )
    check = ("check", "--select", "PGF301,PGF302", "--format", "concise")
    assert run(*check)[0] == 0
    (room / "other.tf").write_text(FIREWALL_RULE % ("other", "other", *other, ""), encoding="utf-8")
    code, output, _ = run(*check)
    assert (code, found(output)) == (1, [f"{rule} other.tf:5"])


CALLED_TWICE = """module "sandbox" {
  source = "./m"
}
module "lab" {
  source = "./m"
}
"""


def test_of_several_resources_each_may_be_allowed_by_itself(write: Write, run: Check) -> None:
    allow = "[[allow]]\nrules = ['PGF702']\naddress = '{}'\nreason = 'a toy'\n"
    sandbox, lab = (f"module.{name}.azurerm_postgresql_flexible_server.main" for name in ("sandbox", "lab"))
    room = write({"main.tf": CALLED_TWICE, "m/main.tf": SERVER})
    (finding,) = json.loads(run("check", "--isolated", "--select", "PGF702", "--format", "json")[1])["findings"]
    assert sorted(finding["resources"]) == sorted([sandbox, lab])
    (room / ".pgflexlint.toml").write_text(allow.format(sandbox), encoding="utf-8")
    code, output, _ = run("check", "--select", "PGF702", "--format", "json")
    (finding,) = json.loads(output)["findings"]
    assert (code, finding["resources"]) == (0, [lab])
    assert "problem" not in run("check", "--select", "PGF702", "--format", "concise")[1]
    (room / ".pgflexlint.toml").write_text(allow.format(sandbox) + allow.format(lab), encoding="utf-8")
    _, output, _ = run("check", "--select", "PGF702", "--format", "concise")
    assert output.startswith(("All clear", "Found nothing wrong")), output


def test_what_is_wrong_with_all_instances_of_a_server_is_shown_once(write: Write, run: Check) -> None:
    instances = SERVER.replace("{\n", '{\n  for_each                      = toset(["lab", "shop"])\n', 1)
    write({"main.tf": instances})
    _, output, _ = run("check", "--select", "PGF702", "--format", "text")
    assert output.count("note[PGF702]: Backups of server 'main' are kept for '7' days") == 1
    assert [line.split()[-1] for line in output.splitlines() if "flexible_server.main[" in line] == [
        'azurerm_postgresql_flexible_server.main["lab"]',
        'azurerm_postgresql_flexible_server.main["shop"]',
    ]
    _, output, _ = run("check", "--select", "PGF702", "--format", "json")
    assert [finding["resources"] for finding in json.loads(output)["findings"]] == [
        ['azurerm_postgresql_flexible_server.main["lab"]'],
        ['azurerm_postgresql_flexible_server.main["shop"]'],
    ]

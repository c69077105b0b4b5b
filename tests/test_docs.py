"""What the documentation says is so: rendered pages, paths, links, commands and the picture."""

from __future__ import annotations

import html
import json
import os
import re
import subprocess
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

import pytest
import yaml
from docs import make_picture, render

from pgflexlint import __version__
from pgflexlint.catalogue import anchor
from pgflexlint.explain import PROBLEMS, REPOSITORY
from pgflexlint_rules import RULES
from tests.console import copy_of_checkout, scrubbed
from tests.paths import ROOT

PROSE = (ROOT / "README.md", ROOT / "CONTRIBUTING.md", ROOT / "CHANGELOG.md")
RENDERED = (
    *(rule.page for rule in RULES), "docs/rules/README.md", "docs/policies.md", "docs/problems.md",
    "docs/configuration.md", "docs/pgflexlint.schema.json", "README.md",
)  # fmt: skip
GUIDES = (
    "quick-start.md", "editor.md", "outputs.md", "how-it-decides.md", "configuration.md", "suppressions.md",
    "baseline.md",
)  # fmt: skip
"""The pages of `docs/` whose examples are carried out in their order, in one empty directory."""
EVERYTHING = [*PROSE, *sorted((ROOT / "docs").rglob("*.md"))]

OURS = re.compile(r"[\w.*-]+\.(?:md|toml|py|svg)|[\w.*-]+(?:/[\w.*-]+)+/?|\.?[\w*-]+/")
"""What in back quotes is a path in this repository; in the pages of rules, names of Azure look alike."""
FOREIGN = (".venv/", ".pgflexlint")
"""Beginnings of paths that are made on the reader's machine."""

relative = pytest.mark.parametrize("page", EVERYTHING, ids=lambda page: page.relative_to(ROOT).as_posix())


def quoted_paths(page: Path) -> Iterator[str]:
    """The paths in back quotes, outside of blocks."""
    text = re.sub(r"^```.*?^```", "", page.read_text("utf-8"), flags=re.MULTILINE | re.DOTALL)
    for quoted in re.findall(r"`([^`\n]+)`", text):
        if OURS.fullmatch(quoted) and not quoted.startswith(FOREIGN):
            first = quoted.split("/")[0]
            if page in PROSE or (ROOT / first).exists():
                yield quoted


@relative
def test_every_path_in_back_quotes_exists(page: Path) -> None:
    missing = [path for path in quoted_paths(page) if not list(ROOT.glob(path.rstrip("/")))]
    assert not missing


@relative
def test_every_link_leads_somewhere(page: Path) -> None:
    text = page.read_text("utf-8")
    links = re.findall(r"\]\(([^)\s]+)\)", text)
    targets = [link.split("#")[0] for link in links if not re.match(r"https?://|#", link)]
    assert not [target for target in targets if not (page.parent / target).exists()]


@relative
def test_every_link_to_a_heading_leads_there(page: Path) -> None:
    links = re.findall(r"\]\(([\w./-]*)#([^)\s]+)\)", page.read_text("utf-8"))
    assert not [link for link in links if link[1] not in headings(page.parent / link[0] if link[0] else page)]


def headings(page: Path) -> set[str]:
    """The anchors that GitHub gives to the headings of a page."""
    text = re.sub(r"^```.*?^```", "", page.read_text("utf-8"), flags=re.MULTILINE | re.DOTALL)
    return {anchor(heading) for heading in re.findall(r"^#+ (.*)$", text, re.MULTILINE)}


@pytest.fixture(scope="module")
def rendered() -> dict[str, str]:
    """All that is written by a script, by path."""
    return {path.relative_to(ROOT).as_posix(): text for path, text in render.pages()}


@pytest.mark.parametrize("path", RENDERED)
def test_what_is_rendered_is_up_to_date(
    path: str, rendered: dict[str, str], matches: Callable[[Path, str], None]
) -> None:
    matches(ROOT / path, rendered[path])


def test_there_is_no_page_without_a_rule(rendered: dict[str, str]) -> None:
    pages = {path.relative_to(ROOT).as_posix() for path in (ROOT / "docs" / "rules").iterdir()}
    assert pages == {path for path in RENDERED if path.startswith("docs/rules/")}
    assert set(rendered) == set(RENDERED)


def test_the_readme_counts_every_rule_in_its_family(rendered: dict[str, str]) -> None:
    rows = re.findall(r"^\| \[(PGF\d)\]\([^)]*\) \| .* \| (\d+) \|", rendered["README.md"], re.MULTILINE)
    assert [(family, int(count)) for family, count in rows] == [*Counter(rule.id[:4] for rule in RULES).items()]


def test_every_rule_is_in_the_index() -> None:
    index = render.index()
    assert [rule.id for rule in RULES if f"[{rule.id}]" not in index] == []


def test_the_picture_shows_what_is_printed(pytestconfig: pytest.Config) -> None:
    printed = ["".join(line.split()) for line in make_picture.output(color=False).splitlines() if line.strip()]
    if pytestconfig.getoption("--accept") and lines_of(make_picture.PICTURE) != printed:
        make_picture.PICTURE.write_text(make_picture.picture(), encoding="utf-8")
    assert lines_of(make_picture.PICTURE) == printed, "python docs/make_picture.py draws it anew"


def lines_of(picture: Path) -> list[str]:
    """What stands in the lines of a picture, without blanks."""
    lines: dict[float, str] = {}
    drawn = picture.read_text("utf-8")
    for y, text in re.findall(r'<text class="pgflexlint-r\d+" x="[^"]*" y="([^"]*)"[^>]*>([^<]*)</text>', drawn):
        lines[float(y)] = lines.get(float(y), "") + "".join(html.unescape(text).split())
    return [text for _, text in sorted(lines.items())]


def test_the_picture_needs_no_network() -> None:
    drawn = make_picture.PICTURE.read_text("utf-8")
    assert not re.findall(r"@font-face|@import|href|url\((?!#)", drawn)


def test_the_picture_is_of_a_command_in_the_project() -> None:
    assert f">{make_picture.COMMAND}<" in make_picture.PICTURE.read_text("utf-8").replace("&#160;", " ")


# --- commands ---------------------------------------------------------------------------------------------------


class Shown(NamedTuple):
    """A command and what the README shows of its output."""

    command: str
    output: str


def shown() -> list[Shown]:
    """The commands in the console blocks of the README."""
    blocks = re.findall(r"^```console\n(.*?)^```", (ROOT / "README.md").read_text("utf-8"), re.MULTILINE | re.DOTALL)
    return [each for block in blocks for each in commands(block)]


def commands(block: str) -> list[Shown]:
    """The commands of one console block."""
    parts = [part for part in re.split(r"^\$ ", block, flags=re.MULTILINE) if part]
    return [Shown(*(part.split("\n", 1))) for part in parts]


def agrees(expected: str, printed: str) -> bool:
    """Whether something was printed that is shown; a line `...` stands for any."""
    pattern = "".join(".*" if line == "...\n" else re.escape(line) for line in expected.splitlines(keepends=True))
    return re.fullmatch(pattern, printed, re.DOTALL) is not None


SET_UP = [each for each in shown() if "-m venv" in each.command]
CHECKS = [each for each in shown() if "-m venv" not in each.command]


def test_the_readme_begins_with_two_commands_that_do_all_their_own_set_up() -> None:
    assert shown()[:2] == SET_UP
    assert len(SET_UP) == 2


@pytest.mark.parametrize("each", CHECKS, ids=lambda each: each.command)
def test_every_command_runs_and_prints_what_is_shown(each: Shown, tmp_path: Path) -> None:
    checkout = copy_of_checkout(tmp_path / "pgflexlint")
    run = shell(each.command, checkout)
    assert run.returncode in (0, 1), run.stderr
    assert run.stderr == ""
    assert not each.output or agrees(each.output, run.stdout), run.stdout


@pytest.mark.parametrize("page", GUIDES)
def test_the_examples_of_a_guide_do_what_it_says(page: str, tmp_path: Path) -> None:
    text = (ROOT / "docs" / page).read_text("utf-8")
    for language, name, content in re.findall(r"^```(\w*) ?(\S*)\n(.*?)^```", text, re.MULTILINE | re.DOTALL):
        if language != "console":
            assert name, f"an example that nobody carries out: {content}"
            (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / name).write_text(content, encoding="utf-8")
            continue
        for command, output in commands(content):
            run = shell(command, tmp_path)
            assert run.returncode in (0, 1, 2), run.stderr
            assert agrees(output, run.stdout + run.stderr), run.stdout + run.stderr


def named(page: str, name: str) -> str:
    """The example file of a guide."""
    match = re.search(rf"^```\w+ {re.escape(name)}\n(.*?)^```", (ROOT / "docs" / page).read_text("utf-8"), re.M | re.S)
    assert match, name
    return match[1]


@pytest.mark.parametrize(
    ("name", "schema"),
    [
        (".github/workflows/pgflexlint.yml", "vendor.github-workflows"),
        ("azure-pipelines.yml", "vendor.azure-pipelines"),
        (".gitlab-ci.yml", "vendor.gitlab-ci"),
    ],
)
def test_the_examples_of_workflows_are_valid(name: str, schema: str, tmp_path: Path) -> None:
    (tmp_path / Path(name).name).write_text(named("quick-start.md", name), encoding="utf-8")
    run = shell(f"check-jsonschema --builtin-schema {schema} {Path(name).name}", tmp_path)
    assert run.returncode == 0, run.stdout + run.stderr


def test_the_example_of_pre_commit_names_a_hook_that_there_is(tmp_path: Path) -> None:
    text = named("quick-start.md", ".pre-commit-config.yaml")
    (tmp_path / "config.yaml").write_text(text, encoding="utf-8")
    run = shell("pre-commit validate-config config.yaml", tmp_path)
    assert run.returncode == 0, run.stdout + run.stderr
    hooks = {hook["id"]: hook for hook in yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text("utf-8"))}
    (repository,) = yaml.safe_load(text)["repos"]
    assert {hook["id"] for hook in repository["hooks"]} <= hooks.keys()
    assert f"```yaml\n{text}```" in (ROOT / "README.md").read_text("utf-8")


def test_the_readme_configures_as_the_page_about_configuration_does() -> None:
    text = named("configuration.md", "pyproject.toml")
    assert f"```toml\n{text}```" in (ROOT / "README.md").read_text("utf-8")


@pytest.mark.parametrize("page", ["README.md", "docs/quick-start.md", "docs/editor.md"])
def test_a_version_is_named_as_one_to_come_until_it_is_released(page: str) -> None:
    text = (ROOT / page).read_text("utf-8")
    released = re.findall(r"^## \[(\d+\.\d+\.\d+)\]", (ROOT / "CHANGELOG.md").read_text("utf-8"), re.MULTILINE)
    assert ("There is no release yet." in text) == (not released)
    assert {*re.findall(r"(?:rev: |pgflexlint@)v([\d.]+)", text)} <= {released[0] if released else __version__}
    assert f"git+{REPOSITORY}" in text or released


def test_the_example_of_a_workflow_gives_inputs_that_there_are() -> None:
    workflow = yaml.safe_load(named("quick-start.md", ".github/workflows/pgflexlint.yml"))
    action = yaml.safe_load((ROOT / "action.yml").read_text("utf-8"))
    (step,) = (each for each in workflow["jobs"]["pgflexlint"]["steps"] if each["uses"].startswith("pgflexlint/"))
    assert step.get("with", {}).keys() <= action["inputs"].keys()
    page = (ROOT / "docs" / "quick-start.md").read_text("utf-8")
    inputs, outputs = re.search(r"inputs \(([^)]*)\) and outputs\s+\(([^)]*)\)", page).groups()  # type: ignore[union-attr]
    assert set(re.findall(r"`([\w-]+)`", inputs)) <= action["inputs"].keys()
    assert set(re.findall(r"`([\w-]+)`", outputs)) <= action["outputs"].keys()


def test_the_task_for_visual_studio_code_reads_what_is_printed(tmp_path: Path) -> None:
    (task,) = json.loads(named("editor.md", ".vscode/tasks.json"))["tasks"]
    files: dict[str, str | bytes] = {
        "broken.tf": 'resource "azurerm_postgresql_flexible_server" "a" {\n  name = = 1\n}\n',
        "main.tf": named("quick-start.md", "main.tf").replace('"off"\n', '"off"\n  # pgflexlint: ignore[PGF701]\n'),
        "latin.tf": b"# postgres: \xe9\n",
    }
    for name, text in files.items():
        (tmp_path / name).write_bytes(text if isinstance(text, bytes) else text.encode())
    run = shell("pgflexlint check --select PGF101,PGF701 --format concise", tmp_path)
    located, whole = (matcher["pattern"] for matcher in task["problemMatcher"])
    read = []
    for line in run.stdout.splitlines()[:-1]:  # the last one is the summary
        ((pattern, match),) = [(each, found) for each in (located, whole) if (found := re.match(each["regexp"], line))]
        read.append(
            [match[pattern[part]] for part in ("file", "line", "column", "severity", "code") if part in pattern]
        )
        assert line.endswith(match[pattern["message"]])
    assert read == [
        ["main.tf", "1", "1", "warning", "PGF701"],
        ["main.tf", "12", "15", "error", "PGF101"],
        ["broken.tf", "2", "10", "problem", "syntax-error"],
        ["latin.tf", "unreadable-file"],
        ["main.tf", "13", "3", "remark", "configuration"],
    ]
    assert whole["kind"] == "file", "the editor asks for no line"
    assert all(matcher["severity"] == "warning" for matcher in task["problemMatcher"]), "what `problem` counts as"
    background = task["problemMatcher"][0]["background"]
    watch = (ROOT / "analyzer/pgflexlint/commands/watch.py").read_text("utf-8")
    for key in ("beginsPattern", "endsPattern"):
        assert re.search(background[key].strip("^$"), watch)
    assert task["command"].split()[1:] == ["check", "--watch", "--format", "concise"]


@pytest.mark.slow
def test_the_first_command_is_all_that_a_new_user_needs(tmp_path: Path) -> None:
    checkout = copy_of_checkout(tmp_path / "pgflexlint")
    run = shell(SET_UP[0].command, checkout, **pip_settings())
    assert run.returncode == 1, run.stderr
    assert "error[PGF101]: Unencrypted connections are accepted by server" in run.stdout
    assert re.search(r"^Found \d+ errors, \d+ warnings and \d+ notes? in ", run.stdout, re.MULTILINE)


def test_continuous_integration_runs_the_second_command() -> None:
    """Not this test: it would run itself."""
    assert SET_UP[1].command in (ROOT / ".ci" / "run").read_text("utf-8")


def shell(command: str, cwd: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    """A command line of the README, in a scrubbed environment."""
    return subprocess.run(
        ["sh", "-c", command],
        capture_output=True,
        encoding="utf-8",
        cwd=cwd,
        env=scrubbed(**environment),
        timeout=300,
        check=False,
    )


def pip_settings() -> dict[str, str]:
    """How this machine's pip reaches its packages, and where it keeps them."""
    wanted = re.compile(r"HOME|XDG_\w+|PIP_\w+|\w+_PROXY|(SSL|REQUESTS|CURL)_\w+", re.IGNORECASE)
    return {name: value for name, value in os.environ.items() if wanted.fullmatch(name)}


# --- what else is said in two places ----------------------------------------------------------------------------


def test_every_kind_of_problem_is_explained() -> None:
    page = (ROOT / "docs" / "problems.md").read_text("utf-8")
    assert [kind.value for kind in PROBLEMS if f"## {kind.value}\n" not in page] == []


def test_the_changelog_has_the_form_that_it_names() -> None:
    changelog = (ROOT / "CHANGELOG.md").read_text("utf-8")
    assert re.search(r"^## \[(Unreleased|\d+\.\d+\.\d+)\]", changelog, re.MULTILINE)
    assert set(re.findall(r"^### (.*)$", changelog, re.MULTILINE)) <= {
        "Added", "Changed", "Deprecated", "Removed", "Fixed", "Security",
    }  # fmt: skip


def test_no_page_names_a_machine() -> None:
    for page in EVERYTHING:
        text = page.read_text("utf-8").replace(REPOSITORY, "")
        assert not re.findall(r"/(?:home|root|tmp|work|Users)/\w+|localhost", text), page

"""The GitHub Action, run as a runner runs it: each `run` step in bash, in the environment that `action.yml` makes."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.paths import ROOT
from tests.test_outputs import obeyed

ACTION = yaml.safe_load((ROOT / "action.yml").read_text("utf-8"))
BAD = """\
resource "azurerm_postgresql_flexible_server" "main" {
  name     = "psql-main"
  version  = "17"
  sku_name = "GP_Standard_D2ds_v5"
}

resource "azurerm_postgresql_flexible_server_configuration" "tls" {
  name      = "require_secure_transport"
  server_id = azurerm_postgresql_flexible_server.main.id
  value     = "off" # ::add-mask::x ##[group]y
}
"""
UPLOAD = "github/codeql-action/upload-sarif@"


@dataclass
class Runner:
    """A runner with a checkout, and pgflexlint where the action would install it."""

    place: Path
    event: str = "push"
    payload: Mapping[str, Any] = field(default_factory=dict)
    more: Mapping[str, str] = field(default_factory=dict)
    printed: str = ""
    outputs: dict[str, str] = field(default_factory=dict)
    summary: str = ""
    uploaded: list[Mapping[str, str]] = field(default_factory=list)

    def run(self, **inputs: str) -> int:
        """The exit code of the job: that of the first step that fails."""
        steps: dict[str, dict[str, str]] = {"python": {"python-path": sys.executable}}
        for step in ACTION["runs"]["steps"]:
            if "if" in step and not self._holds(step["if"], steps):
                continue
            if step.get("uses", "").startswith(UPLOAD):
                self.uploaded.append(self._filled(step["with"], inputs, steps))
            elif "run" in step:
                assert step["shell"] == "bash"
                code, outputs = self._step(step["run"], self._filled(step["env"], inputs, steps))
                steps[step.get("id", "")] = outputs
                if code:
                    self.outputs = steps.get("scan", outputs)
                    return code
        self.outputs = steps["scan"]
        return 0

    def _step(self, script: str, variables: Mapping[str, str]) -> tuple[int, dict[str, str]]:
        files = {name: self.place / name for name in ("GITHUB_OUTPUT", "GITHUB_STEP_SUMMARY", "GITHUB_EVENT_PATH")}
        for path in files.values():
            path.write_text("")
        files["GITHUB_EVENT_PATH"].write_text(json.dumps(self.payload))
        environment = {
            "PATH": os.environ["PATH"],
            "GITHUB_ACTIONS": "true",
            "GITHUB_ACTION_PATH": str(ROOT),
            "GITHUB_EVENT_NAME": self.event,
            "GITHUB_REPOSITORY": "contoso/shop",
            "GITHUB_SERVER_URL": "https://github.com",
            "GITHUB_WORKSPACE": str(self.place / "checkout"),
            "RUNNER_TEMP": str(self.place / "temp"),
            **{name: str(path) for name, path in files.items()},
            **self.more,
            **variables,
        }
        command = ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", script]
        ended = subprocess.run(
            command, cwd=self.place / "checkout", env=environment, capture_output=True, text=True, check=False
        )
        self.printed += ended.stdout + ended.stderr
        self.summary += files["GITHUB_STEP_SUMMARY"].read_text("utf-8")
        framed = re.findall(r"^([\w-]+)<<(end_\w+)\n(.*?)\n\2$", files["GITHUB_OUTPUT"].read_text("utf-8"), re.M | re.S)
        return ended.returncode, {name: value for name, _, value in framed}

    @staticmethod
    def _filled(values: Mapping[str, str], inputs: Mapping[str, str], steps: Mapping[str, Mapping[str, str]]) -> Any:
        defaults = {name: declared["default"] for name, declared in ACTION["inputs"].items()}
        given = defaults | {name.replace("_", "-"): value for name, value in inputs.items()}
        assert given.keys() == defaults.keys()

        def value(match: re.Match[str]) -> str:
            for term in match[1].split("||"):
                kind, *path = term.strip().split(".")
                if kind == "inputs":
                    found = given[path[0]]
                elif kind == "steps":
                    found = steps.get(path[0], {}).get(path[2], "")
                else:
                    found = kind.strip("'")
                if found:
                    return str(found)
            return ""

        return {name: re.sub(r"\$\{\{(.*?)\}\}", value, text) for name, text in values.items()}

    @staticmethod
    def _holds(condition: str, steps: Mapping[str, Mapping[str, str]]) -> bool:
        match = re.fullmatch(r"steps\.(\w+)\.outputs\.([\w-]+) == '(\w+)'", condition)
        assert match, condition
        return steps[match[1]].get(match[2]) == match[3]


@pytest.fixture
def runner(tmp_path: Path) -> Runner:
    program = tmp_path / "temp" / "pgflexlint-action" / "bin" / "pgflexlint"
    program.parent.mkdir(parents=True)
    program.symlink_to(Path(sys.executable).parent / "pgflexlint")
    checkout = tmp_path / "checkout"
    checkout.mkdir()
    (checkout / "main.tf").write_text(BAD)
    return Runner(tmp_path)


def pull_request(repository: str | None) -> Mapping[str, Any]:
    return {"pull_request": {"head": {"repo": repository and {"full_name": repository}}}}


def test_a_push_with_findings_uploads_and_then_fails(runner: Runner) -> None:
    assert runner.run() == 1
    (upload,) = runner.uploaded
    assert upload["category"] == "pgflexlint"
    log = json.loads(Path(upload["sarif_file"]).read_text("utf-8"))
    assert "PGF101" in {result["ruleId"] for result in log["runs"][0]["results"]}
    assert runner.outputs["exit-code"] == "1"
    assert int(runner.outputs["findings"]) == sum(int(runner.outputs[name]) for name in ("errors", "warnings", "notes"))
    assert "PGF101" in runner.summary
    assert [name for name, _, _ in obeyed(runner.printed) if name != "stop-commands"] == []


def test_the_workflow_of_the_quick_start_does_as_it_is_printed(runner: Runner) -> None:
    page = (ROOT / "docs/quick-start.md").read_text("utf-8")
    (block,) = re.findall(r"^```yaml \.github/workflows/pgflexlint\.yml\n(.*?)^```", page, re.M | re.S)
    steps = yaml.safe_load(block)["jobs"]["pgflexlint"]["steps"]
    (step,) = (each for each in steps if each["uses"].startswith("pgflexlint/"))
    assert runner.run(**{name.replace("-", "_"): value for name, value in step.get("with", {}).items()}) == 1
    assert len(runner.uploaded) == 1


def test_a_pull_request_of_the_same_repository_uploads(runner: Runner) -> None:
    runner.event, runner.payload = "pull_request", pull_request("contoso/shop")
    assert runner.run(category="shop") == 1
    assert [upload["category"] for upload in runner.uploaded] == ["shop"]


def test_what_could_not_be_read_is_annotated_although_findings_are_uploaded(runner: Runner) -> None:
    for number in range(12):
        (runner.place / "checkout" / f"{number:02}.tf").write_bytes(b"# postgres \xff\n")
    assert runner.run() == 1
    assert len(runner.uploaded) == 1
    annotations = [
        (name, fields) for name, fields, _ in obeyed(runner.printed) if name in ("error", "warning", "notice")
    ]
    assert len(annotations) == 10, "as many as GitHub shows"
    assert [fields["title"] for _, fields in annotations] == ["pgflexlint unreadable-file"] * 9 + ["pgflexlint"]
    assert annotations[0] == ("error", {"file": "00.tf", "title": "pgflexlint unreadable-file"})
    runner.printed = ""
    assert runner.run(annotations="false") == 1
    assert [name for name, _, _ in obeyed(runner.printed) if name == "error"] == []


@pytest.mark.parametrize("repository", ["stranger/shop", None])
def test_a_fork_gets_annotations_instead(runner: Runner, repository: str | None) -> None:
    runner.event, runner.payload = "pull_request", pull_request(repository)
    assert runner.run() == 1
    assert runner.uploaded == []
    annotations = [fields for name, fields, _ in obeyed(runner.printed) if name in ("error", "warning", "notice")]
    assert {"file": "main.tf", "line": "10", "title": "PGF101 secure-transport-disabled"}.items() <= annotations[
        0
    ].items()


@pytest.mark.parametrize("payload", [[1], {}, {"pull_request": None}, {"pull_request": {"head": None}}])
def test_a_pull_request_of_which_nothing_is_known_is_like_a_fork(runner: Runner, payload: Any) -> None:
    runner.event, runner.payload = "pull_request", payload
    assert runner.run() == 1
    assert (runner.uploaded, runner.outputs["upload"]) == ([], "false")


def test_dependabot_is_like_a_fork(runner: Runner) -> None:
    runner.event, runner.payload = "pull_request", pull_request("contoso/shop")
    runner.more = {"GITHUB_ACTOR": "dependabot[bot]"}
    assert runner.run() == 1
    assert runner.uploaded == []


def test_without_findings_the_job_passes_and_alerts_are_closed(runner: Runner) -> None:
    (runner.place / "checkout" / "main.tf").write_text("")
    assert runner.run() == 0
    assert len(runner.uploaded) == 1
    assert runner.outputs["findings"] == "0"


def test_below_the_level_that_fails_the_job_passes(runner: Runner) -> None:
    assert runner.run(fail_on="never", upload="false", summary="false", annotations="true") == 0
    assert runner.uploaded == []
    assert runner.summary == ""
    assert any(name == "error" for name, _, _ in obeyed(runner.printed))


def test_a_configuration_counts_wherever_it_is(runner: Runner) -> None:
    (runner.place / "checkout" / "ci").mkdir()
    (runner.place / "checkout" / "ci" / "strict.toml").write_text('select = ["PGF101"]\nrules.PGF101.level = "note"\n')
    assert runner.run(config="ci/strict.toml") == 0
    assert (runner.outputs["findings"], runner.outputs["notes"]) == ("1", "1")
    assert runner.run(config="ci/strict.toml", fail_on="note") == 1
    assert runner.run(config="ci/missing.toml") == 2


def test_what_a_baseline_lists_fails_no_job_and_opens_no_alert(runner: Runner) -> None:
    checkout = runner.place / "checkout"
    command = [str(Path(sys.executable).parent / "pgflexlint"), "baseline", "create"]
    subprocess.run(command, cwd=checkout, check=True, capture_output=True)
    assert runner.run(baseline=".pgflexlint-baseline.json") == 0
    assert runner.outputs["findings"] == "0"
    (upload,) = runner.uploaded
    assert json.loads(Path(upload["sarif_file"]).read_text("utf-8"))["runs"][0]["results"] == []
    (checkout / "new.tf").write_text(BAD.replace('"main"', '"other"').replace(".main.", ".other."))
    assert runner.run(baseline=".pgflexlint-baseline.json") == 1
    assert int(runner.outputs["findings"]) > 0
    assert "new.tf" in runner.summary
    (checkout / ".pgflexlint-baseline.json").write_text("{")
    assert runner.run(baseline=".pgflexlint-baseline.json") == 2


def test_what_could_not_be_looked_at_fails_the_job(runner: Runner) -> None:
    (runner.place / "checkout" / "main.tf").write_text('resource "azurerm_postgresql_flexible_server" "x" {')
    assert runner.run(upload="false") == 3
    assert "syntax-error" in runner.printed


@pytest.mark.parametrize(
    ("inputs", "sentence"),
    [
        ({"fail_on": "high"}, "pgflexlint check: error: argument --fail-on: invalid choice: 'high'"),
        ({"paths": "missing"}, "pgflexlint: There is no file or directory 'missing'."),
        ({"select": "-x"}, "pgflexlint: There is no rule '-x'."),
        ({"sarif_file": "."}, "pgflexlint: '.' cannot be written: Is a directory."),
        ({"upload": "maybe"}, "The input 'upload' must be auto, true or false, not 'maybe'."),
        ({"version": "1; rm -rf /"}, "The input 'version' must be a version such as 1.2.3, not '1; rm -rf /'."),
    ],
)
def test_wrong_inputs_are_said(runner: Runner, inputs: dict[str, str], sentence: str) -> None:
    assert runner.run(**inputs) == 2
    (said,) = [data for name, _, data in obeyed(runner.printed) if name == "error"]
    assert said.startswith(sentence)
    assert runner.uploaded == []


def test_paths_are_arguments_and_no_options_and_no_shell(runner: Runner) -> None:
    odd = runner.place / "checkout" / "--color $(touch owned) `x`"
    odd.mkdir()
    (odd / "main.tf").write_text(BAD)
    assert runner.run(paths="--color $(touch owned) `x`\n", annotations="true") == 1
    assert not list(runner.place.rglob("owned"))
    paths = {fields.get("file") for name, fields, _ in obeyed(runner.printed) if name == "error"}
    assert paths == {"--color $(touch owned) `x`/main.tf"}


def test_a_crash_fails_the_job(runner: Runner) -> None:
    program = runner.place / "temp" / "pgflexlint-action" / "bin" / "pgflexlint"
    program.unlink()
    program.write_text("#!/bin/sh\nexit 4\n")
    program.chmod(0o755)
    assert runner.run() == 4
    said = [data for name, _, data in obeyed(runner.printed) if name == "error"]
    assert said == ["pgflexlint did not finish: see the log."]
    program.write_text("#!/bin/sh\necho ::add-mask::x >&2; kill -9 $$\n")
    assert runner.run() == 4
    assert re.search(r"::stop-commands::(\w{32})\n::add-mask::x\n\n::\1::", runner.printed)


def test_scanned_text_gives_the_runner_no_command(runner: Runner) -> None:
    runner.run(annotations="true", upload="false")
    stopped = re.search(r"::stop-commands::(\w{32})\n(.*)\n::\1::", runner.printed, re.S)
    assert stopped
    assert list(obeyed(stopped[2])) == []


@pytest.mark.slow
def test_the_action_installs_its_own_commit(runner: Runner) -> None:
    program = runner.place / "temp" / "pgflexlint-action" / "bin" / "pgflexlint"
    program.unlink()
    assert runner.run(upload="false") == 1
    assert program.is_file()


@pytest.mark.slow
def test_a_version_that_there_is_not_is_said(runner: Runner) -> None:
    runner.more = {"PIP_NO_INDEX": "1"}
    assert runner.run(version="99.9.9") == 4
    said = [data for name, _, data in obeyed(runner.printed) if name == "error"]
    assert said == ["pgflexlint could not be installed: the log has the words of pip."]


def test_other_tools_have_nothing_to_complain_of() -> None:
    scripts = Path(sys.executable).parent
    commands: tuple[list[str | Path], ...] = (
        [scripts / "check-jsonschema", "--builtin-schema", "vendor.github-actions", "action.yml"],
        [scripts / "zizmor", "--offline", "--persona", "auditor", "--quiet", "action.yml"],
        [scripts / "pre-commit", "validate-manifest", ".pre-commit-hooks.yaml"],
    )
    for command in commands:
        ended = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
        assert ended.returncode == 0, ended.stdout + ended.stderr

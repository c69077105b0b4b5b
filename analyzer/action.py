"""The program of the GitHub Action: installs pgflexlint, runs it once, and tells the runner what came of it.

It runs before anything is installed, so it uses the standard library only. What a workflow sets comes through the
environment (`INPUT_…`) and goes to programs as arguments: no shell ever sees it.

https://docs.github.com/actions/reference/workflows-and-actions/metadata-syntax
"""

from __future__ import annotations

import json
import os
import secrets
import subprocess
import sys
import venv
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from pgflexlint.lazily import compiled

USAGE, BROKEN = 2, 4
"""Exit codes: a wrong input; pgflexlint did not run to its end."""
SUMMARY_LIMIT = 1 << 20
"""Bytes that GitHub takes as the summary of a step."""
_VERSION = compiled(r"\d+(\.\d+){1,2}([ab]|rc)?\d*")
_READ_ONLY_EVENTS = ("pull_request", "pull_request_review", "pull_request_review_comment")


class InputError(Exception):
    """An input of the action cannot be what it is; the message is for a person."""


def main(environment: Mapping[str, str]) -> int:
    """Run the action in the environment of a step. The exit code of pgflexlint becomes an output, not the result."""
    try:
        inputs = Inputs(environment)
        program = installed(environment, inputs.version)
    except InputError as error:
        return failed(str(error), USAGE, environment)
    except OSError as error:
        return failed(f"pgflexlint could not be installed: {error}", BROKEN, environment)
    except subprocess.CalledProcessError:
        return failed("pgflexlint could not be installed: the log has the words of pip.", BROKEN, environment)
    return run(program, inputs, environment)


class Inputs:
    """The inputs of the action, checked."""

    def __init__(self, environment: Mapping[str, str]) -> None:
        def given(name: str) -> str:
            return environment.get(f"INPUT_{name.upper().replace('-', '_')}", "").strip()

        self.version = given("version")
        if self.version and not _VERSION.fullmatch(self.version):
            raise InputError(f"The input 'version' must be a version such as 1.2.3, not '{self.version}'.")
        self.paths = [line.strip() for line in given("paths").splitlines() if line.strip()]
        self.sarif = given("sarif-file") or str(Path(environment.get("RUNNER_TEMP", ".")) / "pgflexlint.sarif")
        self.upload = _choice("upload", given("upload"), may_upload(environment))
        self.annotations = _choice("annotations", given("annotations"), True)
        # Code scanning annotates a pull request by itself, but says nothing of what could not be scanned.
        wanted = given("annotations").lower() == "true" or not self.upload
        self.summary = _choice("summary", given("summary"), True)
        flags = ("config", "select", "ignore", "fail-on", "baseline", "category")
        self.options = [f"--{name}={given(name)}" for name in flags if given(name)]
        self.options += [] if wanted else ["--annotate", "problems"]


def _choice(name: str, text: str, automatic: bool) -> bool:
    """`true`, `false`, or what `auto` means."""
    try:
        return {"true": True, "false": False, "auto": automatic, "": automatic}[text.lower()]
    except KeyError:
        raise InputError(f"The input '{name}' must be auto, true or false, not '{text}'.") from None


def may_upload(environment: Mapping[str, str]) -> bool:
    """Whether the token of the job can write code scanning alerts.

    That of a pull request from a fork, or by Dependabot, is read-only
    (https://docs.github.com/actions/reference/security/securely-using-pull_request_target).
    """
    if environment.get("GITHUB_ACTOR") == "dependabot[bot]":
        return False
    if environment.get("GITHUB_EVENT_NAME") not in _READ_ONLY_EVENTS:
        return True
    found: Any = event(environment)
    for key in ("pull_request", "head", "repo", "full_name"):
        found = found.get(key) if isinstance(found, dict) else None
    return found is not None and found == environment.get("GITHUB_REPOSITORY")


def event(environment: Mapping[str, str]) -> Any:
    """What the runner says of the event; None where it cannot be read."""
    try:
        return json.loads(Path(environment["GITHUB_EVENT_PATH"]).read_text("utf-8"))
    except (KeyError, OSError, ValueError):
        return None


def installed(environment: Mapping[str, str], version: str) -> Path:
    """The program, in a virtual environment of its own that further steps of the job find again.

    Without a version it is that of the action's own commit, so that whoever pins the action pins the code.
    """
    home = Path(environment.get("RUNNER_TEMP", ".")).resolve() / f"pgflexlint-{version or 'action'}"
    scripts = home / ("Scripts" if os.name == "nt" else "bin")
    program = scripts / ("pgflexlint.exe" if os.name == "nt" else "pgflexlint")
    if not program.exists():
        venv.create(home, with_pip=True, clear=True)
        source = f"pgflexlint=={version}" if version else str(Path(__file__).resolve().parent.parent)
        # -I: what is scanned is the current directory, and may hold a module called pip.
        pip = ["-I", "-m", "pip", "install", "--quiet", "--disable-pip-version-check", source]
        subprocess.run([scripts / ("python.exe" if os.name == "nt" else "python"), *pip], check=True)
    return program


def run(program: Path, inputs: Inputs, environment: Mapping[str, str]) -> int:
    """One scan with all its outputs."""
    room = Path(environment.get("RUNNER_TEMP", ".")).resolve()
    files = {name: room / f"pgflexlint.{name}" for name in ("github", "markdown", "json")}
    for path in files.values():
        path.unlink(missing_ok=True)
    with suppress(OSError):  # what cannot be written in its place, pgflexlint says
        Path(inputs.sarif).unlink()
    outputs = [text for name, path in files.items() for text in ("-o", f"{name}:{path}")]
    command = [
        str(program),
        "check",
        *inputs.options,
        "-o",
        f"sarif:{inputs.sarif}",
        *outputs,
        "--color",
        "always",
        "--",
    ]
    ended = subprocess.run(
        [*command, *inputs.paths],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        encoding="utf-8",
        errors="replace",
        check=False,
    )
    show(ended.stdout)
    if not files["json"].exists():  # wrong usage or an internal error
        said = [line for line in ended.stdout.splitlines() if line.startswith("pgflexlint")]
        code = ended.returncode if ended.returncode > 0 else BROKEN  # a signal is negative
        return failed("\n".join(said) or "pgflexlint did not finish: see the log.", code, environment)
    if inputs.annotations:
        print(files["github"].read_text("utf-8"), end="")
    if inputs.summary:
        summarize(files["markdown"].read_text("utf-8"), environment)
    levels = [finding["level"] for finding in json.loads(files["json"].read_text("utf-8"))["findings"]]
    tell(
        {
            "sarif-file": inputs.sarif,
            "upload": str(inputs.upload).lower(),
            "findings": str(len(levels)),
            **{f"{level}s": str(levels.count(level)) for level in ("error", "warning", "note")},
            "exit-code": str(ended.returncode),
        },
        environment,
    )
    return 0


def show(text: str) -> None:
    """Print what holds text of scanned files, while the runner obeys nothing that it prints."""
    token = secrets.token_hex(16)
    print(f"::stop-commands::{token}\n{text}\n::{token}::", flush=True)


def failed(message: str, code: int, environment: Mapping[str, str]) -> int:
    """Say why nothing was scanned; the exit code is an output too, for steps that run always."""
    escaped = message.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")
    print(f"::error title=pgflexlint::{escaped}", flush=True)
    tell({"upload": "false", "exit-code": str(code)}, environment)
    return code


def summarize(text: str, environment: Mapping[str, str]) -> None:
    """Add to the summary of the step, where there is one and it has room."""
    path = environment.get("GITHUB_STEP_SUMMARY")
    if path and len(text.encode()) < SUMMARY_LIMIT:
        with Path(path).open("a", encoding="utf-8") as summary:
            summary.write(text + "\n")


def tell(outputs: Mapping[str, str], environment: Mapping[str, str]) -> None:
    """Set outputs of the step, each in a frame that its text cannot close."""
    path = environment.get("GITHUB_OUTPUT")
    if path:
        with Path(path).open("a", encoding="utf-8") as file:
            for name, value in outputs.items():
                frame = f"end_{secrets.token_hex(16)}"
                file.write(f"{name}<<{frame}\n{value}\n{frame}\n")


def conclude(environment: Mapping[str, str]) -> int:
    """The exit code of the scan, after everything else was done."""
    code = environment.get("EXIT_CODE", "")
    return int(code) if code.isdecimal() else BROKEN


def entry(arguments: Sequence[str]) -> int:
    """`action.py` runs the scan, `action.py conclude` ends the job as it ended."""
    return conclude(os.environ) if list(arguments) == ["conclude"] else main(os.environ)


if __name__ == "__main__":
    sys.exit(entry(sys.argv[1:]))

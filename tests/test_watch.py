"""`--watch`: the whole program beside an editor that writes files."""

from __future__ import annotations

import json
import os
import queue
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from pgflexlint.commands.watch import Matters
from tests.command_line import PARAMETER, SERVER, Check, Write

PATIENCE = 30
"""Seconds after which nothing more is expected; only a failing test waits so long."""
WAITING = "Watching for changes; press Ctrl-C to stop."

Begin = Callable[..., "Watcher"]


class Watcher:
    """A running `pgflexlint check --watch`."""

    def __init__(self, room: Path, *arguments: str) -> None:
        command = [sys.executable, "-m", "pgflexlint", "check", "--watch", "--format", "concise", *arguments]
        self.process = subprocess.Popen(
            command,
            cwd=room,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            encoding="utf-8",
            env={**os.environ, "PYTHONUNBUFFERED": "1"},
            # What a shell runs in the background ignores Ctrl-C, and so would its children.
            preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),  # noqa: PLW1509
        )
        self._lines: queue.Queue[str] = queue.Queue()
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self._lines.put(line.rstrip("\n"))

    def round(self) -> list[str]:
        """What is printed until it waits again."""
        assert self._lines.get(timeout=PATIENCE) == "Scanning."
        lines = []
        while (line := self._lines.get(timeout=PATIENCE)) != WAITING:
            lines.append(line)
        return lines

    def until(self, beginning: str) -> bool:
        """Whether a round comes whose first line begins so: a change may be told in several pieces."""
        return any(self.round()[0].startswith(beginning) for _ in range(5))

    def silent(self, seconds: float) -> bool:
        try:
            self._lines.get(timeout=seconds)
        except queue.Empty:
            return True
        return False

    def end(self) -> int:
        self.process.send_signal(signal.SIGINT)
        return self.process.wait(PATIENCE)


@pytest.fixture
def begin(tmp_path: Path) -> Iterator[Begin]:
    running: list[Watcher] = []

    def begin(*arguments: str) -> Watcher:
        running.append(Watcher(tmp_path, *arguments))
        return running[-1]

    yield begin
    for each in running:
        each.process.kill()
        each.process.wait()


def levels(room: Path) -> list[str]:
    log = json.loads((room / ".sarif/pgflexlint.sarif").read_text("utf-8"))
    return [result["level"] for result in log["runs"][0]["results"]]


def test_each_change_is_looked_at_until_it_is_interrupted(write: Write, begin: Begin) -> None:
    room = write({"main.tf": SERVER, "tls.tf": PARAMETER % '"off"', "notes.md": ""})
    watcher = begin("--select", "PGF101", "-o", "sarif:.sarif/pgflexlint.sarif", "-o", "json:report.json")
    assert "PGF101" in watcher.round()[0]
    assert levels(room) == ["error"]
    write({"tls.tf": PARAMETER % '"on"'})
    assert watcher.until("All clear: nothing wrong")
    assert levels(room) == []
    write({"modules/db/main.tf": SERVER + PARAMETER % '"off"'})
    assert watcher.until("modules/db/main.tf:14:15: error PGF101")
    while not watcher.silent(1):
        pass
    write({"notes.md": "Nothing to do with it.\n", ".terraform/x.tf": SERVER})
    assert watcher.silent(1.5)
    assert watcher.end() == 0
    assert watcher.silent(0.2), "Ctrl-C leaves no traceback"


def test_what_was_wrong_is_mended_without_a_new_start(write: Write, begin: Begin) -> None:
    write({"main.tf": SERVER, ".pgflexlint.toml": 'select = ["PGF1x1"]\n'})
    watcher = begin()
    assert watcher.round()[0].startswith("pgflexlint: .pgflexlint.toml:1: 'select' names 'PGF1x1', which is not a rule")
    write({".pgflexlint.toml": 'select = ["PGF701"]\n'})
    assert watcher.until("main.tf:8:35: warning PGF701")
    write({"main.tf": "resource {"})
    assert watcher.until("Found no flexible server to judge")
    write({"main.tf": SERVER})
    assert watcher.until("main.tf:8:35: warning PGF701")
    assert watcher.end() == 0


def test_what_git_ignores_is_asked_again(write: Write, begin: Begin) -> None:
    write({"main.tf": SERVER, ".git/HEAD": "ref: refs/heads/main\n"})
    watcher = begin("--select", "PGF701")
    assert watcher.round()[0].startswith("main.tf:8:35: warning PGF701")
    write({".gitignore": "*.tf\n"})
    assert watcher.until("Found no flexible server to judge")
    assert watcher.end() == 0


def test_a_file_is_never_seen_half_written(write: Write, begin: Begin) -> None:
    """What is no whole JSON raises."""
    room = write({"main.tf": SERVER})
    watcher = begin("--select", "PGF7", "-o", "sarif:.sarif/pgflexlint.sarif")
    watcher.round()
    stop = time.monotonic() + 2
    number = 0
    while time.monotonic() < stop:
        number += 1
        write({"main.tf": SERVER + f"# {number}\n"})
        for _ in range(20):
            levels(room)
            time.sleep(0.002)
    assert [path.name for path in (room / ".sarif").iterdir() if path.suffix == ".sarif"] == ["pgflexlint.sarif"]
    assert watcher.end() == 0


def test_without_the_library_it_is_said_how_to_get_it(
    write: Write, run: Check, monkeypatch: pytest.MonkeyPatch
) -> None:
    write({"main.tf": SERVER})
    monkeypatch.setitem(sys.modules, "watchfiles", None)
    assert run("check", "--watch") == (
        2,
        "",
        "pgflexlint: --watch needs the library 'watchfiles'. Install it with: pip install 'pgflexlint[watch]'.\n",
    )


def test_a_place_that_is_not_there_is_2(write: Write, run: Check) -> None:
    write({})
    code, _, errors = run("check", "--watch", "nowhere")
    assert (code, errors) == (2, "pgflexlint: There is no file or directory 'nowhere'.\n")


@pytest.mark.parametrize(
    ("path", "matters"),
    [
        ("main.tf", True),
        ("a/b/prod.tfvars", True),
        ("main.bicepparam", True),
        ("azuredeploy.json", True),
        ("bicepconfig.json", True),
        (".pgflexlint.toml", True),
        ("pyproject.toml", True),
        ("known.txt", True),
        (".gitignore", True),
        ("modules/db/.gitignore", True),
        (".git/info/exclude", True),
        ("modules/.git/info/exclude", False),
        (".terraform.lock.hcl", True),
        ("rules.yaml", True),
        ("modules/db", True),
        ("log", False),
        ("out", False),
        ("report.json", False),
        (".report.json.k3j2h1", False),
        ("README.md", False),
        (".terraform/modules/db/main.tf", False),
        (".git/config.json", False),
        ("node_modules/a/package.json", False),
    ],
)
def test_what_may_change_what_is_found_matters(tmp_path: Path, path: str, matters: bool) -> None:
    (tmp_path / "modules/db").mkdir(parents=True)
    for name in ("log", ".gitignore", "modules/db/.gitignore"):
        (tmp_path / name).touch()
    judge = Matters(tmp_path, [tmp_path / "report.json", tmp_path / "out/a.sarif"], [str(tmp_path / "known.txt"), ""])
    assert judge(None, str(tmp_path / path)) is matters


def test_a_directory_that_went_matters(tmp_path: Path) -> None:
    assert Matters(tmp_path, [], [])(None, str(tmp_path / "modules/db"))


@pytest.mark.parametrize("name", ["log", "log.json"])
def test_what_the_shell_writes_there_wakes_nothing(write: Write, name: str) -> None:
    room = write({"main.tf": SERVER, name: ""})
    command = [sys.executable, "-m", "pgflexlint", "check", "--watch", "--format", "concise"]
    with (room / name).open("w") as log:
        process = subprocess.Popen(command, cwd=room, stdout=log, stderr=subprocess.PIPE, encoding="utf-8")
        assert process.stderr is not None
        try:
            rounds = [process.stderr.readline(), process.stderr.readline()]
            assert rounds == ["Scanning.\n", f"{WAITING}\n"]
            time.sleep(1.5)
            assert (room / name).read_text("utf-8").count("Found ") == 1
        finally:
            process.kill()
            process.wait()
            process.stderr.close()

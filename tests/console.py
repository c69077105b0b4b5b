"""Programs as a user runs them: processes of their own, in an environment that says nothing."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

from tests.paths import ROOT

PROGRAMS = Path(sys.executable).parent
"""Where the console scripts of this environment are."""


def scrubbed(**more: str) -> dict[str, str]:
    """Enough of an environment for a program to start, whatever the one of the tests holds, and `more`."""
    kept = {name: os.environ[name] for name in ("SYSTEMROOT", "TMPDIR", "TEMP") if name in os.environ}
    path = os.pathsep.join([str(PROGRAMS), str(Path(sys.base_prefix) / "bin"), os.defpath])
    return {**kept, "PATH": path, "LANG": "C.UTF-8", "TERM": "dumb", **more}


def pgflexlint(
    *arguments: str | Path, cwd: Path = ROOT, encoding: str = "utf-8", **environment: str
) -> subprocess.CompletedProcess[str]:
    """One run; its output is text, and whatever happened, no traceback is."""
    run = subprocess.run(
        [sys.executable, "-m", "pgflexlint", *map(str, arguments)],
        capture_output=True,
        encoding=encoding,
        cwd=cwd,
        env=scrubbed(**environment),
        stdin=subprocess.DEVNULL,
        timeout=120,
        check=False,
    )
    assert "Traceback" not in run.stderr, run.stderr
    return run


def copy_of_checkout(goal: Path) -> Path:
    """The files of this checkout as they are now, without what was built, cached or installed in it."""
    ignored = [name.strip("/") for name in (ROOT / ".gitignore").read_text("utf-8").splitlines() if "/" in name]
    made = {(ROOT / name).resolve() for name in ignored if "*" not in name}

    def left_out(directory: str, names: list[str]) -> set[str]:
        patterns = shutil.ignore_patterns(".git", *(name for name in ignored if "/" not in name))
        return patterns(directory, names) | {name for name in names if (Path(directory) / name).resolve() in made}

    shutil.copytree(ROOT, goal, ignore=left_out)
    return goal

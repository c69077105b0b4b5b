"""What a user installs: the wheel is built, looked into, installed beside nothing else, and must find a defect."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import venv
import zipfile
from pathlib import Path

import pytest

from tests.console import copy_of_checkout, scrubbed
from tests.paths import FIXTURES, ROOT

pytestmark = pytest.mark.slow

TABLES = {"pgflexlint/syntax/bicep/table.json", "pgflexlint/syntax/hcl/table.json"}
UNSHIPPED = {"action.py", "pgflexlint/syntax/build_tables.py"}
"""What only the build and the action need."""


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel of the source distribution of a checkout in which nothing was ever built."""
    checkout = copy_of_checkout(tmp_path_factory.mktemp("checkout") / "pgflexlint")
    assert not any((checkout / "analyzer" / table).exists() for table in TABLES)
    out = tmp_path_factory.mktemp("dist")
    subprocess.run([sys.executable, "-m", "build", "--outdir", out, checkout], check=True, capture_output=True)
    (built,) = out.glob("*.whl")
    return built


@pytest.fixture(scope="module")
def programs(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The programs of an environment that holds the wheel with its dependencies, and may not be written to."""
    home = tmp_path_factory.mktemp("environment")
    venv.create(home, with_pip=True)
    folder = home / ("Scripts" if os.name == "nt" else "bin")
    subprocess.run([folder / "python", "-m", "pip", "install", "--quiet", wheel], check=True)
    subprocess.run([folder / "python", "-m", "pip", "check"], check=True)
    for path in (home, *home.rglob("*")):
        if not path.is_symlink():
            path.chmod(path.stat().st_mode & ~0o222)
    return folder


def packaged() -> set[str]:
    """The files of both packages in this checkout, as they are called in a wheel."""
    files = {
        path.relative_to(source).as_posix()
        for source in (ROOT / "analyzer", ROOT / "rules")
        for path in source.rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    return (files | TABLES) - UNSHIPPED


def test_the_wheel_holds_both_packages_and_nothing_else(wheel: Path) -> None:
    names = set(zipfile.ZipFile(wheel).namelist())
    information = {name for name in names if name.split("/")[0].endswith(".dist-info")}
    assert {name.split("/")[0] for name in names - information} == {"pgflexlint", "pgflexlint_rules"}
    assert names - information == packaged()
    assert names >= TABLES
    assert [name for name in information if name.endswith("/licenses/LICENSE")]


def test_the_installed_program_finds_a_defect(programs: Path, tmp_path: Path) -> None:
    run = check(programs, tmp_path, "fail.tf")
    assert run.returncode == 1, run.stderr
    assert "fail.tf:21:15: error PGF101 Unencrypted connections are accepted by server 'literal'." in run.stdout


def test_the_installed_program_is_content_with_what_is_right(programs: Path, tmp_path: Path) -> None:
    run = check(programs, tmp_path, "pass.tf")
    assert (run.returncode, run.stderr) == (0, "")
    assert run.stdout.startswith("All clear: nothing wrong")


def test_running_it_leaves_nothing_behind(programs: Path, tmp_path: Path) -> None:
    before = set(programs.parent.rglob("*"))
    for output in ("text", "sarif"):
        assert check(programs, tmp_path, "fail.tf", output).returncode == 1
    assert set(programs.parent.rglob("*")) == before
    assert [path.name for path in tmp_path.iterdir()] == ["fail.tf"]


def check(programs: Path, room: Path, fixture: str, output: str = "concise") -> subprocess.CompletedProcess[str]:
    """The console script, without a home directory, on one fixture that is alone in a directory."""
    shutil.copy(FIXTURES / "PGF101" / fixture, room)
    command = [str(programs / "pgflexlint"), "check", "--select", "PGF101", "--format", output]
    environment = scrubbed(PYTHONDONTWRITEBYTECODE="1")
    assert "HOME" not in environment
    return subprocess.run(
        command, capture_output=True, encoding="utf-8", env=environment, cwd=room, timeout=120, check=False
    )

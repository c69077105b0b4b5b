"""What every test may use."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import settings

from pgflexlint.cli import main
from tests.command_line import Check, Outcome, Write

Matches = Callable[[Path | str, str], None]

GOLDEN = Path(__file__).parent / "golden"

# Tests measure no time: how fast something is, `benchmarks/` tells.
settings.register_profile("untimed", deadline=None)
settings.load_profile("untimed")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--accept", action="store_true", help="write what the tests see as what they expect; review the diff"
    )


@pytest.fixture
def matches(request: pytest.FixtureRequest) -> Matches:
    """`matches(path, text)`: the file holds exactly that text. A relative path is below `tests/golden`."""

    def compare(path: Path | str, text: str) -> None:
        file = GOLDEN / path
        written = file.read_bytes().decode("utf-8", "surrogatepass") if file.exists() else None
        if request.config.getoption("--accept"):
            if written != text:
                file.parent.mkdir(parents=True, exist_ok=True)
                file.write_bytes(text.encode("utf-8", "surrogatepass"))
            return
        assert written is not None, f"{file} is not there: run pytest --accept and read what it writes"
        assert text == written, f"differs from {file}: if that is right, run pytest --accept and review the diff"

    return compare


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """`write({"main.tf": text})`: files in an empty directory, which is answered."""

    def write(files: dict[str, str | bytes]) -> Path:
        for name, content in files.items():
            path = tmp_path / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content.encode() if isinstance(content, str) else content)
        return tmp_path

    return write


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Check:
    """The command line in this process, run in the empty directory: exit code, standard output, standard error."""
    for name in ("FORCE_COLOR", "GITHUB_WORKSPACE", "PGFLEXLINT_DEBUG"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.chdir(tmp_path)

    def run(*arguments: str | Path) -> Outcome:
        code = main([str(argument) for argument in arguments])
        return (code, *capsys.readouterr())

    return run

"""What every test may use."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import settings

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

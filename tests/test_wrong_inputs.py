"""Inputs and paths of the command line that lead nowhere: what is said, and the exit code."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from pgflexlint.cli import FORMATS, main

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """`pgflexlint check …` in the temporary directory: exit code, standard output and standard error."""
    monkeypatch.chdir(tmp_path)

    def check(*arguments: str) -> tuple[int, str, str]:
        code = main(["check", *arguments])
        return code, *capsys.readouterr()

    return check


ROOT_WITH_A_VARIABLE = 'provider "azurerm" {\n  features {}\n}\nvariable "%s" {}\nmodule "m" {\n  source = "./m"\n}\n'
UNDECLARED = "No root module declares variable 'x', which --var gives a value."


def _terraform(room: Path, files: dict[str, str]) -> None:
    server = 'variable "x" {}\nresource "azurerm_postgresql_flexible_server" "s" {\n  name = "s"\n}\n'
    for name, text in {"a/m/main.tf": server, **files}.items():
        (room / name).parent.mkdir(parents=True, exist_ok=True)
        (room / name).write_text(text, encoding="utf-8")


def test_a_variable_that_no_root_declares_is_said(run: Run, tmp_path: Path) -> None:
    """Modules that are called do not count: Terraform gives values to root modules only."""
    _terraform(tmp_path, {"a/main.tf": ROOT_WITH_A_VARIABLE % "y", "b/main.tf": 'variable "z" {}\n'})
    code, output, _ = run("--select", "PGF101", "--var", "x=1", "--var", "y=2", "--var", "z=3", "--format", "concise")
    assert output.startswith(f"problem configuration {UNDECLARED} ")
    assert output.count("No root module declares") == 1
    assert "Not looked at" not in output
    assert code == 3


@pytest.mark.parametrize("name", FORMATS)
def test_every_format_can_say_it(run: Run, tmp_path: Path, name: str) -> None:
    _terraform(tmp_path, {"a/main.tf": ROOT_WITH_A_VARIABLE % "y"})
    code, output, _ = run("--select", "PGF101", "--var", "x=Hunter2", "--format", name)
    assert "No root module declares variable 'x'" in output
    assert "Hunter2" not in output
    assert code == 3


def test_a_variable_that_one_of_several_roots_declares_is_fine(run: Run, tmp_path: Path) -> None:
    _terraform(tmp_path, {"a/main.tf": ROOT_WITH_A_VARIABLE % "y", "b/main.tf": 'variable "x" {}\n'})
    assert "No root module" not in run("--var", "x=1")[1]


def test_without_terraform_there_is_nothing_to_declare(run: Run, tmp_path: Path) -> None:
    (tmp_path / "main.bicep").write_text("param postgresql string\n", encoding="utf-8")
    assert run("--var", "x=1")[0] == 0


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (None, "There is no such parameter file."),
        (b"\xff\xfe\x00", "This file is not UTF-16-LE text: see line 1."),
        (b"resource", "This is no parameter file, neither of Bicep nor of ARM."),
    ],
)
def test_a_parameter_file_that_is_none_is_said(run: Run, tmp_path: Path, content: bytes | None, said: str) -> None:
    (tmp_path / "main.bicep").write_text("param postgresql string\n", encoding="utf-8")
    if content is not None:
        (tmp_path / "p.json").write_bytes(content)
    code, output, _ = run("--parameters", "p.json", "--format", "concise")
    assert said in output
    assert code == 3

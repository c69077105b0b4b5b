"""The pre-commit hooks, run by pre-commit itself on a repository of a user's."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from pgflexlint.survey import DATA, SOURCES
from tests.paths import ROOT

pytestmark = pytest.mark.slow

SERVER = """\
resource "azurerm_postgresql_flexible_server" "main" {
  name     = "psql-main"
  version  = "17"
  sku_name = "GP_Standard_D2ds_v5"
}

resource "azurerm_postgresql_flexible_server_configuration" "tls" {
  name      = "require_secure_transport"
  server_id = azurerm_postgresql_flexible_server.main.id
  value     = var.tls
}
"""
TEMPLATE = """\
param tls string = 'on'

resource main 'Microsoft.DBforPostgreSQL/flexibleServers@2024-08-01' existing = {
  name: 'psql-main'
}

resource setting 'Microsoft.DBforPostgreSQL/flexibleServers/configurations@2024-08-01' = {
  parent: main
  name: 'require_secure_transport'
  properties: { value: tls, source: 'user-override' }
}
"""
ARM = """\
{
  "$schema": "https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#",
  "contentVersion": "1.0.0.0",
  "resources": [
    {
      "type": "Microsoft.DBforPostgreSQL/flexibleServers/configurations",
      "apiVersion": "2024-08-01",
      "name": "psql-main/require_secure_transport",
      "properties": { "value": "off", "source": "user-override" }
    }
  ]
}
"""
FILES = {
    "terraform/main.tf": SERVER,
    "terraform/variables.tf": 'variable "tls" {\n  default = "off"\n}\n',
    "tfvars/main.tf": SERVER,
    "tfvars/variables.tf": 'variable "tls" {}\n',
    "tfvars/terraform.tfvars": 'tls = "off"\n',
    "bicep/main.bicep": TEMPLATE,
    "bicep/prod.bicepparam": "using 'main.bicep'\nparam tls = 'off'\n",
    "arm/whatever.json": ARM,
    "decoded/main.tf": SERVER.replace("var.tls", 'yamldecode(file("${path.module}/settings.yaml")).tls'),
    "decoded/settings.yaml": "tls: 'off'\n",
    "filled/main.tf": SERVER.replace("var.tls", 'templatefile("${path.module}/tls.tftpl", { tls = "off" })'),
    "filled/tls.tftpl": "${tls}",
    "loaded/main.bicep": TEMPLATE.replace("= 'on'", "= loadYamlContent('settings.yml').tls"),
    "loaded/settings.yml": "tls: 'off'\n",
    "compose.yaml": "services: {}\n",
    "package.json": '{"name": "shop"}\n',
    "README.md": "require_secure_transport = off\n",
}


ARGUMENTS = """[
  {id: pgflexlint, name: configured, alias: configured, args: [--config, lint.toml]},
  {id: pgflexlint, name: compared, alias: compared, args: [--baseline, known.json]},
  {id: pgflexlint, name: changed, alias: changed, args: [--fix, --]},
  {id: pgflexlint, name: unguarded, alias: unguarded, args: [--fail-on, note]},
]"""


def git(place: Path, *arguments: str) -> str:
    command = ["git", "-c", "user.name=x", "-c", "user.email=x@example.com", *arguments]
    return subprocess.run(command, cwd=place, check=True, capture_output=True, text=True).stdout


@pytest.fixture(scope="module")
def user(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A repository that uses the hooks, as they are in the work tree."""
    place = tmp_path_factory.mktemp("pre-commit")
    hooks = place / "hooks"
    listed = git(ROOT, "ls-files", "--cached", "--others", "--exclude-standard").splitlines()
    for name in listed:
        if (ROOT / name).is_file() and not name.startswith(("fixtures/", "tests/")):
            (hooks / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / name, hooks / name)
    repository = place / "shop"
    for name, text in FILES.items():
        (repository / name).parent.mkdir(parents=True, exist_ok=True)
        (repository / name).write_text(text)
    for each in (hooks, repository):
        git(each, "init", "--quiet")
        git(each, "add", "--all")
        git(each, "commit", "--quiet", "--message", "first")
    revision = git(hooks, "rev-parse", "HEAD").strip()
    ids = "[{id: pgflexlint}, {id: pgflexlint-full, stages: [manual]}]"
    config = f"repos:\n  - repo: {hooks}\n    rev: {revision}\n    hooks: {ids}\n"
    (repository / ".pre-commit-config.yaml").write_text(config)
    (repository / "with-arguments.yaml").write_text(config.replace(ids, ARGUMENTS))
    git(repository, "add", "--all")
    return repository


def run(user: Path, *arguments: str) -> tuple[int, str]:
    """The exit code and the output of `pre-commit run`."""
    home = user.parent / "home"
    environment = {**os.environ, "PRE_COMMIT_HOME": str(home), "PRE_COMMIT_COLOR": "never"}
    command = [str(Path(sys.executable).parent / "pre-commit"), "run", *arguments]
    ended = subprocess.run(command, cwd=user, env=environment, capture_output=True, text=True, check=False)
    return ended.returncode, ended.stdout + ended.stderr


@pytest.mark.parametrize(
    ("changed", "place"),
    [
        ("terraform/main.tf", "terraform/main.tf:10:15"),
        ("terraform/variables.tf", "terraform/main.tf:10:15"),
        ("tfvars/terraform.tfvars", "tfvars/main.tf:10:15"),
        ("bicep/main.bicep", "bicep/main.bicep:10:24"),
        ("bicep/prod.bicepparam", "bicep/main.bicep:10:24"),
        ("arm/whatever.json", "arm/whatever.json:9:32"),
        ("decoded/settings.yaml", "decoded/main.tf:10:15"),
        ("filled/tls.tftpl", "filled/main.tf:10:15"),
        ("loaded/settings.yml", "loaded/main.bicep:10:24"),
    ],
)
def test_a_changed_file_shows_what_touches_it(user: Path, changed: str, place: str) -> None:
    code, output = run(user, "pgflexlint", "--files", changed)
    assert code == 1, output
    assert f"--> {place}" in output
    assert output.count("error[PGF101]") == 1


@pytest.mark.parametrize(
    ("changed", "said"), [("README.md", "Skipped"), ("package.json", "Passed"), ("compose.yaml", "Passed")]
)
def test_other_files_say_nothing(user: Path, changed: str, said: str) -> None:
    code, output = run(user, "pgflexlint", "--files", changed)
    assert (code, output.split(".")[-1].strip().rpartition(")")[2]) == (0, said)


@pytest.fixture
def configured(user: Path) -> Iterator[Path]:
    """Where the hook looks for a configuration; what is written there is taken away."""
    place = user / ".pgflexlint.toml"
    yield place
    place.unlink(missing_ok=True)


def test_a_changed_file_that_is_excluded_says_nothing(user: Path, configured: Path) -> None:
    configured.write_text('exclude = ["arm", "bicep"]\n')
    code, output = run(user, "pgflexlint", "--files", "arm/whatever.json", "bicep/main.bicep")
    assert (code, output.count("\n")) == (0, 1), output


def test_a_changed_file_that_is_excluded_counts_where_it_is_used(user: Path, configured: Path) -> None:
    configured.write_text('exclude = ["arm", "bicep/main.bicep"]\n')
    code, output = run(user, "pgflexlint", "--files", "arm/whatever.json", "bicep/main.bicep")
    assert code == 1
    assert re.findall(r"^ *--> (\S+?):", output, re.MULTILINE) == ["bicep/main.bicep"], output


def test_a_tracked_file_that_git_would_ignore_counts(user: Path) -> None:
    patterns = user / ".gitignore"
    patterns.write_text("*.tfvars\n")
    try:
        code, output = run(user, "pgflexlint", "--files", "tfvars/terraform.tfvars")
    finally:
        patterns.unlink()
    assert (code, output.count("error[PGF101]")) == (1, 1), output


@pytest.mark.parametrize("name", [".pgflexlint.toml", "pyproject.toml"])
def test_a_changed_configuration_shows_all_findings(user: Path, name: str) -> None:
    text = 'select = ["PGF101"]\nexclude = ["arm"]\n'
    try:
        (user / name).write_text(f"[tool.pgflexlint]\n{text}" if name == "pyproject.toml" else text)
        code, output = run(user, "pgflexlint", "--files", name)
    finally:
        (user / name).unlink()
    assert (code, output.count("error[PGF101]")) == (1, 6), output


@pytest.fixture
def odd(user: Path) -> Iterator[list[Path]]:
    """Staged files whose names look like options; what is beside them is answered."""
    files = {"-otext:owned.tf": SERVER.replace("var.tls", '"off"'), "-weird.tf": "locals {}\n"}
    for name, text in files.items():
        (user / name).write_text(text)
    git(user, "add", "--", *files)
    yield sorted(user.iterdir())
    git(user, "rm", "--quiet", "--cached", "--", *files)
    for name in files:
        (user / name).unlink()


def test_the_name_of_a_file_is_no_option(user: Path, odd: list[Path]) -> None:
    code, output = run(user, "pgflexlint")
    assert code == 1
    assert "--> -otext:owned.tf:10:15" in output
    assert sorted(user.iterdir()) == odd


def test_without_dashes_the_name_of_a_file_is_refused(user: Path, odd: list[Path]) -> None:
    code, output = run(user, "--config", "with-arguments.yaml", "unguarded")
    assert code == 1
    assert re.search("'-(otext:owned|weird).tf' is an option and also a file here", output)
    assert sorted(user.iterdir()) == odd


def test_the_hooks_run_for_all_that_values_may_come_from() -> None:
    for hook in yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text("utf-8")):
        assert all(re.search(hook["files"], f"a/b{suffix}") for suffix in (*SOURCES, *DATA))
        assert not re.search(hook["files"], "README.md")


def test_the_full_hook_looks_at_everything(user: Path) -> None:
    code, output = run(user, "--hook-stage", "manual", "pgflexlint-full", "--all-files")
    assert code == 1
    assert output.count("error[PGF101]") == 7


def with_arguments(user: Path, alias: str, *files: str) -> tuple[int, str]:
    return run(user, "--config", "with-arguments.yaml", alias, "--files", *files)


def test_the_hook_takes_a_configuration(user: Path) -> None:
    (user / "lint.toml").write_text('ignore = ["PGF1"]\n')
    assert with_arguments(user, "configured", "arm/whatever.json")[0] == 0
    (user / "lint.toml").write_text('select = ["PGF101"]\nrules.PGF101.level = "warning"\n')
    code, output = with_arguments(user, "configured", "arm/whatever.json")
    assert code == 1
    assert "warning[PGF101]" in output


def test_the_hook_takes_a_baseline(user: Path) -> None:
    program = str(Path(sys.executable).parent / "pgflexlint")
    create = [program, "baseline", "create", "--baseline", "known.json", "arm"]
    subprocess.run(create, cwd=user, check=True, capture_output=True)
    assert with_arguments(user, "compared", "arm/whatever.json")[0] == 0
    code, output = with_arguments(user, "compared", "bicep/main.bicep")
    assert code == 1
    assert "bicep/main.bicep:10:24" in output


def test_the_hook_changes_what_can_be_changed(user: Path) -> None:
    (user / "arm/fixed.json").write_text(ARM)
    git(user, "add", "arm/fixed.json")
    code, output = with_arguments(user, "changed", "arm/fixed.json")
    assert code == 1, "pre-commit fails where a hook changes files, whatever the hook says"
    assert "arm/fixed.json:9:32: PGF101" in output
    assert (user / "arm/fixed.json").read_text() == ARM.replace('"off"', '"on"')

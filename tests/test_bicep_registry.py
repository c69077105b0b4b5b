"""Modules of Bicep registries: aliases of `bicepconfig.json`, and the cache that `bicep restore` leaves."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from pgflexlint.analysis import analyze
from pgflexlint.discover import target
from pgflexlint.evaluate.template.registry import Registry
from pgflexlint.report import Report
from pgflexlint.settings import Settings
from pgflexlint_rules import RULES
from tests.test_template_evaluation import arm, resource
from tests.workspace import MemoryWorkspace

ALIASES = {
    "br": {"corp": {"registry": "Corp.azurecr.io:443", "modulePath": "bicep/data"}, "bare": {"registry": "x.io"}}
}
CACHE = ".bicep/br/corp.azurecr.io$443/bicep$data$pg/1.0.0$/main.json"
MODULE = """module db 'br/corp:pg:1.0.0' = {
  params: {
    days: 7
  }
}
"""
RESTORED = json.dumps(
    arm(
        [
            resource(
                "s",
                properties={"createMode": "Default", "backup": {"backupRetentionDays": "[parameters('days')]"}},
            )
        ],
        parameters={"days": {"type": "int"}},
    ),
    indent=1,
)


def look(room: Path, files: dict[str, str], *, root: str = "") -> Report:
    for name, text in files.items():
        (room / name).parent.mkdir(parents=True, exist_ok=True)
        (room / name).write_text(text, encoding="utf-8")
    top = room / root
    return analyze(target([str(top)], [], top), RULES, RULES, Settings())


def configuration(**more: object) -> dict[str, str]:
    return {"bicepconfig.json": "// as Bicep has it\n" + json.dumps({"moduleAliases": ALIASES, **more})}


@pytest.mark.parametrize(
    ("source", "full", "cached"),
    [
        ("br/corp:pg:1.0.0", "br:Corp.azurecr.io:443/bicep/data/pg:1.0.0", CACHE),
        ("br/bare:a/b:V1-Rc", "br:x.io/a/b:V1-Rc", ".bicep/br/x.io/a$b/V1-Rc$9/main.json"),
        (
            "br/public:avm/res/x:0.1.0",
            "br:mcr.microsoft.com/bicep/avm/res/x:0.1.0",
            ".bicep/br/mcr.microsoft.com/bicep$avm$res$x/0.1.0$/main.json",
        ),
        ("br:x.io/a@sha256:0f", "br:x.io/a@sha256:0f", ".bicep/br/x.io/a/sha256#0f/main.json"),
        ("br/other:a:1", "br/other:a:1", None),
        ("ts:sub/group/name:1", "ts:sub/group/name:1", None),
        ("br:x.io/../../../a:1", "br:x.io/../../../a:1", ".bicep/br/x.io/..$..$..$a/1$/main.json"),
    ],
)
def test_references_and_their_places(source: str, full: str, cached: str | None) -> None:
    registry = Registry(MemoryWorkspace(configuration(cacheRootDirectory=".bicep")))
    assert registry.full(source, "") == full
    assert registry.cached(source, "deep/below") == cached


def test_a_restored_module_is_judged_with_its_arguments(tmp_path: Path) -> None:
    report = look(tmp_path, {**configuration(cacheRootDirectory="./.bicep"), "main.bicep": MODULE, CACHE: RESTORED})
    assert not report.problems
    found = [each for each in report.findings if each.rule.id == "PGF702"]
    assert [str(each.span) for each in found] == [f"{CACHE}:12:31"]
    assert [str(step.span) for each in found for step in each.trace if "argument" in step.text] == ["main.bicep:3:11"]
    assert report.coverage.skipped["modules that are not on disk"] == 0


def test_the_cache_is_not_judged_by_itself(tmp_path: Path) -> None:
    other = CACHE.replace("1.0.0", "2.0.0")
    report = look(tmp_path, {**configuration(cacheRootDirectory=".bicep"), CACHE: RESTORED, other: RESTORED})
    assert not report.findings
    assert report.coverage.servers == 0


@pytest.mark.parametrize("cache", ["~/.bicep", "../.bicep", "/root/.bicep", ""])
def test_a_cache_outside_is_not_read(tmp_path: Path, cache: str) -> None:
    (tmp_path / "inside").mkdir()
    files = {f"inside/{name}": text for name, text in configuration(cacheRootDirectory=cache).items()}
    report = look(tmp_path, {**files, "inside/main.bicep": f"// postgresql\n{MODULE}", CACHE: RESTORED}, root="inside")
    assert not [each for each in report.findings if each.rule.id == "PGF702"]
    assert report.coverage.skipped["modules that are not on disk"] == 1


def test_a_cache_is_named_in_full(tmp_path: Path) -> None:
    files = {**configuration(cacheRootDirectory=str(tmp_path / ".bicep")), "main.bicep": MODULE, CACHE: RESTORED}
    assert [each.rule.id for each in look(tmp_path, files).findings if each.rule.id == "PGF702"] == ["PGF702"]


def test_the_nearest_configuration_counts(tmp_path: Path) -> None:
    files = {**configuration(cacheRootDirectory=".bicep"), "a/bicepconfig.json": "{}", CACHE: RESTORED}
    report = look(tmp_path, {**files, "a/main.bicep": f"// postgresql\n{MODULE}", "b/main.bicep": MODULE})
    assert [each.span.file.path for each in report.findings if each.rule.id == "PGF702"] == [CACHE]
    assert report.coverage.skipped["modules that are not on disk"] == 1


@pytest.mark.parametrize("path", ["bicep/avm/res/db-for-postgre-sql", "bicep/avm/res"])
def test_the_avm_module_is_known_by_an_alias(tmp_path: Path, path: str) -> None:
    rest = "db-for-postgre-sql/flexible-server" if path.endswith("res") else "flexible-server"
    aliases = {"br": {"pg": {"registry": "mcr.microsoft.com", "modulePath": path}}}
    module = f"""module db 'br/pg:{rest}:0.12.0' = {{
  params: {{
    name: 'psql'
    skuName: 'Standard_D2ds_v5'
    tier: 'GeneralPurpose'
    availabilityZone: 1
    backupRetentionDays: 7
  }}
}}
"""
    report = look(tmp_path, {"bicepconfig.json": json.dumps({"moduleAliases": aliases}), "main.bicep": module})
    assert [str(each.span) for each in report.findings if each.rule.id == "PGF702"] == ["main.bicep:7:26"]


def test_a_broken_configuration_is_said_where_it_counts(tmp_path: Path) -> None:
    files = {"bicepconfig.json": "{", "main.bicep": f"// postgresql\n{MODULE}"}
    report = look(tmp_path, files)
    assert [problem.path for problem in report.problems] == ["bicepconfig.json"]
    assert report.exit_code == 3
    (tmp_path / "main.bicep").write_text("// postgresql\nparam x string\n", encoding="utf-8")
    assert not look(tmp_path, {}).problems

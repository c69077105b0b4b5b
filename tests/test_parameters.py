"""The knowledge base of server parameters: its form, what it says, and how it is made of the documentation."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from benchmarks import parameter_pages
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from pgflexlint.parameters import DATA, SUPPORTED_VERSIONS, facts, names, rows
from tests.command_line import SERVER, Write

SCHEMA = DATA.with_name("parameters.schema.json")

PAGE = """---
ms.date: 01/02/2026
---
### Work_mem

| Attribute | Value |
| --- | --- |
| Category | Memory |
| Description | Text that is of no interest | not even with a bar. |
| Data type | integer |
| Default value | `4096` |
| Allowed values | `4096-2097151` |
| Parameter type | dynamic |

### max_connections

| Attribute | Value |
| --- | --- |
| Data type | integer |
| Default value | Depends on resources (vCores, RAM, or disk space) allocated to the server. |
| Allowed values | `25-5000` |
| Parameter type | static |

### extra_float_digits

| Attribute | Value |
| --- | --- |
| Data type | numeric |
| Default value | `1` |
| Allowed values | `-15-1.5e+3` |
| Parameter type | dynamic |

### datestyle

| Attribute | Value |
| --- | --- |
| Data type | string |
| Default value | `ISO, MDY` |
| Allowed values | `(ISO|SQL)(, (DMY|MDY))?` |
| Parameter type | dynamic |

### azure.extensions

| Attribute | Value |
| --- | --- |
| Data type | set |
| Default value | |
| Allowed values | `hstore, uuid-ossp` |
| Parameter type | dynamic |

### ssl

| Attribute | Value |
| --- | --- |
| Data type | boolean |
| Default value | `on` |
| Allowed values | `on` |
| Parameter type | read-only |
"""


def test_the_data_is_of_its_form() -> None:
    schema = json.loads(SCHEMA.read_text("utf-8"))
    Draft202012Validator.check_schema(schema)
    errors = [error.message for error in Draft202012Validator(schema).iter_errors(json.loads(DATA.read_text("utf-8")))]
    assert not errors


@pytest.mark.parametrize(
    "row",
    [
        {"versions": [17, 17], "type": "set", "default": "", "change": "dynamic", "page": "tls"},
        {"versions": [17, 17], "type": "integer", "change": "static", "least": 1, "page": "tls"},
        {"versions": [17, 17], "type": None, "default": "on", "page": "tls"},
        {"versions": [17], "type": None, "page": "tls"},
    ],
)
def test_half_a_row_is_refused(row: dict[str, object]) -> None:
    schema = json.loads(SCHEMA.read_text("utf-8"))
    assert not Draft202012Validator(schema).is_valid({"parameters": {"x": [row]}})


def test_the_data_is_written_as_the_program_writes_it() -> None:
    text = DATA.read_text("utf-8")
    assert parameter_pages.render(json.loads(text)["parameters"]) == text


def test_no_version_is_covered_twice() -> None:
    for name in names():
        covered = [major for row in rows(name) for major in range(row.first, row.last + 1)]
        assert covered == sorted(set(covered)), name
        assert all(str(major) in SUPPORTED_VERSIONS for major in covered)


def test_every_default_is_allowed() -> None:
    for name in names():
        for row in rows(name):
            if row.default and row.values:
                assert {member.lower() for member in row.default.split(",")} <= {v.lower() for v in row.values}, row
            if row.default is not None and row.least is not None and row.most is not None:
                assert row.least <= float(row.default) <= row.most, row


def test_what_is_known_of_a_parameter() -> None:
    row = facts("shared_preload_libraries", "16")
    assert row is not None
    assert (row.type, row.change, "pgaudit" in row.values) == ("set", "static", True)
    assert row.source.endswith("/includes/param-16-client-connection-defaults-shared-library-preloading.md")
    gone = facts("connection_throttle.enable", "18")
    assert gone is not None
    assert gone.type is None
    assert facts("no_such_parameter", "17") is None


def test_a_page_is_read() -> None:
    found = parameter_pages.read(PAGE)
    assert found == {
        "work_mem": {"type": "integer", "default": "4096", "change": "dynamic", "least": 4096, "most": 2097151},
        "max_connections": {"type": "integer", "change": "static", "least": 25, "most": 5000},
        "extra_float_digits": {"type": "numeric", "default": "1", "change": "dynamic", "least": -15, "most": 1500.0},
        "datestyle": {
            "type": "string", "default": "ISO, MDY", "change": "dynamic", "pattern": "(ISO|SQL)(, (DMY|MDY))?",
        },
        "azure.extensions": {"type": "set", "default": "", "change": "dynamic", "values": ["hstore", "uuid-ossp"]},
        "ssl": {"type": "boolean", "default": "on", "change": "read-only"},
    }  # fmt: skip


def test_the_later_of_two_pages_counts_and_versions_are_folded(tmp_path: Path) -> None:
    folder = tmp_path / parameter_pages.FOLDERS[-1]
    folder.mkdir(parents=True)
    for version in ("15", "16"):
        (folder / f"param-{version}-memory.md").write_text(PAGE, encoding="utf-8")
    newer = PAGE.replace("01/02/2026", "02/01/2026").replace("`4096`", "`8192`")
    (folder / "param-16-old-name.md").write_text(PAGE.replace("2026", "2025"), encoding="utf-8")
    (folder / "param-17-memory.md").write_text(newer.partition("### max_connections")[0], encoding="utf-8")
    found = parameter_pages.fold(*parameter_pages.collect([tmp_path]))
    assert [(row["versions"], row["default"], row["page"]) for row in found["work_mem"]] == [
        ([15, 16], "4096", "memory"),
        ([17, 17], "8192", "memory"),
    ]
    assert [(row["versions"], row["type"]) for row in found["max_connections"]] == [
        ([15, 16], "integer"),
        ([17, 17], None),
    ]


@given(st.dictionaries(st.integers(11, 18), st.sampled_from(["on", "off"]), min_size=1))
def test_folding_loses_nothing(defaults: dict[int, str]) -> None:
    versions = {major: {"type": "boolean", "default": text, "page": "p"} for major, text in defaults.items()}
    [rows] = parameter_pages.fold({"x": versions}, {}).values()
    unfolded = {major: row["default"] for row in rows for major in range(row["versions"][0], row["versions"][1] + 1)}
    assert unfolded == defaults


def made(folder: Path, **pages: str) -> dict[str, list[dict[str, Any]]]:
    """Rows that are made of a table of parameters for each page of some versions."""
    folder.mkdir(parents=True)
    for name, parameters in pages.items():
        tables = [PAGE.partition("### ssl")[2].replace("\n", f"### {each}\n", 1) for each in parameters.split()]
        (folder / f"param-{name[1:].replace('_', '-')}.md").write_text("\n".join(tables), encoding="utf-8")
    return parameter_pages.fold(*parameter_pages.collect([folder.parents[len(parameter_pages.FOLDERS[0].parts) - 1]]))


def covered(rows: list[dict[str, Any]], *, absent: bool) -> list[list[int]]:
    return [row["versions"] for row in rows if (row.get("type") is None) is absent]


@pytest.mark.parametrize("folder", parameter_pages.FOLDERS)
def test_only_what_is_sure_to_be_missing_is_said_to_be(tmp_path: Path, folder: Path) -> None:
    rows = made(
        tmp_path / folder,
        v14_memory="work_mem azure.one",
        v15_memory="work_mem huge_page_size",
        v16_memory="azure.one huge_page_size",
        v17_memory="work_mem azure.one huge_page_size vacuum_buffers intelligent_tuning",
        v16_disk="temp_file_limit",
        v17_disk="",
    )
    assert covered(rows["huge_page_size"], absent=True) == [[14, 14]]
    assert covered(rows["vacuum_buffers"], absent=True) == [[14, 16]]
    assert covered(rows["temp_file_limit"], absent=True) == [[17, 17]]
    for left_out in ("work_mem", "azure.one", "intelligent_tuning"):
        assert covered(rows[left_out], absent=True) == []
    assert covered(rows["work_mem"], absent=False) == [[14, 15], [17, 17]]


def test_a_default_of_one_server_is_left_out() -> None:
    page = PAGE.replace("### ssl", "### server_version")
    assert parameter_pages.read(page)["server_version"] == {"type": "boolean", "change": "read-only"}


def test_of_every_parameter_of_postgresql_it_is_known_which_versions_have_it() -> None:
    """Four came to versions that were out, or are left out by a page."""
    missing = {(n, v) for n in names() if "." not in n for v in SUPPORTED_VERSIONS if facts(n, v) is None}
    assert missing == {
        *(("intelligent_tuning", version) for version in ("13", "14", "18")),
        ("old_snapshot_threshold", "11"),
        ("remove_temp_files_after_crash", "15"),
        *(("restrict_nonsystem_relation_kind", version) for version in ("13", "14", "15")),
    }


_COUNTING = """\
import sys
from pgflexlint.parameters import DATA
opened = []
sys.addaudithook(lambda event, arguments: opened.append(str(arguments[0])) if event == "open" else None)
from pgflexlint.cli import entry
try:
    entry()
finally:
    sys.stderr.write(f"{opened.count(str(DATA))} reads\\n")
"""


@pytest.mark.parametrize(("text", "reads"), [("", 0), ('resource "random_pet" "name" {}\n', 0), (SERVER, 1)])
def test_the_data_is_read_once_and_only_for_a_server(text: str, reads: int, write: Write) -> None:
    command = [sys.executable, "-c", _COUNTING, "check", "main.tf"]
    run = subprocess.run(command, capture_output=True, text=True, check=False, cwd=write({"main.tf": text}))
    assert run.stderr.endswith(f"{reads} reads\n")

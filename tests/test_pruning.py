"""What is left unread changes nothing: with and without pruning, in one process and in several, the report is one."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from benchmarks.pruning import unpruned
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pgflexlint import discover, schedule
from pgflexlint.analysis import analyze
from pgflexlint.discover import target
from pgflexlint.report import Report
from pgflexlint.settings import Settings
from pgflexlint_rules import RULES
from tests.command_line import SERVER, Check, Write
from tests.paths import ROOT

NETWORK = """\
variable "server" { default = null }
variable "number" { default = 1 }
resource "azurerm_private_endpoint" "this" {
  count               = var.number
  name                = "pe"
  location            = "westeurope"
  resource_group_name = "rg"
  subnet_id           = azurerm_subnet.this.id
  private_service_connection {
    name                           = "psc"
    is_manual_connection           = false
    private_connection_resource_id = var.server
  }
}
resource "azurerm_subnet" "this" {
  name                 = "snet"
  resource_group_name  = "rg"
  virtual_network_name = "vnet"
  address_prefixes     = ["10.0.0.0/24"]
}
output "subnet" { value = azurerm_subnet.this.id }
"""
LOCK = """\
variable "server" { default = null }
resource "azurerm_management_lock" "this" {
  name       = "lock"
  scope      = var.server
  lock_level = "CanNotDelete"
}
"""
STORAGE = 'variable "server" { default = null }\nresource "azurerm_storage_account" "this" { name = "st" }\n'
VARIABLE = 'variable "server" { default = null }\n'
CALL = 'module "%s" {\n  source = "../%s"\n  server = var.server\n}\n'
BICEP = """\
resource server 'Microsoft.DBforPostgreSQL/flexibleServers@2024-08-01' = {
  name: 'psql'
  location: 'westeurope'
  properties: { version: '16', network: { publicNetworkAccess: 'Enabled' } }
}
"""
MODULES = ("a", "b", "c", "d")


@st.composite
def estates(draw: Callable[..., object]) -> dict[str, str]:
    """Modules with and without anything to do with a server, some of which call others, and templates beside them."""
    contents = st.sampled_from([NETWORK, LOCK, STORAGE, VARIABLE + SERVER, VARIABLE, VARIABLE + "# postgres\n"])
    files = {f"{name}/main.tf": str(draw(contents)) for name in MODULES}
    pairs = st.lists(st.tuples(st.sampled_from(MODULES), st.sampled_from(MODULES)), max_size=4, unique=True)
    for caller, callee in draw(pairs):  # type: ignore[attr-defined]
        if caller < callee:  # Terraform refuses circles
            files[f"{caller}/calls_{callee}.tf"] = CALL % (callee, callee)
    root = SERVER if draw(st.booleans()) else ""
    for name in draw(st.lists(st.sampled_from(MODULES), max_size=3, unique=True)):  # type: ignore[attr-defined]
        server = "azurerm_postgresql_flexible_server.main.id" if root else '"x"'
        count = draw(st.sampled_from(["", "  count = 0\n", "  count = 1\n"]))
        root += f'module "{name}" {{\n  source = "./{name}"\n{count}  server = {server}\n}}\n'
    files["main.tf"] = root
    if draw(st.booleans()):
        files["server.bicep"] = BICEP
        files["main.bicep"] = "module s 'server.bicep' = { name: 's' }\n" if draw(st.booleans()) else "param x string\n"
    return files


def shown(report: Report) -> list[str]:
    """The findings as a person reads them, and what could not be decided."""
    findings = [f"{finding.span} {finding.rule.id} {finding.text} {finding.addresses}" for finding in report.findings]
    return findings + [f"{doubt.span} {doubt.rule.id} {doubt.reason} {doubt.address}" for doubt in report.doubts]


def looked_at(room: Path) -> Report:
    return analyze(target([str(room)], [], room), RULES, RULES, Settings(jobs=1))


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(files=estates())
def test_what_is_pruned_changes_no_finding(files: dict[str, str], tmp_path_factory: pytest.TempPathFactory) -> None:
    """Of configurations that Terraform accepts: what is wrong with a module that cannot matter is not looked for."""
    room = tmp_path_factory.mktemp("estate")
    for name, text in files.items():
        (room / name).parent.mkdir(exist_ok=True)
        (room / name).write_text(text, encoding="utf-8")
    pruned = shown(looked_at(room))
    with unpruned():
        whole = shown(looked_at(room))
    assert pruned == whole


def test_a_private_endpoint_in_a_module_that_does_not_speak_of_postgresql_counts(write: Write, run: Check) -> None:
    call = 'module "n" {\n  source = "./network"\n  server = azurerm_postgresql_flexible_server.main.id\n%s}\n'
    check = ("check", "--select", "PGF704", "--format", "concise", "--fail-on", "note")
    write({"main.tf": SERVER + call % "", "network/main.tf": LOCK})
    assert run(*check)[0] == 0
    write({"main.tf": SERVER + call % "  count = 0\n"})
    assert run(*check)[0] == 1


def test_a_module_that_is_deployed_zero_times_is_not_parsed_and_that_is_said(write: Write, run: Check) -> None:
    write({"main.tf": SERVER + 'module "n" {\n  source = "./network"\n  count = 0\n}\n', "network/main.tf": NETWORK})
    _, output, _ = run("check", "--select", "PGF305", "--statistics")
    assert "  in modules that are deployed zero times: 1 (network/main.tf)\n" in output
    assert "problem" not in output


# --- what Git ignores -------------------------------------------------------------------------------------------


def places(run: Check, *more: str) -> list[str]:
    output = run("check", "--select", "PGF305", "--format", "concise", *more)[1]
    return [line.split(":")[0] for line in output.splitlines() if " PGF305 " in line]


def test_what_git_ignores_is_left_out_of_directories_and_not_of_what_is_named(write: Write, run: Check) -> None:
    write(
        {
            ".gitignore": "/build/\n*.gen.tf\n!keep.gen.tf\n",
            "main.tf": SERVER,
            "build/main.tf": SERVER,
            "a/x.gen.tf": SERVER,
            "b/keep.gen.tf": SERVER,
            "c/.gitignore": "*\n!/main.tf\n",
            "c/main.tf": SERVER,
            "c/d/main.tf": SERVER,
            "c/other.tf": SERVER.replace('"main"', '"other"'),
        }
    )
    assert places(run) == ["b/keep.gen.tf", "c/main.tf", "main.tf"]
    assert places(run, "build") == ["build/main.tf"]
    assert places(run, "a/x.gen.tf") == ["a/x.gen.tf"]
    assert len(places(run, "--no-respect-gitignore")) == 7
    assert "ignored by Git: 4 (a/x.gen.tf, build/, c/d/, …)" in run("check", "--statistics")[1]
    write({".pgflexlint.toml": "respect-gitignore = false\n"})
    assert len(places(run)) == 7


def test_a_module_that_git_ignores_is_still_read_where_it_is_called(write: Write, run: Check) -> None:
    write(
        {".gitignore": "vendor/\n", "main.tf": 'module "db" {\n  source = "./vendor/db"\n}\n', "vendor/db/a.tf": SERVER}
    )
    assert places(run) == ["vendor/db/a.tf"]


def test_a_hostile_gitignore_costs_no_time(write: Write, run: Check) -> None:
    write({".gitignore": "a*" * 40 + "b\n", f"{'a' * 60}.tf": SERVER})
    start = time.monotonic()
    assert len(places(run)) == 1
    assert time.monotonic() - start < 20
    write({".gitignore": "x\n" * 3000 + "*.tf\n"})
    assert len(places(run)) == 1
    assert "has more than 2,000 lines, so none of them counts." in run("check")[1]


def test_that_patterns_for_git_are_tried_no_more_is_said(
    write: Write, run: Check, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(discover, "TRIES_LIMIT", 200)
    write({".gitignore": "*x*\n" + "plain\n" * 1000, **{f"x{at}.tf": SERVER for at in range(100)}})
    assert places(run) == []
    write({".gitignore": "*x*\n*y*\n*z*\n"})
    assert len(places(run)) > 10
    said = (
        ".gitignore: remark limit-passed Patterns for Git would have to be tried more than 200 times, so from here on "
    )
    assert said in run("check", "--format", "concise")[1]


# --- processes --------------------------------------------------------------------------------------------------


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="processes are copied on Linux only")
@pytest.mark.parametrize("name", ["json", "sarif", "text", "concise"])
def test_several_processes_say_what_one_says(run: Check, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT / "fixtures")
    check = (
        "check",
        "PGF101",
        "PGF407",
        "PGF102",
        "projects",
        "--format",
        name,
        "--show-unknown",
        "--as-of",
        "2026-01-01",
    )
    assert run(*check, "--jobs", "3") == run(*check, "--jobs", "1")


def test_processes_are_used_only_where_they_pay(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "platform", "linux")
    monkeypatch.setattr(os, "sched_getaffinity", lambda pid: set(range(4)), raising=False)
    assert schedule.processes(0, 100, schedule.SIZE) == 1
    assert schedule.processes(0, 100, schedule.SIZE * 3) == 3
    assert schedule.processes(0, 100, schedule.SIZE * 30) == 4
    assert schedule.processes(0, 2, schedule.SIZE * 30) == 2
    assert schedule.processes(8, 100, 0) == 8
    monkeypatch.setattr(sys, "platform", "darwin")
    assert schedule.processes(8, 100, 0) == 1


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="processes are copied on Linux only")
@pytest.mark.parametrize(("number", "expected"), [(signal.SIGINT, 130), (signal.SIGTERM, 143), (signal.SIGHUP, 129)])
def test_an_interrupt_leaves_no_process(tmp_path: Path, number: signal.Signals, expected: int) -> None:
    code = (
        "import sys, time\n"
        "from pgflexlint import schedule\n"
        "try:\n"
        "    schedule.in_processes(2, range(4), lambda _: time.sleep(60), list, names={},\n"
        "        named=lambda _: None, watch=lambda _: None)\n"
        "except KeyboardInterrupt:\n"
        "    sys.exit(130)\n"
    )
    with subprocess.Popen(
        [sys.executable, "-c", code],
        cwd=tmp_path,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),  # noqa: PLW1509
    ) as process:
        children = Path(f"/proc/{process.pid}/task/{process.pid}/children")
        deadline = time.monotonic() + 20
        while len(found := children.read_text().split()) < 2:
            assert time.monotonic() < deadline
            time.sleep(0.05)
        time.sleep(0.2)
        process.send_signal(number)
        start = time.monotonic()
        assert process.wait(10) == expected
        assert time.monotonic() - start < 5
    assert not [pid for pid in found if Path(f"/proc/{pid}").exists()]


def _is_running(pid: str) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"  # which somebody has to reap
    except OSError:
        return False


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="processes are copied on Linux only")
def test_processes_end_when_the_first_one_is_killed(tmp_path: Path) -> None:
    code = (
        "import time\n"
        "from pgflexlint import schedule\n"
        "schedule.in_processes(2, range(64000), lambda _: time.sleep(0.05), list, names={},\n"
        "    named=lambda _: None, watch=lambda _: None)\n"
    )
    with subprocess.Popen([sys.executable, "-c", code], cwd=tmp_path) as process:
        children = Path(f"/proc/{process.pid}/task/{process.pid}/children")
        deadline = time.monotonic() + 20
        while len(found := children.read_text().split()) < 2:
            assert time.monotonic() < deadline
            time.sleep(0.05)
        process.kill()
    while any(map(_is_running, found)):
        assert time.monotonic() < deadline
        time.sleep(0.05)


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="processes are copied on Linux only")
def test_a_signal_that_is_ignored_stays_ignored() -> None:
    """As `nohup` has it."""

    def heard(_: int) -> int:
        os.kill(os.getppid(), signal.SIGHUP)
        return 1

    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        made, told = schedule.in_processes(2, range(4), heard, int, names={}, named=lambda _: None, watch=print)
        assert (made, told) == ([1, 1, 1, 1], [0, 0])
        assert signal.getsignal(signal.SIGHUP) is signal.SIG_IGN
    finally:
        signal.signal(signal.SIGHUP, before)


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="processes are copied on Linux only")
@pytest.mark.parametrize(
    ("work", "message"),
    [("1 / 0", "ZeroDivisionError: division by zero"), ("os._exit(1)", "a process ended before its work was done")],
)
def test_a_process_that_fails_is_an_error_of_the_whole(work: str, message: str) -> None:
    def fail(_: int) -> None:
        exec(work, {"os": os})

    with pytest.raises(RuntimeError, match=message):
        schedule.in_processes(2, range(4), fail, list, names={}, named=lambda _: None, watch=lambda _: None)


# --- start-up ---------------------------------------------------------------------------------------------------


def test_where_nothing_matters_nothing_is_loaded(write: Write) -> None:
    room = write({"main.tf": 'resource "azurerm_storage_account" "a" {}\n', "main.bicep": "param x string\n"})
    code = f"import sys, pgflexlint.cli\nprint(pgflexlint.cli.main(['check', {str(room)!r}]), *sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=room)
    exit_code, *loaded = done.stdout.splitlines()[-1].split()
    assert exit_code == "0"
    assert not [
        each for each in loaded if each.startswith(("pgflexlint_rules", "pgflexlint.syntax", "pgflexlint.model"))
    ]


@pytest.mark.skipif(os.name != "posix", reason="POSIX permissions")
def test_it_needs_neither_a_home_nor_a_place_to_write(write: Write) -> None:
    room = write({"main.tf": SERVER})
    room.chmod(0o555)
    try:
        done = subprocess.run(
            [sys.executable, "-B", "-m", "pgflexlint", "check", "--format", "concise", "."],
            capture_output=True, text=True, check=False, cwd=room, env={"PATH": os.defpath},
        )  # fmt: skip
    finally:
        room.chmod(0o755)
    assert (done.returncode, done.stderr) == (1, "")

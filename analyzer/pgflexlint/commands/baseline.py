"""`pgflexlint baseline`: write, update and show the file of known findings."""

from __future__ import annotations

import argparse
from collections.abc import Iterable

from msgspec.structs import replace

from pgflexlint.analysis import analyze
from pgflexlint.baseline import dumps, entries, merge_entries, subtract
from pgflexlint.commands.setup import Setup, prepare, read_baseline
from pgflexlint.commands.streams import complain, from_here, viewpoint, write_file, write_output
from pgflexlint.outputs.harmless import harmless
from pgflexlint.outputs.summary import counted
from pgflexlint.problem import UsageError
from pgflexlint.report import By, Entry, Report
from pgflexlint_rules import RULES


def run(options: argparse.Namespace) -> int:
    """Write or show a baseline. Returns the exit code: 3 if something could not be scanned."""
    actions = {"create": _create, "update": _update, "show": _show}
    try:
        return actions[options.action](options, prepare(options, RULES, compare=False))
    except UsageError as error:
        return complain(str(error))
    except OSError as error:
        return complain(f"The baseline cannot be written: {error.strerror or error}.")


def _create(_options: argparse.Namespace, setup: Setup) -> int:
    path = setup.baseline
    if path.exists():
        raise UsageError(
            f"'{from_here(path)}' already exists. Run 'pgflexlint baseline update' to remove findings that are fixed."
        )
    report = analyze(setup.target, setup.rules, RULES, setup.settings)
    found = entries(report.findings, report.secrets)
    write_file(path, dumps(found))
    shown = len(report.findings)
    each = "resource and set of inputs" if any(entry.inputs for entry in found) else "resource"
    merged = f", one for each {each}: 'pgflexlint check' shows them as {shown:,}" if _number(found) != shown else ""
    return _said(report, f"{_counted(found)} written to '{harmless(from_here(path))}'{merged}.")


def _update(options: argparse.Namespace, setup: Setup) -> int:
    baseline = read_baseline(setup)
    report = analyze(setup.target, setup.rules, RULES, replace(setup.settings, baseline=baseline))
    fixed = report.baseline.fixed if report.baseline else ()
    known = (finding for finding in report.suppressed if finding.allowance and finding.allowance.by is By.BASELINE)
    new = subtract(entries([*report.findings, *known], report.secrets), baseline.entries)
    kept = subtract(baseline.entries, fixed)
    write_file(setup.baseline, dumps(merge_entries(kept, new) if options.add else kept))
    text = f"Removed {counted(_number(fixed), 'fixed finding')} from the baseline"
    added = counted(_number(new), "new finding")
    if new:
        text += f" and added {added}" if options.add else f"; {added} not added (--add adds them)"
    return _said(report, f"{text}.")


def _show(_options: argparse.Namespace, setup: Setup) -> int:
    found = read_baseline(setup).entries
    seen_from = viewpoint(setup.target.workspace.root)
    texts = (entry._replace(path=seen_from.path(entry.path)).text for entry in found)
    return write_output("".join(f"{harmless(text)}\n" for text in texts) + f"{_counted(found)}.\n", 0)


def _said(report: Report, text: str) -> int:
    """Print what was done, and what could not be scanned. Returns the exit code."""
    broken = len({problem.path for problem in report.problems if not problem.warning_only})
    gaps = f"Not scanned: {counted(broken, 'file')} in part or whole; 'pgflexlint check' says why.\n"
    return write_output(f"{text}\n{gaps if broken else ''}", 3 if broken else 0)


def _number(found: Iterable[Entry]) -> int:
    return sum(entry.number for entry in found)


def _counted(found: Iterable[Entry]) -> str:
    return counted(_number(found), "finding")

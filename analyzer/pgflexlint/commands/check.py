"""`pgflexlint check`: scan, and report what is wrong."""

from __future__ import annotations

import argparse
import os
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from pgflexlint.analysis import analyze
from pgflexlint.commands.progress import Progress
from pgflexlint.commands.setup import Later, Setup, prepare
from pgflexlint.commands.streams import (
    FILE_WIDTH,
    complain,
    current_directory,
    terminal,
    viewpoint,
    write_file,
    write_output,
)
from pgflexlint.outputs import FORMATS, Options, renderer
from pgflexlint.problem import UsageError
from pgflexlint.report import Report
from pgflexlint.workspace import exists, is_file

if TYPE_CHECKING:
    from pgflexlint.rule import Rule

ROUNDS = 10
"""How often files are changed and scanned again: a change may lead to another one."""


def run(options: argparse.Namespace) -> int:
    """Scan files and directories, once or after each change. Returns the exit code."""
    try:
        destinations = [_destination(text) for text in options.output]
        _apart(path for _, path in destinations)
        _compatible(options)
    except UsageError as error:
        return complain(str(error))
    if options.watch:
        from pgflexlint.commands import watch

        return watch.run(options, [path for _, path in destinations], lambda: _once(options, destinations))
    return _once(options, destinations)


def _compatible(options: argparse.Namespace) -> None:
    for name in ("fix", "watch"):
        if options.stdin_filename and getattr(options, name):
            raise UsageError(f"--{name} cannot be combined with --stdin-filename.")


def _once(options: argparse.Namespace, destinations: list[tuple[str, Path]]) -> int:
    try:
        setup, report = _fixed(options) if options.fix else _looked(options)
    except UsageError as error:
        return complain(str(error))
    root = setup.target.workspace.root
    for name, path in destinations:
        try:
            write_file(path, _rendered(report, name, options, root, (False, FILE_WIDTH)))
        except OSError as error:
            return complain(f"'{path}' cannot be written: {error.strerror or error}.")
    if options.diff:
        return _diff(report, root)
    if options.quiet and not (report.findings or report.problems):
        return report.exit_code
    text = _rendered(report, options.format, options, root, terminal(options.color))
    return write_output(text, report.exit_code)


def _looked(options: argparse.Namespace) -> tuple[Setup, Report]:
    rules = Later(_rules)
    setup = prepare(options, rules)
    with Progress() as progress:
        return setup, analyze(setup.target, setup.rules, rules, setup.settings, progress.watch)


def _rules() -> tuple[Rule, ...]:
    from pgflexlint_rules import RULES

    return RULES


def _fixed(options: argparse.Namespace) -> tuple[Setup, Report]:
    """Write all changes that are safe, and report what is left."""
    from pgflexlint.commands.fix import mend

    setup, report = _looked(options)
    for _ in range(ROUNDS):
        if not mend(report, setup.target.workspace.root):
            break
        setup, report = _looked(options)
    return setup, report


def _diff(report: Report, root: Path) -> int:
    """Print the changes as a diff. Returns the exit code: 1 if there is a change."""
    from pgflexlint.commands.fix import diff

    text = diff(report, viewpoint(root))
    gaps = any(not problem.warning_only for problem in report.problems)
    if gaps:
        complain("Something could not be scanned. Run without --diff to see what.")
    return write_output(text, 1 if text else 3 if gaps else 0)


def _rendered(report: Report, name: str, options: argparse.Namespace, root: Path, terminal: tuple[bool, int]) -> str:
    from pgflexlint.provenance import pipeline, provenance

    color, width = terminal
    shown = Options(
        width=width,
        color=color,
        show_unknown=options.show_unknown,
        show_suppressed=options.show_suppressed,
        statistics=options.statistics,
        viewpoint=viewpoint(root),
        prefix=_prefix(root),
        annotate_findings=options.annotate == "all",
        category=options.category,
        provenance=provenance(root, os.environ) if name in ("sarif", "markdown") else None,
        pipeline=pipeline(os.environ),
    )
    return renderer(name)(report, shown)


def _prefix(root: Path) -> str:
    """The path from the directory that GitHub's annotations are relative to, to the workspace's root."""
    workspace = Path(os.environ.get("GITHUB_WORKSPACE") or root).resolve()
    if not root.is_relative_to(workspace) or root == workspace:
        return ""
    return f"{root.relative_to(workspace).as_posix()}/"


def _destination(text: str) -> tuple[str, Path]:
    name, colon, path = text.partition(":")
    if name not in FORMATS or not colon or not path:
        raise UsageError(f"-o takes FORMAT:FILE, where FORMAT is one of {', '.join(FORMATS)}, not '{text}'.")
    if path == "-":
        raise UsageError(f"'-o {text}' names no file. Use '--format {name}' to print it.")
    return name, Path(path)


def _apart(paths: Iterable[Path]) -> None:
    """Refuse two outputs to one file."""
    seen: set[Path] = set()
    for path in paths:
        place = Path(os.path.normpath(current_directory() / path))
        if place in seen and (not exists(path) or is_file(path)):
            raise UsageError(f"Two outputs go to '{path}'. Give each -o a file of its own.")
        seen.add(place)

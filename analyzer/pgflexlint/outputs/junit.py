"""Findings as failed tests, for the many things that show JUnit reports.

The format has no standard; this is what the `junit` task of Ant writes and what CI systems agree on
(https://github.com/testmoapp/junitxml).
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby
from xml.etree.ElementTree import Element, SubElement, indent, tostring

from pgflexlint.outputs.harmless import harmless, place, shown
from pgflexlint.outputs.options import DEFAULTS, Options
from pgflexlint.problem import Problem
from pgflexlint.redaction.redactor import Redactor
from pgflexlint.report import Finding, Report


def render(report: Report, _options: Options = DEFAULTS) -> str:
    """A suite for each file, a failure for each finding, an error for each problem that costs the exit code."""
    suites = Element("testsuites", name="pgflexlint")
    for suite in _suites(report):
        suites.append(suite)
    if not len(suites):
        passed = _suite("pgflexlint", [Element("testcase", name="No findings", classname="pgflexlint")])
        suites.append(passed)
    for count in ("tests", "failures", "errors"):
        suites.set(count, str(sum(int(suite.get(count, "0")) for suite in suites)))
    indent(suites)
    return '<?xml version="1.0" encoding="utf-8"?>\n' + tostring(suites, encoding="unicode") + "\n"


def _suites(report: Report) -> Iterator[Element]:
    secrets = report.secrets
    problems: dict[str, list[Problem]] = {}
    for problem in report.problems:
        if not problem.warning_only:
            problems.setdefault(problem.path, []).append(problem)
    for path, group in groupby(report.by_place, key=lambda finding: finding.span.file.path):
        cases = [_problem(problem, secrets) for problem in problems.pop(path, ())]
        yield _suite(path, [*cases, *(_finding(finding, secrets) for finding in group)])
    for path, broken in problems.items():
        yield _suite(path, [_problem(problem, secrets) for problem in broken])


def _suite(path: str, cases: list[Element]) -> Element:
    counts = {
        "tests": str(len(cases)),
        "failures": str(sum(case.find("failure") is not None for case in cases)),
        "errors": str(sum(case.find("error") is not None for case in cases)),
    }
    suite = Element("testsuite", {"name": harmless(path), **counts})
    suite.extend(cases)
    return suite


def _finding(finding: Finding, secrets: Redactor) -> Element:
    begin = finding.span.begin
    case = Element(
        "testcase",
        name=shown(f"{finding.rule.id} {finding.address}", secrets),
        classname=harmless(finding.span.file.path),
        file=harmless(finding.span.file.path),
        line=str(begin.line),
        column=str(begin.column),
    )
    text = shown(finding.text, secrets)
    failure = SubElement(case, "failure", message=text, type=finding.level.value)
    scenarios = f" Only with: {shown(', '.join(finding.scenarios), secrets)}." if finding.scenarios else ""
    failure.text = f"{place(finding.span)}: {text}{scenarios} Fix: {finding.fix}"
    return case


def _problem(problem: Problem, secrets: Redactor) -> Element:
    path = harmless(problem.path)
    case = Element("testcase", name=problem.kind.value, classname=path, file=path)
    if problem.span is not None:
        case.set("line", str(problem.span.first_line))
        case.set("column", str(problem.span.begin.column))
    text = shown(problem.message, secrets)
    error = SubElement(case, "error", message=text, type=problem.kind.value)
    error.text = f"{place(problem.span or problem.path)}: {text} {shown(problem.hint, secrets)}".rstrip()
    return case

"""Problems, as the notifications of a SARIF invocation."""

from __future__ import annotations

from pgflexlint.outputs.sarif import objects as sarif
from pgflexlint.outputs.sarif.places import Places
from pgflexlint.problem import Kind, Problem
from pgflexlint.report import Report

_KINDS = list(Kind)

_EXITS = {
    0: "Everything was scanned, and no finding reaches the level that fails.",
    1: "There are findings that reach the level that fails.",
    2: "Wrong usage or configuration.",
    3: "Something could not be scanned.",
    4: "Internal error.",
}


def invocation(report: Report, places: Places) -> sarif.Invocation:
    """How the run ended and how much it looked at. It says nothing about the machine."""
    coverage = report.coverage
    execution = [problem for problem in report.problems if not _configures(problem)]
    configuration = [problem for problem in report.problems if _configures(problem)]
    return sarif.Invocation(
        execution_successful=report.exit_code not in (2, 4),
        exit_code=report.exit_code,
        exit_code_description=_EXITS.get(report.exit_code),
        tool_execution_notifications=[_notification(problem, places) for problem in execution],
        tool_configuration_notifications=[_notification(problem, places) for problem in configuration],
        properties={
            "files": coverage.files,
            "filesSeen": coverage.seen,
            "filesAnalysed": coverage.analysed,
            "roots": coverage.roots,
            "scenarios": coverage.scenarios,
            "servers": coverage.servers,
            "rules": len(report.rules),
            "undecided": len(report.doubts),
            "suppressed": len(report.suppressed),
            "skipped": dict(sorted(coverage.skipped.items())),
        },
    )


def dropped(number: int, limit: int) -> sarif.Notification:
    """The notification that there are more results than GitHub accepts."""
    return sarif.Notification(
        descriptor=_descriptor(Kind.LIMIT),
        level="warning",
        message=sarif.Message(text=f"The '{number:,}' least severe results after the first '{limit:,}' are left out."),
    )


def _configures(problem: Problem) -> bool:
    return problem.warning_only or problem.kind is Kind.CONFIGURATION


def _notification(problem: Problem, places: Places) -> sarif.Notification:
    where = problem.span or problem.path
    return sarif.Notification(
        descriptor=_descriptor(problem.kind),
        level="warning" if problem.warning_only else "error",
        message=sarif.Message(text=places.shown(f"{problem.message} {problem.hint}".strip())),
        locations=[places.at(where)] if where else None,
    )


def _descriptor(kind: Kind) -> sarif.ReportingDescriptorReference:
    return sarif.ReportingDescriptorReference(id=kind.value, index=_KINDS.index(kind))

"""The report as SARIF 2.1.0, for GitHub code scanning, editors and everything else that reads it.

https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/sarif-v2.1.0-errata01-os-complete.html. One run, the same
bytes for the same report: no time, no machine, no absolute path; and no secret.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from pgflexlint import __version__
from pgflexlint.explain import REPOSITORY
from pgflexlint.outputs.options import DEFAULTS, Options
from pgflexlint.outputs.rows import dumps, encode
from pgflexlint.outputs.sarif import objects as sarif
from pgflexlint.outputs.sarif import rules
from pgflexlint.outputs.sarif.notifications import dropped, invocation
from pgflexlint.outputs.sarif.places import BASE, Places
from pgflexlint.outputs.sarif.provenance import automation, version_control
from pgflexlint.outputs.sarif.results import Group, Results, merged
from pgflexlint.problem import Kind
from pgflexlint.redaction.redactor import Redactor
from pgflexlint.report import By, Report

SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"
LIMIT = 25_000
"""How many results of a run GitHub accepts."""


def render(report: Report, options: Options = DEFAULTS) -> str:
    """The log: its frame indented, each result on one line."""
    groups = merged(report.findings)
    kept = _worst(groups)
    places = Places(report.secrets)
    # One at a time, so that the many objects that a result is made of are gone before the next.
    lines = [encode(sarif.plain(result)) for result in _results(report, kept, places, options)]
    run = sarif.plain(_run(report, kept, places, options, excess=len(groups) - len(kept)))
    if Redactor.MARK in encode(run["invocations"]) or any(Redactor.MARK in line for line in lines):
        run["redactionTokens"] = [Redactor.MARK]
    return dumps({"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}, {"results": lines})


def _worst(groups: list[Group]) -> list[Group]:
    """As many as GitHub accepts, the worst of them, still in the order of places."""
    if len(groups) <= LIMIT:
        return groups
    by_level = sorted(range(len(groups)), key=lambda index: groups[index][0].level.rank)
    return [groups[index] for index in sorted(by_level[:LIMIT])]


def _results(report: Report, groups: list[Group], places: Places, options: Options) -> Iterator[sarif.Result]:
    """The findings; suppressed ones and doubts only when asked for, because GitHub opens an alert for each."""
    make = Results(places, {rule.id: index for index, rule in enumerate(report.rules)}, report.baseline is not None)
    for group in groups:
        yield make.result(group)
    for finding in report.suppressed if options.show_suppressed else ():
        reason = places.shown(finding.justification) or None
        kind = "inSource" if finding.allowance and finding.allowance.by is By.COMMENT else "external"
        yield make.result([finding], sarif.Suppression(kind=kind, status="accepted", justification=reason))
    for doubt in report.doubts if options.show_unknown else ():
        yield make.doubt(doubt)


def _run(report: Report, groups: list[Group], places: Places, options: Options, *, excess: int) -> sarif.Run:
    more: defaultdict[str, dict[str, int]] = defaultdict(dict)
    for group in groups:
        if len(group) > 1:
            more[group[0].rule.id][group[0].message] = len(group[0].arguments)
    has_cwe = any(rule.cwe for rule in report.rules)
    call = invocation(report, places)
    if excess:
        call.tool_execution_notifications.append(dropped(excess, LIMIT))
    return sarif.Run(
        tool=sarif.Tool(
            driver=sarif.ToolComponent(
                name="pgflexlint",
                full_name=f"pgflexlint {__version__}",
                version=__version__,
                semantic_version=__version__,
                information_uri=REPOSITORY,
                rules=[rules.rule(rule, more[rule.id], undecided=options.show_unknown) for rule in report.rules],
                notifications=[rules.problem(kind) for kind in Kind],
                supported_taxonomies=rules.supported() if has_cwe else None,
            )
        ),
        automation_details=automation(options),
        column_kind="utf16CodeUnits",
        invocations=[call],
        original_uri_base_ids={
            BASE: sarif.ArtifactLocation(description=sarif.Message(text="The root of the scanned repository."))
        },
        taxonomies=[rules.cwe(report.rules)] if has_cwe else None,
        version_control_provenance=version_control(options.provenance),
        results=[],
    )

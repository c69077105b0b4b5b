"""Findings and doubts as SARIF results."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import lru_cache

from pgflexlint.outputs.sarif import objects as sarif
from pgflexlint.outputs.sarif.line_hash import line_hashes
from pgflexlint.outputs.sarif.places import Places
from pgflexlint.outputs.sarif.rules import UNDECIDED, UNDECIDED_ID, more_id, more_text
from pgflexlint.report import By, Doubt, Finding
from pgflexlint.source import Span
from pgflexlint.values import Step

FLOWS = 10
"""How many traces a result has, if it stands for several findings."""
RELATED = 100
"""The most related places of a result."""
LINKS = 3
"""How many of them the message links: GitHub shows no others."""

LINE_HASH = "primaryLocationLineHash"
"""The only fingerprint that GitHub knows."""

Group = Sequence[Finding]
"""Findings that become one result."""


def merged(findings: Sequence[Finding]) -> list[Group]:
    """Group findings: each group becomes one result. Groups are in the order of places; the worst finding is first.

    GitHub takes two results of one rule on one line for the same alert, because their fingerprints agree.
    """
    groups: dict[object, list[Finding]] = {}
    for finding in sorted(findings, key=lambda finding: finding.sort_key):
        line = finding.span.file.path, finding.span.first_line, finding.rule.id
        groups.setdefault(line, []).append(finding)
    for group in groups.values():
        group.sort(key=lambda finding: finding.level.rank)
    return list(groups.values())


class Results:
    """Makes results."""

    def __init__(self, places: Places, rule_index: dict[str, int], compared: bool) -> None:
        """`compared`: there is a baseline, and results say whether they are in it."""
        self._compared = compared
        self._places = places
        self._rule_index = rule_index
        self._hashes = lru_cache(maxsize=64)(line_hashes)

    def result(self, group: Group, suppression: sarif.Suppression | None = None) -> sarif.Result:
        """The result of a group of findings."""
        first = group[0]
        related = list(self._related(group))
        # Of the first place in the group, whichever of its findings is the worst.
        foremost = min(group, key=lambda finding: finding.span.start) if len(group) > 1 else first
        return sarif.Result(
            rule_id=first.rule.id,
            rule_index=self._rule_index[first.rule.id],
            level=first.level.value,
            message=self._message(group),
            locations=[self._places.of_result(first.span, _addresses(group))],
            related_locations=related or None,
            code_flows=list(self._flows(group)) or None,
            baseline_state=self._baseline_state(first),
            partial_fingerprints=sarif.Plain(
                {"pgflexlintFinding/v1": foremost.place_id, LINE_HASH: self._line_hash(first.span)}
            ),
            suppressions=None if suppression is None else [suppression],
            fixes=list(self._fixes(group)) or None,
            properties=self._properties(group),
        )

    def doubt(self, doubt: Doubt) -> sarif.Result:
        """A doubt, as a result of kind `open` (section 3.27.9)."""
        arguments = [doubt.rule.slug, self._places.shown(doubt.reason)]
        flow = self._flow(doubt.trace, doubt.span, doubt.address)
        return sarif.Result(
            rule_id=doubt.rule.id,
            rule_index=self._rule_index[doubt.rule.id],
            kind="open",
            level="none",
            message=sarif.Message(id=UNDECIDED_ID, arguments=arguments, text=UNDECIDED.format(*arguments)),
            locations=[self._places.of_result(doubt.span, [doubt.address])],
            code_flows=[flow] if doubt.trace else None,
            partial_fingerprints=sarif.Plain({LINE_HASH: self._line_hash(doubt.span)}),
        )

    def _baseline_state(self, finding: Finding) -> str | None:
        """Whether the baseline has the finding (section 3.27.24); None without a baseline."""
        if not self._compared:
            return None
        known = finding.allowance is not None and finding.allowance.by is By.BASELINE
        return "unchanged" if known else "new"

    def _fixes(self, group: Group) -> Iterator[sarif.Fix]:
        """Changes that fix all findings of a group, one after the other. VS Code shows the description of each."""
        edits = dict.fromkeys(finding.edit for finding in group if finding.edit is not None)
        for edit in edits:
            description = self._places.shown(f"Replace {edit.span.text} with {edit.text}.")
            yield sarif.Fix(
                description=sarif.Message(text=description),
                artifact_changes=[
                    sarif.ArtifactChange(
                        artifact_location=self._places.artifact(edit.span.file.path),
                        replacements=[
                            sarif.Replacement(
                                deleted_region=self._places.region(edit.span),
                                inserted_content=sarif.ArtifactContent(text=edit.text),
                            )
                        ],
                    )
                ],
            )

    def _line_hash(self, span: Span) -> str:
        return self._hashes(span.file)[span.first_line - 1]

    def _message(self, group: Group) -> sarif.Message:
        """Id and arguments for viewers, the text with links for GitHub, which shows nothing else."""
        first = group[0]
        arguments = [self._places.shown(argument) for argument in first.arguments]
        key, template = first.message, first.rule.messages[first.message]
        if len(group) > 1:
            key, template = more_id(key), more_text(first.rule.messages, key, len(arguments))
            arguments.append(f"{len(group) - 1:,}")
        links = [
            f" [{_link_text(self._places.shown(related.text))}]({number})"
            for number, related in enumerate(first.related[:LINKS], 1)
        ]
        return sarif.Message(id=key, arguments=arguments or None, text=template.format(*arguments) + "".join(links))

    def _related(self, group: Group) -> Iterator[sarif.Location]:
        first = group[0]
        places = {(related.span, related.text): related.text for related in first.related}
        for other in group[1:]:
            if other.span != first.span:
                places |= {(other.span, other.text): other.text}
            places |= {(related.span, related.text): related.text for related in other.related}
        for number, ((span, _), text) in enumerate(list(places.items())[:RELATED], 1):
            yield self._places.at(span, text, number)

    def _flows(self, group: Group) -> Iterator[sarif.CodeFlow]:
        """The traces of the findings, each once (section 3.36)."""
        ways = dict.fromkeys((finding.trace, finding.span) for finding in group if finding.trace)
        for trace, span in list(ways)[:FLOWS]:
            yield self._flow(trace, span, group[0].address)

    def _flow(self, trace: tuple[Step, ...], span: Span, address: str) -> sarif.CodeFlow:
        """A trace, from where the value was written to where the resource sets it.

        Nesting starts at 1: VS Code's viewer cuts off what has level 0.
        """
        last = len(trace)
        locations = [
            sarif.ThreadFlowLocation(
                location=self._places.at(step.span, step.text),
                nesting_level=1,
                importance="essential" if index in (0, last) else "important",
            )
            for index, step in enumerate([*trace, Step(span, f"received by {address}")])
        ]
        return sarif.CodeFlow(thread_flows=[sarif.ThreadFlow(locations=locations)])

    def _properties(self, group: Group) -> sarif.Plain:
        """What VS Code's viewer lists beside the result."""
        first = group[0]
        properties = sarif.Plain(
            resource=self._places.shown(first.address),
            language=first.language.value,
            remediation=_remediation(first),
        )
        if first.scenarios:
            properties["onlyWith"] = list(first.scenarios)
        return properties


def _addresses(group: Group) -> list[str]:
    return list(dict.fromkeys(address for finding in group for address in finding.addresses))[:RELATED]


def _remediation(finding: Finding) -> str:
    """Which of the two fixes in the description of the rule is meant: the fix itself would be in all its results."""
    syntax = "Terraform" if finding.fix == finding.rule.fix_terraform else "Bicep and ARM JSON"
    return f"See the rule: how to fix it in {syntax}."


def _link_text(text: str) -> str:
    """Brackets in the text of a link are escaped (section 3.11.6)."""
    return text.replace("\\", "\\\\").replace("[", "\\[").replace("]", "\\]")

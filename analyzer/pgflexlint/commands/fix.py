"""Changes that fix findings: written to the files, or shown as a diff."""

from __future__ import annotations

import re
import sys
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from difflib import unified_diff
from pathlib import Path

from pgflexlint.commands.streams import viewpoint, write_file
from pgflexlint.lazily import compiled
from pgflexlint.outputs.harmless import harmless, place, shown
from pgflexlint.problem import UsageError
from pgflexlint.redaction.redactor import Redactor
from pgflexlint.report import Finding, Report
from pgflexlint.source import SourceFile, Span, UnreadableError, Viewpoint
from pgflexlint.workspace import decode, encoding_of, resolved

_COMMAND = compiled(r"^(\s*)::", re.MULTILINE)

Changes = Mapping[SourceFile, Sequence[Finding]]
"""By file, findings whose changes do not touch each other, in the order of their places."""


def changes(report: Report) -> Changes:
    """The changes of a report. If changes overlap, only the first is kept."""
    found: dict[SourceFile, list[Finding]] = defaultdict(list)
    wanted = (finding for finding in report.findings if finding.edit is not None)
    for finding in sorted(wanted, key=lambda finding: (finding.span.file.path, _span(finding).start)):
        before = found[finding.span.file]
        if not before or _span(before[-1]).end <= _span(finding).start:
            before.append(finding)
    return found


def _span(finding: Finding) -> Span:
    assert finding.edit is not None
    return finding.edit.span


def mend(report: Report, root: Path) -> int:
    """Write the changes, and print each on standard error. Returns how many were made.

    A file that has changed since it was read is left alone. Raises `UsageError` if a file cannot be written.
    """
    done, seen_from = 0, viewpoint(root)
    for file, findings in changes(report).items():
        path = resolved(root / file.path)  # a link stays one
        try:
            content = path.read_bytes()
            if _text(file.path, content) != file.text:
                print(
                    f"{place(file.path, seen_from)}: left unchanged, because it has changed since it was read",
                    file=sys.stderr,
                )
                continue
            mark, encoding = encoding_of(content)
            write_file(path, mark + _mended(file, findings).encode(encoding))
        except OSError as error:
            raise UsageError(f"'{seen_from.path(file.path)}' cannot be changed: {error.strerror or error}.") from None
        for finding in findings:
            print(_said(finding, report.secrets, seen_from), file=sys.stderr)
        done += len(findings)
    return done


def _text(path: str, content: bytes) -> str | None:
    try:
        return decode(path, content).text
    except UnreadableError:
        return None


def _mended(file: SourceFile, findings: Sequence[Finding]) -> str:
    pieces, offset = [], 0
    for finding in findings:
        assert finding.edit is not None
        pieces += [file.text[offset : finding.edit.span.start], finding.edit.text]
        offset = finding.edit.span.end
    return "".join([*pieces, file.text[offset:]])


def _said(finding: Finding, secrets: Redactor, seen_from: Viewpoint) -> str:
    assert finding.edit is not None
    before, after = secrets.source(finding.edit.span), finding.edit.text
    where = place(finding.edit.span, seen_from)
    return f"{where}: {finding.rule.id} {shown(before, secrets)} is {shown(after, secrets)} now"


def diff(report: Report, seen_from: Viewpoint) -> str:
    """The changes as a unified diff for people. Secrets are redacted, and characters that do not print are escaped.

    Its paths are relative to `seen_from`, as `git apply` and `patch -p1` expect.
    """
    lines: list[str] = []
    for file, findings in changes(report).items():
        before, after = ([_line(text) for text in version] for version in _versions(file, findings, report.secrets))
        path = harmless(seen_from.path(file.path))
        lines += unified_diff(before, after, f"a/{path}", f"b/{path}", lineterm="")
    return "".join(f"{line}\n" for line in lines)


def _versions(file: SourceFile, findings: Sequence[Finding], secrets: Redactor) -> tuple[list[str], list[str]]:
    """The lines of a file before and after."""
    edits = defaultdict(list)
    for finding in findings:
        edits[_span(finding).first_line].append(finding)
    before, after = [], []
    for number, start in enumerate(file.line_starts, 1):
        if start == len(file.text):
            break  # behind the last line break
        whole = Span(file, start, start + len(file.line(number)))
        before.append(secrets.source(whole))
        after.append("".join(_pieces(whole, edits[number], secrets)) if number in edits else before[-1])
    return before, after


def _pieces(line: Span, findings: Sequence[Finding], secrets: Redactor) -> Iterator[str]:
    offset = line.start
    for finding in findings:
        assert finding.edit is not None
        yield secrets.source(Span(line.file, offset, finding.edit.span.start))
        yield finding.edit.text
        offset = finding.edit.span.end
    yield secrets.source(Span(line.file, offset, line.end))


def _line(text: str) -> str:
    """A line with its tabs. A runner would obey a command in it even behind the space that a diff puts before it."""
    return _COMMAND.sub(r"\1:\\x3a", "\t".join(map(harmless, text.split("\t"))))

"""Places of the report as SARIF locations, with the source at these places."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from urllib.parse import quote

from pgflexlint.outputs.harmless import shown
from pgflexlint.outputs.sarif import objects as sarif
from pgflexlint.redaction.redactor import Redactor
from pgflexlint.source import Span

BASE = "%SRCROOT%"
"""The base of relative paths. It has no absolute URI, so that a log is the same on every machine."""
SNIPPET = 4000
"""The longest source, in characters, that is copied into the log."""
REACH = 300
"""How many characters around a place are its context, if its lines are too long."""


class Places:
    """Makes locations, without secrets."""

    def __init__(self, secrets: Redactor) -> None:
        self.secrets = secrets
        remember = lru_cache(maxsize=4096)
        self.at = remember(self._at)
        """`_at` with a cache: many traces go through the same places."""
        self.region = remember(self._make_region)
        self.physical = remember(self._make_physical)
        self.artifact = remember(artifact)
        self.shown = remember(self._shown)

    def _at(self, where: Span | str, message: str | None = None, number: int = -1) -> sarif.Location:
        """The location of a place or of a whole file. Links in messages refer to it by `number`."""
        text = None if message is None else sarif.Message(text=self.shown(message))
        return sarif.plain(sarif.Location(id=number, physical_location=self.physical(where), message=text))

    def of_result(self, span: Span, addresses: Iterable[str]) -> sarif.Location:
        """The location of a result, with the lines around it and the resources that it is about."""
        logical = [
            sarif.LogicalLocation(fully_qualified_name=self.shown(address), kind="resource") for address in addresses
        ]
        return sarif.Location(physical_location=self.physical(span, context=True), logical_locations=logical)

    def _shown(self, text: str) -> str:
        """A text with parts from scanned files, in which a viewer finds no link.

        Embedded links: SARIF 2.1.0, section 3.11.6.
        """
        return shown(text, self.secrets).replace("](", "] (")

    def _make_physical(self, where: Span | str, *, context: bool = False) -> sarif.PhysicalLocation:
        if isinstance(where, str):
            return sarif.plain(sarif.PhysicalLocation(artifact_location=self.artifact(where)))
        place = sarif.PhysicalLocation(
            artifact_location=self.artifact(where.file.path),
            region=self.region(where),
            context_region=self._context(where) if context else None,
        )
        return sarif.plain(place)

    def _context(self, span: Span) -> sarif.Region | None:
        """The region around a place. It has no columns if it is whole lines (section 3.30.2)."""
        wider = around(span)
        if wider is None:
            return None
        if not _is_whole_lines(wider):
            return self._make_region(wider)
        snippet = sarif.ArtifactContent(text=self.secrets.source(wider))
        return sarif.Region(start_line=wider.first_line, end_line=wider.last_line, snippet=snippet)

    def _make_region(self, span: Span) -> sarif.Region:
        begin, finish = span.begin, span.finish
        small = span.end - span.start <= SNIPPET
        region = sarif.Region(
            start_line=begin.line,
            start_column=begin.column,
            end_line=finish.line,
            end_column=finish.column,
            snippet=sarif.ArtifactContent(text=self.secrets.source(span)) if small else None,
        )
        return sarif.plain(region)


def artifact(path: str) -> sarif.ArtifactLocation:
    """A file by its relative URI; a colon is escaped, because before a slash it would end a scheme."""
    return sarif.plain(sarif.ArtifactLocation(uri=quote(path, safe="/@+=,", errors="surrogatepass"), uri_base_id=BASE))


def around(span: Span) -> Span | None:
    """The lines of a span with one more on either side, or a part of them; None where the span is the whole file.

    A context region must hold more than its region (section 3.29.5).
    """
    file = span.file
    first, last = span.first_line - 1, min(span.last_line + 1, len(file.line_starts))
    start = file.line_starts[max(first, 1) - 1]
    end = max(file.line_starts[last - 1] + len(file.line(last)), span.end)
    if end - start > SNIPPET:
        start, end = max(start, span.start - REACH), min(end, span.end + REACH)
    return Span(file, start, end) if (start, end) != (span.start, span.end) else None


def _is_whole_lines(span: Span) -> bool:
    text = span.file.text
    return text[max(span.start - 1, 0) : span.start] in "\r\n" and text[span.end : span.end + 1] in "\r\n"

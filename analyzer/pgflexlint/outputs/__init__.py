"""The output formats: one module for each, imported when the format is asked for.

Each has `render(report, options) -> str`, which is pure: it touches no disk, no stream and no environment.
"""

from __future__ import annotations

from importlib import import_module
from typing import Protocol, cast

from pgflexlint.outputs.options import Options, Pipeline, Provenance
from pgflexlint.report import Report

FORMATS = ("text", "concise", "json", "sarif", "github", "azure", "gitlab", "junit", "markdown")
"""The names of the formats. Each is the name of its module."""


class Render(Protocol):
    """What every format offers. The text ends with a line break."""

    def __call__(self, report: Report, options: Options = ..., /) -> str:
        """The report as text in the format."""


def renderer(name: str) -> Render:
    """The `render` of a format. Raises `KeyError` for a name that is not in `FORMATS`."""
    if name not in FORMATS:
        raise KeyError(name)
    return cast(Render, import_module(f"{__name__}.{name}").render)


__all__ = ["FORMATS", "Options", "Pipeline", "Provenance", "Render", "renderer"]

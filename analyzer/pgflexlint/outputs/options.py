"""Options of outputs. Outputs read nothing from the environment: all they need to know about it is here."""

from __future__ import annotations

from msgspec import Struct

from pgflexlint.source import AT_ROOT, Viewpoint


class Provenance(Struct, frozen=True, kw_only=True):
    """The commit that was scanned (SARIF 2.1.0, section 3.26)."""

    repository: str
    """The remote, as git knows it. User names, tokens and `.git` are removed before it is shown."""
    revision: str = ""
    branch: str = ""


class Pipeline(Struct, frozen=True, kw_only=True):
    """The run of Azure Pipelines, as GitHub Advanced Security for Azure DevOps wants to know it."""

    identity: str
    """`azuredevops/pipeline/build/…`, unique for each run."""
    definition_id: str
    definition_name: str
    phase_id: str
    phase_name: str


class Options(Struct, frozen=True, kw_only=True):
    """How to show a report. Every output uses the options that concern it."""

    width: int = 100
    """The columns of the terminal; longer source lines are cut around what is wrong."""
    color: bool = False
    show_unknown: bool = False
    """Show doubts: rules that are undecided about a resource."""
    show_suppressed: bool = False
    """Show what is allowed by a comment, the configuration or the baseline."""
    statistics: bool = False
    """Show how much was scanned, and counts."""
    viewpoint: Viewpoint = AT_ROOT
    """The directory that paths in `text` and `concise` are relative to."""
    prefix: str = ""
    """What to put before a path to make it relative to `GITHUB_WORKSPACE`; ends with `/` or is empty."""
    annotate_findings: bool = True
    """Annotate findings on GitHub, and not only problems. Code scanning may annotate findings itself."""
    category: str = ""
    """Keeps several uploads for one commit apart on GitHub."""
    provenance: Provenance | None = None
    pipeline: Pipeline | None = None


DEFAULTS = Options()
"""No terminal, no colours, no optional parts."""

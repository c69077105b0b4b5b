"""What an output may be told about the place that it is rendered for; no output looks that up itself."""

from __future__ import annotations

from msgspec import Struct

from pgflexlint.source import AT_ROOT, Viewpoint


class Provenance(Struct, frozen=True, kw_only=True):
    """The commit that was scanned (SARIF 2.1.0, section 3.26)."""

    repository: str
    """The remote, as git knows it: user names, tokens and `.git` are taken off before it is shown."""
    revision: str = ""
    branch: str = ""


class Pipeline(Struct, frozen=True, kw_only=True):
    """The run of Azure Pipelines that looks, as GitHub Advanced Security for Azure DevOps wants to know it."""

    identity: str
    """`azuredevops/pipeline/build/…`, unique for each run."""
    definition_id: str
    definition_name: str
    phase_id: str
    phase_name: str


class Options(Struct, frozen=True, kw_only=True):
    """How a report is to be shown. Every output reads what concerns it."""

    width: int = 100
    """The columns of the terminal; longer source lines are cut around what is wrong."""
    color: bool = False
    show_unknown: bool = False
    """Show what could not be decided."""
    show_suppressed: bool = False
    """Show what is allowed by a comment, the configuration or the baseline."""
    statistics: bool = False
    """Show how much was looked at, and counts."""
    viewpoint: Viewpoint = AT_ROOT
    """Where people and editors look from, for the paths of `text` and `concise`."""
    prefix: str = ""
    """What to put before a path to make it relative to `GITHUB_WORKSPACE`; ends with `/` or is empty."""
    annotate_findings: bool = True
    """Annotate findings on GitHub as well as what could not be looked at: code scanning may do it by itself."""
    category: str = ""
    """Keeps several uploads for one commit apart on GitHub."""
    provenance: Provenance | None = None
    pipeline: Pipeline | None = None


DEFAULTS = Options()
"""No terminal, no colours, nothing that was not asked for."""

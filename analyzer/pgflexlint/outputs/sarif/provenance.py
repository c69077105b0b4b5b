"""Which commit was scanned, and by which run."""

from __future__ import annotations

from pgflexlint.outputs._remote import repository_uri
from pgflexlint.outputs.options import Options, Provenance
from pgflexlint.outputs.sarif import objects as sarif
from pgflexlint.outputs.sarif.places import BASE


def version_control(provenance: Provenance | None) -> list[sarif.VersionControlDetails] | None:
    """The commit, mapped to what paths are relative to (Multitool rule SARIF2007)."""
    uri = repository_uri(provenance.repository) if provenance is not None else None
    if provenance is None or uri is None:
        return None
    return [
        sarif.VersionControlDetails(
            repository_uri=uri,
            revision_id=provenance.revision or None,
            branch=provenance.branch or None,
            mapped_to=sarif.ArtifactLocation(uri_base_id=BASE),
        )
    ]


def automation(options: Options) -> sarif.RunAutomationDetails | None:
    """Identifies the run: by the category for GitHub, by the pipeline for Azure DevOps.

    The names of a pipeline's properties are those that the Multitool's rules GHAzDO1019 and GHAzDO1020 ask for.
    """
    pipeline = options.pipeline
    if pipeline is None:
        return sarif.RunAutomationDetails(id=f"{options.category}/") if options.category else None
    facts = {
        "buildDefinitionId": pipeline.definition_id,
        "buildDefinitionName": pipeline.definition_name,
        "phaseId": pipeline.phase_id,
        "phaseName": pipeline.phase_name,
    }
    return sarif.RunAutomationDetails(
        id=pipeline.identity, properties={f"azuredevops/pipeline/build/{name}": fact for name, fact in facts.items()}
    )

"""Which commit was scanned."""

from __future__ import annotations

from pgflexlint.outputs._remote import repository_uri
from pgflexlint.outputs.options import Provenance
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

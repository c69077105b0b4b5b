"""Which commit is looked at and by which run, from git's own files and the environment: no program is run.

https://git-scm.com/docs/gitrepository-layout
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path

from pgflexlint.lazily import compiled
from pgflexlint.outputs.options import Pipeline, Provenance
from pgflexlint.workspace import is_directory, resolved

_REMOTE = compiled(r'^\s*\[\s*remote\s+"(?P<name>[^"]*)"\s*\]')
_SECTION = compiled(r"^\s*\[")
_URL = compiled(r"^\s*url\s*=\s*(?P<url>.*?)\s*$")
_SHA = compiled(r"[0-9a-f]{40}(?:[0-9a-f]{24})?")
SIZE_LIMIT = 1 << 24
"""Bytes; a larger file is not read."""
_LINKS = 5
"""How many symbolic references are followed."""


def provenance(root: Path, environment: Mapping[str, str]) -> Provenance | None:
    """The commit that is checked out at a directory; None where that is no checkout or has no remote.

    On GitHub's runners and Azure's agents the environment knows better: a checkout there has no branch.
    """
    git = _directory(root)
    if git is None:
        return None
    shared = _shared(git)
    server, repository = environment.get("GITHUB_SERVER_URL"), environment.get("GITHUB_REPOSITORY")
    remote = f"{server}/{repository}" if server and repository else environment.get("BUILD_REPOSITORY_URI")
    remote = remote or _remote(_lines(shared / "config"))
    if remote is None:
        return None
    branch, revision = _head(git, shared)
    built = environment.get("BUILD_SOURCEBRANCH", "").removeprefix("refs/heads/")
    branch = environment.get("GITHUB_HEAD_REF") or environment.get("GITHUB_REF_NAME") or built or branch
    return Provenance(repository=remote, revision=revision, branch=branch)


def pipeline(environment: Mapping[str, str]) -> Pipeline | None:
    """The run of Azure Pipelines that this is; None elsewhere, and where the agent does not say enough.

    https://learn.microsoft.com/azure/devops/pipelines/build/variables. The identity has the form that the SARIF SDK's
    `AdoPipelineContext` gives it.
    """
    if environment.get("TF_BUILD", "").lower() != "true":
        return None

    def first(*names: str) -> str:
        return next((environment[name] for name in names if environment.get(name)), "")

    definition, phase = first("BUILD_DEFINITIONID", "SYSTEM_DEFINITIONID"), first("SYSTEM_PHASEID", "SYSTEM_JOBID")
    organization = first("SYSTEM_COLLECTIONURI").rstrip("/").rpartition("/")[2]
    where = (organization, first("SYSTEM_TEAMPROJECTID"), definition, phase)
    run = (*where, first("BUILD_SOURCEBRANCH"), first("BUILD_BUILDID"))
    found = Pipeline(
        identity="azuredevops/pipeline/build/" + "/".join(run),
        definition_id=definition,
        definition_name=first("BUILD_DEFINITIONNAME"),
        phase_id=phase,
        phase_name=first("SYSTEM_PHASENAME", "SYSTEM_JOBNAME"),
    )
    return found if all(run) and found.definition_name and found.phase_name else None


def _directory(root: Path) -> Path | None:
    """Git's directory: `.git`, or where that file of a worktree or submodule says."""
    place = root / ".git"
    if is_directory(place):
        return place
    first = next(iter(_lines(place)), "")
    word, _, path = first.partition(": ")
    return resolved(root / path) if word == "gitdir" and path else None


def _shared(git: Path) -> Path:
    """What all worktrees of a repository share."""
    path = next(iter(_lines(git / "commondir")), "")
    return resolved(git / path) if path else git


def _head(git: Path, shared: Path) -> tuple[str, str]:
    """The branch and the revision that are checked out; "" for what there is not."""
    text = next(iter(_lines(git / "HEAD")), "")
    branch = text.removeprefix("ref: refs/heads/") if text.startswith("ref: refs/heads/") else ""
    for _ in range(_LINKS):
        if not text.startswith("ref: "):
            break
        name = text.removeprefix("ref: ")
        if ".." in name or name.startswith("/"):
            return branch, ""
        text = next(iter(_lines(shared / name)), "") or _packed(shared, name)
    return branch, text if _SHA.fullmatch(text) else ""


def _packed(shared: Path, name: str) -> str:
    return next((line.split(" ")[0] for line in _lines(shared / "packed-refs") if line.endswith(f" {name}")), "")


def _remote(lines: Iterable[str]) -> str | None:
    """The address of `origin`, else of the first remote."""
    found: dict[str, str] = {}
    current: str | None = None
    for line in lines:
        if match := _REMOTE.match(line):
            current = match["name"]
        elif _SECTION.match(line):
            current = None
        elif current is not None and (match := _URL.match(line)):
            found.setdefault(current, match["url"].strip('"'))
    return found.get("origin") or next(iter(found.values()), None)


def _lines(path: Path) -> list[str]:
    """The lines of a file; none of what is no plain file, or no file of git's by its size."""
    try:
        if not path.is_file() or path.stat().st_size > SIZE_LIMIT:
            return []
        return path.read_text("utf-8", errors="replace").replace("\0", "").splitlines()
    except OSError:
        return []

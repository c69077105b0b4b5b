"""Which commit is looked at, for checkouts of every kind that git makes."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from pgflexlint.outputs.options import Pipeline, Provenance
from pgflexlint.provenance import pipeline, provenance

REMOTE = "https://user:token@example.com/contoso/shop.git"


def git(place: Path, *arguments: str) -> str:
    command = ["git", "-c", "user.name=x", "-c", "user.email=x@example.com", *arguments]
    return subprocess.run(command, cwd=place, check=True, capture_output=True, text=True).stdout.strip()


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    place = tmp_path / "shop"
    place.mkdir()
    git(place, "init", "--quiet", "--initial-branch", "trunk")
    git(place, "commit", "--quiet", "--allow-empty", "--message", "first")
    git(place, "remote", "add", "mirror", "https://mirror.example.com/shop")
    git(place, "remote", "add", "origin", REMOTE)
    return place


def test_a_checkout_has_a_remote_a_branch_and_a_revision(checkout: Path) -> None:
    head = git(checkout, "rev-parse", "HEAD")
    assert provenance(checkout, {}) == Provenance(repository=REMOTE, revision=head, branch="trunk")


def test_references_may_be_packed(checkout: Path) -> None:
    head = git(checkout, "rev-parse", "HEAD")
    git(checkout, "pack-refs", "--all")
    assert provenance(checkout, {}) == Provenance(repository=REMOTE, revision=head, branch="trunk")


def test_a_detached_head_has_no_branch(checkout: Path) -> None:
    head = git(checkout, "rev-parse", "HEAD")
    git(checkout, "checkout", "--quiet", "--detach")
    assert provenance(checkout, {}) == Provenance(repository=REMOTE, revision=head)


def test_a_worktree_shares_the_remotes(checkout: Path) -> None:
    head = git(checkout, "rev-parse", "HEAD")
    git(checkout, "worktree", "add", "--quiet", "../other", "-b", "feature/x")
    assert provenance(checkout.parent / "other", {}) == Provenance(repository=REMOTE, revision=head, branch="feature/x")


def test_a_runner_knows_better(checkout: Path) -> None:
    environment = {
        "GITHUB_SERVER_URL": "https://github.com",
        "GITHUB_REPOSITORY": "contoso/shop",
        "GITHUB_REF_NAME": "12/merge",
        "GITHUB_HEAD_REF": "feature/y",
    }
    found = provenance(checkout, environment)
    assert found is not None
    assert (found.repository, found.branch) == ("https://github.com/contoso/shop", "feature/y")


def test_what_is_no_checkout_has_none(tmp_path: Path) -> None:
    assert provenance(tmp_path, {}) is None
    (tmp_path / ".git").mkdir()
    assert provenance(tmp_path, {}) is None


def test_a_reference_does_not_lead_out_of_git(checkout: Path) -> None:
    (checkout.parent / "secret").write_text("0" * 40)
    (checkout / ".git" / "HEAD").write_text("ref: refs/heads/../../../../secret\n")
    found = provenance(checkout, {})
    assert found is not None
    assert found.revision == ""


AGENT = {
    "TF_BUILD": "True",
    "SYSTEM_COLLECTIONURI": "https://dev.azure.com/contoso/",
    "SYSTEM_TEAMPROJECTID": "2f2d5f4e-8c1a-4b1e-9f0e-1c2d3e4f5a6b",
    "SYSTEM_DEFINITIONID": "42",
    "BUILD_DEFINITIONNAME": "infrastructure",
    "BUILD_BUILDID": "1234",
    "SYSTEM_PHASEID": "3f2d5f4e-8c1a-4b1e-9f0e-1c2d3e4f5a6b",
    "SYSTEM_PHASENAME": "lint",
    "BUILD_SOURCEBRANCH": "refs/heads/feature/x",
    "BUILD_REPOSITORY_URI": "https://contoso@dev.azure.com/contoso/shop/_git/shop",
}


def test_an_agent_of_azure_pipelines_says_who_it_is(checkout: Path) -> None:
    assert pipeline(AGENT) == Pipeline(
        identity="azuredevops/pipeline/build/contoso/2f2d5f4e-8c1a-4b1e-9f0e-1c2d3e4f5a6b/42/"
        "3f2d5f4e-8c1a-4b1e-9f0e-1c2d3e4f5a6b/refs/heads/feature/x/1234",
        definition_id="42",
        definition_name="infrastructure",
        phase_id="3f2d5f4e-8c1a-4b1e-9f0e-1c2d3e4f5a6b",
        phase_name="lint",
    )
    found = provenance(checkout, AGENT)
    assert found is not None
    assert (found.repository, found.branch) == (AGENT["BUILD_REPOSITORY_URI"], "feature/x")


@pytest.mark.parametrize("missing", [name for name in AGENT if name != "BUILD_REPOSITORY_URI"])
def test_half_a_pipeline_is_none(missing: str) -> None:
    assert pipeline({name: text for name, text in AGENT.items() if name != missing}) is None

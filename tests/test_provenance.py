"""Which commit is looked at, for checkouts of every kind that git makes."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from pgflexlint.outputs.options import Provenance
from pgflexlint.provenance import provenance

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

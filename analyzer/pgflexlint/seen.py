"""What a run has looked at, so that what it did not look at is not taken for mended."""

from __future__ import annotations

from collections.abc import Callable

from msgspec import Struct, field


class Seen(Struct):
    """Collects it: every resource is known by its root, as in `Deployment.root`, and its address there."""

    roots: set[str] = field(default_factory=set)
    """Those that were evaluated."""
    gaps: set[str] = field(default_factory=set)
    """Those of which something was not looked at, such as a module that is not on disk."""
    owners: dict[tuple[str, str], set[str]] = field(default_factory=dict)
    """By resource, the addresses in whose judgement it has a part; its own is one of them."""
    undecided: set[tuple[str, str, str]] = field(default_factory=set)
    """A root, an address there, and the id of a rule that could not be decided on it."""

    def add(self, root: str, address: str, *owners: str) -> None:
        """Take a resource that was judged, and those that it belongs to."""
        self.owners.setdefault((root, address), {address}).update(owners)

    def update(self, other: Seen) -> None:
        """Take what another one has."""
        self.roots |= other.roots
        self.gaps |= other.gaps
        self.undecided |= other.undecided
        for (root, address), owners in other.owners.items():
            self.add(root, address, *owners)

    def shown(self, secrets: Callable[[str], str]) -> Seen:
        """The same with the addresses as they are shown."""
        found = Seen(self.roots, self.gaps, undecided={(root, secrets(of), rule) for root, of, rule in self.undecided})
        for (root, address), owners in self.owners.items():
            found.add(root, secrets(address), *map(secrets, owners))
        return found

    def decided(self, root: str, address: str, rule: str) -> bool:
        """Whether a rule could tell whether a resource is fine, or whether one that is not there would be."""
        owners = self.owners.get((root, address))
        if owners is None:  # It may be one of those of which it is not known what they are called.
            return all((root, rule) != (each[0], each[2]) for each in self.undecided)
        return not any((root, owner, rule) in self.undecided for owner in owners)

"""What a run has looked at, so that what it did not look at is not taken for mended."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from msgspec import Struct, field


class Deployed(NamedTuple):
    """What a deployment is known by."""

    root: str
    """As in `Deployment.root`."""
    inputs: str
    """As in `Deployment.inputs`."""


class Seen(Struct):
    """Collects it: every resource is known by its deployment and its address there."""

    deployed: set[Deployed] = field(default_factory=set)
    """Those that were evaluated."""
    gaps: set[Deployed] = field(default_factory=set)
    """Those of which something was not looked at, such as a module that is not on disk."""
    owners: dict[tuple[Deployed, str], set[str]] = field(default_factory=dict)
    """By resource, the addresses in whose judgement it has a part; its own is one of them."""
    undecided: set[tuple[Deployed, str, str]] = field(default_factory=set)
    """A deployment, an address there, and the id of a rule that could not be decided on it."""

    def add(self, deployed: Deployed, address: str, *owners: str) -> None:
        """Take a resource that was judged, and those that it belongs to."""
        self.owners.setdefault((deployed, address), {address}).update(owners)

    def update(self, other: Seen) -> None:
        """Take what another one has."""
        self.deployed |= other.deployed
        self.gaps |= other.gaps
        self.undecided |= other.undecided
        for (deployed, address), owners in other.owners.items():
            self.add(deployed, address, *owners)

    def shown(self, secrets: Callable[[str], str]) -> Seen:
        """The same with inputs and addresses as they are shown."""

        def named(deployed: Deployed) -> Deployed:
            return Deployed(deployed.root, secrets(deployed.inputs))

        found = Seen({named(each) for each in self.deployed}, {named(each) for each in self.gaps})
        found.undecided = {(named(deployed), secrets(of), rule) for deployed, of, rule in self.undecided}
        for (deployed, address), owners in self.owners.items():
            found.add(named(deployed), secrets(address), *map(secrets, owners))
        return found

    def decided(self, deployed: Deployed, address: str, rule: str) -> bool:
        """Whether a rule could tell whether a resource is fine, or whether one that is not there would be."""
        owners = self.owners.get((deployed, address))
        if owners is None:  # It may be one of those of which it is not known what they are called.
            return all((deployed, rule) != (each[0], each[2]) for each in self.undecided)
        return not any((deployed, owner, rule) in self.undecided for owner in owners)

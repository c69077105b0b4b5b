"""Which resources a run has judged. A baseline entry counts as fixed only if the run judged its resource."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from msgspec import Struct, field


class Deployed(NamedTuple):
    """Identifies a deployment from run to run."""

    root: str
    """As in `Deployment.root`."""
    inputs: str
    """As in `Deployment.inputs`."""


class Judged(Struct):
    """Collects what was judged. Its deployment and its address there identify a resource."""

    deployed: set[Deployed] = field(default_factory=set)
    """The deployments that were evaluated."""
    gaps: set[Deployed] = field(default_factory=set)
    """The deployments of which a part could not be evaluated, such as a module that is not on disk."""
    owners: dict[tuple[Deployed, str], set[str]] = field(default_factory=dict)
    """By resource, the addresses of the resources that are judged by it: itself, and those that it belongs to."""
    undecided: set[tuple[Deployed, str, str]] = field(default_factory=set)
    """A deployment, an address there, and the id of a rule that is undecided about it."""

    def add(self, deployed: Deployed, address: str, *owners: str) -> None:
        """Add a resource that was judged. `owners` are the addresses of the resources that it belongs to."""
        self.owners.setdefault((deployed, address), {address}).update(owners)

    def update(self, other: Judged) -> None:
        """Add everything that another one has collected."""
        self.deployed |= other.deployed
        self.gaps |= other.gaps
        self.undecided |= other.undecided
        for (deployed, address), owners in other.owners.items():
            self.add(deployed, address, *owners)

    def shown(self, secrets: Callable[[str], str]) -> Judged:
        """The same with inputs and addresses as they are shown: `secrets` redacts a text."""

        def redacted(deployed: Deployed) -> Deployed:
            return Deployed(deployed.root, secrets(deployed.inputs))

        found = Judged({redacted(each) for each in self.deployed}, {redacted(each) for each in self.gaps})
        found.undecided = {(redacted(deployed), secrets(of), rule) for deployed, of, rule in self.undecided}
        for (deployed, address), owners in self.owners.items():
            found.add(redacted(deployed), secrets(address), *map(secrets, owners))
        return found

    def decided(self, deployed: Deployed, address: str, rule: str) -> bool:
        """Whether a rule could decide about a resource; of one that was not judged, about every resource it may be."""
        owners = self.owners.get((deployed, address))
        if owners is None:  # It may be one of the resources whose names are unknown.
            return all((deployed, rule) != (each[0], each[2]) for each in self.undecided)
        return not any((deployed, owner, rule) in self.undecided for owner in owners)

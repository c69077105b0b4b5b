"""Which findings of a baseline are fixed."""

from __future__ import annotations

import posixpath
from collections.abc import Sequence

from pgflexlint.discover import Target
from pgflexlint.engine import Judgement
from pgflexlint.judged import Deployed
from pgflexlint.problem import Problem
from pgflexlint.report import Entry
from pgflexlint.settings import Settings
from pgflexlint.source import UnreadableError
from pgflexlint.survey import SOURCES


class Gone:
    """Tells whether an entry of a baseline that was not found again is fixed.

    It is fixed if the run looked at everything that the entry depends on, and could decide its rule there.
    """

    def __init__(self, target: Target, judgement: Judgement, problems: Sequence[Problem], settings: Settings) -> None:
        self._target = target
        self._settings = settings
        self._judged = judgement.judged.shown(judgement.secrets.text)
        self._broken = {posixpath.dirname(problem.path) for problem in problems if not problem.warning_only}
        self._left_out = {path for paths in target.workspace.unlisted.values() for path in paths}

    def holds(self, entry: Entry) -> bool:
        """Whether an entry that was not found again is fixed."""
        judged, root, deployed = self._judged, entry.root, Deployed(entry.root, entry.inputs)
        folder = posixpath.dirname(root) if root.endswith(SOURCES) else root
        if not (self._covered(entry) and judged.decided(deployed, entry.address, entry.rule)):
            return False
        if (deployed, entry.address) in judged.owners:
            return self._broken.isdisjoint((folder, posixpath.dirname(entry.path)))
        # Its resource is not there. What was not looked at may declare it, unless the root itself did.
        own = folder == posixpath.dirname(entry.path)
        return not self._broken and (own or deployed not in judged.gaps)

    def _covered(self, entry: Entry) -> bool:
        if self._target.seeds and not self._target.covers(entry.path):
            return False
        if any(deployed.root == entry.root for deployed in self._judged.deployed):
            return Deployed(entry.root, entry.inputs) in self._judged.deployed or self._without(entry)
        return self._target.below(entry.root) and not (self._is_left_out(entry.root) or self._is_left_out(entry.path))

    def _without(self, entry: Entry) -> bool:
        """Whether the inputs of an entry are no longer deployed, although its root is.

        This is certain if none of their files exists any more. Inputs of the command line may be given again.
        """
        is_template = entry.root.endswith(SOURCES)
        if self._settings.parameter_files if is_template else self._settings.inputs:
            return False
        return not any(name.startswith("--var ") or self._is_file(name) for name in entry.inputs.split(", ") if name)

    def _is_file(self, path: str) -> bool:
        try:
            return self._target.workspace.read(path) is not None
        except UnreadableError:
            return True

    def _is_left_out(self, path: str) -> bool:
        above = [path[:at] for at, character in enumerate(path, 1) if character == "/"]
        return not self._left_out.isdisjoint((path, f"{path}/", *above))

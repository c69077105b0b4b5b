"""Files as Terraform's functions see them: by paths that are relative to the root module."""

from __future__ import annotations

import posixpath
from collections.abc import Iterable

from pgflexlint.source import SourceFile, Workspace


class RootedWorkspace:
    """A workspace whose paths are relative to the root module."""

    def __init__(self, workspace: Workspace, root: str) -> None:
        self._workspace = workspace
        self._root = root
        self.taken: set[str] = set()
        """The files that were read, relative to the root of the workspace itself."""

    def _inside(self, path: str) -> str:
        joined = posixpath.normpath(posixpath.join(self._root or ".", path))
        return "" if joined == "." else joined

    def read(self, path: str) -> SourceFile | None:
        """The file at `path`; None outside the workspace."""
        inside = self._inside(path)
        if inside.startswith(("..", "/")):
            return None
        self.taken.add(inside)
        return self._workspace.read(inside)

    def real(self, directory: str) -> str:
        """The directory, relative to the root of the workspace itself."""
        inside = self._inside(directory)
        return inside if inside.startswith(("..", "/")) else self._workspace.real(inside)

    def files(self, directory: str) -> Iterable[str]:
        """Files of a directory, relative to the root module like every path here."""
        inside = self._inside(directory)
        if inside.startswith(("..", "/")):
            return ()
        return [posixpath.relpath(path, self._root or ".") for path in self._workspace.files(inside)]

"""A workspace in memory."""

from __future__ import annotations

import posixpath
from collections.abc import Iterable, Mapping
from pathlib import Path

from pgflexlint.source import SourceFile


class MemoryWorkspace:
    """Files by path."""

    def __init__(self, files: Mapping[str, str]) -> None:
        self._files = {path: SourceFile(path, text) for path, text in files.items()}

    @classmethod
    def of(cls, directory: Path) -> MemoryWorkspace:
        return cls(
            {
                path.relative_to(directory).as_posix(): path.read_text(encoding="utf-8")
                for path in directory.rglob("*")
                if path.is_file()
            }
        )

    @property
    def directories(self) -> list[str]:
        return sorted({posixpath.dirname(path) for path in self._files})

    def read(self, path: str) -> SourceFile | None:
        return self._files.get(posixpath.normpath(path))

    def glance(self, path: str) -> SourceFile | None:
        return self.read(path)

    def real(self, directory: str) -> str:
        return directory

    def files(self, directory: str) -> Iterable[str]:
        return sorted(path for path in self._files if posixpath.dirname(path) == directory)

"""Globs as in .gitignore (https://git-scm.com/docs/gitignore#_pattern_format)."""

from __future__ import annotations

from collections.abc import Callable, Iterable


def matcher(globs: Iterable[str], base: str) -> Callable[[str], bool]:
    """Whether a file is one that globs mean, or is in a directory that they mean.

    The globs are relative to `base`, which like the path of the file is relative to the workspace root.
    """
    lines = list(globs)
    prefix = f"{base}/" if base else ""
    if lines in ([], ["*"]):
        return lambda path: bool(lines) and path.startswith(prefix)
    from pathspec import GitIgnoreSpec  # noqa: PLC0415 - only where somebody has globs

    spec = GitIgnoreSpec.from_lines(lines)
    return lambda path: path.startswith(prefix) and spec.match_file(path[len(prefix) :])

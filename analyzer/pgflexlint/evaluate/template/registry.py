"""Modules of registries: how `bicepconfig.json` names them, and where `bicep restore` puts them on disk.

https://learn.microsoft.com/azure/azure-resource-manager/bicep/bicep-config-modules. The layout of the cache is that of
`OciArtifactRegistry` and `TagEncoder` in https://github.com/Azure/bicep. A cache is read only if it is inside the
workspace, and so only if `cacheRootDirectory` points there: the default is in the user's home directory.
"""

from __future__ import annotations

import posixpath
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from msgspec import Struct, field

from pgflexlint.lazily import compiled
from pgflexlint.problem import Kind, Problem
from pgflexlint.source import Span, UnreadableError, Workspace

if TYPE_CHECKING:
    from pgflexlint.syntax.jsonc import Object

CONFIGURATION = "bicepconfig.json"

_ALIASED = compiled(r"br/(?P<alias>[\w-]+):(?P<path>.+)")
_FULL = compiled(r"br:(?P<registry>[^/]+)/(?P<repository>[^:@]+)(?::(?P<tag>[\w.-]+)|@(?P<digest>[\w:]+))")
_BUILT_IN = {"public": "mcr.microsoft.com/bicep"}


class Configuration(Struct, frozen=True):
    """What a `bicepconfig.json` says about modules."""

    aliases: Mapping[str, str] = field(default_factory=lambda: _BUILT_IN)
    """By alias of a registry, the name of the registry and the path in it."""
    cache: str | None = None
    """The directory of the cache, relative to the workspace's root; None if it is not inside."""
    problems: tuple[Problem, ...] = ()


class Registry:
    """The modules of registries that a workspace refers to."""

    def __init__(self, workspace: Workspace, root: Path | None = None) -> None:
        """`root` is where the workspace is on disk: a configuration may name directories in full."""
        self._workspace = workspace
        self._root = root
        self._configurations: dict[str, Configuration] = {}

    def configuration(self, directory: str) -> Configuration:
        """The configuration for the files of a directory: the nearest one, in the directory or above. No other
        counts."""
        if directory not in self._configurations:
            path = posixpath.join(directory, CONFIGURATION)
            if path in self._workspace.files(directory):
                found = self._read(path)
            else:
                found = self.configuration(posixpath.dirname(directory)) if directory else Configuration()
            self._configurations[directory] = found
        return self._configurations[directory]

    def full(self, source: str, directory: str) -> str:
        """A reference with its alias spelled out, such as `br:registry/path:tag`. It stays the same without a
        defined alias."""
        aliased = _ALIASED.fullmatch(source)
        target = self.configuration(directory).aliases.get(aliased["alias"]) if aliased else None
        return f"br:{target}/{aliased['path']}" if aliased and target else source

    def cached(self, source: str, directory: str) -> str | None:
        """The path that the template of a reference has in the cache; None if no cache can be read."""
        cache = self.configuration(directory).cache
        found = _FULL.fullmatch(self.full(source, directory))
        if cache is None or found is None:
            return None
        registry = found["registry"].replace(":", "$").lower()
        version = _encoded(found["tag"]) if found["tag"] else found["digest"].replace(":", "#")
        return posixpath.join(cache, "br", registry, found["repository"].replace("/", "$"), version, "main.json")

    def _read(self, path: str) -> Configuration:
        from pgflexlint.syntax import jsonc  # noqa: PLC0415 - only where there is a configuration
        from pgflexlint.syntax.arm.values import text  # noqa: PLC0415

        hint = "Its settings for modules are not used."
        try:
            file = self._workspace.read(path)
        except UnreadableError as error:
            return Configuration(problems=(Problem(Kind.UNREADABLE, str(error), path, hint=hint),))
        if file is None:
            return Configuration()
        document = jsonc.read(file, unique_keys=False)
        if not isinstance(document.root, jsonc.Object):
            problem = Problem(Kind.CONFIGURATION, "This file holds no JSON object.", path, Span(file, 0, 0), hint)
            return Configuration(problems=document.problems or (problem,))
        directory = text(document.root.get("cacheRootDirectory"))
        cache = None if directory is None else self._inside(posixpath.dirname(path), directory.replace("\\", "/"))
        return Configuration({**_BUILT_IN, **_aliases(document.root)}, cache)

    def _inside(self, here: str, directory: str) -> str | None:
        """A directory that a configuration names, relative to the workspace's root; None if it is not inside."""
        if posixpath.isabs(directory):
            place = Path(posixpath.normpath(directory))
            inside = self._root is not None and place.is_relative_to(self._root)
            return place.relative_to(self._root).as_posix() if inside and self._root else None
        path = posixpath.normpath(posixpath.join(here or ".", directory))
        return None if path.startswith("..") or directory.startswith("~") else path


def _aliases(root: Object) -> Mapping[str, str]:
    """The aliases of registries."""
    from pgflexlint.syntax import jsonc  # noqa: PLC0415 - only where there is a configuration
    from pgflexlint.syntax.arm.values import text  # noqa: PLC0415

    section = root.get("moduleAliases")
    registries = section.get("br") if isinstance(section, jsonc.Object) else None
    found: dict[str, str] = {}
    for member in registries.members if isinstance(registries, jsonc.Object) else ():
        if isinstance(member.value, jsonc.Object) and (registry := text(member.value.get("registry"))):
            path = text(member.value.get("modulePath"))
            found[member.key] = f"{registry}/{path}" if path else registry
    return found


def _encoded(tag: str) -> str:
    """The directory for a tag: the tag, a `$`, and a hexadecimal number whose bits say which characters are
    capitals."""
    capitals = sum(1 << at for at, character in enumerate(tag) if character.isupper())
    return f"{tag}${capitals:x}" if capitals else f"{tag}$"

"""Finds, without parsing, the files that are Terraform's and the directories that module calls name."""

from __future__ import annotations

import posixpath
from collections.abc import Iterable, Mapping

import msgspec

from pgflexlint.source import UnreadableError, Workspace

SUFFIXES = (".tf", ".tofu", ".tf.json", ".tofu.json")


def source_files(paths: Iterable[str]) -> list[str]:
    """The paths that are read as part of a module. Of `x.tf` and `x.tofu`, that is only the latter."""
    sources = _sources(paths)
    return sorted(sources - passed_over(sources).keys())


def passed_over(paths: Iterable[str]) -> dict[str, str]:
    """The files of Terraform that OpenTofu passes over, each with the file that it reads instead.

    https://opentofu.org/docs/language/files/
    """
    sources = _sources(paths)
    preferred = {f"{stem}.tf{end}": f"{stem}.tofu{end}" for stem, tofu, end in map(_split, sources) if tofu}
    return {path: tofu for path, tofu in preferred.items() if path in sources}


def _sources(paths: Iterable[str]) -> set[str]:
    return {path for path in paths if path.endswith(SUFFIXES) and not posixpath.basename(path).startswith(".")}


def _split(path: str) -> tuple[str, str, str]:
    """A path in three pieces: what stands before `.tofu`, that, and the rest. In other paths the first two are
    empty."""
    return path.rpartition(".tofu") if path.endswith((".tofu", ".tofu.json")) else ("", "", path)


def is_override(path: str) -> bool:
    """Whether a file is merged over the others (https://developer.hashicorp.com/terraform/language/files/override)."""
    stem = posixpath.basename(path).removesuffix(".json").rsplit(".", 1)[0]
    return stem == "override" or stem.endswith("_override")


def is_automatic(path: str) -> bool:
    """Whether Terraform loads a variable file by itself."""
    name = posixpath.basename(path)
    return name in ("terraform.tfvars", "terraform.tfvars.json") or name.endswith((".auto.tfvars", ".auto.tfvars.json"))


def local_directory(workspace: Workspace, directory: str, source: str) -> str | None:
    """The directory, relative to the workspace root, that a local `source` names from `directory`.

    None if the source is not local: Terraform requires `./` or `../`
    (https://developer.hashicorp.com/terraform/language/modules/sources#local-paths). A path out of the workspace begins
    with `..`. Symbolic links are followed.
    """
    if not source.startswith(("./", "../")) and source not in (".", ".."):
        return None
    path = posixpath.normpath(posixpath.join(directory or ".", source))
    return path if path.startswith("..") else workspace.real("" if path == "." else path)


def is_left_to_init(directory: str) -> bool:
    """Whether a directory is in `.terraform`, where `terraform init` puts modules. A local path may name it, too."""
    return ".terraform" in directory.split("/")


def restored(workspace: Workspace, root: str) -> Mapping[str, str]:
    """The directories of modules that `terraform init` has put below a root, by address such as `module.a.module.b`.

    It lists them in `.terraform/modules/modules.json`, by key (`a.b`) and by directory relative to the root.
    """
    try:
        file = workspace.read(posixpath.join(root, ".terraform/modules/modules.json"))
        listed = () if file is None else msgspec.json.decode(file.text, type=_Manifest).modules
    except (UnreadableError, msgspec.MsgspecError, UnicodeError, RecursionError):
        return {}
    found = {each.key: posixpath.normpath(posixpath.join(root or ".", each.directory)) for each in listed}
    return {
        ".".join(f"module.{part}" for part in key.split(".")): workspace.real(directory)
        for key, directory in found.items()
        if key and not directory.startswith("..")
    }


class _Restored(msgspec.Struct):
    """A module in the manifest of `terraform init`."""

    key: str = msgspec.field(name="Key")
    directory: str = msgspec.field(name="Dir")


class _Manifest(msgspec.Struct):
    """The manifest: `.terraform/modules/modules.json`."""

    modules: list[_Restored] = msgspec.field(name="Modules")

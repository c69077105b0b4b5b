"""Finds out which Terraform modules can matter, by searching their texts: far cheaper than parsing."""

from __future__ import annotations

import posixpath
import re
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Collection
from fnmatch import fnmatchcase
from functools import cached_property
from sys import maxunicode

from pgflexlint.evaluate.graph import reach, reversed_
from pgflexlint.evaluate.terraform.sources import (
    is_automatic,
    local_directory,
    passed_over,
    restored,
    source_files,
)
from pgflexlint.lazily import compiled
from pgflexlint.problem import Kind, Problem, unreadable
from pgflexlint.source import SourceFile, Tree, UnreadableError, beside, speaks, spelled_out

_LOCAL_SOURCE = compiled(r"""source"?\s*[=:]\s*"(\.{1,2}(?:/[^"]*)?)\"""")
_BLOCK = compiled(r'^[ \t]*(\w+)[ \t]+["\w][^\n{=]*\{', re.MULTILINE)
"""The first line of a block that has labels."""
_LOCAL = compiled(r'"\.(?<!\\"\.)(?=(\.?(?:/(?:[^"\\\n]++|\\.)*+)?)")')
"""Matches a text that may be the local source of a module call, after its first dot. It counts wherever it stands,
because comments and parentheses may stand before it."""
_ESCAPED = compiled(r"\\(.)|([$%])\2(?=\{)")
"""An escape in such a text."""
_TEMPLATE = compiled(r'(?<=["/\\])([^"/\\\n]+\.jsonc?)"')
"""The last part of a path that may lead to an ARM template."""
_HOLE = compiled(r"\$\{[^{}]*\}")
"""An interpolation in it."""
_READING = compiled(r"\b(?:template)?file\w*\s*[(/#]")
"""A call of a function that reads or lists files. A comment may stand before its parenthesis."""
_READ = compiled(r'\b(?:template)?file(?!set|exists)\w*\s*\(\s*"(?:\$\{\s*path\.\w+\s*\}/|/)?([^"\\$%\n]+)"\s*[,)]')
"""A call of a function that reads a file, with a plain path after `path.module` or the like."""
_END = compiled(r'(\.\w{1,16})"')
"""A suffix that a text may end with."""
_BEGUN = compiled(r'"(?:\$\{\s*path\.\w+\s*\}/|/)?((?:[^"\\$%*:<>|?\s\0/]{1,255}/)+)')
"""Directories that such a path may begin with, if the rest is an expression. Any text may look like that, so that only
plain names count. Directories below the module are searched anyway."""
_DECLARED = compiled(r"""resource(?=\s*(?:"?([\w-]+)|/\*))""")
_QUOTED = compiled(r'"([\w-]+)"')
"""What may be the type of a resource, in HCL and in JSON. In HCL a comment may stand before it."""
_WORD = compiled(r"[\w-]+")
_DECLARING = compiled(r"\b(?:resource|module|variable|locals|output)\b")
"""Blocks on which findings may depend. Settings of `terraform` and of providers do not count: they often differ in
OpenTofu."""


class TerraformSurvey:
    """The Terraform of a tree: which modules may call which, and which of them mention what matters."""

    def __init__(
        self,
        tree: Tree,
        directories: Collection[str],
        matters: Callable[[str], bool],
        watch: Callable[[int], None] = lambda done: None,
        *,
        data: tuple[str, ...] = (),
    ) -> None:
        """`matters` tells from a text, with its escapes decoded, whether it may declare anything that matters. `watch`
        is told how many directories are done. `data` are the suffixes of files that functions read.
        """
        self.tree = tree
        self.callees: dict[str, set[str]] = {}
        """By directory, the directories of the modules that it may call."""
        self.relevant: set[str] = set()
        """Directories with a file that matters, or that call a module which does not exist: that could declare
        anything."""
        self._unreadable: list[Problem] = []
        self._passed_over: list[tuple[str, str, str]] = []
        """Directory, a Terraform file in it that declares something, and the file that OpenTofu reads instead."""
        self.sizes: dict[str, int] = {}
        """By directory, the number of characters in its files."""
        self.templates: set[str] = set()
        """Patterns for names of files that may be ARM templates which Terraform deploys."""
        self.readers: set[str] = set()
        """Directories whose files call functions that read files."""
        self.backends: set[str] = set()
        """Directories with a file that may have a `backend` or `cloud` block."""
        self.targets = frozenset(directories)
        self._sorted = sorted(directories)
        self._data = data
        self._told: dict[str, bool] = {}
        self._told_in: dict[tuple[str, frozenset[str]], bool] = {}
        self._told_below: dict[tuple[str, frozenset[str]], bool] = {}
        """Whether a data file matters, whether one in a directory does, and whether one below a directory does. The
        latter two are for files with some more suffixes."""
        self._restored: list[tuple[str, str]] = []
        """Directories of callers, and of the modules that `terraform init` has installed for them."""
        for done, directory in enumerate(directories):
            watch(done)
            self._look_into(directory, matters)
        todo: set[str] = set().union(*self.callees.values())
        while todo:  # modules that are called count, wherever they are
            directory = todo.pop()
            if directory not in self.callees and not directory.startswith(".."):
                self._look_into(directory, matters)
                todo |= self.callees[directory]
        for caller, callee in self._restored:  # all were surveyed by now, as modules of their root
            if caller != callee:
                self.callees.setdefault(caller, set()).add(callee)
        self.callers = reversed_(self.callees)
        self.relevant |= {each for each in self.callees if self._leads_nowhere(each)}

    def _look_into(self, directory: str, matters: Callable[[str], bool]) -> None:
        if directory in self.callees:
            return
        callees = self.callees.setdefault(directory, set())
        paths = source_files(self.tree.files(directory))
        if not paths:
            return
        modules = restored(self.tree, directory)
        callees |= set(modules.values()) - {directory}
        self._restored += (
            (modules[caller], callee)
            for address, callee in modules.items()
            if (caller := address.rpartition(".module.")[0]) in modules
        )
        if any(is_automatic(path) and speaks(self.tree, path, matters) for path in self.tree.files(directory)):
            self.relevant.add(directory)
        others = passed_over(self.tree.files(directory))
        for path in (*paths, *others):
            try:
                file = self.tree.glance(path)
            except UnreadableError as error:
                self._unreadable.append(unreadable(error, path))
                continue
            if file is None:
                continue
            self.sizes[directory] = self.sizes.get(directory, 0) + len(file.text)
            text = spelled_out(file.text)
            if matters(text):
                self.relevant.add(directory)
            declares = path in others and (matters(text) or _DECLARING.search(text))
            if declares and self._differs(file, others[path]):
                self._passed_over.append((directory, path, others[path]))
            if "terraform" in text and ("backend" in text or "cloud" in text):
                self.backends.add(directory)
            if "file" in file.text and _READING.search(file.text):
                self.readers.add(directory)
                if self._reads_of(directory, file.text, matters):
                    self.relevant.add(directory)
            for name in _TEMPLATE.findall(file.text) if ".json" in file.text else ():
                self.templates.add(_HOLE.sub("*", name))
            for source in set(_LOCAL.findall(text)):
                callee = local_directory(self.tree, directory, "." + _ESCAPED.sub(r"\1\2", source))
                if callee is not None and callee != directory:
                    callees.add(callee)

    def _differs(self, file: SourceFile, other: str) -> bool:
        """Whether another file has another text."""
        try:
            found = self.tree.glance(other)
        except UnreadableError:
            return True  # as was said
        return found is None or found.text != file.text

    @property
    def problems(self) -> list[Problem]:
        """Problems for files that cannot be read, and for files that Terraform reads and OpenTofu ignores."""
        near = reach(self.closure, self.callees) if self._passed_over else ()
        return [
            *self._unreadable,
            *(_in_place(path, tofu) for each, path, tofu in self._passed_over if each in near),
        ]

    def _reads_of(self, directory: str, text: str, matters: Callable[[str], bool]) -> bool:
        """Whether a function in a module may read a file that matters.

        If its path is an expression, that may be any data file below the module or below a directory in the path.
        """
        for name in dict.fromkeys(_READ.findall(text)):
            if self._speaks(beside(self.tree, directory, name), matters):
                return True
        if not _READING.search(_READ.sub("", text)):
            return False
        below = {beside(self.tree, directory, name.rstrip("/")) for name in _BEGUN.findall(text)}
        ends = frozenset(map(str.lower, _END.findall(text))).difference(self._data)
        return any(self._speaks_below(each, ends, matters) for each in (directory, *sorted(below)))

    def _speaks(self, path: str, matters: Callable[[str], bool]) -> bool:
        if path not in self._told:
            self._told[path] = speaks(self.tree, path, matters)
        return self._told[path]

    def _speaks_below(self, directory: str, ends: frozenset[str], matters: Callable[[str], bool]) -> bool:
        key = directory, ends
        if key not in self._told_below:
            bounds = (f"{directory}/", f"{directory}0") if directory else ("", chr(maxunicode))  # 0 follows the slash
            first, last = (bisect_left(self._sorted, bound) for bound in bounds)
            inside = self._sorted[first:last]
            self._told_below[key] = any(self._speaks_in(each, ends, matters) for each in (directory, *inside))
        return self._told_below[key]

    def _speaks_in(self, directory: str, ends: frozenset[str], matters: Callable[[str], bool]) -> bool:
        key = directory, ends
        if key not in self._told_in:
            names = (*self._data, *ends)
            data = (path for path in self.tree.files(directory) if path.lower().endswith(names))
            self._told_in[key] = any(self._speaks(path, matters) for path in data)
        return self._told_in[key]

    def _leads_nowhere(self, directory: str) -> bool:
        """Whether a directory calls a module that does not exist."""
        gone = {each for each in self.callees[directory] if each not in self.sizes and self.is_empty(each)}
        for path in source_files(self.tree.files(directory)) if gone else ():
            try:
                file = self.tree.glance(path)
            except UnreadableError:
                continue  # as was said
            for source in _module_sources(file.text) if file is not None else ():
                if local_directory(self.tree, directory, source) in gone:
                    return True
        return False

    @cached_property
    def closure(self) -> set[str]:
        """The relevant directories, and all that call them directly or indirectly."""
        return reach(self.relevant, self.callers)

    @property
    def size(self) -> int:
        """About how many characters have to be parsed."""
        return sum(self.sizes.get(each, 0) for each in self.closure)

    def may_deploy(self, path: str) -> bool:
        """Whether Terraform may deploy the template at a path. Its name decides."""
        name = posixpath.basename(path)
        return name in self.templates or any(fnmatchcase(name, pattern) for pattern in self._wide)

    @cached_property
    def _wide(self) -> list[str]:
        """The patterns with a wildcard."""
        return [pattern for pattern in self.templates if "*" in pattern]

    def declaring(self, wanted: Callable[[str], bool]) -> set[str]:
        """The directories that may declare resources of wanted types, themselves or in modules that they call.

        Directories count that relevant ones may call: a server's private endpoint may be declared by a module that does
        not mention PostgreSQL.
        """
        near = reach(self.closure, self.callees)
        return reach(self.relevant | {each for each in near if any(map(wanted, self._types(each)))}, self.callers)

    def _types(self, directory: str) -> set[str]:
        types: set[str] = set()
        for path in source_files(self.tree.files(directory)):
            try:
                file = self.tree.glance(path)
            except UnreadableError:
                continue  # as was said
            if file is not None:
                text = spelled_out(file.text)
                found = (_QUOTED if path.endswith(".json") else _DECLARED).findall(text)
                types.update(found if "" not in found else _WORD.findall(text))
        return types

    def is_root(self, directory: str) -> bool:
        """Whether a directory is a root module: nobody calls it, or it has automatic variable files."""
        return not self.callers.get(directory) or any(map(is_automatic, self.tree.files(directory)))

    def is_empty(self, directory: str) -> bool:
        """Whether a directory has no Terraform, or was not surveyed."""
        return directory not in self.callees or not source_files(self.tree.files(directory))

    def around(self, directories: Collection[str]) -> set[str]:
        """The directories, all that call them, and all that any of these call."""
        return reach(reach(directories, self.callers), self.callees)

    def near(self, seeds: Collection[str]) -> set[str]:
        """The directories of `seeds`, which are files; all that call them; and all that any of these call."""
        return self.around({posixpath.dirname(seed) for seed in seeds})

    @cached_property
    def reading(self) -> set[str]:
        """The directories in `readers`, all that call them, and all that any of these call."""
        return self.around(self.readers)


def _in_place(path: str, tofu: str) -> Problem:
    """The problem that only one of two files is read, although either may be deployed."""
    message = f"OpenTofu reads '{posixpath.basename(tofu)}' in place of this file, and Terraform reads this one."
    return Problem(Kind.CONFIGURATION, message, path, hint="Exclude the one that is not deployed.")


def _module_sources(text: str) -> set[str]:
    """The local sources of module calls in a text. Other blocks may have a `source` as well."""
    blocks = [(block.end(), block[1]) for block in _BLOCK.finditer(text)]
    sources: set[str] = set()
    for source in _LOCAL_SOURCE.finditer(text):
        before = bisect_right(blocks, source.start(), key=lambda block: block[0])
        if before == 0 or blocks[before - 1][1] == "module":
            sources.add(source[1])
    return sources

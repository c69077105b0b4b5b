"""Finds out which Bicep and ARM files can matter, by searching their texts: far cheaper than parsing."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Callable, Collection, Iterator
from functools import cached_property
from pathlib import Path

from pgflexlint.evaluate.graph import reach, reversed_
from pgflexlint.evaluate.template.parameter_matching import TemplateIndex, upwards
from pgflexlint.evaluate.template.registry import Registry
from pgflexlint.lazily import compiled
from pgflexlint.problem import Problem, unreadable
from pgflexlint.source import Tree, UnreadableError, beside, speaks, spelled_out

SUFFIXES = (".bicep", ".bicepparam", ".json", ".jsonc")
_JSON = (".json", ".jsonc")
_TEMPLATES = (".bicep", *_JSON, ".arm", ".template")
"""Suffixes of files that can be called."""
_TERRAFORM_JSON = (".tf.json", ".tofu.json", ".tfvars.json")

_END = compiled(r"""\.(?:bicep(?:param)?|jsonc?|arm|template|ya?ml|csv)(['"])""")
"""The end of a text that may be the path of a module, an import, data, or the template of a parameter file."""
_LOADED = compiled(r"\bload(?:(?:Text|Json|Yaml)Content|FileAsBase64)\s*(?:\(\s*'([^'\\$\n]+)'\s*[,)]|[(/])")
_LINKED = compiled(r""""relativePath"(?:\s*:\s*"([^"\\[][^"\\]*)")?""", re.IGNORECASE)
"""A file that is read by its path, in Bicep and in JSON; "" if the path is an expression."""
_ESCAPED = compiled(r"\\(.)")
_CALLED = compiled(r"""\b(?:module\s+\w+\s+|relativePath\s*:\s*)'([^':\n$]+)'""")
"""In Bicep, what may be a call of a template file."""
_USING = compiled(r"^[ \t]*using[ \t]+(?:none\b|'([^'\n]*)')", re.MULTILINE)
_REGISTERED = compiled(r"'(br[:/][^'\s$]+)'")
_NAMING, _PARAMETERS = '"template"', '"parameters"'
_PARAMETERS_WORD, _TEMPLATE_WORD = "eploymentParameters.json", "eploymentTemplate.json"
"""Words in the `$schema` of every parameter file and of every template, without the first letter."""
_PARAMETERS_NAME = compiled(r"(?:^|[/._-])param(?:eter)?s?(?:[._-][^/]*)?\.jsonc?$", re.IGNORECASE)
"""Names of parameter files, some of which leave out the `$schema`."""
_PROJECT_FILES = ("azure.yaml", "azure.yml")
"""The files that describe a project of the Azure Developer CLI."""
_DECLARING = compiled(r"^[ \t]*(?:@[^\n]*\)[ \t]*)?(?:param|resource|module)[ \t]", re.MULTILINE)
"""What is in every Bicep file that can be deployed, and not only imported."""
_ARM_WORD = "schema.management.azure.com"
"""A part of the `$schema` of every template and parameter file."""
_ARM_BYTES = compiled(rb"\0{0,3}".join(re.escape(letter.encode()) for letter in _ARM_WORD), re.IGNORECASE)
"""The same in bytes of UTF-8, UTF-16 or UTF-32."""


class TemplateSurvey:
    """The Bicep and ARM files of a tree: which may use which, and which of them mention what matters."""

    def __init__(
        self,
        tree: Tree,
        directories: Collection[str],
        matters: Callable[[str], bool],
        root: Path | None = None,
        watch: Callable[[int], None] = lambda done: None,
        *,
        parameters: Collection[str] = (),
    ) -> None:
        """`matters` tells from a text, with its escapes decoded, whether it may declare anything that matters. `root`
        is where the tree is on disk. `watch` is told how many directories are done. `parameters` are the parameter
        files of the command line, wherever they are.
        """
        self.tree = tree
        self.registry = Registry(tree, root)
        self.problems: list[Problem] = []
        """Files that cannot be read."""
        self.sources: set[str] = set()
        """Bicep files, and JSON files that may be templates or hold parameters for them."""
        self.uses: dict[str, set[str]] = {}
        """By file, the files that it may use."""
        self.relevant: set[str] = set()
        """Files that matter, or that call a template which does not exist: that could declare anything."""
        self.json_parameters: set[str] = set()
        """The JSON files that hold parameters."""
        self.outside: set[str] = set()
        """Sources outside the directories, such as modules of registries. They count only if they are used."""
        self.not_templates: set[str] = set()
        """The JSON files that are no templates."""
        self.libraries: set[str] = set()
        """The Bicep files that can only be imported."""
        self.sizes: dict[str, int] = {}
        """By file, the number of characters in it."""
        caches = {cache for each in directories if (cache := self.registry.configuration(each).cache) is not None}
        found: set[str] = set()
        for done, directory in enumerate(directories):
            watch(done)
            if any(f"{directory}/".startswith(f"{cache}/") for cache in caches):
                continue
            for path in tree.files(directory):
                if path.endswith(SUFFIXES):
                    found.add(path)
                    self._look_into(path, matters)
        for path in dict.fromkeys(parameters):
            if path.endswith(SUFFIXES) and path not in found:
                found.add(path)
                self._look_into(path, matters)
        todo: set[str] = set().union(*self.uses.values())
        while todo:  # files that are used count, wherever they are
            path = todo.pop()
            if path.endswith(SUFFIXES) and path not in found and not path.startswith(".."):
                found.add(path)
                self._look_into(path, matters, outside=True)
                todo |= self.uses.get(path, set())
        self.users = reversed_(self.uses)
        self.relevant |= {path for path in sorted(self.sources) if self._leads_nowhere(path)}

    def _look_into(self, path: str, matters: Callable[[str], bool], *, outside: bool = False) -> None:
        try:
            file = self.tree.glance(path)
        except UnreadableError as error:
            if path.endswith(_JSON) and error.content is not None and not _ARM_BYTES.search(error.content):
                self.not_templates.add(path)
            elif outside:  # its users report it
                self.outside.add(path)
                self.sources.add(path)
                self.relevant.add(path)
            elif not path.endswith(_TERRAFORM_JSON):
                self.problems.append(unreadable(error, path))
            return
        if file is None:
            return
        text = spelled_out(file.text)
        if path.endswith(_JSON):
            declared = _ARM_WORD in text or _ARM_WORD in text.lower()
            if _says_parameters(text) if declared else _PARAMETERS_NAME.search(path) and _PARAMETERS in text:
                if outside:  # nobody deploys anything with it
                    self.not_templates.add(path)
                    return
                self.json_parameters.add(path)
            elif not declared:
                if not path.endswith(_TERRAFORM_JSON):
                    self.not_templates.add(path)
                return
        if outside:
            self.outside.add(path)
        self.sources.add(path)
        self.sizes[path] = len(text)
        if path.endswith(".bicep") and not _DECLARING.search(text):
            self.libraries.add(path)
        if matters(text):
            self.relevant.add(path)
        here = posixpath.dirname(path)
        pattern = _LINKED if path.endswith(_JSON) else _LOADED
        read = set(pattern.findall(text) if "load" in text or pattern is _LINKED else ())
        names = read.union(_paths(text))
        uses = {name: beside(self.tree, here, name) for name in names if name}
        others = (used for name, used in uses.items() if name in read or not name.endswith(SUFFIXES))
        if "" in names or any(speaks(self.tree, used, matters) for used in others):
            self.relevant.add(path)
        edges = set(uses.values())
        if path in self.json_parameters and _NAMING in text:  # it may name its template from the root, too
            edges |= {beside(self.tree, "", name) for name in names if name}
        for source in () if path.endswith(_JSON) else _REGISTERED.findall(text):
            if matters(self.registry.full(source, here)):
                self.relevant.add(path)
            cached = self.registry.cached(source, here)
            if cached is not None:
                edges.add(cached)
        if edges:
            self.uses.setdefault(path, set()).update(edges)

    def _leads_nowhere(self, path: str) -> bool:
        """Whether a file calls a template that does not exist, or is a Bicep parameter file without a template."""
        gone = self.uses.get(path, set()) - self.sources - self.not_templates
        if not path.endswith(".bicepparam") and not any(each.endswith(_TEMPLATES) for each in gone):
            return False
        file = self.tree.glance(path)
        text = "" if file is None else spelled_out(file.text)
        if path.endswith(".bicepparam"):
            named = _USING.findall(text)
            if not named and not any(user.endswith(".bicepparam") for user in self.users.get(path, ())):
                return True
        else:
            named = (_LINKED if path.endswith(_JSON) else _CALLED).findall(text)
        here = posixpath.dirname(path)
        called = {beside(self.tree, here, each) for each in named if each and ":" not in each and each[0] != "["}
        return not all(self.is_there(each) for each in called - self.sources)

    def is_there(self, path: str) -> bool:
        """Whether there is a file at a path."""
        try:
            return self.tree.read(path) is not None
        except UnreadableError:
            return True  # it is reported elsewhere that it cannot be read

    @cached_property
    def closure(self) -> set[str]:
        """The relevant files, the templates of parameter files among them, and all files that use any of these."""
        found = reach(self.relevant, self.users)
        naming = {path for path in found if path.endswith(".bicepparam")}
        return reach(
            found | self.templates_for(naming | (self.relevant & self.json_parameters), self.sources), self.users
        )

    @property
    def size(self) -> int:
        """About how many characters have to be parsed."""
        return sum(self.sizes.get(each, 0) for each in reach(self.closure, self.uses))

    def around(self, paths: Collection[str]) -> set[str]:
        """The files at `paths`, all files that use them, and all files that any of these use."""
        return reach(reach(paths, self.users), self.uses)

    def parameter_files_naming(self, path: str) -> set[str]:
        """The parameter files that may name this template as theirs."""
        return self.parameter_files.intersection(self.users.get(path, ())) - self.outside

    def templates_for(self, files: Collection[str], templates: Collection[str]) -> set[str]:
        """Those of `templates` that one of the parameter files `files` may be for."""
        return {each for path in files for each in self._may_be_for(path, templates)}

    def parameter_files_for(self, templates: Collection[str]) -> list[str]:
        """The parameter files that may be for one of `templates`, sorted."""
        return sorted(path for path in self.parameter_files - self.outside if any(self._may_be_for(path, templates)))

    def _may_be_for(self, path: str, templates: Collection[str]) -> Iterator[str]:
        yield from (each for each in self.uses.get(path, ()) if each in templates)
        if path in self.json_parameters:
            yield from self.index.may_be_for(path, templates)

    @cached_property
    def parameter_files(self) -> set[str]:
        """The files that may be parameter files."""
        return self.json_parameters | {path for path in self.sources if path.endswith(".bicepparam")}

    @cached_property
    def index(self) -> TemplateIndex:
        """The templates that JSON parameter files may be for."""
        templates = self.sources - self.parameter_files - self.outside - self.libraries
        return TemplateIndex(self.tree, templates)

    def is_of_azd(self, path: str, template: str) -> bool:
        """Whether a JSON parameter file is the one that the Azure Developer CLI takes for a template.

        The CLI ignores values in it for parameters that the template does not have.

        https://github.com/Azure/azure-dev/blob/main/cli/azd/pkg/infra/provisioning/bicep/bicep_provider.go
        """
        if path != f"{posixpath.splitext(template)[0]}.parameters.json":
            return False
        return any(self.is_there(posixpath.join(each, name)) for each in upwards(path) for name in _PROJECT_FILES)


def _says_parameters(text: str) -> bool:
    """Whether JSON with a `$schema` of ARM is a parameter file. Its own `$schema` is the first one in it."""
    template = text.find(_TEMPLATE_WORD)
    if template >= 0:
        return text.find(_PARAMETERS_WORD, 0, template) >= 0
    return _PARAMETERS_WORD.lower() in text.lower()


def _paths(text: str) -> Iterator[str]:
    """The quoted texts on one line that may be paths, because of their suffix."""
    for end in _END.finditer(text):
        start = text.rfind(end[1], 0, end.start())
        while start > 0 and text[start - 1] == "\\":
            start = text.rfind(end[1], 0, start - 1)
        name = text[start + 1 : end.end() - 1]
        if "\n" not in name:
            yield _ESCAPED.sub(r"\1", name)

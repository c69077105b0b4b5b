"""What the modules of one root share while they are evaluated, and how each of them is reached."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from msgspec import Struct, field

from pgflexlint.evaluate.bounds import Budget
from pgflexlint.evaluate.interpreter import Scope
from pgflexlint.evaluate.terraform.language import Terraform
from pgflexlint.evaluate.terraform.module import Modules, call_source
from pgflexlint.evaluate.terraform.sources import is_left_to_init, local_directory
from pgflexlint.lazily import compiled
from pgflexlint.problem import Problems
from pgflexlint.resource import CALLED, UPDATE, Gap
from pgflexlint.source import Span
from pgflexlint.syntax.expressions import Literal
from pgflexlint.syntax.hcl.document import Block
from pgflexlint.values import Unknown

_KEYS = compiled(r"\[[^\]]*\]")


class Session(Struct):
    """What all modules under one root share."""

    modules: Modules
    root: str
    wanted: Callable[[str], bool]
    language: Terraform
    problems: Problems
    budget: Budget
    evaluated: set[str]
    """The directories of the modules that are deployed."""
    irrelevant: Callable[[str], bool] = lambda directory: False
    """Whether it is certain that nothing that is wanted is declared in a directory or in what it calls."""
    leads_on: Callable[[str], bool] = lambda directory: True
    """Whether a directory may call one that has to be looked at."""
    restored: Mapping[str, str] = field(default_factory=dict)
    """Directories of the modules that `terraform init` has put on disk, by address without keys."""
    dismissed: set[str] = field(default_factory=set)
    """Those that some caller deploys zero times."""
    gaps: list[Gap] = field(default_factory=list)
    crowded: set[int] = field(default_factory=set)
    """The identities of the blocks that have more instances than there is room for."""
    named: frozenset[str] = frozenset()
    """The files of which it matters what they decide."""
    decided_in: dict[str, frozenset[str]] = field(default_factory=dict)
    """As in `Deployment`."""

    def directory(self, caller: str, address: str, block: Block) -> str | None:
        """Where the module is that is called in a directory: at its local path, or where `terraform init` put it.

        None where it has yet to. `address` is that of the call.
        """
        local = local_directory(self.modules.workspace, caller, call_source(block) or "")
        if local is not None and is_left_to_init(local) and not self.modules.exists(local):
            return None
        return self.restored.get(_KEYS.sub("", address)) if local is None else local

    def types(self, caller: str, address: str, block: Block) -> set[str]:
        """The types of the resources that a module may declare, with what it calls; as in `Deployment.decided_in`."""
        types: set[str] = set()
        seen: set[str] = set()
        todo = [(caller, address, block)]
        while todo:
            caller, address, block = todo.pop()
            source, directory = call_source(block), self.directory(caller, address, block)
            if directory is None:
                types.add("" if source is None else f"{CALLED}{source}")
                continue
            if directory in seen or self.irrelevant(directory):
                continue
            seen.add(directory)
            module = None if directory.startswith("..") else self.modules.get(directory)
            if module is None or module.problems:
                types.add("")
                continue
            types.update(type_of(each) for each in (*module.resources.values(), *module.ephemerals.values()))
            todo += ((directory, f"{address}.module.{name}", each) for name, each in module.calls.items())
        return types

    def constants(self) -> Scope:
        """A scope for what must be constant, such as the default of a variable."""
        return self.language.constants(self.budget)

    def nameless(self) -> Scope:
        """A scope without names, where those of other things may stand: what they give is unknown."""
        return Scope(self.language, {}, budget=self.budget)


class ModulePath(Struct, frozen=True):
    """How a module instance is reached from the root."""

    prefix: str = ""
    """What its addresses begin with, such as `module.db["a"].`."""
    calls: tuple[Span, ...] = ()
    """The headers of the calls, outermost first."""
    ancestors: tuple[str, ...] = ()
    """The directories of the modules on the way."""
    maybe: Unknown | None = None
    """Why it is not certain that it is called."""
    decided_in: frozenset[str] = frozenset()
    """The files on the ways of what decided that it is called."""
    configurations: Mapping[str, str] = field(default_factory=dict)
    """The addresses of the provider configurations that it is given, by their names in it, such as
    `postgresql.admin`."""


_SERVICE = "microsoft.dbforpostgresql/"


def type_of(block: Block) -> str:
    """The type of a resource; that in ARM where one of the azapi provider says it plainly and updates no server."""
    type_, written = block.labels[0], block.body.arguments.get("type")
    if type_.startswith("azapi_") and written is not None and isinstance(written.value, Literal):
        of_azure = str(written.value.value).partition("@")[0].lower()
        return UPDATE if type_ == UPDATE and of_azure.startswith(_SERVICE) else of_azure
    return type_

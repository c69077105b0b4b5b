"""What the modules under one root module share while they are evaluated."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from msgspec import field

from pgflexlint.evaluate.interpreter import Scope
from pgflexlint.evaluate.session import RootSession
from pgflexlint.evaluate.terraform.language import Terraform
from pgflexlint.evaluate.terraform.module import Modules, call_source
from pgflexlint.evaluate.terraform.sources import is_left_to_init, local_directory
from pgflexlint.lazily import compiled
from pgflexlint.resource import CALLED, FLEXIBLE_SERVER, UPDATE
from pgflexlint.syntax.expressions import Literal
from pgflexlint.syntax.hcl.document import Block

_KEYS = compiled(r"\[[^\]]*\]")


class Session(RootSession, kw_only=True):
    """What all modules under one root module share."""

    modules: Modules
    root: str
    wanted: Callable[[str], bool]
    """Whether resources of a type are looked at."""
    language: Terraform
    irrelevant: Callable[[str], bool] = lambda directory: False
    """Whether it is certain that nothing that is wanted is declared in a directory or in what it calls."""
    restored: Mapping[str, str] = field(default_factory=dict)
    """Directories of the modules that `terraform init` has put on disk, by address without keys."""

    def directory(self, caller: str, address: str, block: Block) -> str | None:
        """The directory of a module that is called: its local path, or the place where `terraform init` put it.

        None if `terraform init` did not run. `caller` is the directory of the caller, `address` that of the call.
        """
        local = local_directory(self.modules.workspace, caller, call_source(block) or "")
        if local is not None and is_left_to_init(local) and not self.modules.exists(local):
            return None
        return self.restored.get(_KEYS.sub("", address)) if local is None else local

    def may_declare(self, caller: str, address: str, block: Block) -> set[str]:
        """The types of the resources that a called module and all below it may declare; see `Deployment.decided_in`."""
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

    def note_zero_times(self, directory: str) -> None:
        """Note that a module is deployed zero times, with all that it would call: it is not judged on its own."""
        if directory in self.deployed_zero_times or not self.modules.exists(directory):
            return
        self.deployed_zero_times.add(directory)
        module = self.modules.get(directory) if self.leads_on(directory) else None
        for block in module.calls.values() if module else ():
            callee = local_directory(self.modules.workspace, directory, call_source(block) or "")
            if callee is not None:
                self.note_zero_times(callee)

    def constants(self) -> Scope:
        """A scope for what must be constant, such as the default of a variable."""
        return self.language.constants(self.budget)

    def nameless(self) -> Scope:
        """A scope without names. A name in it is no problem: its value is unknown."""
        return Scope(self.language, {}, budget=self.budget)


def type_of(block: Block) -> str:
    """The type of a resource.

    Resources of the azapi provider write ARM's type as a text: that one counts, except for updates of a server.
    """
    type_, written = block.labels[0], block.body.arguments.get("type")
    if type_.startswith("azapi_") and written is not None and isinstance(written.value, Literal):
        of_azure = str(written.value.value).partition("@")[0].lower()
        return UPDATE if type_ == UPDATE and of_azure == FLEXIBLE_SERVER else of_azure
    return type_

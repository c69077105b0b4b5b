"""A Terraform module as its files declare it. Nothing in it is evaluated yet."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator, Mapping

from msgspec import Struct, field
from msgspec.structs import replace

from pgflexlint.evaluate.terraform.sources import is_override, source_files
from pgflexlint.lazily import compiled
from pgflexlint.problem import Kind, Problem, quoted, suggestion, unreadable
from pgflexlint.resource import LOCKED_PROVIDERS, Language, Resource
from pgflexlint.source import SourceFile, Span, UnreadableError, Workspace
from pgflexlint.syntax.expressions import Literal
from pgflexlint.syntax.hcl.document import BLOCKS, Argument, Block, Body, Document
from pgflexlint.syntax.hcl.files import read
from pgflexlint.values import Known


class Module(Struct):
    """The blocks of a directory, by kind and name, after override files were merged in."""

    directory: str
    variables: dict[str, Block] = field(default_factory=dict)
    locals: dict[str, Argument] = field(default_factory=dict)
    outputs: dict[str, Block] = field(default_factory=dict)
    resources: dict[tuple[str, str], Block] = field(default_factory=dict)
    data: dict[tuple[str, str], Block] = field(default_factory=dict)
    ephemerals: dict[tuple[str, str], Block] = field(default_factory=dict)
    """The `ephemeral` blocks."""
    calls: dict[str, Block] = field(default_factory=dict)
    providers: list[Block] = field(default_factory=list)
    """The `provider` blocks."""
    requirements: list[Block] = field(default_factory=list)
    """The `required_providers` blocks."""
    backend: bool = False
    """It says where its state is kept, with a `backend` or `cloud` block: Terraform heeds these in a root module only.

    https://developer.hashicorp.com/terraform/language/backend
    """
    problems: list[Problem] = field(default_factory=list)
    documents: list[Document] = field(default_factory=list)

    @property
    def configured(self) -> bool:
        """Whether it configures a provider or a backend, as only a root module does."""
        return self.backend or bool(self.providers)

    @property
    def types(self) -> set[str]:
        """The types of the resources that it declares."""
        return {type_ for type_, _ in self.resources}

    @property
    def place(self) -> Span:
        """The start of its first file."""
        file = self.documents[0].file if self.documents else SourceFile(self.directory, "")
        return Span(file, 0, 0)


class Modules:
    """The modules of a workspace, each read once."""

    def __init__(self, workspace: Workspace) -> None:
        self.workspace = workspace
        self._modules: dict[str, Module | None] = {}

    def __iter__(self) -> Iterator[Module]:
        return (module for module in self._modules.values() if module is not None)

    def exists(self, directory: str) -> bool:
        """Whether there is a module in a directory. It need not be read for that."""
        return bool(source_files(self.workspace.files(directory)))

    def __getitem__(self, directory: str) -> Module:
        """The module in a directory that has one."""
        module = self.get(directory)
        if module is None:
            raise KeyError(directory)
        return module

    def get(self, directory: str) -> Module | None:
        """The module in a directory; None if there is none."""
        if directory not in self._modules:
            self._modules[directory] = self._load(directory)
        return self._modules[directory]

    def _load(self, directory: str) -> Module | None:
        paths = source_files(self.workspace.files(directory))
        if not paths:
            return None
        module = Module(directory)
        for path in sorted(paths, key=lambda path: (is_override(path), path)):
            try:
                file = self.workspace.read(path)
            except UnreadableError as error:
                module.problems.append(unreadable(error, path))
                continue
            if file is not None:
                document = read(file)
                module.documents.append(document)
                module.problems += document.problems
                _add(module, document, override=is_override(path))
        return module


def _add(module: Module, document: Document, *, override: bool) -> None:
    for block in document.body.blocks:
        labels = block.labels
        match block.type, len(labels):
            case "variable", 1:
                _declare(module, module.variables, labels[0], block, override=override)
            case "output", 1:
                _declare(module, module.outputs, labels[0], block, override=override)
            case "module", 1:
                if "source" not in block.body.arguments and not override:
                    message = f"Module '{labels[0]}' has no 'source'."
                    module.problems.append(_refused(message, block.header, "Add a 'source'.", labels[0], "source"))
                _declare(module, module.calls, labels[0], block, override=override)
            case "resource", 2:
                _declare(module, module.resources, (labels[0], labels[1]), block, override=override)
            case "data", 2:
                _declare(module, module.data, (labels[0], labels[1]), block, override=override)
            case "ephemeral", 2:
                _declare(module, module.ephemerals, (labels[0], labels[1]), block, override=override)
            case "locals", 0:
                _declare_locals(module, block, override=override)
            case "provider", 1:
                module.providers.append(block)
            case "terraform", 0:
                module.requirements += (inner for inner in block.body.blocks if inner.type == "required_providers")
                module.backend |= any(inner.type in ("backend", "cloud") for inner in block.body.blocks)
            case type_, number if BLOCKS.get(type_) != number:
                module.problems.append(_no_block(block))
    for name, argument in document.body.arguments.items():
        hint = "Put it into a 'locals' block, or into a variable file."
        message = f"Argument '{name}' is outside of any block."
        module.problems.append(_refused(message, argument.name_span, hint, name))


def _no_block(block: Block) -> Problem:
    """The problem of a block whose type or number of labels Terraform refuses."""
    wanted = BLOCKS.get(block.type)
    if wanted is None:
        message = f"There is no block '{block.type}'{suggestion(block.type, BLOCKS)}"
        return _refused(message, block.header, "Correct its type: Terraform refuses it.", block.type, *BLOCKS)
    labels = ("no label", "one label, its name", "two labels, its type and its name")[wanted]
    message = f"Block '{block.type}' takes {labels}, and this one has {len(block.labels) or 'none'}."
    return _refused(message, block.header, "Correct its labels: Terraform refuses it.", block.type)


def _refused(message: str, span: Span, hint: str, *names: str) -> Problem:
    return Problem(Kind.SYNTAX, message, span.file.path, span, hint, names=names)


def _declare(module: Module, table: dict, name: object, block: Block, *, override: bool) -> None:  # type: ignore[type-arg]
    earlier = table.get(name)
    if earlier is None:
        table[name] = block
    elif override:
        table[name] = _merged(earlier, block)
    else:
        what = f"{block.type.capitalize()} '{'.'.join(block.labels)}'"
        first = earlier.header
        message = f"{what} is declared twice; first in {first.file.path} on line {first.first_line}."
        hint = "Rename or remove one: Terraform refuses the module as it is."
        path, place = block.header.file.path, block.header
        module.problems.append(Problem(Kind.REFERENCE, message, path, place, hint, names=quoted(message)))
        if isinstance(name, tuple):  # both are judged, each under a name of its own
            table[(name[0], f"{name[1]}@{block.header.file.path}:{block.header.first_line}")] = block


def _declare_locals(module: Module, block: Block, *, override: bool) -> None:
    for name, argument in block.body.arguments.items():
        earlier = module.locals.get(name)
        if earlier is not None and not override:
            first = earlier.name_span
            message = f"Local value '{name}' is declared twice; first in {first.file.path} on line {first.first_line}."
            hint = "Rename or remove one: Terraform refuses the module as it is."
            place = argument.name_span
            path = place.file.path
            module.problems.append(Problem(Kind.REFERENCE, message, path, place, hint, names=quoted(message)))
        else:
            module.locals[name] = argument


def _merged(base: Block, override: Block) -> Block:
    """A block with an override merged into it.

    Arguments of the override replace those of the same name. Nested blocks replace all those of their type, written or
    `dynamic`; `lifecycle` is merged argument by argument.
    https://developer.hashicorp.com/terraform/language/files/override#merging-resource-and-data-blocks
    """
    lifecycle = next((block for block in base.body.blocks if block.type == "lifecycle"), None)
    blocks = tuple(
        _merged(lifecycle, block) if block.type == "lifecycle" and lifecycle is not None else block
        for block in override.body.blocks
    )
    replaced = {_nested_type(block) for block in blocks} | set(override.body.arguments)
    kept = tuple(block for block in base.body.blocks if _nested_type(block) not in replaced)
    arguments = {name: argument for name, argument in base.body.arguments.items() if name not in replaced}
    return replace(base, body=Body({**arguments, **override.body.arguments}, (*kept, *blocks)))


def _nested_type(block: Block) -> str:
    """The type of a nested block, or of the blocks that a `dynamic` one makes."""
    return block.labels[0] if block.type == "dynamic" and block.labels else block.type


def call_source(block: Block) -> str | None:
    """The `source` of a module call; None if it is not a plain string."""
    argument = block.body.arguments.get("source")
    if argument is None or not isinstance(argument.value, Literal) or not isinstance(argument.value.value, str):
        return None
    return argument.value.value


LOCK_FILE = ".terraform.lock.hcl"
_LOCKED = compiled(r'^provider\s+"[^/"]+/([^"]+)"\s*\{\s*version\s*=\s*"([^"]+)"', re.MULTILINE)


def locked(workspace: Workspace, root: str) -> Resource | None:
    """The versions of providers that `terraform init` has chosen for a root, from the lock file that it wrote.

    Raises `UnreadableError`. https://developer.hashicorp.com/terraform/language/files/dependency-lock
    """
    file = workspace.read(posixpath.join(root, LOCK_FILE))
    if file is None:
        return None
    versions = {found[1].lower(): Known(found[2], Span(file, *found.span(2))) for found in _LOCKED.finditer(file.text)}
    return Resource(LOCKED_PROVIDERS, LOCKED_PROVIDERS, versions, Span(file, 0, 0), Language.TERRAFORM)


def required_variables(variables: Mapping[str, Block]) -> list[str]:
    """The names of the variables without a default."""
    return [name for name, block in variables.items() if "default" not in block.body.arguments]

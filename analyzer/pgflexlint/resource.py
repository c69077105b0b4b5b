"""Resources as an evaluation declares them: the last shape that knows no more than names and values."""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum
from typing import Any

from msgspec import Struct

from pgflexlint.problem import Problem
from pgflexlint.source import Span
from pgflexlint.values import Unknown, Value

PROVIDER_PREFIX = "provider."
"""What the type of a `provider` block begins with, such as `provider.azurerm`; its label is its alias, or ""."""
REQUIRED_PROVIDERS = "required_providers"
"""The type of that block: its attributes are objects with `source` and `version`, or the bare version,
by local name."""
CALLED = "module."
"""What stands in `Deployment.decided_in` in front of the source of a module that is not on disk."""
UPDATE = "azapi_update_resource"
"""The type of what sets properties of a resource that something else declares."""
OUTPUT = "output"
"""The type of an output: its attributes are its `value` and whether it is `sensitive`, which a template's `@secure()`
and `securestring` are too. Of Terraform those of the root module, of templates those of every one: deployments keep
them."""
LOCKED_PROVIDERS = "locked_providers"
"""The type of what a lock file says: its attributes are versions, by the provider's address without its registry."""


class Language(Enum):
    """The language that a resource is written in; the value is what a person calls it."""

    TERRAFORM = "Terraform"
    BICEP = "Bicep"
    ARM = "ARM JSON"


class Lifecycle(Struct, frozen=True):
    """Terraform's `lifecycle` block, as far as it matters here."""

    ignore_changes: frozenset[str] = frozenset()
    """The names of ignored top-level attributes (`all` for every one); not their elements."""
    ignored: tuple[tuple[Span, Span], ...] = ()
    """Where those of them stand that are written, each with the place that says that it is ignored."""
    prevent_destroy: bool = False


class Resource(Struct, frozen=True):
    """One instance of a resource."""

    address: str
    """Unique in the deployment, such as `module.db["a"].azurerm_postgresql_flexible_server.main[0]`;
    an unknown key is `[?]`."""
    type: str
    attributes: Mapping[str, Value[Any]]
    """What is written, by name; a nested block is a list of objects under its type.
    What is not written is not there."""
    header: Span
    """Where a missing setting is reported."""
    language: Language
    calls: tuple[Span, ...] = ()
    """The headers of the module calls that lead here, outermost first."""
    maybe: Unknown | None = None
    """Why it is not certain that this resource exists, or how often (`count`, `for_each`, a condition)."""
    lifecycle: Lifecycle = Lifecycle()
    label: str = ""
    """What a person calls it, where its address does not tell; without an index."""
    instance: str = ""
    """Which of the instances of its declaration it is, such as `[0]` or `["a"]`."""
    identity: str = ""
    """What references to it hold as `Reference.address`; its own address where this is empty."""
    existing: bool = False
    """It is only referred to; what it is was declared elsewhere."""
    provider: str = ""
    """Of Terraform: the address that the configuration of its provider has, or would have where it is not in sight,
    such as `provider.postgresql.admin` or `module.db.provider.postgresql.admin`. Of a module that is not on disk:
    that of azurerm which it is given."""
    module: str = ""
    """What its address begins with through the module calls, such as `module.db["a"].`."""
    parent: Value[Any] | None = None
    """Of an ARM child or extension resource: the resource that it belongs to."""
    owner: str = ""
    """What a person calls that one."""
    decided_in: frozenset[str] = frozenset()
    """The files on the ways of what decided that it is there (`count`, `for_each`, a condition), of the calls too."""
    null: Mapping[str, Value[Any]] = {}
    """Of Terraform: attributes that are null, which is as good as not written."""

    @property
    def called(self) -> str:
        """What a person calls all its instances alike: `main` of `module.db.azurerm_subnet.main["a"]`."""
        return self.label or self.address.removesuffix(self.instance).rpartition(".")[2]


class Gap(Struct, frozen=True):
    """Something that was not looked at and may declare resources that belong to others."""

    reason: Unknown
    inputs: Mapping[str, Value[Any]] | None = None
    """What it is given, where it is a module that is not on disk: it can add only to what it is given.
    None where it can add to anything (a file of the root with a syntax error)."""
    elsewhere: bool = False
    """It is a module that is published elsewhere: that it was not looked at is no problem of the user's."""
    source: str = ""
    """Of such a module: its source, such as `br/public:avm/res/network/private-endpoint:0.12.0`."""
    after: tuple[Value[Any], ...] = ()
    """What it is deployed after: the ids of resources, their names, and references to modules."""
    kinds: frozenset[str] | None = None
    """The kinds of parts that it can add, where that is known by the types of what it may declare."""


class Deployment(Struct, frozen=True):
    """One root evaluated with one set of inputs."""

    root: str
    """The directory or file, relative to the workspace root."""
    scenario: str
    """The inputs by name, such as a var file's path; "" for those that are loaded automatically."""
    resources: tuple[Resource, ...]
    gaps: tuple[Gap, ...]
    problems: tuple[Problem, ...]
    whole: bool
    """Everything that is deployed together was in sight. False for a module that is judged alone."""
    asked_for: str = ""
    """What the command line adds to the inputs, in words."""
    decided_in: Mapping[str, frozenset[str]] = {}
    """By type of resources, "" for any type: which of the files that the user named decide how many there are."""

    @property
    def inputs(self) -> str:
        """What the inputs are known by from run to run; "" for those that are loaded automatically."""
        return ", ".join(filter(None, (self.scenario, self.asked_for)))

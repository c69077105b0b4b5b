"""What an evaluation finds: deployments and their resources, each with the names and values that are written.

Everything before this knows a language; `normalize` makes of it the model, which knows PostgreSQL.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum
from typing import Any

from msgspec import Struct

from pgflexlint.problem import Problem
from pgflexlint.source import Span
from pgflexlint.values import Unknown, Value

FLEXIBLE_SERVER = "microsoft.dbforpostgresql/flexibleservers"
"""ARM's type of a flexible server, in lower case."""
ANY_INSTANCE = "[?]"
"""What stands in an address for the key of an instance where nobody knows how many instances there are."""
PROVIDER_PREFIX = "provider."
"""What the type of a `provider` block begins with, such as `provider.azurerm`; its label is its alias, or ""."""
REQUIRED_PROVIDERS = "required_providers"
"""The type of that block: its attributes are objects with `source` and `version`, or the bare version,
by local name."""
CALLED = "module."
"""What stands in `Deployment.decided_in` in front of the source of a module that is not on disk."""
UPDATE = "azapi_update_resource"
"""The type of a resource that sets properties of a resource which something else declares."""
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
    """Where ignored attributes are written, each with the place in `ignore_changes` that ignores it."""
    prevent_destroy: bool = False


class Resource(Struct, frozen=True):
    """One instance of a resource."""

    address: str
    """Unique in the deployment, such as `module.db["a"].azurerm_postgresql_flexible_server.main[0]`;
    an unknown key is `ANY_INSTANCE`."""
    type: str
    attributes: Mapping[str, Value[Any]]
    """The attributes that are written, by name. A nested block is a list of objects under its type."""
    header: Span
    """Where a missing setting is reported."""
    language: Language
    calls: tuple[Span, ...] = ()
    """The headers of the module calls that lead here, outermost first."""
    maybe: Unknown | None = None
    """Why it is not certain that this resource exists, or how often (`count`, `for_each`, a condition)."""
    lifecycle: Lifecycle = Lifecycle()
    label: str = ""
    """What a person calls it, without an index; "" if its address tells."""
    instance: str = ""
    """Which of the instances of its declaration it is, such as `[0]` or `["a"]`."""
    identity: str = ""
    """The `Reference.address` of references to it; "" if that is its own address."""
    existing: bool = False
    """It is only referred to, and declared elsewhere."""
    provider: str = ""
    """In Terraform: the address of its provider's configuration, such as `provider.postgresql.admin` or
    `module.db.provider.postgresql.admin`, whether that is on disk or not. Of a module that is not on disk: the address
    of the azurerm configuration that the call passes."""
    module: str = ""
    """What its address begins with through the module calls, such as `module.db["a"].`."""
    parent: Value[Any] | None = None
    """Of an ARM child or extension resource: the resource that it belongs to."""
    owner: str = ""
    """What a person calls `parent`."""
    decided_in: frozenset[str] = frozenset()
    """The files that decide whether it exists (by `count`, `for_each` or a condition), of its module calls too."""
    null: Mapping[str, Value[Any]] = {}
    """In Terraform: the attributes that are null, which counts as not written."""

    @property
    def called(self) -> str:
        """What a person calls all its instances: `main` of `module.db.azurerm_subnet.main["a"]`."""
        return self.label or self.address.removesuffix(self.instance).rpartition(".")[2]


class Gap(Struct, frozen=True):
    """Something that was not looked at and may declare resources that belong to others."""

    reason: Unknown
    inputs: Mapping[str, Value[Any]] | None = None
    """Of a module that is not on disk: the values that it is given. It can add resources only to what these refer to.
    None if it can add to anything, such as a file of the root with a syntax error."""
    elsewhere: bool = False
    """It is a module that is published elsewhere. That it is not on disk is no problem."""
    source: str = ""
    """Of such a module: its source, such as `br/public:avm/res/network/private-endpoint:0.12.0`."""
    after: tuple[Value[Any], ...] = ()
    """What it depends on: the ids and names of resources, and references to modules."""
    kinds: frozenset[str] | None = None
    """The kinds of parts that it can add, if the types of its resources are known; None if not."""


class Deployment(Struct, frozen=True):
    """One root evaluated with one set of inputs."""

    root: str
    """The directory or file, relative to the workspace root."""
    scenario: str
    """The name of the inputs, such as the path of a variable file; "" if they are loaded automatically."""
    resources: tuple[Resource, ...]
    gaps: tuple[Gap, ...]
    problems: tuple[Problem, ...]
    whole: bool
    """Everything that is deployed together is on disk. False for a module that is judged without a caller."""
    asked_for: str = ""
    """The inputs that the command line adds, in words."""
    decided_in: Mapping[str, frozenset[str]] = {}
    """By type of resources, "" for any type: which of the files that the user named decide how many there are."""

    @property
    def inputs(self) -> str:
        """Identifies the inputs from run to run; "" if they are loaded automatically."""
        return ", ".join(filter(None, (self.scenario, self.asked_for)))

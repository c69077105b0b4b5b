"""Which provider configuration each resource is deployed with."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from pgflexlint.resource import PROVIDER_PREFIX
from pgflexlint.syntax.expressions import Expression, Literal, ObjectOf
from pgflexlint.syntax.hcl.document import Block


class Configurations:
    """The provider configurations that one module can use."""

    def __init__(self, prefix: str, declared: Iterable[Block], given: Mapping[str, str]) -> None:
        """`prefix` begins the module's addresses, `declared` are its `provider` blocks.

        `given` are the addresses of the configurations that its caller passes, by their names in this module.
        """
        self._prefix = prefix
        own = {name: f"{prefix}{PROVIDER_PREFIX}{name}" for name in map(configured, declared)}
        self._addresses = {**given, **own}

    def handed_on(self, block: Block) -> Mapping[str, str]:
        """The configurations that a module call hands on: all default ones, and those that `providers` names.

        https://developer.hashicorp.com/terraform/language/modules/develop/providers
        """
        handed = {name: address for name, address in self._addresses.items() if "." not in name}
        passed = block.body.arguments.get("providers")
        for key, value in passed.value.items if passed and isinstance(passed.value, ObjectOf) else ():
            handed[_unquoted(key)] = self.address(_unquoted(value))
        return handed

    def address(self, name: str) -> str:
        """The address of a configuration. A default one that nobody declares belongs to the root."""
        return self._addresses.get(name) or f"{self._prefix if '.' in name else ''}{PROVIDER_PREFIX}{name}"


def named_by(block: Block) -> str:
    """The configuration that a resource names as its `provider`, such as `postgresql.admin`; "" if it names none."""
    argument = block.body.arguments.get("provider")
    return _unquoted(argument.value) if argument else ""


def _unquoted(expression: Expression) -> str:
    """The name of a provider configuration, which JSON and old configurations put in quotes."""
    return expression.span.text.strip('"')


def alias_of(block: Block) -> str:
    """The alias of a `provider` block; "" for the default configuration."""
    alias = block.body.arguments.get("alias")
    return str(alias.value.value) if alias and isinstance(alias.value, Literal) else ""


def configured(block: Block) -> str:
    """The name of the configuration that a `provider` block declares, such as `postgresql.admin`."""
    return f"{block.labels[0]}.{alias_of(block)}".rstrip(".")

"""Which provider configuration a resource is made with."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from pgflexlint.resource import PROVIDER_PREFIX
from pgflexlint.syntax.expressions import Expression, Literal, ObjectOf
from pgflexlint.syntax.hcl.document import Block


class Configurations:
    """The provider configurations that one module knows."""

    def __init__(self, prefix: str, declared: Iterable[Block], given: Mapping[str, str]) -> None:
        self.prefix = prefix
        self.configurations = {**given, **self._own_configurations(declared)}

    def _own_configurations(self, declared: Iterable[Block]) -> Mapping[str, str]:
        """The addresses of the provider configurations that are declared here, by their names."""
        names = [configured(block) for block in declared]
        return {name: f"{self.prefix}{PROVIDER_PREFIX}{name}" for name in names}

    def handed_on(self, block: Block) -> Mapping[str, str]:
        """The provider configurations that a called module has: the default ones here, and what its call passes.

        https://developer.hashicorp.com/terraform/language/modules/develop/providers
        """
        handed = {name: address for name, address in self.configurations.items() if "." not in name}
        passed = block.body.arguments.get("providers")
        for key, value in passed.value.items if passed and isinstance(passed.value, ObjectOf) else ():
            handed[_unquoted(key)] = self.address(_unquoted(value))
        return handed

    def address(self, name: str) -> str:
        """Where a provider configuration is or would be: a default one that nobody declares would be in the root."""
        return self.configurations.get(name) or f"{self.prefix if '.' in name else ''}{PROVIDER_PREFIX}{name}"


def named_by(block: Block) -> str:
    """The provider configuration that a block names, such as `postgresql.admin`; "" for the default one."""
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
    """What a `provider` block configures, such as `postgresql.admin`."""
    return f"{block.labels[0]}.{alias_of(block)}".rstrip(".")

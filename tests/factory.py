"""Servers for tests of rules: the platform's defaults, and whatever a test says instead."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from msgspec.structs import replace

from pgflexlint.defaults import property_default
from pgflexlint.model import (
    Administrator,
    Authentication,
    Backup,
    DiagnosticSetting,
    Encryption,
    FirewallRule,
    Lock,
    LogCategory,
    ManagedKey,
    Network,
    Parameter,
    Part,
    Parts,
    Password,
    Server,
    Storage,
)
from pgflexlint.resource import Language
from pgflexlint.rule import Fail, Level, Rule, Undecided
from pgflexlint.source import SourceFile, Span
from pgflexlint.values import Known, Unknown, Value

BARE = {"declared", "whole", "maybe", "prevent_destroy", "encryption", "storage"}
"""Fields of a server that hold no `Value`."""
HEADER = Span(SourceFile("main.tf", 'resource "azurerm_postgresql_flexible_server" "main" {\n'), 0, 53)
"""Of the server that `make_server` makes."""
VALUE = Span(SourceFile("values.tf", "value\n"), 0, 5)
"""Of everything that a test writes."""
UNKNOWN = Unknown("variable 'x' has no value", VALUE)


def known(value: Any) -> Known[Any]:
    """A value that somebody wrote."""
    return Known(value, VALUE)


def default(name: str) -> Known[Any]:
    """The platform's default of a property."""
    return property_default(name, HEADER)


def either(*values: Any) -> Unknown:
    """One of these values, not known which."""
    return Unknown("variable 'x' has no value", VALUE, candidates=tuple(known(value) for value in values))


def value(given: Any) -> Value[Any]:
    """A value as it is, anything else as something that somebody wrote."""
    return given if isinstance(given, Known | Unknown) else known(given)


def part(label: str, maybe: Unknown | None = None) -> dict[str, Any]:
    """What every part has."""
    return {
        "address": f"azurerm_test.{label}",
        "label": label,
        "header": Span(SourceFile(f"{label}.tf", "header\n"), 0, 6),
        "language": Language.TERRAFORM,
        "calls": (),
        "module": "",
        "maybe": maybe,
        "left_alone": (),
        "as_arm": (),
    }


def parameter(name: Any, text: Any, maybe: Unknown | None = None) -> Parameter:
    """A server parameter."""
    return Parameter(**part("parameter", maybe), name=value(name), value=value(text))


def diagnostic_setting(
    *logs: tuple[Any, Any], destinations: Any = 1, gaps: tuple[Unknown, ...] = (), maybe: Unknown | None = None
) -> DiagnosticSetting:
    """A diagnostic setting; each log is its category and whether it is enabled."""
    categories = [LogCategory(**part("log"), name=value(name), enabled=value(on)) for name, on in logs]
    return DiagnosticSetting(
        **part("diagnostics", maybe), logs=parts(categories, gaps), destinations=value(destinations)
    )


def firewall_rule(start: Any, end: Any, label: str = "rule", maybe: Unknown | None = None) -> FirewallRule:
    """A firewall rule."""
    return FirewallRule(**part(label, maybe), start=value(start), end=value(end))


def administrator(maybe: Unknown | None = None) -> Administrator:
    """An Entra administrator."""
    return Administrator(**part("administrator", maybe), principal_name=known("dba"), principal_type=known("Group"))


def managed_key(id_: Any, identity: Any = None, versioned: Any = False, vault: Any = None) -> ManagedKey:
    """A customer-managed key; without an id there is none."""
    return ManagedKey(value(id_), value(identity), value(versioned), vault)


def lock(maybe: Unknown | None = None) -> Lock:
    """A management lock."""
    return Lock(**part("lock", maybe), level=known("CanNotDelete"))


def parts(items: Iterable[Any], gaps: tuple[Unknown, ...] = ()) -> Parts[Any]:
    """Parts of one kind."""
    return Parts(tuple(items), gaps)


def make_server(
    *,
    public_access: Any = None,
    delegated_subnet: Any = None,
    password: Any = None,
    entra: Any = None,
    passwords: Iterable[Any] = (),
    retention_days: Any = None,
    geo_redundant: Any = None,
    firewall: Iterable[FirewallRule] = (),
    parameters: Iterable[Parameter] = (),
    gaps: tuple[Unknown, ...] = (),
    **fields: Any,
) -> Server:
    """A PostgreSQL 16 server of the general purpose tier with the platform's defaults.

    `gaps` makes the sets of firewall rules, parameters and administrators open.
    """

    def choose(given: Any, name: str) -> Value[Any]:
        return default(name) if given is None else value(given)

    no_key = ManagedKey(default("customer_managed_key"), default("customer_managed_key"), known(False))
    server = Server(
        **{**part("main"), "header": HEADER},
        declared=True,
        whole=True,
        name=known("psql-test"),
        version=known("16"),
        resource_group=known("rg-test"),
        create_mode=default("create_mode"),
        tier=known("GeneralPurpose"),
        network=Network(
            choose(public_access, "public_network_access"),
            choose(delegated_subnet, "delegated_subnet"),
            default("private_dns_zone"),
        ),
        authentication=Authentication(
            choose(password, "password_authentication"),
            choose(entra, "entra_authentication"),
            known("dbadmin"),
            tuple(Password(value(text)) for text in passwords),
        ),
        backup=Backup(choose(retention_days, "backup_retention_days"), choose(geo_redundant, "geo_redundant_backup")),
        high_availability=default("high_availability"),
        encryption=Encryption(no_key, no_key),
        storage=Storage(default("auto_grow"), default("storage_type")),
        maintenance_window=default("maintenance_window"),
        parameters=parts(parameters, gaps),
        firewall_rules=parts(firewall, gaps),
        administrators=parts((), gaps),
        private_endpoints=parts(()),
        diagnostic_settings=parts(()),
        locks=parts(()),
    )
    wrapped: dict[str, Any] = {
        name: field if name in BARE or isinstance(field, Parts) else value(field) for name, field in fields.items()
    }
    return replace(server, **wrapped)


def verdicts(rule: Rule, subject: Part, **options: Any) -> list[str]:
    """What a rule says of a subject, each in a word: the level of a failure, or `unknown`."""
    said: list[str] = []
    for verdict in rule.judge(subject, options):
        match verdict:
            case Fail(message=message, arguments=arguments, level=level):
                rule.messages[message].format(*arguments)
                said.append((level or rule.level).value)
            case Undecided():
                said.append("unknown")
    return said


def fails(rule: Rule, subject: Part) -> list[Fail]:
    """The failures that a rule finds."""
    return [verdict for verdict in rule.judge(subject) if isinstance(verdict, Fail)]


__all__ = [
    "HEADER", "UNKNOWN", "VALUE", "Level", "administrator", "default", "diagnostic_setting", "either", "fails",
    "firewall_rule", "known", "lock", "make_server", "managed_key", "parameter", "part", "parts", "verdicts",
]  # fmt: skip

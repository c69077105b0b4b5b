"""Rules about keys, Defender, deletion, versions and combinations, on servers made by hand."""

from __future__ import annotations

from datetime import date, timedelta
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from pgflexlint.model import (
    DefenderPlan,
    Encryption,
    KeyVault,
    Parts,
    PrivateEndpoint,
    Replica,
    Server,
    Storage,
    ThreatProtection,
)
from pgflexlint.rule import TODAY, Rule
from pgflexlint.support import SUPPORT, support
from pgflexlint.values import Known, Unknown
from pgflexlint_rules import RULES
from tests.factory import (
    HEADER,
    UNKNOWN,
    VALUE,
    default,
    either,
    fails,
    known,
    lock,
    make_server,
    managed_key,
    part,
    verdicts,
)

KEY, VERSION = "https://kv.vault.azure.net/keys/key", "https://kv.vault.azure.net/keys/key/0123"
NONE = managed_key(None)


def rule(number: int) -> Rule:
    return next(rule for rule in RULES if rule.id == f"PGF{number}")


def made_from(mode: str, **fields: Any) -> Server:
    return make_server(create_mode=mode, **fields)


# --- customer-managed keys ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("key", "mode", "expected"),
    [
        (None, "Default", ["note"]),
        ("", "Default", ["note"]),
        (KEY, "Default", []),
        (UNKNOWN, "Default", ["unknown"]),
        (Unknown("it is known after deployment", VALUE, never_null=True), "Default", []),
        (either(KEY, VERSION), "Default", []),
        (either(KEY, None), "Default", ["unknown"]),
        (default("customer_managed_key"), "PointInTimeRestore", ["unknown"]),
        (None, "PointInTimeRestore", ["note"]),
        (default("customer_managed_key"), "Replica", ["unknown"]),
        (KEY, "Replica", []),
    ],
)
def test_a_key_is_asked_for(key: Any, mode: str, expected: list[str]) -> None:
    assert verdicts(rule(201), made_from(mode, encryption=Encryption(managed_key(key), NONE))) == expected


@pytest.mark.parametrize(
    ("key", "geo", "geo_key", "geo_identity", "expected"),
    [
        (KEY, True, None, None, ["key"]),
        (KEY, True, KEY, None, ["identity"]),
        (KEY, True, None, "id", ["key"]),
        (KEY, True, KEY, "id", []),
        (KEY, False, None, None, []),
        (None, True, None, None, []),
        (UNKNOWN, True, None, None, ["unknown"]),
        (UNKNOWN, False, None, None, []),
        (KEY, UNKNOWN, None, None, ["unknown"]),
        (KEY, UNKNOWN, KEY, "id", []),
        (KEY, True, UNKNOWN, None, ["identity"]),
        (KEY, True, UNKNOWN, "id", ["unknown"]),
        (KEY, True, KEY, UNKNOWN, ["unknown"]),
    ],
)
def test_the_backup_in_the_other_region_needs_a_key(
    key: Any, geo: Any, geo_key: Any, geo_identity: Any, expected: list[str]
) -> None:
    encryption = Encryption(managed_key(key), managed_key(geo_key, geo_identity), VALUE)
    server = make_server(geo_redundant=geo, encryption=encryption)
    said = [each.message for each in fails(rule(202), server)] or verdicts(rule(202), server)
    assert said == expected
    assert all(each.at == VALUE for each in fails(rule(202), server))


def test_a_vault_is_judged_for_each_of_the_keys_that_it_holds() -> None:
    def vault(label: str, protection: Any) -> KeyVault:
        protected = protection if isinstance(protection, Unknown) else known(protection)
        return KeyVault(**part(label), name=known(label), purge_protection=protected)

    def judged(first: Any, second: Any) -> list[str]:
        keys = managed_key(KEY, vault=first), managed_key(KEY, vault=second)
        return verdicts(rule(204), make_server(encryption=Encryption(*keys)))

    assert judged(vault("a", False), vault("b", True)) == ["warning"]
    assert judged(vault("a", True), vault("b", False)) == ["warning"]
    assert judged(vault("a", UNKNOWN), None) == ["unknown"]
    assert judged(UNKNOWN, None) == ["unknown"]
    assert judged(None, None) == []


# --- Defender -------------------------------------------------------------------------------------------------------


def plan(name: Any, enabled: Any, maybe: Unknown | None = None) -> DefenderPlan:
    values = [each if isinstance(each, Unknown) else known(each) for each in (name, enabled)]
    return DefenderPlan(**part("plan", maybe), plan=values[0], enabled=values[1])


@pytest.mark.parametrize(
    ("name", "enabled", "expected"),
    [
        ("OpenSourceRelationalDatabases", False, ["warning"]),
        ("opensourcerelationaldatabases", False, ["warning"]),
        ("OpenSourceRelationalDatabases", True, []),
        ("OpenSourceRelationalDatabases", UNKNOWN, ["unknown"]),
        ("VirtualMachines", False, []),
        ("VirtualMachines", UNKNOWN, []),
        (UNKNOWN, False, ["unknown"]),
        (UNKNOWN, True, []),
    ],
)
def test_a_plan_is_judged_by_its_tier(name: Any, enabled: Any, expected: list[str]) -> None:
    assert verdicts(rule(601), plan(name, enabled)) == expected


@pytest.mark.parametrize(
    ("plans", "required", "otherwise"),
    [
        (Parts(), ["warning"], ["unknown"]),
        (Parts((plan("VirtualMachines", True),)), ["warning"], ["unknown"]),
        (Parts((plan("OpenSourceRelationalDatabases", False),)), [], []),
        (Parts((plan("OpenSourceRelationalDatabases", True, UNKNOWN),)), ["unknown"], ["unknown"]),
        (Parts((plan(UNKNOWN, True),)), ["unknown"], ["unknown"]),
        (Parts((), (UNKNOWN,)), ["unknown"], ["unknown"]),
    ],
)
def test_a_deployment_may_have_to_declare_the_plan(plans: Any, required: list[str], otherwise: list[str]) -> None:
    server = make_server(defender_plans=plans)
    assert verdicts(rule(601), server, require=True) == required
    assert verdicts(rule(601), server) == otherwise
    assert verdicts(rule(601), replace(server, declared=False), require=True) == []


def test_a_module_judged_alone_declares_no_plan() -> None:
    assert verdicts(rule(601), make_server(whole=False), require=True) == ["unknown"]


def test_threat_protection_of_a_server_that_is_not_in_sight() -> None:
    off = ThreatProtection(**part("protection"), enabled=known(False))
    assert verdicts(rule(602), make_server(declared=False, threat_protection=Parts((off,)))) == ["warning"]
    assert verdicts(rule(602), make_server(declared=False)) == []
    assert verdicts(rule(602), make_server()) == ["unknown"]


# --- deletion, standby, backups, storage ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({}, ["note"]),
        ({"prevent_destroy": True}, []),
        ({"locks": Parts((lock(),))}, []),
        ({"locks": Parts((lock(UNKNOWN), lock()))}, []),
        ({"locks": Parts((lock(UNKNOWN),))}, ["unknown"]),
        ({"locks": Parts((), (UNKNOWN,))}, ["unknown"]),
        ({"locks": Parts((replace(lock(), level=UNKNOWN),))}, ["unknown"]),
        ({"locks": Parts((replace(lock(), level=known("NotSpecified")),))}, ["note"]),
        ({"whole": False}, ["unknown"]),
        ({"declared": False}, []),
    ],
)
def test_something_has_to_keep_the_server(fields: dict[str, Any], expected: list[str]) -> None:
    assert verdicts(rule(704), make_server(**fields)) == expected


@given(st.integers(7, 35), st.integers(7, 35))
def test_the_days_that_are_asked_for(kept: int, days: int) -> None:
    assert verdicts(rule(702), make_server(retention_days=kept), days=days) == (["note"] if kept < days else [])


@pytest.mark.parametrize(
    ("mode", "of_any", "of_zones"),
    [
        ("Disabled", ["off"], ["off"]),
        ("SameZone", [], ["zone"]),
        ("ZoneRedundant", [], []),
        (either("SameZone", "ZoneRedundant"), [], ["unknown"]),
        (either("Disabled", "SameZone"), ["unknown"], ["off"]),
    ],
)
def test_the_standby_that_is_asked_for(mode: Any, of_any: list[str], of_zones: list[str]) -> None:
    server = make_server(high_availability=mode)
    for require, expected in (("any", of_any), ("ZoneRedundant", of_zones)):
        said = [getattr(verdict, "message", "unknown") for verdict in rule(703).judge(server, {"require": require})]
        assert said == expected


@pytest.mark.parametrize(
    ("type_", "grows", "expected"),
    [
        (None, False, ["note"]),
        ("Premium_LRS", False, ["note"]),
        ("PremiumV2_LRS", False, []),
        ("UltraSSD_LRS", False, []),
        (UNKNOWN, False, ["unknown"]),
        (UNKNOWN, True, []),
        (None, UNKNOWN, ["unknown"]),
    ],
)
def test_storage_grows_where_it_can(type_: Any, grows: Any, expected: list[str]) -> None:
    values = [each if isinstance(each, Unknown) else known(each) for each in (grows, type_)]
    assert verdicts(rule(707), make_server(storage=Storage(values[0], values[1]))) == expected


# --- versions -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("version", "day", "expected"),
    [
        ("13", date(2025, 5, 17), []),
        ("13", date(2025, 5, 18), ["note"]),
        ("13", date(2025, 11, 13), ["note"]),
        ("13", date(2025, 11, 14), ["warning"]),
        ("13", date(2026, 7, 31), ["warning"]),
        ("13", date(2026, 8, 1), ["error"]),
        ("13", date(2040, 1, 1), ["error"]),
        ("18", date(2030, 11, 14), ["note"]),
        ("18", date(2030, 11, 15), ["error"]),
        ("10", date(2026, 1, 1), ["unknown"]),
        ("14.2", date(2026, 1, 1), ["unknown"]),
        (UNKNOWN, date(2026, 1, 1), ["unknown"]),
        (either("13", "14"), date(2026, 8, 1), ["note"]),
        (either("13", "16"), date(2026, 8, 1), ["unknown"]),
        (either("13", "99"), date(2026, 8, 1), ["unknown"]),
        (either("16", "17"), date(2026, 8, 1), []),
    ],
)
def test_a_version_is_judged_as_of_a_day(version: Any, day: date, expected: list[str]) -> None:
    assert verdicts(rule(705), make_server(version=version), as_of=day) == expected


@given(st.sampled_from(SUPPORT), st.dates(date(2020, 1, 1), date(2035, 1, 1)), st.integers(0, 4000))
def test_a_version_never_gets_better(row: Any, day: date, later: int) -> None:
    ranks = {"": 0, "note": 1, "warning": 2, "error": 3}
    first, second = (
        ranks["".join(verdicts(rule(705), make_server(version=row.version), as_of=each))]
        for each in (day, day + timedelta(later))
    )
    assert first <= second


def test_without_a_day_today_counts() -> None:
    [option] = rule(705).options
    assert option.default is TODAY
    server = make_server(version="11")
    assert verdicts(rule(705), server) == verdicts(rule(705), server, as_of=date.today())


def test_the_table_of_versions_is_in_order() -> None:
    assert [row.version for row in SUPPORT] == [str(major) for major in range(11, 19)]
    for row in SUPPORT:
        assert row.community <= row.standard
        assert row.source.startswith("https://learn.microsoft.com/azure/postgresql/")
    for before, after in pairwise(SUPPORT):
        assert before.community < after.community
        assert before.standard <= after.standard
    assert support("10") is None


# --- combinations ---------------------------------------------------------------------------------------------------

SUBNET = known("/subscriptions/0/subnets/db")


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"tier": "Burstable", "high_availability": "SameZone"}, ["standby_burstable"]),
        ({"tier": "Burstable", "high_availability": either("SameZone", "ZoneRedundant")}, ["standby_burstable"]),
        ({"tier": UNKNOWN, "high_availability": "SameZone"}, ["unknown"]),
        ({"tier": "Burstable", "high_availability": UNKNOWN}, ["unknown"]),
        ({"tier": UNKNOWN}, []),
        ({"create_mode": "Replica", "high_availability": "SameZone"}, ["standby_replica"]),
        ({"create_mode": "Replica", "geo_redundant": True}, ["backup_replica"]),
        ({"create_mode": "Replica", "tier": "Burstable"}, ["replica_burstable"]),
        (
            {"create_mode": "Replica", "tier": "Burstable", "high_availability": "SameZone"},
            ["standby_replica", "replica_burstable"],
        ),
        ({"create_mode": UNKNOWN, "geo_redundant": True}, ["unknown"]),
        ({"create_mode": "PointInTimeRestore", "tier": "Burstable", "geo_redundant": True}, []),
        ({"tier": "Burstable", "replicas": Parts((Replica(**part("r")),))}, ["replicated_burstable"]),
        ({"tier": "Burstable", "replicas": Parts((Replica(**part("r", UNKNOWN)),))}, ["unknown"]),
        (
            {"tier": "Burstable", "replicas": Parts((Replica(**part("r", UNKNOWN)), Replica(**part("s"))))},
            ["replicated_burstable"],
        ),
        ({"replicas": Parts((Replica(**part("r")),))}, []),
        ({"delegated_subnet": SUBNET, "public_access": True}, ["public_subnet"]),
        ({"delegated_subnet": SUBNET, "public_access": False}, []),
        ({"delegated_subnet": SUBNET}, []),
        ({"delegated_subnet": SUBNET, "public_access": UNKNOWN}, ["unknown"]),
        ({"delegated_subnet": UNKNOWN, "public_access": True}, ["unknown"]),
        (
            {
                "delegated_subnet": SUBNET,
                "private_endpoints": Parts((PrivateEndpoint(**part("e"), subnet_id=UNKNOWN),)),
            },
            ["endpoint_subnet"],
        ),
        (
            {
                "delegated_subnet": UNKNOWN,
                "private_endpoints": Parts((PrivateEndpoint(**part("e"), subnet_id=UNKNOWN),)),
            },
            ["unknown"],
        ),
        ({"private_endpoints": Parts((PrivateEndpoint(**part("e"), subnet_id=UNKNOWN),))}, []),
        ({"declared": False, "tier": "Burstable", "high_availability": "SameZone"}, []),
    ],
)
def test_what_azure_refuses(fields: dict[str, Any], expected: list[str]) -> None:
    said = [getattr(verdict, "message", "unknown") for verdict in rule(904).judge(make_server(**fields))]
    assert said == expected


def test_a_combination_points_at_what_has_to_change() -> None:
    server = make_server(tier="Burstable", high_availability="SameZone")
    [fail] = fails(rule(904), server)
    assert fail.at is server.high_availability
    endpoint = PrivateEndpoint(**part("e"), subnet_id=UNKNOWN)
    [fail] = fails(rule(904), make_server(delegated_subnet=SUBNET, private_endpoints=Parts((endpoint,))))
    assert (fail.at, fail.part) == (endpoint.header, endpoint)
    assert [related.span for related in fail.related] == [VALUE]
    missing = fails(rule(704), make_server())
    assert [fail.at for fail in missing] == [HEADER]
    assert isinstance(server.high_availability, Known)

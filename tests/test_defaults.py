"""The table of platform defaults: what it says for each version, and what it says where it cannot know."""

from __future__ import annotations

import pytest

from pgflexlint.defaults import PROPERTY_DEFAULTS, parameter_default, property_default
from pgflexlint.values import Known, Origin, Unknown
from tests.factory import HEADER, UNKNOWN, either, known


@pytest.mark.parametrize(
    ("name", "version", "expected"),
    [
        ("require_secure_transport", "11", "on"),
        ("require_secure_transport", "18", "on"),
        ("ssl_min_protocol_version", "11", None),
        ("ssl_min_protocol_version", "12", "TLSv1.2"),
        ("ssl_max_protocol_version", "17", ""),
        ("password_encryption", "13", "md5"),
        ("password_encryption", "14", "scram-sha-256"),
        ("azure.accepted_password_auth_method", "13", "md5"),
        ("azure.accepted_password_auth_method", "17", "md5,scram-sha-256"),
        ("connection_throttle.enable", "17", "off"),
        ("connection_throttle.enable", "18", None),
        ("log_line_prefix", "16", "%t-%c-"),
        ("logfiles.retention_days", "15", "3"),
        ("shared_preload_libraries", "14", "pg_cron,pg_stat_statements"),
        ("shared_preload_libraries", "17", "pg_stat_statements"),
    ],
)
def test_default_of_a_version(name: str, version: str, expected: str | None) -> None:
    assert parameter_default(name, known(version), HEADER) == Known(expected, HEADER, origin=Origin.DEFAULT)


def test_unknown_version_does_not_matter_where_all_versions_agree() -> None:
    assert parameter_default("log_checkpoints", UNKNOWN, HEADER) == Known("on", HEADER, origin=Origin.DEFAULT)


def test_unknown_version_leaves_the_possible_defaults() -> None:
    value = parameter_default("password_encryption", UNKNOWN, HEADER)
    assert isinstance(value, Unknown)
    assert [candidate.value for candidate in value.candidates] == ["md5", "scram-sha-256"]
    assert value.reason == (
        "the default of 'password_encryption' depends on the PostgreSQL version, "
        "which is not known because variable 'x' has no value"
    )


def test_only_the_possible_versions_count() -> None:
    value = parameter_default("password_encryption", either("16", "17"), HEADER)
    assert value == Known("scram-sha-256", HEADER, origin=Origin.DEFAULT)


@pytest.mark.parametrize(
    ("name", "version", "reason"),
    [
        ("index_tuning.mode", "15", "Azure's default of 'index_tuning.mode' for PostgreSQL '15' is not documented"),
        ("max_connections", "17", "Azure's default of 'max_connections' for PostgreSQL '17' is not documented"),
        ("log_checkpoints", "9.6", "Azure's default of 'log_checkpoints' for PostgreSQL '9.6' is not"),
        ("no_such_parameter", "17", "'no_such_parameter' is not in the table of defaults"),
    ],
)
def test_what_no_source_says_is_unknown(name: str, version: str, reason: str) -> None:
    value = parameter_default(name, known(version), HEADER)
    assert isinstance(value, Unknown)
    assert value.reason.startswith(reason)
    assert not value.candidates


def test_an_undocumented_version_leaves_no_candidates() -> None:
    value = parameter_default("index_tuning.mode", UNKNOWN, HEADER)
    assert isinstance(value, Unknown)
    assert not value.candidates


def test_every_row_has_a_source() -> None:
    for row in PROPERTY_DEFAULTS:
        assert row.source.startswith("https://"), row.name


def test_property_defaults() -> None:
    assert property_default("public_network_access", HEADER) == Known(True, HEADER, origin=Origin.DEFAULT)
    assert property_default("backup_retention_days", HEADER).value == 7
    with pytest.raises(KeyError):
        property_default("no_such_property", HEADER)

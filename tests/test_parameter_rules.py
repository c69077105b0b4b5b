"""Rules about server parameters and logs, on servers made by hand: levels, sets, versions, and what is not known."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from pgflexlint.parameters import SUPPORTED_VERSIONS, facts, names, rows
from pgflexlint.rule import Rule
from pgflexlint_rules import RULES
from pgflexlint_rules._logs import escapes
from pgflexlint_rules._pgaudit import ALLOWED, CLASSES, LOADED
from pgflexlint_rules._words import is_off, is_on, members
from tests.factory import (
    UNKNOWN,
    diagnostic_setting,
    either,
    fails,
    known,
    make_server,
    parameter,
    parts,
    verdicts,
)

BY_ID = {rule.id: rule for rule in RULES}
ACCEPTED = "azure.accepted_password_auth_method"


def rule(number: int) -> Rule:
    return BY_ID[f"PGF{number}"]


def said(number: int, written: dict[str, Any], version: Any = "16", **fields: Any) -> list[str]:
    """What a rule says of a server with some parameters."""
    parameters = [parameter(name, text) for name, text in written.items()]
    return verdicts(rule(number), make_server(version=version, parameters=parameters, **fields))


# --- passwords ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("version", "hashes", "methods"),
    [
        ("11", ["warning"], ["note"]),
        ("13", ["warning"], ["note"]),
        (either("12", "13"), ["warning"], ["note"]),
        ("14", [], ["warning"]),
        ("16", [], ["warning"]),
        ("18", [], ["warning"]),
        (either("16", "17"), [], ["warning"]),
        (either("13", "14"), ["unknown"], ["note"]),
        (UNKNOWN, ["unknown"], ["note"]),
        ("9.6", ["unknown"], ["unknown"]),
    ],
)
def test_md5_by_default(version: Any, hashes: list[str], methods: list[str]) -> None:
    assert (said(404, {}, version), said(405, {}, version)) == (hashes, [methods[0]])


@pytest.mark.parametrize(
    ("password", "hashes", "methods"),
    [(True, ["error"], ["warning"]), (False, [], []), (UNKNOWN, ["unknown"], ["unknown"])],
)
def test_md5_as_written(password: Any, hashes: list[str], methods: list[str]) -> None:
    assert said(404, {"password_encryption": "MD5"}, password=password) == hashes
    assert said(405, {ACCEPTED: "scram-sha-256, MD5"}, password=password) == methods


def test_a_default_is_undecided_while_it_is_not_known_whether_passwords_count() -> None:
    assert said(404, {}, "13", password=UNKNOWN) == ["unknown"]
    assert said(405, {}, "17", password=UNKNOWN) == ["unknown"]
    assert said(405, {"password_encryption": "md5"}, "17") == ["note"]
    assert said(405, {ACCEPTED: "scram-sha-256"}, "13") == []


def test_what_is_logged_of_every_statement_is_said_once() -> None:
    assert said(507, {"log_statement": "all", "log_min_duration_statement": "0"}) == ["warning"]
    assert said(507, {"log_statement": "ddl", "log_min_duration_statement": "0"}) == ["warning", "note"]


# --- logs -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("prefix", "expected"),
    [
        ("%u%d", []),
        ("%m [%-10u@%d] ", []),
        ("%t-%c-%u", ["note"]),
        ("%t-%c-%d", ["note"]),
        ("%%u%%d", ["note"]),
        ("", ["note"]),
        (UNKNOWN, ["unknown"]),
    ],
)
def test_lines_name_the_user_and_the_database(prefix: Any, expected: list[str]) -> None:
    assert said(508, {"log_line_prefix": prefix}) == expected


@pytest.mark.parametrize(
    ("setting", "expected"),
    [
        (diagnostic_setting(("PostgreSQLLogs", True)), []),
        (diagnostic_setting(("postgresqllogs", True)), []),
        (diagnostic_setting(("audit", True)), []),
        (diagnostic_setting(("allLogs", either(True, True))), []),
        (diagnostic_setting(("PostgreSQLLogs", False)), ["warning"]),
        (diagnostic_setting(("PostgreSQLFlexSessions", True)), ["warning"]),
        (diagnostic_setting(), ["warning"]),
        (diagnostic_setting(("allLogs", True), destinations=0), ["warning"]),
        (diagnostic_setting(("allLogs", UNKNOWN), destinations=0), ["warning"]),
        (diagnostic_setting(("PostgreSQLFlexSessions", UNKNOWN)), ["warning"]),
        (diagnostic_setting((UNKNOWN, False)), ["warning"]),
        (diagnostic_setting(("allLogs", UNKNOWN)), ["unknown"]),
        (diagnostic_setting((UNKNOWN, True)), ["unknown"]),
        (diagnostic_setting(("allLogs", True), destinations=UNKNOWN), ["unknown"]),
        (diagnostic_setting(gaps=(UNKNOWN,)), ["unknown"]),
        (diagnostic_setting(("allLogs", True), gaps=(UNKNOWN,)), []),
        (diagnostic_setting(("allLogs", True), maybe=UNKNOWN), ["unknown"]),
    ],
)
def test_what_a_diagnostic_setting_sends(setting: Any, expected: list[str]) -> None:
    server = make_server(diagnostic_settings=parts([setting]))
    assert verdicts(rule(509), server) == expected


def test_one_diagnostic_setting_that_sends_the_log_suffices() -> None:
    useless, useful = diagnostic_setting(), diagnostic_setting(("allLogs", True))
    assert verdicts(rule(509), make_server(diagnostic_settings=parts([useless, useful], (UNKNOWN,)))) == []
    [finding] = fails(rule(509), make_server(diagnostic_settings=parts([useless, useless])))
    assert finding.message == "useless"
    assert len(finding.related) == 1


def test_a_diagnostic_setting_may_be_elsewhere() -> None:
    assert verdicts(rule(509), make_server()) == ["warning"]
    assert verdicts(rule(509), make_server(whole=False)) == ["unknown"]
    assert verdicts(rule(509), make_server(declared=False)) == []
    assert verdicts(rule(509), make_server(diagnostic_settings=parts([], (UNKNOWN,)))) == ["unknown"]


@pytest.mark.parametrize(
    ("written", "fields", "expected"),
    [
        ({}, {}, []),
        ({"logfiles.download_enable": "on"}, {}, ["note"]),
        ({"logfiles.download_enable": UNKNOWN}, {}, ["unknown"]),
        ({"logfiles.retention_days": "3"}, {}, ["note"]),
        ({"logfiles.retention_days": "4"}, {}, []),
        ({"logfiles.retention_days": "3"}, {"whole": False}, ["note"]),
        ({"logfiles.retention_days": UNKNOWN}, {}, ["unknown"]),
        ({"logfiles.retention_days": either("1", "2")}, {}, ["note"]),
        ({"logfiles.retention_days": "lots"}, {}, []),
        ({"logfiles.retention_days": "3"}, {"diagnostic_settings": parts([diagnostic_setting(("audit", True))])}, []),
        ({"logfiles.retention_days": "3"}, {"diagnostic_settings": parts([], (UNKNOWN,))}, ["unknown"]),
        ({"logfiles.retention_days": "7"}, {"diagnostic_settings": parts([], (UNKNOWN,))}, []),
    ],
)
def test_retention_of_log_files(written: dict[str, Any], fields: dict[str, Any], expected: list[str]) -> None:
    assert said(504, written, **fields) == expected


def test_the_days_can_be_set() -> None:
    server = make_server(parameters=[parameter("logfiles.retention_days", "6")])
    assert list(rule(504).judge(server)) == []
    assert [type(each).__name__ for each in rule(504).judge(server, {"days": 7})] == ["Fail"]


@pytest.mark.parametrize(
    ("written", "message"),
    [
        ({}, "nothing"),
        ({LOADED: "pgaudit"}, "disallowed_unset"),
        ({LOADED: "PG_CRON, PGAUDIT", ALLOWED: "pgcrypto,pgaudit"}, "unset"),
        ({LOADED: "pgaudit", CLASSES: "all"}, "disallowed"),
        ({ALLOWED: "pgaudit", CLASSES: "all"}, "unloaded"),
        ({CLASSES: "role"}, "unloaded_disallowed"),
        ({ALLOWED: "pgaudit", CLASSES: "NONE"}, "unloaded_unset"),
        ({LOADED: "pgaudit_x", ALLOWED: "pgaudit", CLASSES: "all"}, "unloaded"),
        ({LOADED: UNKNOWN, ALLOWED: "", CLASSES: "all"}, "disallowed"),
    ],
)
def test_the_chain_of_pgaudit(written: dict[str, Any], message: str) -> None:
    parameters = [parameter(name, text) for name, text in written.items()]
    [finding] = fails(rule(505), make_server(parameters=parameters))
    assert finding.message == message
    assert len(finding.related) == len(written)
    assert said(506, written) == []


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ({LOADED: "pgaudit"}, []),
        ({LOADED: "pg_cron"}, []),
        ({CLASSES: "all"}, []),
        ({CLASSES: "none"}, ["warning"]),
        ({LOADED: "pg_cron", CLASSES: "all"}, ["warning"]),
        ({LOADED: UNKNOWN, CLASSES: "all"}, ["unknown"]),
    ],
)
def test_the_chain_beside_a_server_that_is_declared_elsewhere(written: dict[str, Any], expected: list[str]) -> None:
    assert said(505, written, UNKNOWN, declared=False) == expected


@pytest.mark.parametrize(
    ("classes", "expected"),
    [
        ("role,ddl", []),
        ("ALL", []),
        ("misc, DDL , Role", []),
        ("role", ["warning"]),
        ("all,-misc", ["warning"]),
        (UNKNOWN, ["unknown"]),
        (either("read", "write"), ["warning"]),
    ],
)
def test_classes_of_the_audit(classes: Any, expected: list[str]) -> None:
    assert said(506, {LOADED: "pgaudit", ALLOWED: "pgaudit", CLASSES: classes}) == expected


@pytest.mark.parametrize(
    ("written", "version", "expected"),
    [
        ({}, "16", []),
        ({}, UNKNOWN, []),
        ({"log_statement": "DDL"}, "16", ["warning"]),
        ({"pgaudit.log_client": "on", "pgaudit.log_parameter": "1"}, "16", ["warning", "warning"]),
        ({"log_min_duration_statement": "-1"}, "16", []),
        ({"log_min_duration_statement": "0"}, "16", ["note"]),
        ({"log_min_duration_statement": "250", "log_parameter_max_length": "0"}, "16", []),
        ({"log_min_duration_statement": "250", "log_parameter_max_length": "64"}, "16", ["note"]),
        ({"log_min_duration_statement": "250"}, "11", ["note"]),
        ({"log_min_duration_statement": UNKNOWN}, "16", ["unknown"]),
    ],
)
def test_what_gets_into_the_log(written: dict[str, Any], version: Any, expected: list[str]) -> None:
    assert said(507, written, version) == expected


def test_statements_that_are_wanted_can_be_accepted() -> None:
    server = make_server(parameters=[parameter("log_statement", "ddl")])
    assert list(rule(507).judge(server, {"accepted": ("ddl",)})) == []


@given(st.lists(st.tuples(st.sampled_from(["", "-12", "8"]), st.sampled_from("uadhmp%"), st.text("xyz[]= ,"))))
def test_escapes_of_a_prefix(pieces: list[tuple[str, str, str]]) -> None:
    prefix = "".join(f"%{'' if letter == '%' else width}{letter}{text}" for width, letter, text in pieces)
    assert escapes(prefix) == {letter for _, letter, _ in pieces}


@given(st.lists(st.text("abcXYZ_ ", max_size=4)), st.booleans())
def test_members_of_a_set(items: list[str], spaced: bool) -> None:
    text = (" , " if spaced else ",").join(items)
    assert members(text) == {item.strip().lower() for item in items} - {""}


def test_on_and_off_share_no_word() -> None:
    words = ["on", "ON", "true", "1", "yes", "off", "Off", "false", "0", "no", "maybe", "", None]
    assert [word for word in words if is_on(word) and is_off(word)] == []
    assert [bool(is_on(word) or is_off(word)) for word in words] == [True] * 10 + [False] * 3


# --- extensions -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("written", "version", "expected"),
    [
        ({ALLOWED: "PGCRYPTO"}, "16", []),
        ({ALLOWED: "pgcrypto, DBLINK"}, "16", ["warning"]),
        ({ALLOWED: "azure_storage"}, "16", ["warning"]),
        ({ALLOWED: "azure_storage", "azure_storage.public_account_access": "off"}, "16", []),
        ({ALLOWED: "azure_storage"}, "11", []),
        ({ALLOWED: "azure_storage,plv8", "azure_storage.public_account_access": "off"}, "16", ["warning"]),
        ({ALLOWED: either("plv8", "dblink")}, "16", ["warning"]),
        ({ALLOWED: either("plv8", "hstore")}, "16", ["unknown"]),
    ],
)
def test_extensions(written: dict[str, Any], version: Any, expected: list[str]) -> None:
    assert said(807, written, version) == expected


# --- names and values -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "text", "version", "expected"),
    [
        ("log_checkpoints", "ON", "16", []),
        ("log_checkpoints", " on ", "16", []),
        ("log_checkpoints", "true", "16", ["note"]),
        ("log_checkpoints", "0", "16", ["note"]),
        ("log_checkpoints", "enabled", "16", ["warning"]),
        ("pgbouncer.enabled", "true", "17", []),
        ("pgbouncer.enabled", "on", "17", ["note"]),
        ("log_connections", "receipt,authorization", "18", []),
        ("log_connections", "receipt,authorization", "17", ["warning"]),
        ("log_connections", "receipt", either("17", "18"), ["unknown"]),
        ("log_connections", "on", UNKNOWN, []),
        ("log_statement", "sometimes", UNKNOWN, ["warning"]),
        ("connection_throttle.enable", "on", "18", ["warning"]),
        ("connection_throttle.enable", UNKNOWN, "18", ["warning"]),
        ("connection_throttle.enable", "on", UNKNOWN, ["unknown"]),
        ("ssl", "on", "16", []),
        ("ssl", "off", "16", ["warning"]),
        ("ssl", UNKNOWN, "16", ["unknown"]),
        ("ssl_min_protocol_version", "TLSv1.1", "16", []),
        ("ssl_min_protocol_version", "SSLv3", "16", ["warning"]),
        ("ssl_max_protocol_version", "", "16", []),
        ("logfiles.retention_days", "7", "16", []),
        ("logfiles.retention_days", "8", "16", ["warning"]),
        ("logfiles.retention_days", "6.5", "16", ["warning"]),
        ("logfiles.retention_days", "nan", "16", ["warning"]),
        ("work_mem", "64MB", "16", []),
        ("work_mem", "8192", "12", []),
        ("work_mem", "1", "12", ["warning"]),
        ("transaction_timeout", "0", "16", ["warning"]),
        ("transaction_timeout", "0", "17", []),
        ("lc_collate", "C", "15", ["warning"]),
        ("lc_collate", "C", either("16", "18"), ["warning"]),
        ("credcheck.max_auth_failure", "3", "12", []),
        ("credcheck.max_auth_failure", "100", "12", ["unknown"]),
        ("work_mem", "1", "9.6", ["unknown"]),
        ("checkpoint_completion_target", "0.5", "16", []),
        ("checkpoint_completion_target", "1.5", "16", ["warning"]),
        ("shared_preload_libraries", "pgaudit,acme", "16", ["note"]),
        ("pgaudit.log", "all,-misc", "16", []),
        ("pgaudit.log", "everything", "16", ["warning"]),
        ("max_connections", "10", "16", ["warning"]),
        ("acme.feature", "on", "16", ["unknown"]),
        (UNKNOWN, "on", "16", ["unknown"]),
        ("log_statement", either("x", "y"), "16", ["warning"]),
        ("log_statement", either("none", "y"), "16", ["unknown"]),
    ],
)
def test_names_and_values(name: Any, text: Any, version: Any, expected: list[str]) -> None:
    assert verdicts(rule(902), make_server(version=version, parameters=[parameter(name, text)])) == expected


@pytest.mark.parametrize(
    ("name", "message", "right"),
    [
        ("connection_throttling", "renamed", "connection_throttle.enable"),
        ("log_retention_days", "renamed", "logfiles.retention_days"),
        ("log_checkpoint", "renamed", "log_checkpoints"),
        ("log_disconnection", "unknown", "log_disconnections"),
        ("pgaudit.logs", "unknown", "pgaudit.log"),
    ],
)
def test_the_right_name_is_said(name: str, message: str, right: str) -> None:
    [finding] = fails(rule(902), make_server(parameters=[parameter(name, "on")]))
    assert (finding.message, finding.arguments[2]) == (message, right)


@given(st.data())
def test_every_documented_default_and_value_passes(data: st.DataObject) -> None:
    """What Azure documents for a version is taken on that version."""
    name = data.draw(st.sampled_from(names()))
    row = data.draw(st.sampled_from([row for row in rows(name) if row.type is not None] or [rows(name)[0]]))
    if row.type is None:
        return
    version = str(data.draw(st.integers(row.first, row.last)))
    texts = list(row.values) if row.change != "read-only" else []
    if row.least is not None and row.most is not None and row.type == "integer":
        texts += [str(row.least), str(row.most)]
    if row.default is not None:
        texts.append(row.default)
    for text in texts:
        server = make_server(version=version, parameters=[parameter(name, text.upper() if row.values else text)])
        assert verdicts(rule(902), server) == []


@pytest.mark.parametrize("version", SUPPORTED_VERSIONS)
def test_rules_ask_for_parameters_that_are_documented(version: str) -> None:
    asked = ("password_encryption", ACCEPTED, LOADED, ALLOWED, CLASSES, "log_line_prefix", "logfiles.retention_days")
    assert [name for name in asked if facts(name, version) is None] == []


# --- restarts -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "text", "means", "version", "expected"),
    [
        (LOADED, "pgaudit", ("", True), "16", []),
        (LOADED, "pgaudit", ("API", True), "16", ["warning"]),
        (LOADED, "pgaudit", ("API", False), "16", ["warning"]),
        (LOADED, "pgaudit", ("", False), "16", ["note"]),
        (LOADED, "pgaudit", (UNKNOWN, True), "16", ["unknown"]),
        (LOADED, UNKNOWN, ("API", True), "16", ["unknown"]),
        (LOADED, "pg_cron,pg_stat_statements", ("API", True), "16", []),
        (LOADED, "pg_cron,pg_stat_statements", ("API", True), "17", ["warning"]),
        (LOADED, "pgaudit", ("API", True), UNKNOWN, ["warning"]),
        ("log_checkpoints", "off", ("API", False), "16", []),
        ("max_connections", "800", ("API", True), "13", ["warning"]),
        ("cron.timezone", "GMT+1", ("API", True), UNKNOWN, []),
        ("acme.feature", "on", ("API", True), "16", []),
        (UNKNOWN, "on", ("API", True), "16", []),
    ],
)
def test_static_parameters(name: Any, text: Any, means: tuple[Any, bool], version: Any, expected: list[str]) -> None:
    part = replace(parameter(name, text), static_ignored=means[0], source_written=means[1])
    assert verdicts(rule(903), make_server(version=version, parameters=[part])) == expected


def test_a_finding_about_a_name_points_at_the_name() -> None:
    name = known("ssl")
    [finding] = fails(rule(902), make_server(parameters=[parameter(name, "off")]))
    assert finding.at is name

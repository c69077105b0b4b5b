"""Terraform's `postgresql` provider: which server its resources belong to, what is made of them, and what is wrong."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from pgflexlint.analysis import analyze
from pgflexlint.discover import target
from pgflexlint.evaluate.terraform.roots import TerraformEvaluator
from pgflexlint.evaluate.terraform.survey import TerraformSurvey
from pgflexlint.model import Database, DatabaseProvider, Grant, Role, Server
from pgflexlint.normalize.assemble import DATABASE_KINDS, assemble, wanted
from pgflexlint.outputs import Options, renderer
from pgflexlint.rule import Rule
from pgflexlint.settings import Settings
from pgflexlint.values import Known, Unknown, Value
from pgflexlint_rules import RULES
from tests.factory import HEADER, UNKNOWN, either, known, make_server, part, parts, value, verdicts
from tests.workspace import MemoryWorkspace

AZURE = 'provider "azurerm" {\n  features {}\n}\n'
SERVER = 'resource "azurerm_postgresql_flexible_server" "%s" {\n  name    = %s\n  version = "14"\n}\n'
ROLE = 'resource "postgresql_role" "%s" {\n  name = "ledger"\n%s}\n'


def servers(files: dict[str, str]) -> dict[str, Server]:
    """What is made of Terraform files, by the labels of the servers."""
    workspace = MemoryWorkspace(files)
    estate = TerraformEvaluator(TerraformSurvey(workspace, workspace.directories, lambda text: True), wanted)
    parts = [part for deployment in estate.deployments() for part in assemble(deployment)]
    return {part.label: part for part in parts if isinstance(part, Server)}


def one(*texts: str) -> Server:
    """The only server in one file."""
    found = servers({"main.tf": "\n".join([AZURE, *texts])})
    assert len(found) == 1, found
    return next(iter(found.values()))


def provider(host: str, more: str = "") -> str:
    return f'provider "postgresql" {{\n  host = {host}\n{more}}}\n'


def bare(whole: Value[Any]) -> Any:
    """A known value without its place."""
    assert isinstance(whole, Known), whole
    return [bare(each) for each in whole.value] if isinstance(whole.value, tuple) else whole.value


# --- which server -----------------------------------------------------------------------------------------------------

NAMED = SERVER % ("main", '"psql-ledger"')


@pytest.mark.parametrize(
    "host",
    [
        "azurerm_postgresql_flexible_server.main.fqdn",
        "local.host",
        '"psql-ledger.postgres.database.azure.com"',
        '"psql-LEDGER.privatelink.postgres.database.azure.com"',
        '"${azurerm_postgresql_flexible_server.main.name}.postgres.database.azure.com"',
    ],
)
def test_the_host_leads_to_the_server(host: str) -> None:
    local = "locals {\n  host = azurerm_postgresql_flexible_server.main.fqdn\n}\n"
    server = one(NAMED, local, provider(host), ROLE % ("ledger", ""))
    assert server.declared
    assert [role.label for role in server.roles] == ["ledger"]
    assert [each.label for each in server.providers] == ["postgresql"]
    assert server.roles.closed


def test_an_unknown_name_is_the_same_where_it_is_the_same_variable() -> None:
    variable = 'variable "name" {}\n'
    host = '"${var.name}.postgres.database.azure.com"'
    server = one(variable, SERVER % ("main", "var.name"), provider(host), ROLE % ("ledger", ""))
    assert server.declared
    assert len(server.roles) == 1


@pytest.mark.parametrize(
    "host",
    [
        '"localhost"',
        '"127.0.0.1"',
        '"/var/run/postgresql"',
        '"ledger.c0ffee.eu-central-1.rds.amazonaws.com"',
        "aws_db_instance.ledger.address",
        "google_sql_database_instance.ledger.public_ip_address",
        '"project:region:ledger"\n  scheme = "gcppostgres"',
    ],
)
def test_what_is_certainly_not_in_azure_is_no_server_here(host: str) -> None:
    others = 'resource "aws_db_instance" "ledger" {}\nresource "google_sql_database_instance" "ledger" {}\n'
    server = one(NAMED, others, provider(host), ROLE % ("ledger", ""))
    assert not any(getattr(server, kind) or getattr(server, kind).gaps for kind in DATABASE_KINDS)


@pytest.mark.parametrize(
    ("host", "reason"),
    [
        ("var.host", "variable 'host' has no value"),
        ("null", "'host' of 'postgresql' is not written"),
        ('"10.0.0.4"', "'host' of 'postgresql' is not the name that Azure gives a server"),
        ("azurerm_private_endpoint.db.ip", "'ip' of azurerm_private_endpoint.db is known only after deployment"),
    ],
)
def test_a_host_that_may_be_any_leaves_the_sets_open(host: str, reason: str) -> None:
    others = 'variable "host" {}\nresource "azurerm_private_endpoint" "db" {}\n'
    found = servers({"main.tf": AZURE + NAMED + others + provider(host) + ROLE % ("ledger", "")})
    assert not found["main"].roles
    said = f"it cannot be determined to which server 'ledger' belongs, because {reason}"
    assert [gap.reason for gap in found["main"].roles.gaps] == [said]
    unseen = found["provider.postgresql"]
    assert not unseen.declared
    assert len(unseen.roles) == 1


@pytest.mark.parametrize(
    ("host", "label"),
    [
        ("data.azurerm_postgresql_flexible_server.old.fqdn", "data.azurerm_postgresql_flexible_server.old"),
        ('"psql-other.postgres.database.azure.com"', "psql-other"),
        ("azurerm_postgresql_server.old.fqdn", "azurerm_postgresql_server.old"),
    ],
)
def test_a_server_that_is_not_declared_is_one_of_its_own(host: str, label: str) -> None:
    old = (
        'data "azurerm_postgresql_flexible_server" "old" {\n  name = "psql-old"\n}\n'
        'resource "azurerm_postgresql_server" "old" {}\n'
    )
    found = servers({"main.tf": AZURE + NAMED + old + provider(host) + ROLE % ("ledger", "")})
    assert set(found) == {"main", label}
    assert not found["main"].roles
    assert found["main"].roles.closed
    assert not found[label].declared
    assert len(found[label].roles) == 1


def test_aliases_tell_servers_apart() -> None:
    text = AZURE + SERVER % ("a", '"psql-a"') + SERVER % ("b", '"psql-b"')
    text += provider("azurerm_postgresql_flexible_server.a.fqdn")
    text += provider("azurerm_postgresql_flexible_server.b.fqdn", '  alias = "b"\n')
    text += ROLE % ("in_a", "") + ROLE % ("in_b", "  provider = postgresql.b\n")
    text += ROLE % ("quoted", '  provider = "postgresql.b"\n')
    found = servers({"main.tf": text})
    assert [role.label for role in found["a"].roles] == ["in_a"]
    assert [role.label for role in found["b"].roles] == ["in_b", "quoted"]
    assert [each.label for each in found["b"].providers] == ["postgresql.b"]


@pytest.mark.parametrize(
    ("passed", "plain", "aliased"),
    [
        ("", "a", None),
        ("providers = { postgresql = postgresql.b }", "b", None),
        ("providers = { postgresql.other = postgresql.b }", "a", "b"),
        ("providers = {\n    postgresql       = postgresql.b\n    postgresql.other = postgresql\n  }", "b", "a"),
    ],
)
def test_modules_get_the_configurations_that_their_calls_pass(passed: str, plain: str, aliased: str | None) -> None:
    text = AZURE + SERVER % ("a", '"psql-a"') + SERVER % ("b", '"psql-b"')
    text += provider("azurerm_postgresql_flexible_server.a.fqdn")
    text += provider("azurerm_postgresql_flexible_server.b.fqdn", '  alias = "b"\n')
    text += f'module "outer" {{\n  source = "./outer"\n  {passed}\n}}\n'
    inner = "  providers = { postgresql = postgresql, postgresql.other = postgresql.other }"
    files = {
        "main.tf": text,
        "outer/main.tf": f'module "inner" {{\n  source = "../inner"\n{inner}\n}}\n',
        "inner/main.tf": ROLE % ("plain", "") + ROLE % ("aliased", "  provider = postgresql.other\n"),
    }
    found = servers(files)
    homes = {role.label: server.label for server in found.values() for role in server.roles}
    assert homes == {"plain": plain, "aliased": aliased or "module.outer.provider.postgresql.other"}


def test_configurations_in_json_are_the_same() -> None:
    text = AZURE + SERVER % ("a", '"psql-a"') + SERVER % ("b", '"psql-b"')
    host = "${azurerm_postgresql_flexible_server.%s.fqdn}"
    written = {
        "provider": {"postgresql": [{"host": host % "a"}, {"alias": "b", "host": host % "b"}]},
        "resource": {"postgresql_role": {"here": {"name": "ledger", "provider": "postgresql.b"}}},
        "module": {"inner": {"source": "./inner", "providers": {"postgresql": "postgresql.b"}}},
    }
    found = servers({"main.tf": text, "db.tf.json": json.dumps(written), "inner/main.tf": ROLE % ("inner", "")})
    assert {label: [role.label for role in server.roles] for label, server in found.items()} == {
        "a": [], "b": ["here", "inner"],
    }  # fmt: skip


def test_the_server_and_its_inside_may_be_in_different_modules() -> None:
    files = {
        "main.tf": AZURE
        + 'module "db" {\n  source = "./db"\n}\n'
        + provider("module.db.fqdn")
        + 'module "roles" {\n  source = "./roles"\n}\n',
        "db/main.tf": NAMED + 'output "fqdn" {\n  value = azurerm_postgresql_flexible_server.main.fqdn\n}\n',
        "roles/main.tf": ROLE % ("ledger", ""),
    }
    found = servers(files)
    assert list(found) == ["main"]
    assert [role.address for role in found["main"].roles] == ["module.roles.postgresql_role.ledger"]


def test_a_module_that_is_judged_alone_has_a_server_out_of_sight() -> None:
    files = {"main.tf": 'variable "name" {}\n' + SERVER % ("main", "var.name") + ROLE % ("ledger", "")}
    found = servers(files)
    assert set(found) == {"main", "provider.postgresql"}
    assert [gap.reason for gap in found["main"].roles.gaps] == [
        "it cannot be determined to which server 'ledger' belongs, "
        "because the scanned files hold no configuration of provider 'postgresql'"
    ]


def test_the_database_of_a_module_that_is_not_on_disk_hangs_on_it() -> None:
    call = (
        'module "db" {\n  source    = "Azure/avm-res-dbforpostgresql-flexibleserver/azurerm"\n  version   = "0.2.3"\n'
        '  name      = "psql"\n  databases = { ledger = { name = "ledger" } }\n}\n'
    )
    server = one(call, provider("module.db.fqdn"), ROLE % ("ledger", ""))
    assert [bare(each.name) for each in server.databases] == ["ledger"]
    assert len(server.roles) == 1


# --- what is made of them ---------------------------------------------------------------------------------------------

HOST = provider("azurerm_postgresql_flexible_server.main.fqdn")


def test_what_is_not_written_is_the_provider_s_default() -> None:
    text = ROLE % ("ledger", "")
    text += 'resource "postgresql_grant_role" "g" {\n  role = "ledger"\n  grant_role = "reader"\n}\n'
    server = one(NAMED, HOST, text)
    role, grant, configuration = server.roles.items[0], server.role_grants.items[0], server.providers.items[0]
    assert {word: bare(has) for word, has in role.privileges} == dict.fromkeys(
        ("SUPERUSER", "CREATEROLE", "CREATEDB", "REPLICATION", "BYPASSRLS"), False
    )
    assert [bare(field) for field in (role.login, role.member_of, role.password, role.valid_until)] == [
        False, [], None, "infinity",
    ]  # fmt: skip
    assert [bare(field) for field in (grant.role, grant.granted, grant.admin_option)] == ["ledger", "reader", False]
    assert bare(configuration.sslmode) == "require"
    assert bare(configuration.password) is None


def test_what_is_written_counts() -> None:
    text = ROLE % (
        "ledger",
        '  login = true\n  create_role = "true"\n  roles = toset(["b", "a"])\n  password_wo = "x"\n',
    )
    text += (
        'resource "postgresql_grant" "g" {\n  database = "ledger"\n  role = "PUBLIC"\n  object_type = "schema"\n'
        '  schema = "public"\n  privileges = ["usage", "CREATE"]\n}\n'
        'resource "postgresql_default_privileges" "d" {\n  database = "ledger"\n  role = "reader"\n  owner = "ledger"\n'
        '  object_type = "table"\n  privileges = []\n  with_grant_option = true\n}\n'
        'resource "postgresql_extension" "e" {\n  name = "vector"\n}\n'
        'resource "postgresql_database" "d" {\n  name = "ledger"\n}\n'
    )
    server = one(NAMED, HOST, text)
    role = server.roles.items[0]
    assert [bare(field) for field in (role.login, role.member_of, role.password)] == [True, ["a", "b"], "x"]
    assert [word for word, has in role.privileges if bare(has)] == ["CREATEROLE"]
    now, later = server.grants.items
    said = (now.role, now.object_type, now.database, now.schema, now.privileges, now.grant_option)
    assert [bare(field) for field in said] == ["public", "schema", "ledger", "public", ["USAGE", "CREATE"], False]
    assert [now.by_default, later.by_default] == [False, True]
    assert [bare(field) for field in (later.privileges, later.grant_option)] == [[], True]
    assert [bare(each.name) for each in (*server.extensions, *server.databases)] == ["vector", "ledger"]


@pytest.mark.parametrize(
    ("policy", "role", "create", "grant_option"),
    [
        ("", "public", False, False),
        ("create = true", "public", True, False),
        ('role = ""\n    create_with_grant = true', "public", True, True),
        ('role = "app"\n    usage_with_grant = true', "app", False, True),
    ],
)
def test_policies_of_a_schema(policy: str, role: str, create: bool, grant_option: bool) -> None:
    text = f'resource "postgresql_schema" "s" {{\n  name = "ledger"\n  policy {{\n    {policy}\n  }}\n}}\n'
    policies = one(NAMED, HOST, text).schema_policies
    assert policies.closed
    assert [(bare(each.role), bare(each.create), bare(each.grant_option)) for each in policies] == [
        (role, create, grant_option)
    ]


def test_policies_of_an_unknown_number_leave_the_set_open() -> None:
    text = (
        'variable "policies" {}\nresource "postgresql_schema" "s" {\n  name = "ledger"\n  dynamic "policy" {\n'
        "    for_each = var.policies\n    content {\n      usage = true\n    }\n  }\n}\n"
    )
    policies = one(NAMED, HOST, text).schema_policies
    assert [gap.reason for gap in policies.gaps] == ["variable 'policies' has no value"]


# --- secrets ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("output", ["text", "json", "sarif"])
def test_passwords_of_roles_and_of_the_provider_are_in_no_output(output: str, tmp_path: Path) -> None:
    hidden = ('password = "Fake-R0le-Word"', 'password = "Fake-Cl1ent-Word"')
    grants = 'resource "postgresql_grant" "g" { # Fake-R0le-Word Fake-Cl1ent-Word\n  role = "public"\n}\n'
    text = AZURE + NAMED + provider("azurerm_postgresql_flexible_server.main.fqdn", f"  {hidden[1]}\n")
    text += ROLE % ("ledger", f"  create_role = true\n  {hidden[0]}\n  superuser = true\n") + grants
    (tmp_path / "main.tf").write_text(text, encoding="utf-8")
    report = analyze(target([str(tmp_path)], [], tmp_path), RULES, RULES, Settings())
    shown = renderer(output)(report, Options(show_unknown=True))
    assert "Fake-" not in shown


# --- rules --------------------------------------------------------------------------------------------------------


def rule(number: int) -> Rule:
    return next(each for each in RULES if each.id == f"PGF{number}")


def grant(label: str = "grant", maybe: Unknown | None = None, **fields: Any) -> Grant:
    """On schema `public` of database `ledger`, for everybody, and nothing given."""
    given: dict[str, Any] = {"role": "public", "object_type": "schema", "database": "ledger", "schema": "public"}
    given |= {"objects": (), "columns": (), "owner": None}
    given |= {"grant_option": False, "privileges": (), "by_default": False} | fields
    by_default, privileges = given.pop("by_default"), given.pop("privileges")
    if not isinstance(privileges, Unknown):
        privileges = tuple(map(value, privileges))
    fields = {name: value(field) for name, field in given.items()}
    return Grant(**part(label, maybe), **fields, privileges=value(privileges), by_default=by_default)


def role_of(name: str = "app", *privileges: str, **fields: Any) -> Role:
    """A role that may do what is named, and nothing else."""
    given: dict[str, Any] = {"login": False, "member_of": (), "password": None, "valid_until": "infinity"}
    fields = {key: value(field) for key, field in (given | fields).items()}
    words = ("SUPERUSER", "CREATEROLE", "CREATEDB", "REPLICATION", "BYPASSRLS")
    has = tuple((word, known(word in privileges)) for word in words)
    return Role(**part(name), name=known(name), privileges=has, **fields)


def database_server(version: Any = "14", gaps: tuple[Unknown, ...] = (), **kinds: Any) -> Server:
    """A server whose inside a provider looks after, with database `ledger`."""
    provider = DatabaseProvider(**part("provider"), host=known("psql"), sslmode=known("require"), password=known(None))
    ledger = Database(**part("ledger"), name=known("ledger"))
    found: dict[str, Any] = {"databases": [ledger], "providers": [provider], "grants": []} | kinds
    made: dict[str, Any] = {kind: parts(items, gaps if kind == "grants" else ()) for kind, items in found.items()}
    return make_server(version=version, **made)


LEFT_OUT = Unknown("variable 'x' has no value", HEADER)
REVOKED = grant()


@pytest.mark.parametrize(
    ("version", "grants", "expected"),
    [
        ("14", [], ["note"]),
        ("11", [], ["note"]),
        ("15", [], []),
        ("18", [], []),
        (either("13", "14"), [], ["note"]),
        (either("16", "17"), [], []),
        (either("14", "15"), [], ["unknown"]),
        (UNKNOWN, [], ["unknown"]),
        (UNKNOWN, [REVOKED], []),
        ("14", [REVOKED], []),
        ("14", [grant(privileges=["USAGE"])], []),
        ("14", [grant(privileges=["USAGE", "CREATE"])], ["warning"]),
        ("16", [grant(privileges=["ALL"])], ["warning"]),
        ("14", [grant(database="other")], ["note"]),
        ("14", [grant(role="reader")], ["note"]),
        ("14", [grant(schema="accounts")], ["note"]),
        ("14", [grant(object_type="table")], ["note"]),
        ("14", [grant(by_default=True)], ["note"]),
        ("14", [grant(database=UNKNOWN)], ["unknown"]),
        ("14", [grant(role=UNKNOWN)], ["unknown"]),
        ("14", [grant(maybe=UNKNOWN)], ["unknown"]),
        ("14", [grant(maybe=UNKNOWN), REVOKED], []),
        ("16", [grant(privileges=UNKNOWN)], ["unknown"]),
        ("16", [grant(privileges=[UNKNOWN])], ["unknown"]),
        ("16", [grant(privileges=["CREATE"], role=UNKNOWN)], ["unknown"]),
        ("16", [grant(privileges=["USAGE"], role=UNKNOWN)], []),
    ],
)
def test_who_may_create_in_schema_public(version: Any, grants: list[Grant], expected: list[str]) -> None:
    assert verdicts(rule(801), database_server(version, grants=grants)) == expected


def test_what_is_revoked_in_another_database_may_be_about_a_database_whose_name_is_unknown() -> None:
    database = (
        'variable "name" {}\nresource "azurerm_postgresql_flexible_server_database" "ledger" {\n  name = var.name\n'
        "  server_id = azurerm_postgresql_flexible_server.main.id\n}\n"
    )
    own = "azurerm_postgresql_flexible_server_database.ledger.name"
    revoked = 'resource "postgresql_grant" "none" {\n  database = %s\n  role = "public"\n  schema = "public"\n'
    revoked += '  object_type = "schema"\n  privileges = []\n}\n'
    host = provider("azurerm_postgresql_flexible_server.main.fqdn")
    assert verdicts(rule(801), one(NAMED, database, host, revoked % '"other"')) == ["unknown"]
    assert verdicts(rule(801), one(NAMED, database, host, revoked % own)) == []


def test_silence_about_the_public_schema_means_nothing_where_grants_may_be_out_of_sight() -> None:
    assert verdicts(rule(801), database_server(gaps=(LEFT_OUT,))) == ["unknown"]
    assert verdicts(rule(801), database_server("16", gaps=(LEFT_OUT,))) == []
    assert verdicts(rule(801), database_server(providers=[])) == []
    assert verdicts(rule(801), database_server(providers=[], grants=[grant(role="reader")])) == ["note"]


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        (grant(object_type="table", privileges=["SELECT"]), ["warning"]),
        (grant(object_type="table", privileges=[]), []),
        (grant(object_type="table", privileges=either((), (known("SELECT"),))), ["unknown"]),
        (grant(object_type="table", privileges=either((known("INSERT"),), (known("SELECT"),))), ["warning"]),
        (grant(object_type="table", privileges=["SELECT"], role="reader"), []),
        (grant(object_type="table", privileges=["SELECT"], role=either("reader", "public")), ["unknown"]),
        (grant(object_type="type", privileges=["USAGE"]), []),
        (grant(object_type="sequence", privileges=["USAGE"]), ["warning"]),
        (grant(object_type="database", privileges=["CONNECT"]), ["warning"]),
        (grant(object_type="schema", privileges=["CREATE"]), []),
        (grant(object_type="table", privileges=["SELECT"], role="reader", grant_option=True), ["warning"]),
        (grant(object_type="table", privileges=["ALL"], role="app"), ["note"]),
        (grant(object_type="table", privileges=["ALL"], role="app", by_default=True), ["note"]),
        (grant(object_type="function", privileges=["ALL"], role="app"), []),
        (grant(object_type="table", privileges=["ALL"], role="readers"), []),
        (grant(object_type="table", privileges=["ALL"], role="elsewhere"), []),
    ],
)
def test_what_everybody_is_given(given: Grant, expected: list[str]) -> None:
    roles = [role_of("app", login=True), role_of("readers")]
    assert verdicts(rule(802), database_server(grants=[given], roles=roles)) == expected


def test_what_everybody_may_be_given_can_be_set() -> None:
    server = database_server(grants=[grant(object_type="database", privileges=["CONNECT"])])
    assert list(rule(802).judge(server, {"allowed_privileges": ("connect",)})) == []
    assert len(list(rule(802).judge(server, {"allowed_privileges": ("TEMPORARY",)}))) == 1


@pytest.mark.parametrize(
    ("version", "expected"),
    [("15", "error"), ("16", "warning"), (UNKNOWN, "warning"), (either("13", "15"), "error"), ("15.4", "error")],
)
def test_making_roles_is_worse_before_postgresql_16(version: Any, expected: str) -> None:
    assert verdicts(rule(805), database_server(version, roles=[role_of("app", "CREATEROLE")])) == [expected]


@pytest.mark.parametrize(
    ("roles", "expected"),
    [
        ([role_of()], []),
        ([role_of("app", "SUPERUSER", "CREATEDB", "REPLICATION")], ["warning"] * 3),
        ([role_of("app", "BYPASSRLS")], []),
        ([role_of(member_of=(known("azure_pg_admin"), known("reader")))], ["warning"]),
        ([role_of(member_of=(UNKNOWN, known("pg_monitor")))], ["unknown"]),
        ([role_of(member_of=UNKNOWN)], ["unknown"]),
    ],
)
def test_roles_of_administrators(roles: list[Role], expected: list[str]) -> None:
    assert verdicts(rule(805), database_server(roles=roles)) == expected


@pytest.mark.parametrize(
    ("role", "expected"),
    [
        (role_of(login=True, password="Fake-Passw0rd"), ["note"]),
        (role_of(login=True, password=UNKNOWN), ["note"]),
        (role_of(login=True, password=either(None, "Fake-Passw0rd")), ["unknown"]),
        (role_of(login=UNKNOWN, password=UNKNOWN), ["unknown"]),
        (role_of(login=UNKNOWN, password=UNKNOWN, valid_until="2027-01-01"), []),
        (role_of(password="Fake-Passw0rd"), []),
        (role_of(login=True), []),
        (role_of(login=True, password=UNKNOWN, valid_until=" INFINITY"), ["note"]),
        (role_of(login=True, password=UNKNOWN, valid_until=UNKNOWN), ["unknown"]),
        (role_of(login=True, password=UNKNOWN, valid_until=either("infinity", "2027-01-01")), ["unknown"]),
    ],
)
def test_passwords_without_an_end(role: Role, expected: list[str]) -> None:
    assert verdicts(rule(806), database_server(roles=[role])) == expected

"""Reports out of nothing: everything that an output must cope with, without any analysis."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from msgspec.structs import replace

from pgflexlint.judged import Deployed
from pgflexlint.problem import Kind, Problem
from pgflexlint.redaction.redactor import Redactor
from pgflexlint.report import Allowance, By, Case, Coverage, Doubt, Finding, Report
from pgflexlint.resource import Language
from pgflexlint.rule import Level, Related, Rule, Verdict
from pgflexlint.source import SourceFile, Span
from pgflexlint.values import Step

SECRET = "Tr0ub4dor&3"


def _nothing(_subject: object) -> Iterator[Verdict]:
    return iter(())


TLS = Rule(
    id="PGF101",
    slug="secure-transport-disabled",
    summary="The server accepts connections without TLS.",
    level=Level.ERROR,
    security_severity=8.2,
    messages={"off": "Connections without TLS are accepted by server '{0}'."},
    why="Whoever sits between client and server reads every query and the password's hash, and can change them. "
    "A client does not notice.",
    fix_terraform='Set `value = "on"` for `require_secure_transport`, or remove the parameter resource.',
    fix_template="Set the `require_secure_transport` configuration to `'on'`; removing it keeps the old value.",
    limits="Parameters that are set outside the scanned files.",
    references=(
        "https://learn.microsoft.com/azure/postgresql/security/security-tls",
        "https://www.rfc-editor.org/rfc/rfc9325",
    ),
    check=_nothing,
    cwe=(319,),
    policies=("c29c38cb-74a7-4505-9a06-e588ab86620a",),
    controls=("CIS Azure Foundations 3.0.0 5.2.1", "MCSB DP-3"),
    peers=("CKV_AZURE_29 (single server)",),
)

BACKUP = Rule(
    id="PGF701",
    slug="geo-backup-disabled",
    summary="The server's backups stay in one region.",
    level=Level.NOTE,
    security_severity=3.0,
    messages={"missing": "Server '{0}' has no geo-redundant backup."},
    why="When the region is lost, so are the data. It can be chosen only when the server is created.",
    fix_terraform="Set `geo_redundant_backup_enabled = true`.",
    fix_template="Set `backup.geoRedundantBackup` to `'Enabled'`.",
    limits="Backups that other services take.",
    references=("https://learn.microsoft.com/azure/postgresql/backup-restore/concepts-backup-restore",),
    check=_nothing,
    precision="medium",
    not_in={Language.ARM: "it is only an example"},
)

OPEN = Rule(
    id="PGF301",
    slug="firewall-open-to-internet",
    summary="A firewall rule lets the whole internet in.",
    level=Level.WARNING,
    security_severity=9.3,
    messages={"open": "Firewall rule '{0}' lets '{1}' addresses reach server '{2}'."},
    why="Anyone can try passwords, and use a weakness in the server the day that it is known.",
    fix_terraform="Narrow `start_ip_address` and `end_ip_address`, or use a private endpoint.",
    fix_template="Narrow `startIpAddress` and `endIpAddress`, or use a private endpoint.",
    limits="Firewalls in front of the server.",
    references=("https://learn.microsoft.com/azure/postgresql/security/security-firewall-rules",),
    check=_nothing,
    cwe=(284, 668),
)

RULES = (TLS, OPEN, BACKUP)

MODULE = SourceFile(
    "modules/postgres/main.tf",
    "# 🐘 parameters\r\n"
    'resource "azurerm_postgresql_flexible_server_configuration" "this" {\r\n'
    "\tfor_each  = var.parameters\r\n"
    "\tname      = each.key\r\n"
    "\tvalue     = each.value # 🐘\r\n"
    "}\r\n",
    byte_order_mark=True,
)
ROOT = SourceFile(
    "main.tf",
    'module "db" {\n'
    '  source     = "./modules/postgres"\n'
    "  parameters = var.parameters\n"
    "}\n"
    "\n"
    'resource "azurerm_postgresql_flexible_server" "main" {\n'
    f'  administrator_password = "{SECRET}" # {SECRET}, too\n'
    "}\n"
    "\n"
    'resource "azurerm_postgresql_flexible_server_firewall_rule" "all" {\n'
    '  for_each         = { "東京 🐘" = "0.0.0.0", office = "10.0.0.1" }\n'
    "  start_ip_address = each.value\n"
    '  end_ip_address   = join(".", [\n'
    "    255, 255, 255, 255,\n"
    "  ])\n"
    "}\n",
)
INPUTS = SourceFile(
    "terraform.tfvars",
    'server = "x"\nparameters = { require_secure_transport = "OFF", log_connections = "on", ' + "z = 1, " * 40 + "}\n",
)
HOSTILE = SourceFile(
    "infra #1/ünsafe %41,b:c.bicep",
    "// \x1b[31mred\x1b[0m \u202ereversed\u202c ##[group]x ##vso[task.complete]\n"
    "::add-mask::x <!--| \x07 @everyone [click](https://evil.example) `code`\n",
)


def at(file: SourceFile, text: str, nth: int = 0) -> Span:
    """The nth place where a text stands in a file."""
    start = -1
    for _ in range(nth + 1):
        start = file.text.index(text, start + 1)
    return Span(file, start, start + len(text))


def finding(rule: Rule, span: Span, *arguments: str, address: str, **more: Any) -> Finding:
    (message,) = rule.messages
    fields: dict[str, Any] = {
        "level": rule.level, "language": Language.TERRAFORM, "missing": False, "declaration": address,
    } | more  # fmt: skip
    case = Case(Deployed("", ""), address, trace=fields.pop("trace", ()))
    return Finding(rule=rule, message=message, arguments=arguments, span=span, cases=(case,), **fields)


def told_about(finding: Finding, **changes: Any) -> Finding:
    """The finding, about a case that differs from its own."""
    return replace(finding, cases=(finding.cases[0]._replace(**changes),))


def report(*findings: Finding, **more: Any) -> Report:
    fields: dict[str, Any] = {
        "doubts": (), "problems": (), "suppressed": (), "rules": RULES, "secrets": Redactor(),
        "coverage": Coverage(files=4, roots=1, servers=1), "exit_code": 1 if findings else 0,
    } | more  # fmt: skip
    return Report(findings=findings, **fields)


PLAINTEXT = finding(
    TLS,
    at(MODULE, "each.value"),
    "main",
    address='module.db.azurerm_postgresql_flexible_server_configuration.this["require_secure_transport"]',
    trace=(
        Step(at(INPUTS, '"OFF"'), "the value of variable 'parameters'"),
        Step(at(ROOT, "var.parameters"), "argument 'parameters' of module 'db'"),
        Step(at(MODULE, "var.parameters"), "the elements that this resource is repeated for"),
    ),
    related=(Related(at(ROOT, 'resource "azurerm_postgresql_flexible_server" "main"'), "The server is here."),),
    scenarios=("prod.tfvars",),
)
NO_BACKUP = finding(
    BACKUP,
    at(ROOT, 'resource "azurerm_postgresql_flexible_server" "main"'),
    "main",
    address="azurerm_postgresql_flexible_server.main",
    missing=True,
)
PASSWORD = finding(
    TLS,
    at(ROOT, f'"{SECRET}"'),
    f"with {SECRET} in it",
    address=f'azurerm_postgresql_flexible_server.main["{SECRET}"]',
    trace=(Step(at(ROOT, f"# {SECRET}, too"), f"never {SECRET}"),),
    related=(Related(at(ROOT, SECRET, 1), f"Here is {SECRET}."),),
)
ATTACK = finding(
    OPEN,
    at(HOSTILE, "::add-mask::x"),
    "\n::error::owned\r\n##[error]x",
    "%0A::warning::x",
    "[click](https://evil.example) \x1b]8;;https://evil.example\x07 <!--| \u2066\ud800",
    address="evil\u202e::debug::x",
    language=Language.BICEP,
    level=Level.ERROR,
    related=(Related(at(HOSTILE, "reversed"), "A [link](1) \x1b[2J here."),),
)


def open_rules() -> tuple[Finding, ...]:
    """Two instances of one resource, and a third thing wrong on the same line."""
    return tuple(
        finding(
            OPEN,
            at(ROOT, "each.value"),
            "all",
            "4,294,967,296",
            "main",
            address=f'azurerm_postgresql_flexible_server_firewall_rule.all["{key}"]',
            trace=(Step(at(ROOT, '"0.0.0.0"'), "an element of this map"),),
        )
        for key in ("東京 🐘", "office")
    )


def everything() -> Report:
    """One of each kind."""
    end = at(ROOT, 'join(".", [\n    255, 255, 255, 255,\n  ])')
    wide = finding(OPEN, end, "all", "many", "main", address="azurerm_postgresql_flexible_server_firewall_rule.all")
    return report(
        PLAINTEXT, NO_BACKUP, PASSWORD, ATTACK, *open_rules(), wide,
        doubts=(
            Doubt(
                TLS, "azurerm_postgresql_flexible_server.main", "variable 'tls' has no value", at(ROOT, "each.value"),
                (Step(at(ROOT, "var.parameters"), "argument 'parameters' of module 'db'"),),
            ),
        ),
        problems=(
            Problem(
                Kind.SYNTAX, "A '}' is missing.", "main.tf", at(ROOT, "  ])"), "Close the block that begins in line 10."
            ),
            Problem(Kind.UNREADABLE, "The file is no text.", "logo.tf"),
            Problem(Kind.CONFIGURATION, "The ignore of 'PGF303' is not used.", "main.tf", at(ROOT, "0.0.0.0"),
                    "Remove it.", warning_only=True),
        ),
        suppressed=(
            finding(BACKUP, at(ROOT, "\"main\""), "old", address="azurerm_postgresql_flexible_server.old",
                    allowance=Allowance(By.COMMENT, "it is moved next week", at(ROOT, 'source')),),
        ),
        coverage=Coverage(
            files=4, roots=1, servers=2, skipped={"modules that are not on disk": 1, "compiled twins": 0}
        ),
        secrets=Redactor(frozenset({SECRET}), (at(ROOT, f'"{SECRET}"'),)),
    )  # fmt: skip

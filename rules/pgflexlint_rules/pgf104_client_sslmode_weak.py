"""PGF104: a client connects without encryption, or without checking the server's certificate."""

from pgflexlint.model import Connection, Server
from pgflexlint.rule import Fail, Level, Rule, Undecided, Verdicts, forbid
from pgflexlint.values import Known, Origin, Unknown, Value, decide, holds
from pgflexlint_rules._connections import as_written, once

IN_CLEAR = ("disable", "allow", "prefer")
UNVERIFIED = ("require", "no-verify")


def check(server: Server) -> Verdicts:
    """Flag each connection that may be unencrypted, or that does not check the server's certificate."""
    yield from once(_judged(server), as_written)


def _judged(server: Server) -> Verdicts:
    for connection in server.connections:
        verdicts = list(_mode(connection))
        to_azure = decide(connection.to_azure, bool)
        if verdicts and isinstance(to_azure, Unknown):
            yield Undecided(to_azure)
        else:
            yield from verdicts


def _mode(connection: Connection) -> Verdicts:
    mode, name = connection.sslmode, connection.label
    if holds(connection.trusts_any_certificate, bool):
        yield Fail(connection.trusts_any_certificate, "trusting", (name,), part=connection)
    elif holds(mode, lambda word: word in UNVERIFIED):
        yield Fail(mode, "unverified", (name, _word(mode)), Level.NOTE, connection)
    else:
        unset = isinstance(mode, Known) and mode.origin is Origin.DEFAULT
        key, level = ("unset", Level.NOTE) if unset else ("weak", None)
        yield from forbid(mode, IN_CLEAR.__contains__, key, name, _word(mode), level=level, part=connection)


def _word(mode: Value[str]) -> str:
    known = [mode] if isinstance(mode, Known) else mode.candidates
    return "' or '".join(dict.fromkeys(str(each.value) for each in known))


RULE = Rule(
    id="PGF104",
    slug="client-sslmode-weak",
    summary="A client connects without encryption, or without checking the server's certificate.",
    level=Level.WARNING,
    security_severity=6.5,
    messages={
        "weak": "Connection '{0}' may be unencrypted: its sslmode is '{1}'.",
        "unset": "Connection '{0}' does not check the server's certificate: it has no sslmode, which means '{1}'.",
        "unverified": "Connection '{0}' does not check the server's certificate: its sslmode is '{1}'.",
        "trusting": "Connection '{0}' trusts any certificate.",
    },
    why="An attacker can redirect a client that does not check the server's certificate to another server, and read "
    "the password and all data there. It does not help that the real server requires TLS, because it is not the one "
    "that answers.",
    fix_terraform='Set `sslmode = "verify-full"` (in connection strings `sslmode=verify-full` or `Ssl '
    "Mode=VerifyFull`). Give the client the root certificates DigiCert Global Root G2 and Microsoft RSA Root "
    "Certificate Authority 2017.",
    fix_template="Write `sslmode=verify-full` (`Ssl Mode=VerifyFull` for Npgsql) into the connection string. Give the "
    "client the root certificates DigiCert Global Root G2 and Microsoft RSA Root Certificate Authority 2017.",
    limits="Looks at connection strings in the settings of App Service, Functions, container apps and container "
    "groups, in Key Vault and Kubernetes secrets, and in App Configuration. Does not see what the application's code "
    "adds to them, nor members of an object with unknown names, nor what a loop of unknown length makes. Undecided for "
    "a URI or a group of settings without an sslmode, because clients differ in their default.",
    references=("https://learn.microsoft.com/azure/postgresql/security/security-tls",),
    check=check,
    precision="medium",
    cwe=(295, 319),
    controls=("MCSB DP-3 (by analogy)",),
)

"""PGF407: a password for the server is written in the source code."""

from pgflexlint.model import DatabaseProvider, Part, Role, Server
from pgflexlint.redaction.placeholders import is_literal
from pgflexlint.rule import Level, Rule, Undecided, Verdicts, forbid
from pgflexlint.values import Unknown, Value
from pgflexlint_rules._connections import as_written, once


def check(server: Server) -> Verdicts:
    """Flag every password whose value is written in the checked files, once for each place."""
    written: set[object] = set()
    for each in server.authentication.administrator_passwords:
        written.add(as_written(each.value))
        yield from _literal(each.value, "literal", server.label)
    holders: list[tuple[str, Role | DatabaseProvider]] = [
        *(("role", role) for role in server.roles),
        *(("provider", provider) for provider in server.providers),
    ]
    for message, holder in holders:
        if as_written(holder.password) not in written:  # what is written once is said once
            yield from _literal(holder.password, message, holder.label, holder)
    others = (connection for connection in server.connections if as_written(connection.password) not in written)
    verdicts = (verdict for each in others for verdict in _literal(each.password, "connection", each.label, each))
    yield from once(verdicts, as_written)


def _literal(password: Value[str | None], message: str, label: str, part: Part | None = None) -> Verdicts:
    if not isinstance(password, Unknown) or password.candidates:
        yield from forbid(password, is_literal, message, label, part=part)
    elif any(is_literal(each.value) for each in password.possible):
        yield Undecided(password)


RULE = Rule(
    id="PGF407",
    slug="hardcoded-password",
    summary="A password for the server is written in the source code.",
    level=Level.ERROR,
    security_severity=8.5,
    messages={
        "literal": "The administrator password of server '{0}' is written in the source code.",
        "role": "The password of role '{0}' is written in the source code.",
        "provider": "The password of provider configuration '{0}' is written in the source code.",
        "connection": "A password is written in the source code, in connection '{0}'.",
    },
    why="Everybody who can read the repository, an old clone or a build log has the password, most often that of the "
    "most powerful account. It stays in the history after it is removed, and it opens every deployment that shares it.",
    fix_terraform='Generate the password with `ephemeral "random_password"` and pass it to '
    "`administrator_password_wo`, or read it from Key Vault, or switch password authentication off. Then change the "
    "password, because the history keeps the old one.",
    fix_template="Take the password from a `@secure()` parameter without a default, and let Key Vault fill it "
    "(`getSecret()`, or a `reference` in the parameter file). With azapi, pass it from Key Vault through "
    "`sensitive_body`. Or switch password authentication off. Then change the password, because the history keeps the "
    "old one.",
    limits="Does not report a variable or parameter that has no value in the checked files. Does not report "
    "placeholders: an empty text, `<…>`, `${…}`, `$(…)`, `#{…}#` and `REPLACE`.",
    references=(
        "https://learn.microsoft.com/azure/postgresql/security/security-overview",
        "https://learn.microsoft.com/azure/postgresql/security/security-reset-admin-password",
    ),
    check=check,
    about_source=True,
    cwe=(798,),
    controls=("MCSB IM-8 (by analogy)",),
    peers=("Sonar S6437 (Bicep and ARM)", "Checkov CKV_AZURE_131 (defaults of secure parameters)"),
)

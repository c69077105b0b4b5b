"""PGF411: the Key Vault secret that holds the administrator's password has no expiry date."""

from pgflexlint.model import Server
from pgflexlint.rule import Level, Rule, Undecided, Verdicts, forbid


def check(server: Server) -> Verdicts:
    """Flag each secret that holds a password of the server and has no expiry date."""
    for secret in server.secrets:
        names = (secret.label, server.label)
        yield from forbid(
            secret.expires, lambda expires: not expires, "unlimited", *names, at=secret.header, part=secret
        )
    yield from map(Undecided, server.secrets.gaps)


RULE = Rule(
    id="PGF411",
    slug="password-without-rotation",
    summary="The Key Vault secret that holds the administrator password has no expiry date.",
    level=Level.NOTE,
    security_severity=3.0,
    messages={"unlimited": "Secret '{0}' with the administrator password of server '{1}' has no expiry date."},
    why="Nobody is reminded to change a password that never expires, so one that leaked stays valid for years. With an "
    "expiry date, Key Vault gives notice before the date, and that can start a rotation.",
    fix_terraform="Set `expiration_date` on the `azurerm_key_vault_secret`, for example from a `time_rotating` "
    "resource that the password depends on as well.",
    fix_template="Set `properties.attributes.exp` of the secret to a time in seconds since 1970, and change the "
    "password with it.",
    limits="Does not see a rotation that runs outside the checked files. Does not judge a password that is in no Key "
    "Vault secret here.",
    references=("https://learn.microsoft.com/azure/key-vault/secrets/secrets-best-practices",),
    check=check,
    cwe=(262,),
    controls=("MCSB IM-8 (by analogy)",),
    peers=("Checkov CKV_AZURE_41 (any secret)", "Trivy AZU-0017 (any secret)"),
)

"""PGF413: Terraform keeps the administrator's password in its state."""

from pgflexlint.model import Server
from pgflexlint.resource import Language
from pgflexlint.rule import Level, Rule, Verdicts, forbid

_STATELESS = (
    "a deployment of Azure Resource Manager has no state file. The passwords that it keeps are PGF408 and PGF409."
)


def check(server: Server) -> Verdicts:
    """Flag a password in `administrator_password` if the provider has the write-only argument."""
    for password in server.authentication.administrator_passwords:
        if password.write_only_possible is not None:
            yield from forbid(password.write_only_possible, bool, "kept", server.label, at=password.value)


RULE = Rule(
    id="PGF413",
    slug="password-in-state",
    summary="The administrator password is kept in Terraform's state.",
    level=Level.NOTE,
    security_severity=3.5,
    messages={"kept": "Terraform keeps the administrator password of server '{0}' in its state."},
    why="The state holds the password in clear text, and everybody who may run a plan may read the state. Old versions "
    "and backups of the state keep old passwords as well.",
    fix_terraform="Pass the password to `administrator_password_wo`, with `administrator_password_wo_version`, from "
    '`ephemeral "random_password"` or `ephemeral "azurerm_key_vault_secret"`. That needs azurerm 4.21.0 and Terraform '
    "1.11 or later.",
    fix_template="Pass the password through `@secure()` parameters. Azure Resource Manager has no state file.",
    limits="Knows the version of azurerm only from `required_providers` and the lock file, and does not know which "
    "Terraform runs. Does not judge a password that goes through a module that is not on disk.",
    references=("https://learn.microsoft.com/azure/developer/terraform/store-state-in-azure-storage",),
    check=check,
    default=False,
    cwe=(312,),
    controls=("MCSB IM-8 (by analogy)",),
    not_in={Language.BICEP: _STATELESS, Language.ARM: _STATELESS},
)

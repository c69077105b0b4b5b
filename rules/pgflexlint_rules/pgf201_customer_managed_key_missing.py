"""PGF201: the server is encrypted with a key that Microsoft manages."""

from pgflexlint.model import Server
from pgflexlint.rule import Fail, Level, Rule, Undecided, Verdicts
from pgflexlint.values import Unknown
from pgflexlint_rules._server import inherited


def check(server: Server) -> Verdicts:
    """Flag a server without a customer-managed key; undecided if it may take the key of its source server."""
    key = server.encryption.key
    if not server.declared or key.used:
        return
    doubt = inherited(server, key.id)
    if doubt is not None:
        yield Undecided(doubt)
    elif isinstance(key.id, Unknown) and key.used is None:
        yield Undecided(key.id)
    else:
        yield Fail(key.id, "missing", (server.label,))


RULE = Rule(
    id="PGF201",
    slug="customer-managed-key-missing",
    summary="The server is not encrypted with a customer-managed key.",
    level=Level.NOTE,
    security_severity=3.0,
    messages={
        "missing": "Microsoft manages the key that encrypts server '{0}'. That can only be chosen at creation.",
    },
    why="Data is always encrypted, but with a service-managed key nobody in your organisation can revoke access to it "
    "or prove who used the key. Rules for regulated data often require a customer-managed key.",
    fix_terraform="Add a `customer_managed_key` block with `key_vault_key_id` (the key's `versionless_id`) and "
    "`primary_user_assigned_identity_id`, and list that identity under `identity`. Give the identity the role Key "
    "Vault Crypto Service Encryption User, and switch the vault's purge protection on. Back the data up first, because "
    "Terraform re-creates the server.",
    fix_template="Set `properties.dataEncryption` on a new server, with `type: 'AzureKeyVault'`, `primaryKeyURI` (the "
    "key's `keyUri`, without a version) and `primaryUserAssignedIdentityId`. Give the identity the role Key Vault "
    "Crypto Service Encryption User, and switch the vault's purge protection on. Then move the data: an existing "
    "server keeps its mode.",
    limits="Off by default, because a service-managed key is right for most servers. Does not check whether the "
    "identity may use the key. Undecided for a read replica and for a restored server, because either may take the key "
    "of its source.",
    references=("https://learn.microsoft.com/azure/postgresql/security/security-data-encryption",),
    check=check,
    default=False,
    policies=("12c74c95-0efd-48da-b8d9-2a7d68470c92",),
    controls=("MCSB DP-5",),
    peers=("Checkov CKV2_AZURE_17 (single server)",),
)

"""Customer-managed keys and the key vaults that hold them.

https://learn.microsoft.com/azure/postgresql/security/security-data-encryption
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from pgflexlint.model import KeyVault, KeyVaultKey, ManagedKey
from pgflexlint.values import Known, Unknown, Value

_KEY = re.compile(r"(?:^|[/\0])keys/[^/]+(?P<version>/[^/]+)?/?$", re.IGNORECASE)
"""The end of the id of a key; a NUL stands for a piece that is unknown."""
_VAULT = re.compile(r"(?:^https://(?P<host>[^./\0]+)\.vault\.|/vaults/(?P<id>[^/\0]+))", re.IGNORECASE)
"""The name of a vault in the id of a key, or in that of the vault itself."""
_VERSIONED = {"versioned_id": True, "keyuriwithversion": True, "versionless_id": False, "keyuri": False}
"""What attributes of a key are ids of it: of azurerm's resource and data source, and of ARM's `vaults/keys`."""
_ELSEWHERE = re.compile(r"^microsoft\.keyvault/|(?:^|\.)azurerm_key_vault\w*\.", re.IGNORECASE)
"""The address of what belongs to a vault."""


def managed_key(id_: Value[str | None], identity: Value[str | None]) -> ManagedKey:
    """A key by its id and the identity that reads it."""
    return ManagedKey(id_, identity, versioned(id_))


def versioned(key: Value[Any]) -> Value[bool]:
    """Whether the id of a key is that of one version of it; False where there is none.

    The form of the ids: https://learn.microsoft.com/azure/key-vault/general/about-keys-secrets-certificates.
    """
    if isinstance(key, Known):
        return _in_text(key.value or "", key) if key.value else key.map(lambda none: False)
    if key.candidates:
        found = tuple(versioned(each) for each in key.candidates)
        known = tuple(each for each in found if isinstance(each, Known))
        return Unknown(key.reason, key.span, key.trace, known if len(known) == len(found) else ())
    if key.reference is not None and "azurerm_key_vault_key." in key.reference.address:
        answer = True if key.reference.attribute == "id" else _VERSIONED.get(key.reference.attribute)
    else:
        answer = _VERSIONED.get(_attribute(key))
    if answer is not None:
        return Known(answer, key.span, key.trace)
    pieces = [piece for piece in key.parts if not isinstance(piece, Known) or piece.value != ""]
    if any(isinstance(piece, Known) and not isinstance(piece.value, str) for piece in pieces):
        return Unknown(key.reason, key.span, key.trace)  # what a function made of it
    return _in_text("".join(map(_spelled, pieces)), key)


def _attribute(value: Unknown) -> str:
    """The name, in lower case, of the attribute that a value is, whether or not its resource is in sight."""
    if value.reference is not None:
        return value.reference.attribute.rpartition(".")[2].lower()
    match value.parts:
        case (Known((Known("."), _, Known(str() as name))),):
            return name.lower()
    return ""


def _spelled(piece: Value[Any]) -> str:
    """A piece of an id, as far as it is known."""
    if isinstance(piece, Known):
        return str(piece.value)
    whole = _VERSIONED.get(_attribute(piece))
    return "\0" if whole is None else "\0/keys/\0/\0" if whole else "\0/keys/\0"


def _in_text(text: str, key: Value[Any]) -> Value[bool]:
    found = _KEY.search(text)
    if found is not None:
        return Known(found["version"] is not None, key.span, key.trace)
    reason = key.reason if isinstance(key, Unknown) else "it is no id of a key in a vault"
    return Unknown(reason, key.span, key.trace)


def vault_name(id_: Value[Any]) -> str | None:
    """The name of the vault in the id of a key or of the vault itself, in lower case; None where it is not written."""
    pieces = (id_,) if isinstance(id_, Known) else id_.parts
    text = "".join(str(each.value) if isinstance(each, Known) else "\0" for each in pieces)
    found = _VAULT.search(text)
    return (found["host"] or found["id"]).lower() if found else None


def vault_addresses(addresses: Iterator[str]) -> Iterator[str]:
    """Addresses, each followed by that of the vault that is in it: ARM's name of a key begins with its vault's."""
    for address in addresses:
        yield address
        prefix = "microsoft.keyvault/vaults/"
        if address.startswith(f"{prefix}keys/"):
            yield prefix + address.removeprefix(f"{prefix}keys/").rpartition("/")[0]


def of_vault(address: str) -> bool:
    """Whether an address is that of a vault or of what is in one."""
    return _ELSEWHERE.search(address) is not None


__all__ = ["KeyVault", "KeyVaultKey", "managed_key", "of_vault", "vault_addresses", "vault_name", "versioned"]

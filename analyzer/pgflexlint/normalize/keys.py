"""Customer-managed keys and the key vaults that hold them.

https://learn.microsoft.com/azure/postgresql/security/security-data-encryption
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from msgspec.structs import replace

from pgflexlint.lazily import compiled
from pgflexlint.model import KeyVault, KeyVaultKey, ManagedKey, Server
from pgflexlint.normalize.index import Index, references
from pgflexlint.values import Known, Unknown, Value

_KEY = compiled(r"(?:^|[/\0])keys/[^/]+(?P<version>/[^/]+)?/?$", re.IGNORECASE)
"""The end of the id of a key. A NUL stands for an unknown piece."""
_VAULT = compiled(r"(?:^https://(?P<host>[^./\0]+)\.vault\.|/vaults/(?P<id>[^/\0]+))", re.IGNORECASE)
"""The name of the vault in the id of a key, or in the id of the vault itself."""
_VERSIONED = {"versioned_id": True, "keyuriwithversion": True, "versionless_id": False, "keyuri": False}
"""The attributes that are ids of a key, and whether they have a version: in azurerm, and in ARM's `vaults/keys`."""
_ELSEWHERE = compiled(r"^microsoft\.keyvault/|(?:^|\.)azurerm_key_vault\w*\.", re.IGNORECASE)
"""The address of a vault, or of something in a vault."""


def managed_key(id_: Value[str | None], identity: Value[str | None]) -> ManagedKey:
    """A customer-managed key, from its id and the identity that reads it."""
    return ManagedKey(id_, identity, versioned(id_))


def versioned(key: Value[Any]) -> Value[bool]:
    """Whether the id of a key is that of one version of the key; False if there is no key.

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
        return key.bare()  # what a function made of it
    return _in_text("".join(map(_spelled, pieces)), key)


def _attribute(value: Unknown) -> str:
    """The name, in lower case, of the attribute that a value refers to, even if its resource is not in sight."""
    if value.reference is not None:
        return value.reference.attribute.rpartition(".")[2].lower()
    match value.parts:
        case (Known((Known("."), _, Known(str() as name))),):
            return name.lower()
    return ""


def _spelled(piece: Value[Any]) -> str:
    """The known part of a piece of an id."""
    if isinstance(piece, Known):
        return str(piece.value)
    whole = _VERSIONED.get(_attribute(piece))
    return "\0" if whole is None else "\0/keys/\0/\0" if whole else "\0/keys/\0"


def _in_text(text: str, key: Value[Any]) -> Value[bool]:
    found = _KEY.search(text)
    if found is not None:
        return Known(found["version"] is not None, key.span, key.trace)
    reason = key.reason if isinstance(key, Unknown) else "it is not the id of a key in a vault"
    return Unknown(reason, key.span, key.trace)


def in_vaults(server: Server, index: Index) -> Server:
    """A server with the vaults of its keys."""
    encryption = server.encryption
    key, geo_key = _in_vault(encryption.key, index), _in_vault(encryption.geo_key, index)
    return replace(server, encryption=replace(encryption, key=key, geo_key=geo_key))


def _in_vault(key: ManagedKey, index: Index) -> ManagedKey:
    return key if key.used is False else replace(key, vault=_vault(key.id, index))


def _vault(id_: Value[Any], index: Index) -> KeyVault | Unknown | None:
    """The vault of an id, which is the id of a key or of the vault itself."""
    addresses = tuple(_vault_addresses(references(id_)))
    found, key = index.at(addresses, KeyVault), index.at(addresses, KeyVaultKey)
    if found is None and key is not None:
        id_ = key.vault  # no more than one step: keys whose vaults are keys go in a circle
        addresses = tuple(_vault_addresses(references(id_)))
        found = index.at(addresses, KeyVault)
    if found is not None:
        return found
    name = vault_name(id_)
    if name is not None:
        by_name, unsure = index.once(_by_name)
        return by_name.get(name, unsure)
    if any(map(_ELSEWHERE.search, addresses)) or isinstance(id_, Known):
        return None
    return Unknown(f"it cannot be determined which key vault holds the key, because {id_.reason}", id_.span, id_.trace)


def _by_name(index: Index) -> tuple[dict[str, KeyVault], Unknown | None]:
    """The vaults by their names in lower case, and why there may be others."""
    found: dict[str, KeyVault] = {}
    unsure: Unknown | None = None
    for vault in index.all(KeyVault):
        if isinstance(vault.name, Known):
            found.setdefault(vault.name.value.lower(), vault)
        elif unsure is None:
            reason = f"key vault '{vault.label}' may hold the key: its name is not known, because {vault.name.reason}"
            unsure = replace(vault.name, reason=reason)
    return found, unsure


def vault_name(id_: Value[Any]) -> str | None:
    """The name, in lower case, of the vault in the id of a key or of the vault itself; None if it is not written."""
    pieces = (id_,) if isinstance(id_, Known) else id_.parts
    text = "".join(str(each.value) if isinstance(each, Known) else "\0" for each in pieces)
    found = _VAULT.search(text)
    return (found["host"] or found["id"]).lower() if found else None


def _vault_addresses(addresses: Iterator[str]) -> Iterator[str]:
    """Addresses, each followed by the address of its vault: in ARM, the name of a key begins with that of its vault."""
    for address in addresses:
        yield address
        prefix = "microsoft.keyvault/vaults/"
        if address.startswith(f"{prefix}keys/"):
            yield prefix + address.removeprefix(f"{prefix}keys/").rpartition("/")[0]

"""Tells from names whether their values are secret."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache

from pgflexlint.lazily import compiled

_NO_KEY = (
    r"(?<!ublic[_-].)(?<!ublic.)(?<!group_.)(?<!(?:vnet|port|pool|zone|rule|plan|hash)_.)(?<!(?:ip|lz|rg|vm)_.)"
    r"(?<!nsg_.)(?<!_set_.)(?<!(?:subnet|policy)_.)(?<!(?:address|network)_.)(?<!(?:keyvault|identity|resource)_.)"
    r"(?<!(?:interface|partition)_.)(?<!definition_.)(?<!destination_.)(?<!AsK)(?<!eyVaultK)"
)
"""Keys that are no secrets: public ones, and those of a table or of a map, such as `resource_group_key`."""
_KEYWORD = (
    r"[AaCcKkPpSsſTt](?:"
    r"(?<=[Pp])(?i:asswor[dt]|asswd|assphrase|asscode|wd|rotected[_-]?settings)"
    r"|(?<=[Pp])(?<!(?i:by).)(?<!(?i:com).)(?<!(?i:sur).)(?<!(?i:tres).)(?i:ass)(?![a-z]|(?<=S)[A-Z])"
    r"|(?<=[Ssſ])(?i:ecret|ecure[_-]?(?:value|env|setting|param)|ensitive[_-]?(?:body|content|file)|(?<=set_s)ensitive)"
    r"|(?<=[Tt])(?i:oken|(?<=ident)ified[ \t]{1,9}by)"
    r"|(?<=[Cc])(?i:onn(?:ection)?[_-]?str(?:ing)?|redential|reds(?![a-z]))"
    r"|(?<=[Aa])(?i:pi[_-]?key|uthorization(?![\w-]))|(?<=[Kk])(?i:ennwort)"
    rf"|(?<=[\w-][Kk]){_NO_KEY}"
    r"(?i:ey)(?i:s|[_-]?(?:[0-9]{1,3}|value|base64|b64))?(?![\w-])"
    r"|(?:(?<![A-Za-z][Pp])(?<=[Pp])|(?<=[a-z0-9]P))[Ww](?![a-z]))"
)
"""A word that says so, such as "password"; also whatever goes before "key". It begins with a set of characters, so that
`re` looks at no other place."""
NAME = compiled(rf"{_KEYWORD}(?P<rest>[\w-]{{0,80}}+)")
_ABOUT = (
    "auth|authentication|method|encryption|enabled|disabled|length|version|policy|ttl|days|warnings|allowed|contain|case"
    "|digit|lower|upper|repeat|special|history|interval|max|until|logging|name|names|ref|type|permissions|policies"
)
HARMLESS = compiled(rf"(?:(?:^|[_-])(?:{_ABOUT})|{_ABOUT.title()})$")
"""Ends of names that are about a secret and do not hold it, such as `password_encryption` or `passwordAuth`."""
_REFERS = compiled(
    r"(?i:(?:^|[_-])(?:name|id|ref|uri|url|type|permissions)|(?-i:Name|Id|Ref|Ur[il]|Type|Permissions))$"
)
_NO_SECRET = compiled(r"(?i)([\"']?)(?:enabled|disabled|true|false|null|\d{1,3}(?:\.\d{1,3}){3}(?:/\d{1,2})?)?\1")
"""Values that are never secret, whatever their name: switches, addresses and ranges of addresses."""


@lru_cache(maxsize=4096)
def says_so(name: str) -> bool:
    """Whether a name says that its value is a secret, and not only the name or the place of a secret."""
    found = list(NAME.finditer(name))
    return bool(found) and not HARMLESS.search(found[-1]["rest"]) and not _REFERS.search(name)


def refers(name: str) -> bool:
    """Whether the value of a name is a name or a place, such as the `name` of a secret."""
    return _REFERS.search(name) is not None


def told_by_others(members: Iterable[tuple[str, object]]) -> frozenset[str]:
    """The members of an object that are secret because another member says so.

    These are the value beside a name such as "password", and the data of a Kubernetes Secret. The members are keys,
    each with what is said there.
    """
    members = tuple(members)
    ends = set()
    for key, said in members:
        if key == "kind" and said == "Secret":
            ends.add("data")
        elif key.lower() in ("name", "key") and isinstance(said, str) and says_so(said):
            ends.add("value")
    return frozenset(key for key, _ in members if key.lower().endswith(tuple(ends)) and key != "metadata")


def is_no_secret(value: object) -> bool:
    """Whether a value cannot be a secret, whatever its name says: a switch, an address or a range of addresses."""
    return isinstance(value, str) and _NO_SECRET.fullmatch(value) is not None


def is_option(element: object) -> bool:
    """Whether an element of a list is an option whose name says that the next element is secret."""
    return isinstance(element, str) and element.startswith("--") and takes_secret(element[2:])


def takes_secret(option: str) -> bool:
    """Whether the name of an option says that its value is secret."""
    return says_so(option) and not option.endswith(("-file", "-path"))

"""Calls of the Azure Verified Modules for flexible servers, which are not on disk.

A call is rewritten into the resources that the module would declare. `arm.py` and `azurerm.py` make parts of the model
of these, as of any resource. An argument keeps its place. A value that the module decides is a default at the header of
the call. The facts about the modules are in `avm_tables.py`.

https://azure.github.io/Azure-Verified-Modules/
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import Any, TypeAlias

from msgspec import Struct
from msgspec.structs import replace

from pgflexlint.evaluate.members import either, known_in_part, taken
from pgflexlint.lazily import compiled
from pgflexlint.model import Password, Server
from pgflexlint.normalize import arm, readers, versions
from pgflexlint.normalize.avm_tables import (
    AUTHENTICATION_DERIVED,
    AUTHENTICATION_GIVEN,
    BICEP,
    KEY_ROTATED,
    LOGS_LEFT_TO_METRICS,
    MAY_DO_ANYTHING,
    NEEDS_CALLER,
    OTHER_ADDS,
    PARAMETERS_API,
    PUBLIC_ACCESS_SENT,
    PUBLISHED_CHILDREN,
    REPLICA_WITHOUT_GEO_BACKUP,
    SERVER,
    TERRAFORM,
    THREAT_PROTECTION,
    THREAT_PROTECTION_NAMED,
    Child,
    Table,
)
from pgflexlint.normalize.claims import Claim, Context, Piece
from pgflexlint.normalize.reading import or_default
from pgflexlint.normalize.versions import Constraint, Version
from pgflexlint.resource import ANY_INSTANCE, Resource
from pgflexlint.source import Span
from pgflexlint.values import Known, Origin, Reference, Step, Unknown, Value, holds, is_null

Arguments: TypeAlias = dict[str, Value[Any]]

_SOURCES = (
    (BICEP, compiled(
        r"br[:/].*[:/]res/db-for-postgre-sql/flexible-server"
        rf"(?:/(?P<child>{'|'.join(PUBLISHED_CHILDREN)}))?(?::(?P<version>[^:@/]+)|@.+)", re.IGNORECASE)),
    (TERRAFORM, compiled(r"(?:[\w.-]+/)?Azure/avm-res-dbforpostgresql-flexibleserver/azurerm", re.IGNORECASE)),
    (TERRAFORM, compiled(
        r".*github\.com[:/]Azure/terraform-azurerm-avm-res-dbforpostgresql-flexibleserver(?:\.git)?"
        r"(?:\?(?:(?:.*&)?ref=(?P<version>[^&]+)|[^=]*=).*)?", re.IGNORECASE)),
)  # fmt: skip
"""Sources of the modules: public registries, their aliases and mirrors, and GitHub."""
_RESOURCE_MODULE = compiled(
    r"br[:/].*[:/]avm/res/(?P<bicep>[\w-]+)/.+|(?:[\w.-]+/)?Azure/avm-res-(?P<terraform>[a-z]+)-[\w-]+/azurerm(?://.*)?",
    re.IGNORECASE,
)
"""Any Azure Verified Module for a resource, in the public registries or in one that mirrors their paths."""
_UTILITY = compiled(
    r"br[:/].*[:/]avm/utl/.+|(?:[\w.-]+/)?Azure/(?:avm-utl-[\w-]+|naming)/azurerm(?://.*)?",
    re.IGNORECASE,
)
"""Any Azure Verified Module that only computes something, and the module that Azure publishes for names."""


def matches(source: str) -> bool:
    """Whether a module source names one of the modules."""
    return any(pattern.fullmatch(source) for _, pattern in _SOURCES)


def adds(source: str, kinds: Collection[str]) -> Collection[str]:
    """Which of some kinds of parts a module that is not on disk may add to a server.

    A verified resource module deploys its own resource and parts of that, and nothing that it depends on
    (https://azure.github.io/Azure-Verified-Modules/specs/shared/module-classifications/). What the modules for flexible
    servers deploy is known, and a utility module deploys nothing. Of any other module nothing is known.
    """
    if matches(source) or _UTILITY.fullmatch(source):
        return ()
    found = _RESOURCE_MODULE.fullmatch(source)
    if found is None:
        return kinds
    provider = (found["bicep"] or found["terraform"]).replace("-", "").lower()
    return kinds if provider in MAY_DO_ANYTHING else OTHER_ADDS


def read(call: Resource, context: Context) -> Iterator[Piece]:
    """The parts of the model that a call deploys."""
    table, found = next((table, found) for table, each in _SOURCES if (found := each.fullmatch(call.type)))
    groups = found.groupdict()
    if groups.get("child"):
        yield from _handed_on(_published_child(call, PUBLISHED_CHILDREN[groups["child"].lower()]), context)
        return
    rewritten = rewrite(call, table, groups.get("version"))
    for piece in _handed_on(rewritten.resources, context):
        if isinstance(piece, Server):
            network = replace(piece.network, discarded_subnet=rewritten.discarded_subnet)
            if rewritten.ignored_public_access is not None:
                network = replace(
                    network,
                    ignored_public_access=rewritten.ignored_public_access,
                    ignored_because=f"{table.name} {groups.get('version')}",
                )
            passwords = tuple(map(_handed_in, piece.authentication.administrator_passwords))
            authentication = replace(piece.authentication, administrator_passwords=passwords)
            yield replace(piece, network=network, authentication=authentication)
        else:
            yield piece
    yield Claim("", None, _id(rewritten.identity, call.header), call.header, of=call.address)


def _handed_in(password: Password) -> Password:
    """A password that goes through a variable or parameter of the module, which is sensitive."""
    value = password.value
    if isinstance(value, Unknown):
        value = value.via(value.span, "an argument of the module that hides it", sensitive=True)
    return Password(value, password.write_only)


def _handed_on(resources: tuple[Resource, ...], context: Context) -> Iterator[Piece]:
    """What the readers of these types make of the resources."""
    for resource in resources:
        yield from (readers.TERRAFORM.get(resource.type) or readers.ARM[resource.type])(resource, context)


class Rewritten(Struct, frozen=True):
    """The resources that a call deploys."""

    resources: tuple[Resource, ...]
    identity: str
    """The address by which others refer to the call."""
    discarded_subnet: Value[Any] | None
    """The delegated subnet that the module gets and drops."""
    ignored_public_access: Value[bool] | None
    """The public access setting that the module gets and does not send."""


def rewrite(call: Resource, table: Table, tag: str | None) -> Rewritten:
    """The resources that a module declares for the arguments of a call. `tag` is the version in its source."""
    given = dict(call.attributes)
    if table is TERRAFORM:
        given.pop("version", None)
    unseen = given.pop("", None)
    if unseen is None and "name" not in given:  # which is required: the arguments could not be worked out
        unseen = Unknown("the arguments of the module are not known", call.header)
    if isinstance(unseen, Unknown):
        given = {**dict.fromkeys(table.parameters, unseen.bare()), **given}
    version, doubt = _version(table, call, tag)
    arguments = _with_defaults(given, table, version, doubt, call.header)
    sent = _Bicep(arguments, version or table.versions[-1], call.header) if table is BICEP else None
    arguments = sent.arguments if sent else arguments
    paths = {path: _at(arguments, name) for path, name in table.settings.items()}
    identity = call.identity or re.sub(r"\[[^\]]*\]$", "", call.address)
    attributes = {
        name: value.at(arguments[name].span) if name in arguments else value
        for name, value in _nested(paths, call.header).items()
    }
    server = replace(call, type=table.server, attributes=attributes, identity=identity)
    children = [
        resource
        for child in table.children
        for resource in _children(call, child, arguments.get(child.parameter), version or table.versions[-1])
    ]
    if table is BICEP:
        children = [_with_api_version(each, version, doubt) for each in children]
    if sent and sent.endpoints_doubt is not None:
        children = [
            replace(each, maybe=each.maybe or sent.endpoints_doubt) if each.type.endswith("privateendpoints") else each
            for each in children
        ]
    discarded, ignored = (sent.discarded_subnet, sent.ignored_public_access) if sent else (None, None)
    return Rewritten((server, *children), identity, discarded, ignored)


# Versions


def _version(table: Table, call: Resource, tag: str | None) -> tuple[Version | None, str]:
    """The version of the called module; None if it is unknown or not in the table, and the reason."""
    written = call.attributes.get("version") if table is TERRAFORM and tag is None else None
    text = tag if tag is not None else written.value if isinstance(written, Known) else None
    unsure = f"which version of module '{table.name}' is used is not known, and with it what the module does by default"
    if not isinstance(text, str):
        return None, unsure
    if (version := versions.exact(text)) is not None:
        if version in table.versions:
            return version, ""
        return None, f"the defaults of version {text.strip()} of module '{table.name}' are not in pgflexlint's table"
    return (_newest(table, text) if table is TERRAFORM else None), unsure


def _newest(table: Table, text: str) -> Version | None:
    """The version that Terraform takes: the newest that a constraint allows. None if there may be a newer one."""
    constraint = Constraint.parse(text)
    major, minor, _ = table.versions[-1]
    if constraint is None or constraint.may_be((major, minor + 1, 0)):
        return None
    return next((version for version in reversed(table.versions) if constraint.allows(version)), None)


# Arguments and defaults


def _with_defaults(
    given: Mapping[str, Value[Any]], table: Table, version: Version | None, doubt: str, header: Span
) -> Arguments:
    """The arguments, with the defaults of the module for those that are left out, if its version is known.

    In Bicep null means the default. In Terraform null counts in place of the default.
    """
    arguments = {name: value for name, value in given.items() if table is TERRAFORM or not _null(value)}
    for parameter in table.parameters:
        step = Step(header, f"the default of {table.parameter_word} '{parameter}' of module '{table.name}'")
        silent: Value[Any] = Unknown(doubt, header)
        if version is not None or parameter in NEEDS_CALLER:
            silent = _decided(table.default(parameter, version or table.versions[-1]), header, (step,))
        if parameter not in arguments:
            if not _null(silent):
                arguments[parameter] = silent
        elif table is BICEP and not _null(silent):
            arguments[parameter] = _or_default(arguments[parameter], silent)
    return arguments


def _decided(value: Any, header: Span, trace: tuple[Step, ...] = ()) -> Known[Any]:
    """A value that the module decides, with all its members."""
    if isinstance(value, Mapping):
        value = {name: _decided(each, header, trace) for name, each in value.items()}
    elif isinstance(value, tuple):
        value = tuple(_decided(each, header, trace) for each in value)
    return Known(value, header, trace, Origin.DEFAULT)


def _or_default(value: Value[Any], silent: Value[Any]) -> Value[Any]:
    """As `reading.or_default`. If the default is unknown, the other candidates remain as some that it can be."""
    if isinstance(silent, Known):
        return or_default(value, silent)
    if isinstance(value, Known) or not any(map(is_null, value.candidates)):
        return value
    return replace(value, candidates=(), some=tuple(each for each in value.candidates if not is_null(each)))


def _null(value: Value[Any] | None) -> bool:
    return value is None or is_null(value)


def _empty(value: Value[Any] | None) -> bool | None:
    """Whether Bicep's `empty()` is true of a value; None if that is unknown."""
    if value is None:
        return True
    if isinstance(value, Unknown) and value.members:
        return False
    return holds(value, lambda known: known is None or (hasattr(known, "__len__") and len(known) == 0))


def _blank(value: Value[Any] | None) -> bool | None:
    """As `_empty`, of a text. A text that is never null, such as an id, is not empty."""
    set_ = isinstance(value, Unknown) and value.never_null and not value.candidates
    return False if set_ else _empty(value)


def _at(arguments: Mapping[str, Value[Any]], path: str) -> Value[Any] | None:
    """An argument, or a member of one; None if it is null."""
    first, *rest = path.split(".")
    value = arguments.get(first)
    for name in rest:
        value = _member(value, name)
    return None if _null(value) else value


def _member(value: Value[Any] | None, name: str) -> Value[Any] | None:
    """The member of an object; None if it is null."""
    return arm.member_at(value, name.lower())


def _placed(found: Value[Any], holder: Value[Any], text: str) -> Value[Any]:
    """A member at its own place; if it is written elsewhere, at the place where its object is used."""
    return taken(found, holder, None, found.span if holder.span.holds(found.span) else holder.span, text)


# Shapes


def _nested(paths: Mapping[str, Value[Any] | None], place: Span) -> Mapping[str, Value[Any]]:
    """Nested objects from values by dotted path. `[]` is a list with one member. Null is left out."""
    tree: dict[str, Any] = {}
    for path, value in paths.items():
        if value is not None and not _null(value):
            *parents, last = path.split(".")
            branch = tree
            for name in parents:
                branch = branch.setdefault(name, {})
            branch[last] = value
    return {name: _grown(branch, place) for name, branch in tree.items()}


def _grown(branch: Any, place: Span) -> Value[Any]:
    """A branch of the tree as a value: an object, a list, or the value at its end."""
    if not isinstance(branch, dict):
        return branch  # type: ignore[no-any-return]
    members = {name: _grown(each, place) for name, each in branch.items()}
    place = _around(place, members.values())
    return Known((members["[]"],) if "[]" in members else members, place)


def _around(place: Span, members: Iterable[Value[Any]]) -> Span:
    """A place, extended so that it contains the members of an object."""
    for member in members:
        if member.span.file is place.file:
            place = Span(place.file, min(place.start, member.span.start), max(place.end, member.span.end))
    return place


def _id(address: str, header: Span) -> Unknown:
    """The id of a resource that the module deploys."""
    reason = f"the id of '{address}' is known only after deployment"
    return Unknown(reason, header, reference=Reference(address, "id"), never_null=True)


# What parameters hold


def _children(call: Resource, child: Child, collection: Value[Any] | None, version: Version) -> Iterator[Resource]:
    """The resources that a parameter asks for, each at the place of its own member."""
    if child.single and collection is not None:
        place = collection.span
        collection = collection.map(lambda known: (Known(known, place),) if known else ())
    for key, item, maybe in _members(collection):
        suffix = "" if child.single and maybe is None else key
        name = _member(item, "name") if isinstance(item, Known) and isinstance(item.value, Mapping) else None
        spoken = name.value if isinstance(name, Known) else f"{child.parameter}{suffix}"
        yield _child(
            replace(
                call,
                address=f"{call.address}.{child.parameter}{suffix}",
                label=key[2:-2] if key.startswith('["') else str(spoken),
                header=item.span,
                maybe=call.maybe or maybe,
            ),
            child,
            item,
            _id(call.address, item.span),
            version,
        )


def _child(like: Resource, child: Child, item: Value[Any], server: Value[Any], version: Version) -> Resource:
    """One resource, from a member of a parameter or from the arguments of a child module."""
    paths = {path: server if name == SERVER else _member(item, name) for path, name in child.fields.items()}
    if child.parameter == "diagnosticSettings":
        paths["properties.logs"] = _bicep_logs(item, version)
    elif child.parameter == "diagnostic_settings":
        paths["enabled_log"] = _terraform_logs(item)
    attributes = {"name": Unknown("its name is not written", item.span), **_nested(paths, item.span)}
    parent = None if SERVER in child.fields.values() else server
    return replace(like, type=child.type, attributes=attributes, identity=like.address, parent=parent)


def _with_api_version(child: Resource, version: Version | None, doubt: str) -> Resource:
    """A server parameter with the API version that the Bicep module uses, if that matters."""
    since, api = PARAMETERS_API
    if child.type != f"{BICEP.server}/configurations" or (version is not None and version < since):
        return child
    written: Value[Any] = Known(api, child.header) if version is not None else Unknown(doubt, child.header)
    return replace(child, attributes={**child.attributes, "apiversion": written})


def _members(collection: Value[Any] | None) -> Iterator[tuple[str, Value[Any], Unknown | None]]:
    """The members of a list or map, each with its key, and why it is not certain that it exists.

    If they are unknown, one member `ANY_INSTANCE` stands for any number.
    """
    match collection:
        case None | Known(None):
            return
        case Known(Mapping() as items):
            for key in items:
                yield f'["{key}"]', _placed(items[key], collection, f"'{key}' in an object"), None
        case Known(tuple() as items):
            for index, item in enumerate(items):
                yield f"[{index}]", _placed(item, collection, f"element {index} of a list"), None
        case Unknown(candidates=candidates) if candidates:
            found: dict[str, list[Value[Any]]] = {}
            for candidate in candidates:
                for key, item, _ in _members(candidate):
                    found.setdefault(key, []).append(item)
            doubt = replace(collection, candidates=())
            for key, same in found.items():
                item = same[0] if len(same) == 1 else either(same, doubt, collection.span)
                certain = len(same) == len(candidates) and key != ANY_INSTANCE
                yield key, item, None if certain else doubt
        case Unknown():
            part = collection.known_part
            for key, item, _ in _members(part):
                yield key if isinstance(part and part.value, Mapping) else ANY_INSTANCE, item, None
            others = collection.bare()
            yield ANY_INSTANCE, others, others
        case _:
            doubt = Unknown("it is neither a list nor a map", collection.span, collection.trace)
            yield ANY_INSTANCE, doubt, doubt


def _bicep_logs(item: Value[Any], version: Version) -> Value[Any] | None:
    """The logs that a diagnostic setting of the Bicep module sends; all logs if it names none."""
    if isinstance(item, Unknown):
        return item
    logs = _member(item, "logCategoriesAndGroups")
    if logs is None:
        if version >= LOGS_LEFT_TO_METRICS and (metrics := _member(item, "metricCategories")) is not None:
            filled = _empty(metrics)
            if filled is None:
                return Unknown("whether it leaves out the logs depends on its metrics", metrics.span, metrics.trace)
            if not filled:
                return None
        return _decided(({"categoryGroup": "allLogs", "enabled": True},), item.span)
    if isinstance(logs, Unknown):
        return logs
    return logs.map(lambda entries: tuple(map(_enabled, entries)))


def _enabled(entry: Value[Any]) -> Value[Any]:
    """A log. It is enabled by default."""
    if isinstance(entry, Unknown) or _member(entry, "enabled") is not None:
        return entry
    return entry.map(lambda members: {**members, "enabled": _decided(True, entry.span)})


def _terraform_logs(item: Value[Any]) -> Value[Any]:
    """The logs that a diagnostic setting of the Terraform module sends; all logs if it names no groups."""
    if isinstance(item, Unknown):
        return item
    groups = _member(item, "log_groups") or _decided(("allLogs",), item.span)
    blocks: list[Value[Any]] = []
    for word, names in (("category_group", groups), ("category", _member(item, "log_categories"))):
        for _, name, maybe in _members(names):
            blocks.append(maybe or Known({word: name}, name.span))
    return Known(tuple(blocks), item.span)


def _published_child(call: Resource, parameter: str) -> tuple[Resource, ...]:
    """The resource of a child module that is called directly."""
    child = next(child for child in BICEP.children if child.parameter == parameter)
    server = call.attributes.get("flexibleServerName") or Unknown("it names no server", call.header)
    unseen = call.attributes.get("")
    given: Value[Any] = Known(call.attributes, _around(call.header, call.attributes.values()))
    if isinstance(unseen, Unknown):
        given = known_in_part(call.attributes, unseen, call.header)
        server = call.attributes.get("flexibleServerName") or unseen
    return (_child(call, child, given, server, BICEP.versions[-1]),)


class _Bicep:
    """Changes arguments as the Bicep module does before it sends them (`flexible-server/main.bicep`)."""

    def __init__(self, arguments: Arguments, version: Version, header: Span) -> None:
        self.arguments = arguments
        self.header = header
        self.discarded_subnet: Value[Any] | None = None
        self.ignored_public_access: Value[bool] | None = None
        self.endpoints_doubt: Unknown | None = None
        subnet = arguments.get("delegatedSubnetResourceId")
        self._private_endpoints(subnet)
        integrated = self._network(subnet)
        if version < PUBLIC_ACCESS_SENT and not integrated:
            self._unsent_public_access(certain=integrated is False)
        if version < AUTHENTICATION_GIVEN:
            self._authentication(derived=version >= AUTHENTICATION_DERIVED)
        replica = holds(arguments.get("createMode") or Known(None, header), lambda mode: str(mode).lower() == "replica")
        if replica and version >= REPLICA_WITHOUT_GEO_BACKUP:
            arguments.pop("geoRedundantBackup", None)
        key = arguments.pop("customerManagedKey", None)
        if key is not None:
            arguments["dataEncryption"] = key.map(lambda given: self._encryption(given, key.span, version))
        if version >= THREAT_PROTECTION:
            arguments["threatProtection"] = self._threat_protection(version)
        kind = _member(arguments.get("lock"), "kind")
        if isinstance(kind, Known) and kind.value == "None":
            del arguments["lock"]

    def _encryption(self, given: Any, place: Span, version: Version) -> Mapping[str, Value[Any]] | None:
        """The customer-managed key, which the module looks up in a vault, with or without a version."""
        if not isinstance(given, Mapping) or not given:
            return None
        sent = {"type": _decided("AzureKeyVault", place), "primaryKeyURI": self._key_uri(Known(given, place), version)}
        identity = _at(given, "userAssignedIdentityResourceId")
        return sent if identity is None else {**sent, "primaryUserAssignedIdentityId": identity}

    def _key_uri(self, given: Known[Any], version: Version) -> Value[str]:
        """The id of the key. It ends with a version if the caller gives one, or if the module does not rotate it."""
        vault, name, written = (_member(given, part) for part in ("keyVaultResourceId", "keyName", "keyVersion"))
        rotates: Value[Any] = _decided(False, given.span)
        if version >= KEY_ROTATED:
            rotates = _member(given, "autoRotationEnabled") or _decided(True, given.span)
        pieces: list[Value[Any]] = [vault or _decided("", given.span), Known("/keys/", given.span)]
        pieces.append(name or _decided("", given.span))
        blank, rotated = _blank(written), holds(rotates, bool)
        doubt = written if blank is None else rotates if blank and rotated is None else None
        if isinstance(doubt, Unknown):
            return Unknown(doubt.reason, doubt.span, doubt.trace, never_null=True)
        if not (blank and rotated):
            pieces += [Known("/", given.span), Unknown("it is the version of the key at deployment", given.span)]
        reason = "the id of the key is known only after deployment"
        return Unknown(reason, given.span, parts=tuple(pieces), never_null=True)

    def _threat_protection(self, version: Version) -> Value[Any]:
        """The setting that the module deploys. If it deploys none, that counts as off."""
        switch = self.arguments.get("enableAdvancedThreatProtection") or _decided(True, self.header)
        state = self.arguments.get("serverThreatProtection") or _decided("Enabled", self.header)
        off = isinstance(switch, Unknown) and holds(state, lambda word: str(word).lower() == "disabled")
        if not off and not (isinstance(switch, Known) and switch.value):
            state = switch.map(lambda on: "Enabled" if on else "Disabled")
        name = "Default" if version >= THREAT_PROTECTION_NAMED else "PostgreSQL-advancedThreatProtection"
        sent = {"name": _decided(name, self.header), "serverThreatProtection": state}
        return Known(sent, state.span, state.trace)

    def _private_endpoints(self, subnet: Value[Any] | None) -> None:
        """Remove private endpoints if the server is in a subnet: the module deploys none then."""
        empty = _blank(subnet)
        if empty is False:
            self.arguments.pop("privateEndpoints", None)
        elif empty is None and isinstance(subnet, Unknown):
            self.endpoints_doubt = replace(subnet, candidates=())

    def _network(self, subnet: Value[Any] | None) -> bool | None:
        """Drop the subnet if there are firewall rules, as every version of the module does.

        Returns whether the server is in the subnet; None if that is unknown.
        """
        rules = self.arguments.get("firewallRules")
        shut, blank = _empty(rules), _blank(subnet)
        if subnet is not None and blank is not True and shut:
            return None if blank is None else True
        if subnet is not None and blank is not True and isinstance(rules, Unknown) and shut is None:
            reason = f"the module drops the subnet where there are firewall rules, and {rules.reason}"
            candidates = (subnet, Known(None, subnet.span)) if isinstance(subnet, Known) else ()
            self.arguments["delegatedSubnetResourceId"] = Unknown(reason, subnet.span, rules.trace, candidates)
            return None
        self.discarded_subnet = None if blank else subnet
        for name in ("delegatedSubnetResourceId", "privateDnsZoneArmResourceId"):
            self.arguments.pop(name, None)
        return False

    def _unsent_public_access(self, *, certain: bool) -> None:
        """Drop the public access argument, which the module sends only for a server in a subnet."""
        value = self.arguments.pop("publicNetworkAccess", None)
        if certain and value is not None and not (isinstance(value, Known) and value.origin is Origin.DEFAULT):
            self.ignored_public_access = value.map(lambda word: str(word).lower() == "enabled")

    def _authentication(self, *, derived: bool) -> None:
        """Set the sign-in methods: those that are given or, if `derived`, those that other arguments ask for."""
        arguments = self.arguments
        entra, password = arguments.pop("activeDirectoryAuth", None), arguments.pop("passwordAuth", None)
        if derived:
            entra = self._on_with("administrators")
            password = self._on_with("administratorLogin", "administratorLoginPassword")
        methods = {"authConfig.activeDirectoryAuth": entra, "authConfig.passwordAuth": password}
        arguments.update(_nested(methods, self.header))

    def _on_with(self, *names: str) -> Value[str]:
        """`Enabled` if none of some arguments is empty, else `Disabled`."""
        values = [self.arguments.get(name) for name in names]
        answers = [(_empty if name == "administrators" else _blank)(self.arguments.get(name)) for name in names]
        if True in answers:
            value = values[answers.index(True)]
            return _decided("Disabled", self.header) if value is None else Known("Disabled", value.span, value.trace)
        for name, value, answer in zip(names, values, answers, strict=True):
            if answer is None and isinstance(value, Unknown):
                reason = f"the module enables it where '{name}' is not empty, and {value.reason}"
                both = tuple(Known(word, value.span) for word in ("Enabled", "Disabled"))
                return Unknown(reason, value.span, value.trace, both)
        last = values[-1]
        assert last is not None
        return Known("Enabled", last.span, last.trace)

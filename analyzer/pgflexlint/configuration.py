"""The keys of the configuration, and its schema.

`KEYS` and the rules' options are the only declaration; the schema, the check of a file, the documentation and
`pgflexlint config show` are made of them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import TYPE_CHECKING, Any, NamedTuple

from pgflexlint.level import Level
from pgflexlint.problem import UsageError, suggestion

if TYPE_CHECKING:
    from pgflexlint.rule import Option, Rule

_TEXT = {"type": "string"}
_TEXTS = {"type": "array", "items": _TEXT}
_SELECTORS = {"type": "array", "items": {"$ref": "#/$defs/selector"}}
_FLAG = {"type": "boolean"}
_DATE = {"type": "string", "format": "date"}
_LEVEL = {"type": "string", "enum": [level.value for level in Level]}


def _described(schema: Mapping[str, Any], description: str) -> dict[str, Any]:
    return {**schema, "description": description}


def _table(required: Sequence[str] = (), **properties: Mapping[str, Any]) -> dict[str, Any]:
    named = {name.replace("_", "-"): schema for name, schema in properties.items()}
    return {"type": "object", "additionalProperties": False, "required": list(required), "properties": named}


_SCENARIO = _table(
    ["root"],
    root=_described(_TEXT, "The directory of a Terraform root module, or the path of a Bicep or ARM template."),
    name=_described(_TEXT, "Its name in reports; by default the names of its files."),
    var_files=_described(
        _TEXTS, "For Terraform: variable files that override those loaded automatically; the last wins."
    ),
    parameters=_described(_TEXTS, "For Bicep and ARM: parameter files; the last wins."),
)
_ALLOW = _table(
    ["rules", "reason"],
    rules=_described(_SELECTORS, "The rules whose findings are allowed."),
    reason=_described(_TEXT, "Why they are allowed."),
    address=_described(_TEXT, "The addresses of the resources; * stands for any text and ? for one character."),
    path=_described(_TEXT, "The files, as in .gitignore."),
    until=_described(_DATE, "The last day on which they are allowed, such as 2027-01-31."),
)


class Key(NamedTuple):
    """One key of the configuration."""

    name: str
    kind: str
    """What its value is, in words."""
    schema: Mapping[str, Any]
    default: Any
    summary: str
    """What it says, in one sentence with a full stop."""
    option: str = ""
    """The option of the command line that counts for more."""


KEYS = (
    Key("select", "list of rules", _SELECTORS, ["DEFAULT"], "The rules that run: ids, beginnings of ids (`PGF3`), "
        "slugs, `DEFAULT` or `ALL`.", "--select"),
    Key("extend-select", "list of rules", _SELECTORS, [], "Additional rules that run.", "--extend-select"),
    Key("ignore", "list of rules", _SELECTORS, [], "Rules that do not run.", "--ignore"),
    Key("per-file-ignores", "table of lists of rules", {"type": "object", "additionalProperties": _SELECTORS}, {},
        "By glob, as in .gitignore: rules whose findings are allowed in those files."),
    Key("rules", "table of tables", {"$ref": "#/$defs/rules"}, {},
        "By id or slug of a rule: the `level` of its findings, and its options."),
    Key("exclude", "list of globs", _TEXTS, [], "Directories and files to exclude, as in .gitignore.", "--exclude"),
    Key("respect-gitignore", "true or false", _FLAG, True,
        "Files that Git ignores are left out, unless the command line names them.", "--no-respect-gitignore"),
    Key("force-exclude", "true or false", _FLAG, False,
        "What is excluded is left out even if the command line names it.", "--force-exclude, --no-force-exclude"),
    Key("scenarios", "list of tables", {"type": "array", "items": _SCENARIO}, [],
        "The sets of inputs that a root is deployed with; it is judged with each of them.", "--var-file, --parameters"),
    Key("fail-on", "string", {"type": "string", "enum": [*_LEVEL["enum"], "never"]}, "warning",
        "The lowest level that makes the exit code 1: `error`, `warning`, `note` or `never`.", "--fail-on"),
    Key("allow", "list of tables", {"type": "array", "items": _ALLOW}, [],
        "Findings that are allowed, each with a reason and, if you like, a last day."),
    Key("require-reason", "true or false", _FLAG, False,
        "Ignore comments and entries of `allow` have no effect without a reason.", "--require-reason"),
    Key("strict-ignores", "true or false", _FLAG, False,
        "Unused and invalid ignores make the exit code 1.", "--strict-ignores"),
    Key("baseline", "string", _TEXT, "", "The file with known findings.", "--baseline"),
)  # fmt: skip


def schema(rules: Sequence[Rule]) -> dict[str, Any]:
    """The JSON schema of the table, for these rules."""
    prefixes = {rule.id[:length] for rule in rules for length in range(3, len(rule.id))}
    names = [name for rule in rules for name in (rule.id, rule.slug)]
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "The configuration of pgflexlint",
        "description": "The table [tool.pgflexlint] of pyproject.toml, or the whole of .pgflexlint.toml.",
        "type": "object",
        "additionalProperties": False,
        "properties": {
            key.name: _described(key.schema, key.summary) | ({"default": key.default} if key.default != "" else {})
            for key in KEYS
        },
        "$defs": {
            "selector": {"type": "string", "enum": ["DEFAULT", "ALL", *sorted(prefixes), *names]},
            "rules": {
                "type": "object",
                "additionalProperties": False,
                "properties": {name: {"$ref": f"#/$defs/{rule.id}"} for rule in rules for name in (rule.id, rule.slug)},
            },
            **{rule.id: _rule_schema(rule) for rule in rules},
        },
    }


def _rule_schema(rule: Rule) -> dict[str, Any]:
    options = {option.key: _option_schema(option) for option in rule.options}
    level = _described(_LEVEL, "The level of all its findings.")
    return {**_table(), "description": rule.summary, "properties": {"level": level, **options}}


def _option_schema(option: Option) -> dict[str, Any]:
    from pgflexlint.rule import TODAY  # noqa: PLC0415 - who has an option has loaded it

    bounds = {"minimum": option.least, "maximum": option.most}
    default = {} if option.default is TODAY else {"default": plain(option.default)}
    return {
        **_type_of(option),
        **{name: bound for name, bound in bounds.items() if bound is not None},
        "description": option.summary,
        **default,
    }


def _type_of(option: Option) -> dict[str, Any]:
    text: dict[str, Any] = {**_TEXT, "pattern": f"^(?:{option.pattern})$"} if option.pattern else _TEXT
    text = {**text, "examples": [option.example]} if option.example else text
    match option.default:
        case bool():
            return _FLAG
        case int():
            return {"type": "integer"}
        case float():
            return {"type": "number"}
        case date():
            return _DATE
        case tuple():
            return {"type": "array", "items": text}
        case _:
            return text


def option_value(option: Option, value: Any) -> Any:
    """A value as the check of a rule is given it: of the type of the default."""
    match option.default:
        case tuple():
            return tuple(value)
        case date():
            return date.fromisoformat(str(value))
        case bool() | str():
            return value
        case default:
            return type(default)(value)


def plain(value: Any) -> Any:
    """A value of TOML, or the default of an option, as JSON has it."""
    match value:
        case Mapping():
            return {key: plain(member) for key, member in value.items()}
        case list() | tuple():
            return [plain(member) for member in value]
        case date():
            return value.isoformat()
        case _:
            return value


def select_rules(rules: Sequence[Rule], selectors: Iterable[str]) -> set[str]:
    """The ids of the rules that selectors select; a selector may hold several, with commas between them.

    Raises `UsageError` for a selector that selects no rule.
    """
    ids: set[str] = set()
    for selector in (part.strip() for text in selectors for part in text.split(",") if part.strip()):
        if selector == "ALL":
            matching = {rule.id for rule in rules}
        elif selector == "DEFAULT":
            matching = {rule.id for rule in rules if rule.default}
        else:
            matching = {rule.id for rule in rules if rule.slug == selector or rule.id.startswith(selector.upper())}
        if not matching:
            raise UsageError(f"There is no rule '{selector}'{suggestion(selector, rule_names(rules))}")
        ids |= matching
    return ids


def rule_names(rules: Iterable[Rule]) -> list[str]:
    """What rules are called: their ids and slugs."""
    return [name for rule in rules for name in (rule.id, rule.slug)]

"""Reads a configuration file, and reports its mistakes with their lines.

It is imported only if there is a file, because the TOML reader is slow to load.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from functools import lru_cache
from itertools import islice
from typing import Any, TypeAlias

from msgspec import Struct

from pgflexlint.configsearch import PROJECT
from pgflexlint.configuration import schema
from pgflexlint.problem import UsageError, suggestion
from pgflexlint.rule import Rule
from pgflexlint.source import SourceFile, Span
from pgflexlint.toml_text import TOML_TOKEN, read_toml

TABLES: Mapping[str, tuple[str, ...]] = {PROJECT: ("tool", "pgflexlint")}
"""The table that holds the keys, by the name of the file; in other files the keys are at the top."""

MISTAKE_LIMIT = 50
"""How many mistakes of a file are reported."""

Way: TypeAlias = tuple[str | int, ...]
"""The way to a value: keys of tables, and positions in lists."""


class Configuration(Struct, frozen=True):
    """A valid configuration file."""

    file: SourceFile
    base: str
    """The directory that its paths and globs are relative to, itself relative to the workspace root."""
    table: Mapping[str, Any]
    """Its keys with their values, as Python's TOML reader returns them."""
    prefix: tuple[str, ...] = ()
    """The table of the file that holds the keys."""
    shown: str = ""
    """The path of the file as messages on the command line show it."""

    def line(self, *path: str | int) -> int:
        """The 1-based line on which a value is written."""
        return line_of(self.file.text, (*self.prefix, *path))

    def span(self, *path: str | int) -> Span:
        """The span of that line, without its indentation."""
        number = self.line(*path)
        text = self.file.line(number)
        start = self.file.line_starts[number - 1]
        return Span(self.file, start + len(text) - len(text.lstrip()), start + len(text.rstrip()))


def load(
    file: SourceFile, base: str, rules: Sequence[Rule], *, prefix: tuple[str, ...], shown: str = ""
) -> Configuration:
    """What a configuration file says in its table `prefix`. Raises `UsageError` with a line for each mistake in it.

    `base` is the directory that its paths are relative to, and `shown` the path of the file in messages, by
    default that of the file.
    """
    shown = shown or file.path
    try:
        table = read_toml(file.text)
    except ValueError as error:
        raise UsageError(_broken(shown, error)) from None
    for depth, key in enumerate(prefix, 1):
        table = table.get(key, {})
        if not isinstance(table, dict):
            way = prefix[:depth]
            said = (
                f"'{shown_path(way)}' must be a table, not {_word(table)}. Write the keys below [{shown_path(prefix)}]."
            )
            raise UsageError(f"{shown}:{line_of(file.text, way)}: {said}")
    found = Configuration(file, base, table, prefix, shown)
    declared = schema(rules)
    if not conforms(_dated(table, declared, declared["$defs"]), declared, declared["$defs"]):
        mistakes = dict.fromkeys(f"{shown}:{line}: {text}" for line, text in _mistakes(found, declared))
        raise UsageError("\n".join(mistakes))
    if twice := _configured_twice(found, rules):
        raise UsageError(twice)
    return found


def _broken(shown: str, error: Exception) -> str:
    place = re.search(r"^(?P<what>.*?) \(at line (?P<line>\d+), column (?P<column>\d+)\)$", str(error))
    if place:
        return f"{shown}:{place['line']}:{place['column']}: This is not valid TOML: {place['what']}."
    return f"{shown}: This is not valid TOML: {error}."


def _configured_twice(found: Configuration, rules: Sequence[Rule]) -> str:
    for rule in rules:
        if {rule.id, rule.slug} <= set(found.table.get("rules", {})):
            line = found.line("rules", rule.slug)
            return f"{found.shown}:{line}: '{rule.slug}' and '{rule.id}' are the same rule. Merge their tables."
    return ""


def _dated(value: Any, declared: Mapping[str, Any], definitions: Mapping[str, Any]) -> Any:
    """A value of TOML with dates as JSON has them where a date is declared; elsewhere a date stays one and is wrong."""
    if "$ref" in declared:
        return _dated(value, definitions[declared["$ref"].rpartition("/")[2]], definitions)
    match value:
        case dict():
            properties, others = declared.get("properties", {}), declared.get("additionalProperties") or {}
            return {key: _dated(member, properties.get(key, others), definitions) for key, member in value.items()}
        case list():
            return [_dated(member, declared.get("items", {}), definitions) for member in value]
        case date() if declared.get("format") == "date":
            return value.isoformat()
        case _:
            return value


_KINDS: Mapping[str, tuple[type, ...]] = {
    "object": (dict,), "array": (list,), "string": (str,), "boolean": (bool,), "integer": (int,),
    "number": (int, float),
}  # fmt: skip


def conforms(value: Any, declared: Mapping[str, Any], definitions: Mapping[str, Any]) -> bool:
    """Whether a value conforms to our schema. Only the keywords that our schema uses are supported.

    jsonschema can also say what is wrong, but importing it takes longer than a small run, so it is asked only about a
    value that does not conform. A test compares the two.
    """
    if "$ref" in declared:
        return conforms(value, definitions[declared["$ref"].rpartition("/")[2]], definitions)
    kind = declared["type"]
    if kind == "integer" and isinstance(value, float):
        value = int(value) if value.is_integer() else value
    if not isinstance(value, _KINDS[kind]) or (isinstance(value, bool) and kind != "boolean"):
        return False
    match value:
        case dict():
            properties, others = declared.get("properties", {}), declared.get("additionalProperties")
            return set(declared.get("required", ())) <= set(value) and all(
                conforms(member, properties[key], definitions)
                if key in properties
                else bool(others) and conforms(member, others or {}, definitions)
                for key, member in value.items()
            )
        case list():
            return all(conforms(member, declared["items"], definitions) for member in value)
        case str():
            fits = re.search(declared.get("pattern", ""), value) is not None
            return fits and value in declared.get("enum", (value,)) and ("format" not in declared or _is_date(value))
        case _:
            return not (value < declared.get("minimum", value) or value > declared.get("maximum", value))


def _is_date(text: str) -> bool:
    try:
        return date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False


_WORDS = {
    "array": "a list", "string": "a string", "boolean": "true or false", "integer": "a whole number",
    "number": "a number", "object": "a table",
}  # fmt: skip


def _mistakes(found: Configuration, declared: Mapping[str, Any]) -> Iterator[tuple[int, str]]:
    """What is wrong, in the order of the file: a line and a sentence for each."""
    from jsonschema import Draft202012Validator, FormatChecker  # noqa: PLC0415 - slower than all the rest

    dates = FormatChecker(formats=())
    dates.checks("date")(lambda value: not isinstance(value, str) or _is_date(value))
    validator = Draft202012Validator(declared, format_checker=dates)
    mistakes = []
    for error in validator.iter_errors(_dated(found.table, declared, declared["$defs"])):
        value = error.instance if isinstance(error.instance, str) else ""
        for path, text in islice(_sentences(error), MISTAKE_LIMIT):
            mistakes.append((line_of(found.file.text, (*found.prefix, *path), value), text))
        if len(mistakes) >= MISTAKE_LIMIT:
            break
    yield from sorted(mistakes)
    if len(mistakes) >= MISTAKE_LIMIT:
        yield max(mistakes)[0], f"Only the first {MISTAKE_LIMIT} mistakes are listed."


def _sentences(error: Any) -> Iterator[tuple[Way, str]]:
    """An error of jsonschema in words: the way to the mistake, and a sentence."""
    path: Way = tuple(error.absolute_path)
    name = f"'{shown_path(path)}'"
    match error.validator:
        case "additionalProperties":
            known = error.schema["properties"]
            for key in error.instance:
                if key not in known:
                    yield (*path, key), _unknown_key(path, str(key), known, error.instance[key])
        case "required":
            for key in error.validator_value:
                if key not in error.instance:
                    yield path, f"{name} needs '{key}'."
        case "enum" if not isinstance(error.instance, str):
            pass  # its type is an error of its own
        case "enum" if "DEFAULT" in error.validator_value:
            key = next((str(part) for part in reversed(path) if not isinstance(part, int)), "")
            end = suggestion(error.instance, error.validator_value)
            end = ". Write each rule in quotes of its own." if "," in error.instance else end
            yield path, f"'{key}' names '{error.instance}', which is not a rule{end}"
        case "enum":
            *others, last = (f"'{value}'" for value in error.validator_value)
            yield path, f"{name} must be {', '.join(others)} or {last}, not '{error.instance}'."
        case "type":
            tables = error.schema.get("items", {}).get("type") == "object" and isinstance(error.instance, dict)
            end = " Write its name in double brackets." if tables else ""
            yield path, f"{name} must be {_WORDS[error.validator_value]}, not {_word(error.instance)}.{end}"
        case "minimum":
            yield path, f"{name} must be at least {error.validator_value}, not {error.instance}."
        case "maximum":
            yield path, f"{name} must be at most {error.validator_value}, not {error.instance}."
        case "pattern" if "examples" in error.schema:
            yield path, f"{name} must be a string such as '{error.schema['examples'][0]}', not '{error.instance}'."
        case "pattern":
            yield path, f"{name} must match '{error.validator_value[4:-2]}', which '{error.instance}' does not."
        case _:
            yield path, f"{name} must be a date such as 2027-01-31, not '{error.instance}'."


def _unknown_key(path: Way, key: str, known: Iterable[str], value: Any) -> str:
    end = suggestion(key, known)
    match path:
        case () if key == "tool" and isinstance(value, dict) and "pgflexlint" in value:
            return "Write the keys at the top of this file, without 'tool.pgflexlint'."
        case ("rules",):
            return f"'rules' configures '{key}', which is not a rule{end}"
        case ("rules", rule):
            return f"Rule {rule} has no option '{key}'{_or_all(end, known)}"
        case ():
            return f"There is no key '{key}'{end}"
        case _:
            return f"'{shown_path(path)}' has no key '{key}'{_or_all(end, known)}"


def _or_all(end: str, known: Iterable[str]) -> str:
    """How a sentence ends: with a suggestion or, if there is none, with the few names that are known."""
    listed = ", ".join(f"'{name}'" for name in sorted(known))
    return f". It has {listed}." if end == "." else end


def _word(value: Any) -> str:
    kinds = {dict: "a table", list: "a list", str: "a string", int: "a number", float: "a number"}
    return f"{str(value).lower()}" if isinstance(value, bool) else kinds.get(type(value), "a date or time")


def shown_path(path: Way) -> str:
    """`scenarios[0].root`."""
    return "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in path).lstrip(".")


def line_of(text: str, path: Way, value: str = "") -> int:
    """The 1-based line of a TOML document on which the value at a path begins, or 1 if it is not found.

    `value` is one text of a list that spans several lines: then it is the line of that text.
    """
    places = _places(text)
    way = next((path[:length] for length in range(len(path), 0, -1) if path[:length] in places), None)
    if way is None:
        return 1
    first, lines = places[way]
    return next((first + at for at, line in enumerate(lines) if value and value in line), first)


def _statements(text: str) -> Iterator[tuple[int, str]]:
    """The statements of a TOML document, each with its first line. Python's TOML reader reports no lines."""
    begin = depth = 0
    line = 1
    for token in TOML_TOKEN.finditer(f"{text}\n"):
        depth += (token[0] in ("[", "{")) - (token[0] in ("]", "}"))
        if token[0] == "\n" and depth <= 0:
            statement = text[begin : token.start()]
            if statement.strip() and not statement.lstrip().startswith("#"):
                yield line, statement
            line += statement.count("\n") + 1
            begin, depth = token.end(), 0


@lru_cache(maxsize=2)
def _places(text: str) -> Mapping[Way, tuple[int, list[str]]]:
    """The first line and the lines of the statement of each value and table, by the way to it."""
    places: dict[Way, tuple[int, list[str]]] = {}
    last: dict[Way, int] = {}
    """Of each list of tables, the position of the last one so far."""
    table: Way = ()
    for line, statement in _statements(text.replace("\r\n", "\n")):
        try:
            found: Any = tomllib.loads(statement)
        except (tomllib.TOMLDecodeError, RecursionError):
            continue
        here = (line, statement.split("\n"))
        header = statement.lstrip().startswith("[")
        way: Way = () if header else table
        for inner, member in _inside(way, found, last):
            way = inner
            places.setdefault(way, here)
            if isinstance(member, list) and header:
                last[way] = last.get(way, -1) + 1
                way = (*way, last[way])
                places.setdefault(way, here)
        if header:
            table = way
    return places


def _inside(way: Way, found: Any, last: Mapping[Way, int]) -> Iterator[tuple[Way, Any]]:
    """The ways into a value, each with what is there. A way into a list of tables leads into the last table."""
    while isinstance(found, dict):
        if len(found) != 1:
            for key, member in found.items():
                yield (*way, key), member
            return
        ((key, found),) = found.items()
        way = (*way, key)
        yield way, found
        if isinstance(found, dict) and way in last:
            way = (*way, last[way])

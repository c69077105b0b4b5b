"""Reads the command line and the configuration: what to scan, and how. The command line overrides the configuration."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

from pgflexlint.commands.configured import allows, configured, options_of, scenarios, without_root
from pgflexlint.commands.streams import current_directory, from_here
from pgflexlint.configsearch import CONFIGURATION_LIMIT, nearest
from pgflexlint.configuration import KEYS, select_rules
from pgflexlint.discover import Places, Target, places, target
from pgflexlint.level import Level
from pgflexlint.problem import UsageError
from pgflexlint.settings import Settings
from pgflexlint.source import UnreadableError
from pgflexlint.workspace import decode, is_directory, is_file, relative, resolved

if TYPE_CHECKING:  # where there is nothing to judge, only what a configuration asks for is loaded
    from datetime import date

    from pgflexlint.baseline import Baseline
    from pgflexlint.configfile import Configuration
    from pgflexlint.evaluate.scenarios import Scenario
    from pgflexlint.evaluate.terraform.inputs import Given
    from pgflexlint.rule import Rule

BASELINE = ".pgflexlint-baseline.json"
"""The default name of the baseline."""
BASELINE_LIMIT = 40 * 2**20
"""Bytes; a larger baseline is not read."""
_SELECTION = ("select", "extend-select", "ignore")
_ALLOWING = ("per-file-ignores", "allow")


class Value(NamedTuple):
    """The value of a key that is in effect, and its source."""

    key: str
    value: Any
    source: str
    """`default`, the option of the command line, or the path of the configuration; several if each has a part in it."""
    line: int = 0
    """The line of the configuration, or 0 if the value is not from there alone."""

    @property
    def place(self) -> str:
        """The source with its line."""
        return f"{self.source}:{self.line}" if self.line else self.source


class Setup(NamedTuple):
    """What to scan, and how."""

    target: Target
    rules: Sequence[Rule]
    """The rules to run, in the order of their ids."""
    settings: Settings
    configuration: Configuration | None
    values: tuple[Value, ...]
    """One for each key, in the order of `KEYS`."""
    baseline: Path
    """Where the baseline is or would be."""
    options: tuple[str, ...]
    """The options that are in effect and have no key."""


class Later(Sequence["Rule"]):
    """Rules that are loaded at first use: loading them takes longer than a run that finds nothing to judge."""

    def __init__(self, make: Callable[[], tuple[Rule, ...]]) -> None:
        self._make = make

    @cached_property
    def _rules(self) -> tuple[Rule, ...]:
        return self._make()

    def __getitem__(self, at: Any) -> Any:
        return self._rules[at]

    def __len__(self) -> int:
        return len(self._rules)


def prepare(options: argparse.Namespace, all_rules: Sequence[Rule], *, compare: bool = True) -> Setup:
    """The setup that the options ask for. With `compare`, a baseline that is named is read. Raises `UsageError`."""
    cwd = current_directory()
    unsaved = _unsaved(options)
    paths = [unsaved[0]] if unsaved else options.paths
    where = places(paths, cwd, unsaved[0] if unsaved else "")
    configuration = _configuration(options, where, cwd, all_rules)
    by_key = {each.key: each for each in _values(options, configuration, all_rules)}
    effective = {key: each.value for key, each in by_key.items()}
    base = where.root / configuration.base if configuration else cwd
    baseline = _baseline_path(by_key["baseline"], base, where.root, cwd)
    deciding = [where.root / configuration.file.path] if configuration else []
    deciding += [baseline] if effective["baseline"] else []
    found = target(
        paths,
        effective["exclude"],
        cwd,
        excludes_base=base if by_key["exclude"].line else cwd,
        unsaved=unsaved,
        gitignore=effective["respect-gitignore"],
        force=effective["force-exclude"],
        everything=_judged_in_full(where, base, deciding),
    )
    fail_on = effective["fail-on"]
    tables = list(configured(configuration, all_rules))
    parameters = tuple(_input_file(path, "parameter", where.root, cwd) for path in options.parameters)
    listed = tuple(scenarios(configuration, where.root)) if configuration else ()
    by_key["scenarios"], counting = _counting(by_key["scenarios"], listed, where.root, options)
    if configuration and counting:
        found.workspace.problems += without_root(configuration, counting, found)
    settings = Settings(
        fail_on=None if fail_on == "never" else Level(fail_on),
        inputs=tuple(_given(kind, text, where.root, cwd) for kind, text in options.inputs),
        parameter_files=parameters if found.directories else (),  # there are none where all that is named is left out
        scenarios=counting,
        ignores=not options.no_ignores,
        require_reason=effective["require-reason"],
        strict_ignores=effective["strict-ignores"],
        allows=tuple(allows(configuration, all_rules, found)) if configuration else (),
        baseline=_read_baseline(baseline, where.root, by_key["baseline"])
        if compare and effective["baseline"]
        else None,
        levels={rule.id: Level(table["level"]) for rule, table in tables if "level" in table},
        options={rule.id: options_of(rule, table) for rule, table in tables},
        as_of=_day(options.as_of) if options.as_of else None,
        jobs=getattr(options, "jobs", 0),
    )
    rules: Sequence[Rule] = Later(lambda: _selected(all_rules, by_key))
    if any(by_key[key].source != "default" for key in _SELECTION):
        rules = tuple(rules)  # so that a wrong selection is reported now
    return Setup(found, rules, settings, configuration, tuple(by_key.values()), baseline, tuple(_without_key(options)))


def _baseline_path(named: Value, base: Path, root: Path, cwd: Path) -> Path:
    """Where the baseline is or would be, as the command line or the configuration names it.

    A name in the configuration is relative to `base` and must not lead out of `root`. Raises `UsageError`.
    """
    by = f"{named.source}:{named.line}: 'baseline'" if named.line else "--baseline"
    path = (base if named.line else cwd) / (named.value or BASELINE)
    if named.line and not resolved(path).is_relative_to(root):
        raise UsageError(f"{by} points to '{path.name}', outside the scanned directory.")
    if named.value and is_directory(path):
        raise UsageError(f"{by} must be a file, such as '{BASELINE}', but '{named.value}' is a directory.")
    return path


def _judged_in_full(where: Places, base: Path, deciding: Iterable[Path]) -> Path | None:
    """The directory to judge in full because a named file (configuration, baseline) affects all of it; else None."""
    if {*map(resolved, where.named)}.isdisjoint(map(resolved, deciding)):
        return None
    return base if base.is_relative_to(where.root) else where.shared


def _unsaved(options: argparse.Namespace) -> tuple[str, bytes] | None:
    """The file that standard input replaces, and its content."""
    name: str = options.stdin_filename
    others = [path for path in options.paths if path != "-"]
    if not name:
        if "-" in options.paths:
            raise UsageError("'-' is standard input, and --stdin-filename must name the file that it stands for.")
        return None
    if others:
        raise UsageError(f"--stdin-filename cannot be combined with another path, such as '{others[0]}'.")
    if is_directory(Path(name)):
        raise UsageError(f"--stdin-filename must be a file, but '{name}' is a directory.")
    if sys.stdin is None:
        raise UsageError("--stdin-filename reads standard input, but that is closed.")
    return name, sys.stdin.buffer.read()


# --- the configuration file -------------------------------------------------------------------------------------


def _configuration(
    options: argparse.Namespace, where: Places, cwd: Path, all_rules: Sequence[Rule]
) -> Configuration | None:
    if options.config and options.isolated:
        raise UsageError("--config cannot be combined with --isolated.")
    if options.isolated:
        return None
    path = cwd / options.config if options.config else nearest(where.shared, where.root)
    if path is None:
        return None
    base = cwd.resolve() if options.config else path.parent
    inside = path.resolve().is_relative_to(where.root)
    shown = options.config or from_here(path)
    if not (inside or options.config):
        raise UsageError(f"'{shown}' is a link to a file outside the scanned directory.")
    try:
        if path.stat().st_size > CONFIGURATION_LIMIT:
            raise UsageError(f"'{shown}' is larger than {CONFIGURATION_LIMIT // 2**20} MiB.")
        file = decode(relative(path.resolve(), where.root) if inside else shown, path.read_bytes())
    except FileNotFoundError:
        raise UsageError(f"There is no configuration '{shown}'.") from None
    except OSError as error:
        raise UsageError(f"'{shown}' cannot be read: {error.strerror or error}.") from None
    except UnreadableError as error:
        raise UsageError(f"'{shown}' cannot be read: {error}") from None
    from pgflexlint.configfile import TABLES, load

    shown_base = relative(base, where.root) if base.is_relative_to(where.root) else ""
    return load(file, shown_base, all_rules, prefix=TABLES.get(path.name, ()), shown=shown)


def _values(options: argparse.Namespace, configuration: Configuration | None, rules: Sequence[Rule]) -> Iterator[Value]:
    """The value of each key that is in effect. As one configuration, they select the rules that run."""
    for key in KEYS:
        given: Any = getattr(options, key.name.replace("-", "_"), None)
        given = None if given == [] else given
        of_option = Value(key.name, given, key.option.split(", ")[-1 if given is False else 0])
        of_file = Value(key.name, key.default, "default")
        if configuration is not None and key.name in configuration.table:
            written, line = configuration.table[key.name], configuration.line(key.name)
            of_file = Value(key.name, written, configuration.shown, line)
        if key.name in _SELECTION:
            yield _selection(of_file, of_option, options, rules)
        elif key.name in _ALLOWING and options.no_ignores:
            yield Value(key.name, key.default, "--no-ignores")
        else:
            yield of_file if given is None else of_option


def _selection(of_file: Value, of_option: Value, options: argparse.Namespace, rules: Sequence[Rule]) -> Value:
    """A list of rules, changed by the command line: `--select` selects anew, and other options add to the lists.

    `--extend-select` also adds rules that the `ignore` of the file takes away.
    """
    if options.select:
        of_file = Value(of_file.key, [], "default")
    kept, places = of_file.value, [of_file.place]
    if of_file.key == "ignore" and kept and options.extend_select:
        again = select_rules(rules, options.extend_select)
        kept = [name for each in kept for name in _without(each, again, rules)]
        places += ["--extend-select"] if kept != of_file.value else []
    added = of_option.value or ()
    places += [of_option.source] if added else []
    if len(places) == 1:
        return of_file
    added = [part.strip() for text in added for part in text.split(",") if part.strip()]
    return Value(of_file.key, list(dict.fromkeys([*kept, *added])), ", ".join(places).removeprefix("default, "))


def _without(selector: str, again: set[str], rules: Sequence[Rule]) -> list[str]:
    """What selects the rules of a selector that are not selected `again`."""
    ids = select_rules(rules, [selector])
    return [selector] if ids.isdisjoint(again) else sorted(ids - again)


def _selected(rules: Sequence[Rule], by_key: Mapping[str, Value]) -> tuple[Rule, ...]:
    """The rules to run."""
    select, extend, ignore = (select_rules(rules, by_key[key].value) for key in _SELECTION)
    chosen = (select | extend) - ignore
    if not chosen:
        raise UsageError("No rule is left to run. Check what is selected and ignored.")
    return tuple(rule for rule in rules if rule.id in chosen)


def _counting(
    listed: Value, found: Sequence[Scenario], root: Path, options: argparse.Namespace
) -> tuple[Value, tuple[Scenario, ...]]:
    """The scenarios that count: `--var-file` takes the place of those of directories, `--parameters` of the others."""
    overridden = {
        True: "--var-file" if any(kind == "file" for kind, _ in options.inputs) else "",
        False: "--parameters" if options.parameters else "",
    }
    by = [overridden[is_directory(root / each.root)] for each in found]
    if not any(by):
        return listed, tuple(found)
    kept = [entry for entry, option in zip(listed.value, by, strict=True) if not option]
    place = ", ".join([listed.place] * bool(kept) + sorted({*filter(None, by)}))
    return Value(listed.key, kept, place), tuple(each for each, option in zip(found, by, strict=True) if not option)


def _without_key(options: argparse.Namespace) -> Iterator[str]:
    """The options that are in effect and have no key of the configuration. The value of a variable may be secret."""
    for kind, text in options.inputs:
        yield f"--var-file {text}" if kind == "file" else f"--var {text.partition('=')[0]}"
    yield from (f"--parameters {text}" for text in options.parameters)
    if options.as_of:
        yield f"--as-of {options.as_of}"
    if options.no_ignores:
        yield "--no-ignores"


# --- other files ------------------------------------------------------------------------------------------------


def _read_baseline(path: Path, root: Path, named: Value | None = None) -> Baseline:
    """Read a baseline, which the command line or the configuration may have `named`. Raises `UsageError`."""
    from pgflexlint.baseline import loads

    shown = from_here(path)
    inside = resolved(path).is_relative_to(root)
    try:
        if path.exists() and not path.is_file():
            raise UsageError(f"'{shown}' is not a file.")
        if path.is_file() and path.stat().st_size > BASELINE_LIMIT:
            raise UsageError(f"'{shown}' is larger than {BASELINE_LIMIT // 2**20} MiB.")
        text = decode(shown, path.read_bytes()).text
        return loads(text, relative(resolved(path), root) if inside else path.name)
    except FileNotFoundError:
        by = f"{named.place}: " if named and named.line else ""
        raise UsageError(
            f"{by}There is no baseline '{shown}'. Run 'pgflexlint baseline create' to write one."
        ) from None
    except OSError as error:
        raise UsageError(f"'{shown}' cannot be read: {error.strerror}.") from None
    except UnreadableError as error:
        raise UsageError(f"'{shown}' cannot be read: {error}") from None
    except ValueError:  # a NUL
        raise UsageError(f"'{shown}' is not a valid path.") from None


def read_baseline(setup: Setup) -> Baseline:
    """Read the baseline of a run. Raises `UsageError`."""
    return _read_baseline(setup.baseline, setup.target.workspace.root)


def _given(kind: Literal["file", "value"], text: str, root: Path, cwd: Path) -> Given:
    from pgflexlint.evaluate.terraform.inputs import Given

    if kind == "value" and "=" not in text:
        raise UsageError("--var takes NAME=VALUE.")
    return Given(kind, text if kind == "value" else _input_file(text, "variable", root, cwd))


def _input_file(text: str, kind: str, root: Path, cwd: Path) -> str:
    """The path of a file with inputs, relative to the root. Raises `UsageError` if it is outside or not there."""
    place = resolved(cwd / text)
    if not place.is_relative_to(root):
        raise UsageError(f"'{text}' is outside the scanned directory '{root}'.")
    if not is_file(place):
        raise UsageError(f"There is no {kind} file '{text}'.")
    return relative(place, root)


def _day(text: str) -> date:
    from datetime import date

    try:
        return date.fromisoformat(text)
    except ValueError:
        raise UsageError(f"--as-of takes a date such as 2027-01-31, not '{text}'.") from None

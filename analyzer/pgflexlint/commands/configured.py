"""Makes settings of a run from a configuration: allowed findings, scenarios, options of rules."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pgflexlint.configuration import option_value, select_rules
from pgflexlint.discover import Target
from pgflexlint.globs import Work, fitter, matcher
from pgflexlint.problem import Problem, UsageError
from pgflexlint.workspace import exists, is_directory, relative, resolved

if TYPE_CHECKING:  # where there is nothing to judge, only what a configuration asks for is loaded
    from pgflexlint.configfile import Configuration
    from pgflexlint.evaluate.scenarios import Scenario
    from pgflexlint.rule import Rule
    from pgflexlint.suppress import Allow


def configured(configuration: Configuration | None, rules: Sequence[Rule]) -> Iterator[tuple[Rule, Mapping[str, Any]]]:
    """The rules that have a table, each with its table."""
    tables = configuration.table.get("rules", {}) if configuration else {}
    for rule in rules if tables else ():
        for name in (rule.id, rule.slug):
            if name in tables:
                yield rule, tables[name]


def options_of(rule: Rule, table: Mapping[str, Any]) -> Mapping[str, Any]:
    """The options of a rule that its table sets, as its check is given them."""
    return {option.name: option_value(option, table[option.key]) for option in rule.options if option.key in table}


def allows(configuration: Configuration, rules: Sequence[Rule], found: Target) -> Iterator[Allow]:
    """The entries of `allow` and `per-file-ignores`."""
    from datetime import date

    from pgflexlint.suppress import Allow

    base, work = configuration.base, Work()
    complete = not found.seeds and found.covers(base)
    for number, each in enumerate(configuration.table.get("allow", ())):
        until = date.fromisoformat(str(each["until"])) if "until" in each else None
        address = each.get("address", "*")
        yield Allow(
            frozenset(select_rules(rules, each["rules"])),
            configuration.span("allow", number),
            work,
            each["reason"],
            address,
            fitter(address, work),
            matcher([each.get("path", "*")], base, work),
            until,
            complete,
            explained=True,
        )
    for glob, selectors in configuration.table.get("per-file-ignores", {}).items():
        span = configuration.span("per-file-ignores", glob)
        yield Allow(
            frozenset(select_rules(rules, selectors)),
            span,
            work,
            in_path=matcher([glob], base, work),
            complete=complete,
        )


def scenarios(configuration: Configuration, root: Path) -> Iterator[Scenario]:
    """The scenarios, with paths relative to the workspace's `root`. Raises `UsageError`."""
    from pgflexlint.evaluate.scenarios import Scenario

    names: set[tuple[str, str]] = set()
    for number, each in enumerate(configuration.table.get("scenarios", ())):

        def wrong(key: str, text: str, number: int = number) -> UsageError:
            line = configuration.line("scenarios", number, key)
            return UsageError(f"{configuration.shown}:{line}: 'scenarios[{number}]' {text}")

        def path_of(key: str, text: str) -> Path:
            path = resolved(root / configuration.base / text)
            if not path.is_relative_to(root):
                raise wrong(key, f"points to '{text}', outside the scanned directory.")
            if not exists(path):
                raise wrong(key, f"names '{text}', which does not exist.")
            return path

        place = path_of("root", each["root"])
        if not _is_root(place):
            line = configuration.line("scenarios", number, "root")
            raise UsageError(
                f"{configuration.shown}:{line}: 'scenarios[{number}].root' must be a directory with Terraform"
                f" files, or a Bicep or ARM template, not '{each['root']}'."
            )
        key, other = ("var-files", "parameters") if is_directory(place) else ("parameters", "var-files")
        if other in each:
            kind = "a Terraform directory" if is_directory(place) else "a template"
            raise wrong(other, f"has {kind} as its root, which takes '{key}', not '{other}'.")
        files = each.get(key, [])
        scenario_root = relative(place, root)
        name = each.get("name") or ", ".join(files) or "defaults"
        if (scenario_root, name) in names:
            raise wrong("root", f"repeats the name '{name}' for root '{each['root']}'.")
        names.add((scenario_root, name))
        yield Scenario(scenario_root, tuple(relative(path_of(key, text), root) for text in files), name)


def without_root(configuration: Configuration, counting: Sequence[Scenario], found: Target) -> Iterator[Problem]:
    """Remarks on scenarios that count, and whose roots are left out of the directory that is scanned."""
    from pgflexlint.suppress import remark

    for number, each in enumerate(scenarios(configuration, found.workspace.root)):
        if each in counting and found.below(each.root) and not (found.lists(each.root) or found.enters(each.root)):
            message = "This scenario has no effect, because its root is excluded or ignored by Git."
            yield remark(message, configuration.span("scenarios", number, "root"), "Include the root, or remove this.")


def _is_root(place: Path) -> bool:
    """Whether a directory or a file may be deployed, judging by names alone."""
    from pgflexlint.evaluate.terraform.sources import SUFFIXES

    if is_directory(place):
        try:
            return any(entry.name.endswith(SUFFIXES) for entry in place.iterdir())
        except OSError:
            return True  # the scan reports that it cannot be listed
    return place.name.endswith((".bicep", ".json", ".jsonc")) and not place.name.endswith((*SUFFIXES, ".tfvars.json"))

"""`pgflexlint config`: the settings that are in effect, and the schema of the configuration."""

from __future__ import annotations

import argparse
import json

from pgflexlint.commands.setup import Setup, prepare
from pgflexlint.commands.streams import complain, write_output
from pgflexlint.configuration import plain, schema
from pgflexlint.outputs.harmless import harmless
from pgflexlint.outputs.rows import inert_json
from pgflexlint.problem import UsageError
from pgflexlint.toml_text import toml
from pgflexlint_rules import RULES


def run(options: argparse.Namespace) -> int:
    """Print the schema or the settings. Returns the exit code."""
    if options.action == "schema":
        return write_output(json.dumps(schema(RULES), indent=2, ensure_ascii=False) + "\n", 0)
    try:
        setup = prepare(options, RULES, compare=False)
    except UsageError as error:
        return complain(str(error))
    return write_output(_as_json(setup) if options.format == "json" else _as_text(setup), 0)


def _as_text(setup: Setup) -> str:
    """The values in effect as TOML, a line for each with its source as a comment."""
    rows = [(f"{each.key} = {_inert_toml(toml(each.value))}", harmless(each.place)) for each in setup.values]
    width = max(len(text) for text, _ in rows if len(text) <= 60)
    lines = [f"{text:{width}}  # {source}" for text, source in rows]
    ids = ", ".join(rule.id for rule in setup.rules)
    count = len(setup.rules)
    if setup.options:
        lines += ["", f"# Options without a key: {harmless(', '.join(setup.options))}"]
    lines += ["", f"# {count} rule{'' if count == 1 else 's'}: {ids}"]
    return "".join(f"{line}\n" for line in lines)


def _inert_toml(text: str) -> str:
    """The same TOML, with escapes in what a build agent would take for a command."""
    return text.replace("##", r"#\u0023")


def _as_json(setup: Setup) -> str:
    content = {
        "configuration": setup.configuration.shown if setup.configuration else None,
        "settings": [plain(each._asdict()) for each in setup.values],
        "options": setup.options,
        "rules": [rule.id for rule in setup.rules],
    }
    return inert_json(json.dumps(content, indent=2)) + "\n"

"""`pgflexlint explain`: the documentation of a rule."""

from __future__ import annotations

import argparse
import json

from pgflexlint.commands.streams import complain, terminal, write_output
from pgflexlint.configuration import rule_names
from pgflexlint.explain import facts, markdown, wrapped
from pgflexlint.problem import suggestion
from pgflexlint_rules import RULES


def run(options: argparse.Namespace) -> int:
    """Print the documentation of a rule, named by id or slug. Returns the exit code."""
    name = options.rule
    rule = next((rule for rule in RULES if name.upper() == rule.id or name == rule.slug), None)
    if rule is None:
        begun = [rule.id for rule in RULES if rule.id.startswith(name.upper())] if name else []
        if begun:
            return complain(f"'{name}' is the beginning of several ids. Choose one of {', '.join(begun)}.")
        end = suggestion(name, rule_names(RULES))
        return complain(f"There is no rule '{name}'{end} 'pgflexlint rules' lists all.")
    match options.format:
        case "json":
            text = json.dumps(facts(rule), indent=2, ensure_ascii=False, default=str) + "\n"
        case "markdown":
            text = markdown(rule)
        case _:
            text = wrapped(rule, terminal("never")[1])
    return write_output(text, 0)

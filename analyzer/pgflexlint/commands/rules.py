"""`pgflexlint rules`: list the rules."""

from __future__ import annotations

import argparse
import sys

from pgflexlint import catalogue
from pgflexlint.commands.streams import terminal, write_output
from pgflexlint.explain import url
from pgflexlint.outputs.text import painted
from pgflexlint_rules import RULES


def run(options: argparse.Namespace) -> int:
    """Print the list of rules. Returns the exit code."""
    match options.format:
        case "json":
            text = catalogue.as_json(RULES)
        case "markdown":
            text = catalogue.as_markdown(RULES, url("docs/rules/"))
        case _:
            color, width = terminal(options.color)
            wrap = width if sys.stdout.isatty() else sys.maxsize  # `grep` wants a line for each
            text = painted(catalogue.lines(RULES, wrap), color=color, width=width)
    return write_output(text, 0)

"""`pgflexlint trace`: where a value comes from, or why it is unknown."""

from __future__ import annotations

import argparse
import posixpath
from collections.abc import Sequence

from pgflexlint.assess import evaluate
from pgflexlint.commands.setup import prepare
from pgflexlint.commands.streams import complain, terminal, viewpoint, write_output
from pgflexlint.engine import judge
from pgflexlint.evaluate.visited import Visited
from pgflexlint.outcome import exit_code, presentable
from pgflexlint.outputs import trace as page
from pgflexlint.outputs.text import painted
from pgflexlint.problem import UsageError, suggestion
from pgflexlint.redaction.redactor import Redactor
from pgflexlint.resource import Deployment
from pgflexlint.survey import survey
from pgflexlint.trace import Found, addresses, completed, look_up, servers
from pgflexlint_rules import RULES

MEANT, LISTED = 3, 10
"""How many resources are suggested, and how many servers are listed, where an address is wrong."""


def run(options: argparse.Namespace) -> int:
    """Print a value, or all values of a resource. Returns the exit code."""
    try:
        setup = prepare(options, RULES, compare=False)
        settings, visited = setup.settings, Visited()
        surveyed = survey(
            setup.target,
            parameters=settings.parameter_files,
            inputs=settings.inputs,
            scenarios=settings.scenarios,
        )
        deployments = tuple(evaluate(surveyed, settings, lambda _type: True, visited))
        judgement = judge(deployments, (), {})
        problems, secrets = presentable([*surveyed.problems, *visited.problems, *judgement.problems], judgement.secrets)
        try:
            matching = _matching(deployments, options.address, secrets)
        except UsageError as error:
            more = "\nSomething could not be scanned. Run 'pgflexlint check' to see what." if problems else ""
            raise UsageError(f"{error}{more}") from None
    except UsageError as error:
        return complain(str(error))
    color, width = terminal(options.color)
    seen_from = viewpoint(setup.target.workspace.root)
    pages: dict[str, list[str]] = {}
    for found in matching:
        value = found.value()
        lines = (
            page.overview(found, secrets, seen_from)
            if value is None
            else page.one(found, value, secrets, width, seen_from)
        )
        text = painted(lines, color=color, width=width)
        pages.setdefault(text, []).append(found.deployment.scenario)
    several = len(pages) > 1
    texts = (
        f"With {', '.join(dict.fromkeys(scenarios))}:\n\n{text}" if several and any(scenarios) else text
        for text, scenarios in pages.items()
    )
    directories = frozenset[str]().union(*(found.directories for found in matching))
    around = [problem for problem in problems if posixpath.dirname(problem.path) in directories]
    below = painted(page.gaps(around, secrets, width, seen_from), color=color, width=width)
    return write_output("\n".join(texts) + below, exit_code((), around, settings))


def _matching(deployments: Sequence[Deployment], address: str, secrets: Redactor) -> list[Found]:
    """The resources that an address means. Raises `UsageError` if there is none, or if it has no such value."""
    found = look_up(deployments, address)
    if not found:
        known = addresses(deployments)
        if not known:
            raise UsageError(f"There is no resource '{address}': the scanned files declare none.")
        whole = [f"'{secrets.text(each)}'" for each in completed(deployments, address)[:MEANT]]
        end = f"; did you mean {' or '.join(whole)}?" if whole else suggestion(address, map(secrets.text, known))
        raise UsageError(f"There is no resource '{address}'{end}{_listed(deployments, secrets) if end == '.' else ''}")
    matching = [each for each in found if not each.rest or each.value() is not None]
    if not matching:
        first = found[0]
        names = [row.name for row in (*first.written, *first.judged)]
        end = suggestion(first.rest.lstrip("."), names)
        raise UsageError(f"'{first.resource.address}' has no value '{first.rest.lstrip('.')}'{end}")
    return matching


def _listed(deployments: Sequence[Deployment], secrets: Redactor) -> str:
    """A sentence that lists the servers, or "" if there are none."""
    found = [f"'{secrets.text(each)}'" for each in servers(deployments)]
    if not found:
        return ""
    number = "is one server" if len(found) == 1 else f"are {len(found):,} servers"
    more = f" and {len(found) - LISTED:,} more" if len(found) > LISTED else ""
    return f" There {number}: {', '.join(found[:LISTED])}{more}."

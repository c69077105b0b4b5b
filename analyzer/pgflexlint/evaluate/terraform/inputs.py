"""The values that a root module is given: variable files and options, in Terraform's order of precedence.

https://developer.hashicorp.com/terraform/language/values/variables#variable-definition-precedence
Environment variables (`TF_VAR_…`) are not read: what a run says must not depend on the machine it runs on.
"""

from __future__ import annotations

import posixpath
from collections.abc import Iterable
from typing import Literal, NamedTuple

from msgspec import Struct

from pgflexlint.evaluate.bounds import Budget
from pgflexlint.evaluate.interpreter import contained
from pgflexlint.evaluate.session import Input
from pgflexlint.evaluate.terraform.language import Terraform
from pgflexlint.evaluate.terraform.sources import is_automatic
from pgflexlint.problem import Kind, Problem, unreadable
from pgflexlint.source import COMMAND_LINE, SourceFile, Span, UnreadableError, Workspace
from pgflexlint.syntax.hcl.files import read_variables
from pgflexlint.syntax.reading import Comment
from pgflexlint.values import Known


class Given(NamedTuple):
    """One `--var` or `--var-file`; their order on the command line counts."""

    kind: Literal["file", "value"]
    text: str
    """A path relative to the workspace's root, or `name=value`."""


class Inputs(Struct):
    """Values by variable name, and what could not be read on the way."""

    values: dict[str, Input]
    problems: list[Problem]
    comments: dict[str, tuple[Comment, ...]]
    """By file."""


def load(workspace: Workspace, directory: str, budget: Budget, given: Iterable[Given] = ()) -> Inputs:
    """The inputs of the root module in `directory`: automatic files, then what is given. The last value of a
    variable counts."""
    inputs = Inputs({}, [], {})
    automatic = [path for path in workspace.files(directory) if is_automatic(path)]
    # terraform.tfvars, terraform.tfvars.json, then the others in lexical order
    automatic.sort(key=lambda path: (not posixpath.basename(path).startswith("terraform.tfvars"), path))
    for each in (*(Given("file", path) for path in automatic), *given):
        if each.kind == "file":
            _load_file(workspace, each.text, inputs, budget)
            continue
        name, _, text = each.text.partition("=")
        span = Span(SourceFile(COMMAND_LINE, each.text), len(name) + 1, len(each.text))
        inputs.values[name] = Input(Known(text, span), f"variable '{name}' on the command line", from_option=True)
    return inputs


def _load_file(workspace: Workspace, path: str, inputs: Inputs, budget: Budget) -> None:
    try:
        file = workspace.read(path)
    except UnreadableError as error:
        inputs.problems.append(unreadable(error, path))
        return
    if file is None:
        message = f"Variable file '{path}' does not exist."
        inputs.problems.append(Problem(Kind.UNREADABLE, message, path, hint="Check the path given with --var-file."))
        return
    document = read_variables(file)
    inputs.problems += document.problems
    inputs.comments[path] = document.comments
    scope = Terraform(workspace, inputs.problems.append).constants(budget)
    for block in document.body.blocks:
        message = f"A variable file holds values, but '{block.type}' is a block."
        hint = "Write it as an argument, with '=', or move it to a '.tf' file."
        inputs.problems.append(Problem(Kind.SYNTAX, message, path, block.header, hint))
    for name, argument in document.body.arguments.items():
        inputs.values[name] = Input(contained(argument.value, scope), f"variable '{name}' in {file.path}")

"""The function `templatefile`: templates in files of their own.

https://developer.hashicorp.com/terraform/language/functions/templatefile
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from msgspec.structs import replace

from pgflexlint.evaluate.calls import EvaluationError, Function, FunctionCall
from pgflexlint.evaluate.files import from_file, read
from pgflexlint.evaluate.functions import Table, UndecidedError, scalar
from pgflexlint.evaluate.interpreter import Scope, evaluate
from pgflexlint.evaluate.members import AnyValue
from pgflexlint.evaluate.names import Declared
from pgflexlint.evaluate.terraform.functions.parameters import text
from pgflexlint.problem import Problem
from pgflexlint.syntax.hcl.reader import read_template_file
from pgflexlint.values import Known, merge_traces

if TYPE_CHECKING:
    from pgflexlint.evaluate.terraform.language import Terraform


def templatefile(language: Terraform) -> Function:
    """The function `templatefile`. `language` evaluates the templates, and is told what Terraform refuses in them."""
    table = Table()

    @table.structural("templatefile", 2)
    def body(call: FunctionCall) -> AnyValue:
        found = read(call.workspace, scalar(call.arguments[0], text))
        template = read_template_file(found)
        if isinstance(template, Problem):
            language.report(template)
            return call.unknown(f"template '{found.path}' cannot be read")
        given = call.arguments[1]
        members = given.value if isinstance(given, Known) else given.members
        if not isinstance(members, Mapping):
            if isinstance(given, Known):
                raise EvaluationError("its second argument is not an object")
            raise UndecidedError(given)
        names = Declared(members, f"'{{}}' is not given to template '{found.path}'", lambda sentence, place: None)
        value = evaluate(template, Scope(language, names, budget=call.budget))
        made = from_file(call, found, language.text(value.value) if isinstance(value, Known) else "")
        way = merge_traces((made, value))
        return replace(made if isinstance(value, Known) else value.at(call.span), trace=way)

    return table["templatefile"]

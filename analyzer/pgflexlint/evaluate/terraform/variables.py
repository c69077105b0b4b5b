"""The variables of a module. A variable has the value that it is given, or else its default, converted to its type."""

from __future__ import annotations

from collections.abc import Mapping

from pgflexlint.evaluate.bounds import bounded
from pgflexlint.evaluate.calls import EvaluationError
from pgflexlint.evaluate.interpreter import contained, evaluate
from pgflexlint.evaluate.members import AnyValue
from pgflexlint.evaluate.session import Input
from pgflexlint.evaluate.terraform.session import Session
from pgflexlint.evaluate.terraform.types import ANY, TYPES, Type, convert, parse_type
from pgflexlint.problem import Kind, Problem, suggestion
from pgflexlint.source import SourceFile, Span
from pgflexlint.syntax.expressions import Expression
from pgflexlint.syntax.hcl.document import Block
from pgflexlint.syntax.hcl.reader import read
from pgflexlint.values import Known, Unknown, is_null


class Variables:
    """The variables of one module."""

    def __init__(
        self, session: Session, declared: Mapping[str, Block], inputs: Mapping[str, Input], *, is_root: bool
    ) -> None:
        """`declared` are the `variable` blocks and `inputs` the given values, both by name."""
        self.session = session
        self._declared = declared
        self.inputs = inputs
        self._is_root = is_root

    def describe(self, name: str) -> str:
        """What gives a variable its value, for traces."""
        given = self.inputs.get(name)
        if given:
            return given.text
        block = self._declared.get(name)
        return (
            f"the default of variable '{name}'" if block and "default" in block.body.arguments else f"variable '{name}'"
        )

    def is_sensitive(self, name: str) -> bool:
        """Whether a variable says that it is sensitive; one that is ephemeral hides its value as well.

        https://developer.hashicorp.com/terraform/language/values/variables#sensitive
        """
        return True in (self._says(name, "sensitive"), self._says(name, "ephemeral"))

    def _says(self, name: str, word: str) -> object:
        """The value of one argument of a `variable` block; None if it is left out or unknown."""
        argument = self._declared[name].body.arguments.get(word)
        value = None if argument is None else contained(argument.value, self.session.constants())
        return value.value if isinstance(value, Known) else None

    def value(self, name: str) -> AnyValue:
        """The value of a variable. It is unknown if there is none, or if it does not fit the type, which may be
        reported."""
        block = self._declared[name]
        arguments = block.body.arguments
        given, default = self.inputs.get(name), arguments.get("default")
        null = given is not None and is_null(given.value)
        if given is not None and not (null and self._says(name, "nullable") is False):
            value = given.value
        elif default is not None:
            value, given = contained(default.value, self.session.constants()), None
        elif given is not None:
            return self._unfit(name, given.value.span, "it must not be null", given)
        else:
            return Unknown(f"variable '{name}' has no value", block.header)
        if "type" not in arguments:
            return value
        type_ = parse_type(arguments["type"].value, self._no_type)
        try:
            if type_ == ANY and given and given.from_option:
                return self._from_option(name, given, type_)
            return self._converted(value, type_)
        except EvaluationError as error:
            if given and given.from_option:
                return self._from_option(name, given, type_)
            return self._unfit(name, value.span, error.message, given)

    def _no_type(self, name: str, span: Span) -> None:
        """Report the name of a type that does not exist."""
        message = f"There is no type '{name}'{suggestion(name, TYPES)}"
        hint = "Check the spelling: Terraform refuses it."
        problem = Problem(Kind.REFERENCE, message, span.file.path, span, hint, names=(name,))
        self.session.problems.report(problem)

    def _unfit(self, name: str, span: Span, why: str, given: Input | None) -> Unknown:
        """The unknown that stands for a variable whose value does not fit its type.

        This is reported if the value is a default, or is given to the root. An argument of a module call is not
        reported: it may be the default of the caller's own variable, which is always given another value.
        """
        reason = f"the value of variable '{name}' does not fit its type: {why}"
        if given is None or self._is_root:
            path, place = ("", None) if given and given.from_option else (span.file.path, span)
            hint = "Correct the value: Terraform refuses it."
            sentence = f"{reason[0].upper()}{reason[1:]}."
            self.session.problems.report(Problem(Kind.EVALUATION, sentence, path, place, hint))
        return Unknown(reason, span)

    def _converted(self, value: AnyValue, type_: Type) -> AnyValue:
        """A value converted to the type of a variable. Raises `EvaluationError` if it does not fit."""
        budget = self.session.budget

        def default(expression: Expression) -> AnyValue:
            return contained(expression, self.session.constants())

        def work() -> AnyValue:
            return budget.admit(budget.work((value,), lambda: convert(value, type_, default)))

        return bounded(work, value.span, budget)

    def _from_option(self, name: str, given: Input, type_: Type) -> AnyValue:
        """The text of `--var`, read as an expression: Terraform does so unless the type is string."""
        document = read(SourceFile(given.value.span.file.path, given.value.span.file.text))
        argument = next(iter(document.body.arguments.values()), None)
        if argument is None or document.problems:
            return self._unfit(name, given.value.span, "its text is not an expression", given)
        try:
            return self._converted(evaluate(argument.value, self.session.nameless().strictly()), type_)
        except EvaluationError as error:
            return self._unfit(name, given.value.span, error.message, given)

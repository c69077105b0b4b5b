"""PGF408: the administrator's password comes through an input that does not hide it."""

from pgflexlint.model import Server
from pgflexlint.redaction.placeholders import is_literal
from pgflexlint.rule import Fail, Level, Related, Rule, Undecided, Verdicts
from pgflexlint.values import Unknown


def check(server: Server) -> Verdicts:
    """Flag a password that comes through an input that does not hide it; a written password is PGF407."""
    for password in server.authentication.administrator_passwords:
        value, inputs = password.value, password.nonsensitive_inputs
        if value.candidates if isinstance(value, Unknown) else not value.value or is_literal(value.value):
            continue
        if isinstance(inputs, Unknown):
            yield Undecided(inputs)
        elif inputs:
            related = tuple(Related(step.span, "This input does not hide its value.") for step in inputs)
            yield Fail(value, "shown", (server.label,), related=related)


RULE = Rule(
    id="PGF408",
    slug="password-parameter-not-secure",
    summary="The administrator password comes through a variable or parameter that does not hide it.",
    level=Level.WARNING,
    security_severity=6.0,
    messages={"shown": "The administrator password of server '{0}' comes through an input that does not hide it."},
    why="Azure keeps the values of plain parameters in the deployment history, and Terraform prints the values of "
    "plain variables wherever it does not know that the result is secret. Everybody who may read these has the "
    "password of the most powerful account.",
    fix_terraform="Declare the variable with `sensitive = true`, or with `ephemeral = true` and pass it to "
    "`administrator_password_wo`.",
    fix_template="Put `@secure()` above the parameter, also in every module that passes it on. In ARM JSON, use the "
    "type `securestring`. With azapi, set `sensitive = true` on the variable.",
    limits="A password that is written in the source is PGF407, but an input with a placeholder is judged here. Does "
    "not report an input whose default is null or empty, unless a checked file fills it in. Accepts plain variables "
    "for what a Terraform provider declares sensitive, such as the result of `random_password`. Undecided in a "
    "Terraform module that no checked file calls, because its caller may pass a sensitive value. Does not know that "
    "others can work out what `uniqueString()` returns.",
    references=(
        "https://learn.microsoft.com/azure/azure-resource-manager/bicep/parameters",
        "https://learn.microsoft.com/azure/azure-resource-manager/templates/best-practices",
    ),
    check=check,
    cwe=(522,),
    controls=("MCSB IM-8 (by analogy)",),
    peers=("Bicep linter use-secure-value-for-secure-inputs",),
)

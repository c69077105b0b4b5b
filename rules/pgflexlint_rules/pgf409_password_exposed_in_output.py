"""PGF409: an output shows the administrator's password."""

from __future__ import annotations

from collections.abc import Iterator

from pgflexlint.model import Server
from pgflexlint.rule import Fail, Level, Rule, Undecided, Verdict
from pgflexlint.values import Unknown, holds


def check(server: Server) -> Iterator[Verdict]:
    """Flag each output that holds a password of the server and is not hidden."""
    for output in server.outputs:
        hidden = holds(output.secure, bool)
        if hidden is None and isinstance(output.secure, Unknown):
            yield Undecided(output.secure)
        elif not hidden:
            yield Fail(output.value, "shown", (output.label, server.label), part=output)
    yield from map(Undecided, server.outputs.gaps)


RULE = Rule(
    id="PGF409",
    slug="password-exposed-in-output",
    summary="An output shows the administrator password.",
    level=Level.ERROR,
    security_severity=7.5,
    messages={"shown": "Output '{0}' shows the administrator password of server '{1}'."},
    why="Outputs are printed at the end of a run, stay in the deployment history, and go into the logs of pipelines. "
    "Everybody who may read one of these has the password of the most powerful account.",
    fix_terraform="Remove the output and let its readers take the password from Key Vault; where it must stay, give it "
    "`sensitive = true`, which hides it from logs and leaves it in the state.",
    fix_template="Remove the output and write the password to a Key Vault secret whose name is the output instead; "
    "where it must stay, put `@secure()` above it (`securestring` in ARM JSON).",
    limits="A value that a function makes of the password is decided only where what it makes still tells the "
    "password, as an encoding does. Where `<…>`, `REPLACE` or nothing stands for the password, only what comes from "
    "there shows it. Of a resource that is an output as a whole, what is written in it counts; what Azure shows of one "
    "in Bicep and ARM JSON is undecided. Outputs of a Terraform module that is not the root are judged where the root "
    "passes them on.",
    references=(
        "https://learn.microsoft.com/azure/azure-resource-manager/bicep/outputs",
        "https://learn.microsoft.com/azure/azure-resource-manager/bicep/linter-rule-outputs-should-not-contain-secrets",
    ),
    check=check,
    cwe=(532, 200),
    controls=("MCSB IM-8 (by analogy)",),
    peers=("Bicep linter outputs-should-not-contain-secrets",),
)

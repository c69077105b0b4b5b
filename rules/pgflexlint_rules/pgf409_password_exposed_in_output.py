"""PGF409: an output shows the administrator's password."""

from pgflexlint.model import Server
from pgflexlint.rule import Level, Rule, Undecided, Verdicts, forbid


def check(server: Server) -> Verdicts:
    """Flag each output that holds a password of the server and is not hidden."""
    for output in server.outputs:
        names = (output.label, server.label)
        yield from forbid(output.sensitive, lambda hidden: not hidden, "shown", *names, at=output.value, part=output)
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
    fix_terraform="Remove the output, and let its readers take the password from Key Vault. If it must stay, set "
    "`sensitive = true`, which hides it from logs but not from the state.",
    fix_template="Remove the output. Write the password to a Key Vault secret, and output the name of the secret. If "
    "the output must stay, put `@secure()` above it (`securestring` in ARM JSON).",
    limits="Reports a password that a function has changed only if all of it can be recovered, as from an encoding. "
    "With other functions the rule is undecided. If the password is empty or a placeholder, only an output that refers "
    "to it is reported. If an output is a whole resource, what is written in the resource counts, but what Azure "
    "returns for it in Bicep and ARM JSON is undecided. Outputs of a called Terraform module are judged where the root "
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

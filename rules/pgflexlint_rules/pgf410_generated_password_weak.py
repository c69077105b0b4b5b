"""PGF410: the administrator's password is too short or made of too few kinds of characters."""

from pgflexlint.model import GeneratedPassword, Server
from pgflexlint.redaction.placeholders import is_literal
from pgflexlint.rule import Level, Option, Rule, Verdicts, forbid
from pgflexlint.values import Unknown, Value

SHORTEST, LONGEST = 8, 128
"""What Azure accepts: https://learn.microsoft.com/azure/postgresql/security/security-reset-admin-password."""


def check(server: Server, *, minimum_length: int) -> Verdicts:
    """Flag generators of weak passwords, and written passwords that Azure refuses."""
    for generated in server.generated_passwords:
        yield from _generated(generated, server, minimum_length)
    for password in (each.value for each in server.authentication.administrator_passwords):
        if not isinstance(password, Unknown) or password.candidates:
            yield from _written(password, server.label)


def _generated(generated: GeneratedPassword, server: Server, minimum: int) -> Verdicts:
    names = (generated.label, server.label)
    short = (*names, str(minimum))
    yield from forbid(generated.length, lambda length: length < minimum, "short", *short, part=generated)
    for name, used in generated.classes:
        yield from forbid(used, lambda allowed: not allowed, "class", *names, name, part=generated)


def _written(password: Value[str | None], server: str) -> Verdicts:
    verdicts = list(forbid(password, _has_wrong_length, "length", server))
    yield from verdicts or forbid(password, _has_few_classes, "classes", server)


def _has_wrong_length(text: str | None) -> bool:
    return text is not None and is_literal(text) and not SHORTEST <= len(text) <= LONGEST


def _has_few_classes(text: str | None) -> bool:
    """Whether it has fewer than three kinds: upper case and lower case letters of English, digits, all others."""
    if text is None or not is_literal(text):
        return False
    kinds = {
        "upper" if "A" <= sign <= "Z" else "lower" if "a" <= sign <= "z" else "digit" if "0" <= sign <= "9" else "other"
        for sign in text
    }
    return len(kinds) < 3


RULE = Rule(
    id="PGF410",
    slug="generated-password-weak",
    summary="The administrator password is short or made of few kinds of characters.",
    level=Level.WARNING,
    security_severity=5.5,
    messages={
        "short": "Generator '{0}' makes an administrator password for server '{1}' of fewer than '{2}' characters.",
        "class": "Generator '{0}' leaves a class of characters out of the password for server '{1}': '{2}'.",
        "length": "The administrator password of server '{0}' has a length that Azure refuses: it takes 8 to 128.",
        "classes": "The administrator password of server '{0}' has fewer than three of Azure's kinds of characters.",
    },
    why="An attacker who reaches the endpoint can try passwords, and each missing character and each missing kind of "
    "characters makes that cheaper by orders of magnitude. Azure refuses passwords that break its own rules, and the "
    "deployment fails.",
    fix_terraform="Generate the password with a `random_password` whose `length` is 16 or more, and leave `upper`, "
    "`lower`, `numeric` and `special` on.",
    fix_template="Pass a generated password of 16 or more characters, with upper case letters, lower case letters, "
    "digits and other characters. Declare `@minLength(16)` on the parameter.",
    limits="Does not see passwords that are generated outside the checked files. Judges a written password by Azure's "
    "own rules only. In Bicep and ARM JSON only `newGuid()` and `uniqueString()` generate passwords; they are not "
    "judged.",
    references=("https://learn.microsoft.com/azure/postgresql/security/security-reset-admin-password",),
    check=check,
    options=(
        Option("minimum_length", 16, "The least number of characters of a generated password.", least=8, most=128),
    ),
    cwe=(521,),
    controls=("MCSB IM-8 (by analogy)",),
)

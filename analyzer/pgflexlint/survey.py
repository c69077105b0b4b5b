"""What there is in a target, and what of it can matter, from the texts of the files alone."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Iterator
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

from pgflexlint.discover import Target
from pgflexlint.evaluate.template.survey import TemplateSurvey
from pgflexlint.evaluate.terraform.survey import TerraformSurvey
from pgflexlint.lazily import compiled
from pgflexlint.problem import Kind, Problem
from pgflexlint.source import speaks

if TYPE_CHECKING:
    from pgflexlint.evaluate.scenarios import Scenario
    from pgflexlint.evaluate.terraform.inputs import Given

WORDS = ("postgres", "postgre-sql", "opensourcerelationaldatabases")
"""A file in which none of these occurs, in any case, declares nothing that is looked at: they are in the names of
azurerm's resources, of ARM's resource types, of the modules that are judged by their tables, of the `postgresql`
provider's resources, in connection strings, and in the name of the Defender plan."""

PLANS = ("security_center_subscription_pricing", "microsoft.security/pricings")
"""With one of these a plan of Defender is set, whose name may be a value from elsewhere."""

DEPLOYMENTS = ("_template_deployment", "microsoft.resources/deployments")
"""Terraform with one of these deploys a template."""

_GIVEN = compiled(r'"template"(?!\s*+:\s*+[{\[])')
"""JSON, in lower case, in which a template may be what an expression gives."""

_TEXT = r"'(?:[^'\n\\$]|\$(?!\{)|\$\{(?:[^{}'\n]|'[^{}'\n\\$]*+')*+\})*+'(?!')"
_OTHERS = rf"(?:(?!'?properties|\.\.\.)(?:[^{{}}'/?]|{_TEXT}))*+"
_DEPLOYED = compiled(
    rf"""
    microsoft\.resources/deployments(?=@|'(?!\s*+[,)\]]))
    (?!
        @[\w-]++'\s*+=\s*+(?:if\s*+\([\w.!]++\)\s*+)?\{{{_OTHERS}properties:\s*+\{{\s*+
            mode:\s*+'\w++'\s*+
            template:\s*+\{{\s*+
                '\$schema':\s*+'[^'\\$\n]++'\s*+
                contentversion:\s*+'[^'\\$\n]++'\s*+
                resources:\s*+\[\s*+\]\s*+
                (?:outputs:\s*+\{{\s*+\w++:\s*+\{{\s*+type:\s*+'\w++'\s*+value:\s*+'[^'\\$\n]*+'\s*+\}}\s*+\}}\s*+)?
            \}}\s*+
        \}}{_OTHERS}\}}
    )""",
    re.VERBOSE,
)
"""A deployment in Bicep, in lower case, but for one of a template that is written out and has no resources, which
nearly every module of Azure's registry has to be counted by. That one is read to its end, so that it is certain that
nothing else is deployed."""

_TYPED = compiled(
    r"""(?<![.\w-])type"?\s*+(?:/\*|[=:]\s*+(?!"[^"\\$%\n]*"[ \t]*+(?:[\r\n,}#]|//|$)"""
    r"""|(?:string|number|bool|any)\b|(?:object|list|map|set|tuple|optional)\s*+\())"""
)
"""A type that is no plain text, and none of those that variables have."""

SOURCES = (".tf", ".tofu", ".tf.json", ".tofu.json", ".tfvars", ".bicep", ".bicepparam", ".json", ".jsonc")
"""How the files end that may hold Terraform, Bicep or ARM JSON, or values for them."""

DATA = (".yaml", ".yml", ".csv", ".tftpl")
"""How further files end that values may come from: what Terraform and Bicep decode, and templates."""

_TEXTS = (".json", ".txt", ".tpl", ".tmpl", ".env", ".ini", ".conf", ".properties", ".toml", ".xml", ".sql", ".sh")
"""How files end that Terraform may read as texts."""

Watch: TypeAlias = Callable[[str, int, int], None]
"""Is told what is being done, how many of it are done, and how many there are."""


class Survey(NamedTuple):
    """The sources of a target."""

    target: Target
    terraform: TerraformSurvey
    templates: TemplateSurvey

    @property
    def matters(self) -> bool:
        """Whether there is anything to evaluate."""
        return bool(self.terraform.relevant or self.templates.relevant)

    @property
    def problems(self) -> list[Problem]:
        """What could not be looked at so far."""
        return [*self.target.workspace.problems, *self.terraform.problems, *self.templates.problems, *self._strange]

    @property
    def _strange(self) -> Iterator[Problem]:
        """The files that were named, may be sources, and are not looked at because of how their names end."""
        for path in sorted(self.target.seeds):
            if self.target.below(path):
                continue
            if not path.endswith(SOURCES) and path.lower().endswith((*SOURCES, ".template")):
                message = "This file is not looked at, going by how its name ends."
                hint = f"Names have to end in one of {', '.join(SOURCES)}, in lower case."
                yield Problem(Kind.CONFIGURATION, message, path, hint=hint, warning_only=True)

    @property
    def size(self) -> int:
        """How many characters there are to be parsed, about."""
        return self.terraform.size + self.templates.size


def survey(
    target: Target,
    watch: Watch = lambda what, done, all_: None,
    *,
    parameters: Collection[str] = (),
    inputs: Collection[Given] = (),
    scenarios: Collection[Scenario] = (),
) -> Survey:
    """Look over a target. `parameters` are parameter files, and `inputs` values for Terraform, that were asked for."""
    workspace, directories = target.workspace, target.directories
    all_ = len(directories)
    terraform = TerraformSurvey(
        workspace,
        directories,
        _matters_in_terraform,
        lambda done: watch("Looking for Terraform", done, all_),
        data=(*DATA, *_TEXTS),
    )
    templates = TemplateSurvey(
        workspace,
        directories,
        matters,
        workspace.root,
        lambda done: watch("Looking for templates", done, all_),
        parameters=parameters,
    )
    terraform.relevant.update(filter(_told_by(target, inputs, scenarios), terraform.sizes))
    return Survey(target, terraform, templates)


def _told_by(target: Target, inputs: Iterable[Given], scenarios: Iterable[Scenario]) -> Callable[[str], bool]:
    """Which directories are given values that speak of what is looked at."""

    def tells(path: str) -> bool:
        return speaks(target.workspace, path, _matters_in_terraform)

    if any(tells(each.text) if each.kind == "file" else _matters_in_terraform(each.text) for each in inputs):
        return lambda directory: True
    return {scenario.root for scenario in scenarios if any(map(tells, scenario.files))}.__contains__


def matters(text: str) -> bool:
    """Whether a file with this text, spelled out, may declare anything that is looked at."""
    lowered = text.lower()
    return _speaks_of(lowered, (*WORDS, *PLANS)) or _deploys(lowered)


def _deploys(lowered: str) -> bool:
    """Whether a template deploys what no word in it tells: a template that is worked out, or loaded."""
    return DEPLOYMENTS[1] in lowered and bool(_DEPLOYED.search(lowered) or _GIVEN.search(lowered))


def _matters_in_terraform(text: str) -> bool:
    """The same of Terraform, which may deploy a template that stands in another file, and azapi's resources, whose
    type may be worked out."""
    lowered = text.lower()
    return _speaks_of(lowered, (*WORDS, *PLANS, *DEPLOYMENTS)) or ("azapi_" in text and bool(_TYPED.search(text)))


def _speaks_of(lowered: str, words: Iterable[str]) -> bool:
    return any(word in lowered for word in words)

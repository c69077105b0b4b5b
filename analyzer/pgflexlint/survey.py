"""Finds out which files of a target can matter, by searching their texts. Nothing is parsed."""

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
"""Words that stand in everything that is judged: azurerm's resource names, ARM's resource types, the names of known
modules, resources of the `postgresql` provider, connection strings, the name of the Defender plan. A file without any
of them, in upper or lower case, declares nothing that matters."""

PLANS = ("security_center_subscription_pricing", "microsoft.security/pricings")
"""A file with one of these sets a plan of Defender. The name of the plan may come from another file."""

DEPLOYMENTS = ("_template_deployment", "microsoft.resources/deployments")
"""Terraform that contains one of these deploys a template."""

_GIVEN = compiled(r'"template"(?!\s*+:\s*+[{\[])')
"""Matches JSON, in lower case, in which an expression may give a template."""

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
"""Matches a deployment in Bicep, in lower case, unless its template is written out and has no resources. Nearly all
modules of Azure's registry have such a deployment, for telemetry. It is matched to its end, so that it is certain that
it deploys nothing else."""

_TYPED = compiled(
    r"""(?<![.\w-])type"?\s*+(?:/\*|[=:]\s*+(?!"[^"\\$%\n]*"[ \t]*+(?:[\r\n,}#]|//|$)"""
    r"""|(?:string|number|bool|any)\b|(?:object|list|map|set|tuple|optional)\s*+\())"""
)
"""Matches a `type` that is an expression, and no type constraint of a variable."""

SOURCES = (".tf", ".tofu", ".tf.json", ".tofu.json", ".tfvars", ".bicep", ".bicepparam", ".json", ".jsonc")
"""Suffixes of files that may be Terraform, Bicep or ARM JSON, or give values to them."""

DATA = (".yaml", ".yml", ".csv", ".tftpl")
"""Suffixes of other files that values may come from: Terraform and Bicep decode or render them."""

_TEXTS = (".json", ".txt", ".tpl", ".tmpl", ".env", ".ini", ".conf", ".properties", ".toml", ".xml", ".sql", ".sh")
"""Suffixes of files that Terraform may read as texts."""

Watch: TypeAlias = Callable[[str, int, int], None]
"""Reports progress: what is being done, how much of it is done, and how much there is."""


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
        """Problems for files that the user named and that have a wrong suffix, such as `.TF`."""
        for path in sorted(self.target.seeds):
            strange = not path.endswith(SOURCES) and path.lower().endswith((*SOURCES, ".template"))
            if strange and self.target.lists(path) and not self.target.below(path):
                message = "This file is not scanned because of its suffix."
                hint = f"Names must end in one of {', '.join(SOURCES)}, in lower case."
                yield Problem(Kind.CONFIGURATION, message, path, hint=hint, warning_only=True)

    @property
    def size(self) -> int:
        """About how many characters have to be parsed."""
        return self.terraform.size + self.templates.size


def survey(
    target: Target,
    watch: Watch = lambda what, done, all_: None,
    *,
    parameters: Collection[str] = (),
    inputs: Collection[Given] = (),
    scenarios: Collection[Scenario] = (),
) -> Survey:
    """Survey a target. `parameters` are parameter files, and `inputs` values for Terraform, from the command line."""
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
    """Whether a file with this text may declare anything that matters. Escapes in the text are already decoded."""
    lowered = text.lower()
    return _speaks_of(lowered, (*WORDS, *PLANS)) or _deploys(lowered)


def _deploys(lowered: str) -> bool:
    """Whether a template deploys another one that is loaded or made by an expression: no word tells what it deploys."""
    return DEPLOYMENTS[1] in lowered and bool(_DEPLOYED.search(lowered) or _GIVEN.search(lowered))


def _matters_in_terraform(text: str) -> bool:
    """As `matters`, for Terraform: it may also deploy a template of another file, or have an expression as the type of
    an azapi resource."""
    lowered = text.lower()
    return _speaks_of(lowered, (*WORDS, *PLANS, *DEPLOYMENTS)) or ("azapi_" in text and bool(_TYPED.search(text)))


def _speaks_of(lowered: str, words: Iterable[str]) -> bool:
    return any(word in lowered for word in words)

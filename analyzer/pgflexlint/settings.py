"""What the user asks for, apart from the paths."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from msgspec import Struct, field

from pgflexlint.level import Level

if TYPE_CHECKING:  # a run that finds nothing to judge needs none of these
    from datetime import date

    from pgflexlint.baseline import Baseline
    from pgflexlint.evaluate.scenarios import Scenario
    from pgflexlint.evaluate.terraform.inputs import Given
    from pgflexlint.suppress import Allow


class Settings(Struct, frozen=True):
    """What the user asks for, apart from the paths."""

    fail_on: Level | None = Level.WARNING
    """The lowest level that makes the exit code 1; None for never."""
    inputs: tuple[Given, ...] = ()
    """Variables and variable files for Terraform, in order."""
    parameter_files: tuple[str, ...] = ()
    """Parameter files of Bicep and ARM that were asked for; those beside a template count where this is empty."""
    scenarios: tuple[Scenario, ...] = ()
    """The sets of inputs that roots are deployed with."""
    ignores: bool = True
    """Inline ignores and `allows` count."""
    require_reason: bool = False
    """Inline ignores without a reason do not count."""
    strict_ignores: bool = False
    """Remarks on what allows nothing cost the clean exit code."""
    allows: tuple[Allow, ...] = ()
    """What the configuration allows."""
    as_of: date | None = None
    """The day for which it is judged what is allowed until a day, and rules that have an option `as_of`; None for what
    is set of these, and for today (UTC)."""
    baseline: Baseline | None = None
    """Findings that are known."""
    levels: Mapping[str, Level] = field(default_factory=dict)
    """Levels of findings by the ids of their rules, whatever the rule says."""
    options: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    """What is set of a rule, by its id and the name of the option."""
    jobs: int = 0
    """How many processes may work at once; 0 for as many as there are processors that pay."""

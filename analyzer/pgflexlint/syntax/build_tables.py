"""Makes the tables of HCL and Bicep when the package is built or installed for editing: a build hook, not shipped."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class TablesHook(BuildHookInterface[Any]):
    """Writes a `table.json` beside each `grammar.py` and has it packed although Git ignores it."""

    PLUGIN_NAME = "custom"

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Runs before each build; `version` is that of the build target."""
        sources = Path(self.root, "analyzer")
        sys.path.insert(0, str(sources))
        try:
            from pgflexlint.syntax import tables  # noqa: PLC0415
            from pgflexlint.syntax.bicep import grammar as bicep  # noqa: PLC0415
            from pgflexlint.syntax.hcl import grammar as hcl  # noqa: PLC0415
        finally:
            sys.path.remove(str(sources))
        for grammar in (bicep.grammar(), hcl.grammar()):
            grammar.shipped.write_text(tables.build(grammar), encoding="utf-8")
            build_data["artifacts"].append("/" + grammar.shipped.relative_to(self.root).as_posix())

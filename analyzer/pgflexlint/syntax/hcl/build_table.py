"""Makes the table of HCL when the package is built or installed for editing: a hatchling build hook, not shipped."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class TableHook(BuildHookInterface[Any]):
    """Writes `table.json` beside `grammar.py` and has it packed although Git ignores it."""

    PLUGIN_NAME = "custom"

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Runs before each build; `version` is that of the build target."""
        sources = Path(self.root, "analyzer")
        sys.path.insert(0, str(sources))
        try:
            from pgflexlint.syntax.hcl.grammar import build  # noqa: PLC0415
        finally:
            sys.path.remove(str(sources))
        table = sources / "pgflexlint" / "syntax" / "hcl" / "table.json"
        table.write_text(build(), encoding="utf-8")
        build_data["artifacts"].append("/" + table.relative_to(self.root).as_posix())

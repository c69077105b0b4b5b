"""The SARIF logs that other programs are asked about."""

from __future__ import annotations

from pathlib import Path

from msgspec.structs import replace

from pgflexlint.analysis import analyze
from pgflexlint.discover import target
from pgflexlint.outputs import Options, renderer
from pgflexlint.settings import Settings
from pgflexlint_rules import RULES
from tests.paths import FIXTURES, ROOT
from tests.report_factory import everything


def logs(room: Path, options: Options) -> dict[str, str]:
    """The logs of all fixtures, and of everything that a report can hold, by the paths to which they are written."""
    all_of_it = replace(options, show_unknown=True, show_suppressed=True)
    written = {"everything": renderer("sarif")(everything(), all_of_it)}
    for folder in (*FIXTURES.glob("PGF*"), *(FIXTURES / "projects").iterdir()):
        report = analyze(target([str(folder)], [], ROOT), RULES, RULES, Settings())
        written[folder.name] = renderer("sarif")(report, options)
    paths = {str(room / f"{name}.sarif"): text for name, text in written.items()}
    for path, text in paths.items():
        Path(path).write_text(text, "utf-8")
    return paths

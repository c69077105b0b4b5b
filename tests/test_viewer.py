"""Microsoft's SARIF web component shows every fixture's log; needs Node.js, Chromium and the packages of `viewer`.

npm install --legacy-peer-deps --prefix tests/viewer
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest

from pgflexlint.analysis import analyze
from pgflexlint.discover import target
from pgflexlint.outputs import Options, renderer
from pgflexlint.settings import Settings
from pgflexlint_rules import RULES
from tests.paths import FIXTURES, ROOT
from tests.report_factory import everything

VIEWER = ROOT / "tests" / "viewer"
CHROMIUM = Path(os.environ.get("CHROMIUM", "/usr/bin/chromium"))

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(
        not (shutil.which("node") and CHROMIUM.exists() and (VIEWER / "node_modules").exists()),
        reason="Node.js, Chromium or the packages of tests/viewer are not installed",
    ),
]


def logs(room: Path) -> dict[str, str]:
    """The SARIF logs of all fixtures, and of everything that a report can hold, by path."""
    written = {"everything": renderer("sarif")(everything(), Options(show_unknown=True, show_suppressed=True))}
    for folder in (*FIXTURES.glob("PGF*"), *(FIXTURES / "projects").iterdir()):
        report = analyze(target([str(folder)], [], ROOT), RULES, RULES, Settings())
        written[folder.name] = renderer("sarif")(report, Options())
    paths = {str(room / f"{name}.sarif"): text for name, text in written.items()}
    for path, text in paths.items():
        Path(path).write_text(text, "utf-8")
    return paths


def test_every_log_is_shown_whole(tmp_path: Path) -> None:
    written = logs(tmp_path)
    ended = subprocess.run(["node", VIEWER / "view.mjs", *written], capture_output=True, text=True, check=True)
    seen = [json.loads(line) for line in ended.stdout.splitlines()]
    assert [page["path"] for page in seen] == list(written)
    for page in seen:
        assert page["errors"] == []
        (run,) = json.loads(written[page["path"]])["runs"]
        rules = run["tool"]["driver"]["rules"]
        text = " ".join(page["text"].split())
        for result in run["results"]:
            if result.get("kind") == "open" or result.get("suppressions"):
                continue  # which the component leaves out unless it is asked
            rule = rules[result["ruleIndex"]]
            assert f"{rule['id']} : {rule['name']}" in text
            first = result["message"]["text"].split(" [")[0]
            assert " ".join(first.split()) in text, page["path"]

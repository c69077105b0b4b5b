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

from pgflexlint.outputs import Options
from tests.paths import ROOT
from tests.sarif_logs import logs

VIEWER = ROOT / "tests" / "viewer"
CHROMIUM = Path(os.environ.get("CHROMIUM", "/usr/bin/chromium"))

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(
        not (shutil.which("node") and CHROMIUM.exists() and (VIEWER / "node_modules").exists()),
        reason="Node.js, Chromium or the packages of tests/viewer are not installed",
    ),
]


def test_every_log_is_shown_whole(tmp_path: Path) -> None:
    written = logs(tmp_path, Options())
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

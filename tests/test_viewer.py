"""Microsoft's viewers of SARIF show every fixture's log; needs Node.js, Chromium and the packages of `viewer`.

npm install --legacy-peer-deps --prefix tests/viewer

The panel of VS Code's viewer is built from its sources, see `viewer/panel.mjs`; SARIF_VIEWER_PANEL names the folder.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from pgflexlint.outputs import Options
from tests.paths import ROOT
from tests.sarif_logs import logs

VIEWER = ROOT / "tests" / "viewer"
PANEL = os.environ.get("SARIF_VIEWER_PANEL", "")
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
    for page in pages(written, "view.mjs"):
        (run,) = json.loads(written[page["path"]])["runs"]
        rules = run["tool"]["driver"]["rules"]
        text = words(page["text"])
        for result in run["results"]:
            if result.get("kind") == "open" or result.get("suppressions"):
                continue  # which the component leaves out unless it is asked
            rule = rules[result["ruleIndex"]]
            assert f"{rule['id']} : {rule['name']}" in text
            first = result["message"]["text"].split(" [")[0]
            assert words(first) in text, page["path"]


@pytest.mark.skipif(not PANEL, reason="SARIF_VIEWER_PANEL names no built panel, see tests/viewer/panel.mjs")
def test_the_panel_of_vs_code_shows_every_result_and_selects_its_place(tmp_path: Path) -> None:
    written = logs(tmp_path, Options())
    for page in pages(written, "panel.mjs", PANEL):
        (run,) = json.loads(written[page["path"]])["runs"]
        rules = run["tool"]["driver"]["rules"]
        assert len(page["rows"]) == len(run["results"])
        for shown in page["results"]:
            result = run["results"][shown["selected"]["id"][2]]
            rule, (place,) = rules[result["ruleIndex"]], result["locations"]
            template = rule["messageStrings"][result["message"]["id"]]["text"]
            message = words(template.format(*result["message"].get("arguments", ())))
            assert rule["name"] in shown["row"]
            assert message in words(shown["row"])
            assert words(shown["info"]).startswith(message)
            assert words(rule["fullDescription"]["text"]) in words(shown["info"])
            assert shown["selected"]["uri"] == place["physicalLocation"]["artifactLocation"]["uri"]
            assert shown["selected"]["region"] == place["physicalLocation"].get("region")
            flows = [flow["threadFlows"][0]["locations"] for flow in result.get("codeFlows", ())]
            for step, text in zip(flows[0] if flows else (), shown["way"], strict=True):
                assert words(step["location"]["message"]["text"]) in words(text)


def pages(written: Mapping[str, str], script: str, *arguments: str) -> list[dict[str, Any]]:
    """What a script tells of the page that it shows for each log. No page has an error."""
    command = ["node", str(VIEWER / script), *arguments, *written]
    ended = subprocess.run(command, capture_output=True, text=True, check=True)
    seen = [json.loads(line) for line in ended.stdout.splitlines()]
    assert [page["path"] for page in seen] == list(written)
    assert [page["path"] for page in seen if page["errors"]] == []
    return seen


def words(text: str) -> str:
    """The text with a single space between its words."""
    return " ".join(text.split())

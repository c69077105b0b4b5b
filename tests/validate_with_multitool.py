"""Asks Microsoft's SARIF Multitool what it thinks of our SARIF; optional, because it is a large program.

    npm install @microsoft/sarif-multitool-linux@5.7.0        (somewhere outside the repository)
    chmod u+x node_modules/@microsoft/sarif-multitool-linux/Sarif.Multitool
    python -m tests.validate_with_multitool PATH/TO/Sarif.Multitool FILE.sarif …

Each complaint is printed, and the exit code is 1 if there is one. The Multitool's own exit code says nothing. SARIF2006
is left out: it looks URLs up on the network. With TF_BUILD in the environment, as on an agent of Azure Pipelines, the
rules of GitHub Advanced Security for Azure DevOps are asked too.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

OFFLINE = "SARIF2006"
KINDS = "Sarif;Ghas;GHAzDO" if os.environ.get("TF_BUILD") else "Sarif;Ghas"


def complaints(multitool: Path, log: Path) -> Iterator[str]:
    """What the rules of the SARIF specification and of GitHub have to say about a log, at every level."""
    with tempfile.TemporaryDirectory() as folder:
        output = Path(folder) / "out.sarif"
        command = [
            *(str(multitool.resolve()), "validate", str(log.resolve()), "-o", str(output)),
            *("--rule-kind", KINDS, "--level", "Note;Warning;Error", "--log", "ForceOverwrite"),
        ]
        ended = subprocess.run(command, capture_output=True, text=True, check=False, cwd=folder)
        if not output.exists():
            yield f"{log}: the Multitool wrote nothing: {ended.stdout}{ended.stderr}"
            return
        (run,) = json.loads(output.read_text("utf-8-sig"))["runs"]
    for result in run.get("results", ()):
        if result["ruleId"] != OFFLINE:
            where = result["locations"][0]["physicalLocation"].get("region", {}).get("startLine", "?")
            text = " ".join(result["message"].get("arguments", [result["message"].get("text", "")]))
            yield f"{log}:{where}: {result.get('level', 'warning')} {result['ruleId']} {text}"
    for invocation in run.get("invocations", ()):
        for notification in invocation.get("toolExecutionNotifications", ()):
            yield f"{log}: {notification.get('level', 'warning')} {notification['message'].get('text')}"


def main(arguments: list[str]) -> int:
    multitool, *logs = map(Path, arguments)
    found = [complaint for log in logs for complaint in complaints(multitool, log)]
    print(*found, f"{len(found)} complaints about {len(logs)} files", sep="\n")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

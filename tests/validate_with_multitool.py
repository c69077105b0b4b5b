"""Asks Microsoft's SARIF Multitool what it thinks of our SARIF; optional, because it is a large program.

    npm install @microsoft/sarif-multitool-linux@5.7.0        (somewhere outside the repository)
    chmod u+x node_modules/@microsoft/sarif-multitool-linux/Sarif.Multitool
    python -m tests.validate_with_multitool PATH/TO/Sarif.Multitool [FILE.sarif …]

Without files it is asked about the logs of all fixtures, and about one of everything that a report can hold. Each
complaint is printed, and the exit code is 1 if there is one. The Multitool's own exit code says nothing. SARIF2006 is
left out: it looks URLs up on the network. With TF_BUILD and the other variables of an agent of Azure Pipelines in the
environment, the rules of GitHub Advanced Security for Azure DevOps are asked too.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

from pgflexlint.outputs import Options, Provenance
from pgflexlint.provenance import pipeline
from tests.sarif_logs import logs

OFFLINE = "SARIF2006"
KINDS = "Sarif;Ghas;GHAzDO" if os.environ.get("TF_BUILD") else "Sarif;Ghas"
COMMIT = Provenance(repository="https://github.com/contoso/shop", revision="0" * 40, branch="main")


def complaints(multitool: Path, files: Sequence[Path]) -> Iterator[str]:
    """What the rules of the SARIF specification and of GitHub have to say about logs, at every level."""
    with tempfile.TemporaryDirectory() as folder:
        output = Path(folder) / "out.sarif"
        command = [
            *(str(multitool.resolve()), "validate", *(str(file.resolve()) for file in files), "-o", str(output)),
            *("--rule-kind", KINDS, "--level", "Note;Warning;Error", "--log", "ForceOverwrite"),
        ]
        ended = subprocess.run(command, capture_output=True, text=True, check=False, cwd=folder)
        if not output.exists():
            yield f"The Multitool wrote nothing: {ended.stdout}{ended.stderr}"
            return
        (run,) = json.loads(output.read_text("utf-8-sig"))["runs"]
    analysed = 0
    for result in run.get("results", ()):
        if result["ruleId"] != OFFLINE:
            place = result["locations"][0]["physicalLocation"]
            text = " ".join(result["message"].get("arguments", [result["message"].get("text", "")]))
            where = f"{place['artifactLocation'].get('uri', '?')}:{place.get('region', {}).get('startLine', '?')}"
            yield f"{where}: {result.get('level', 'warning')} {result['ruleId']} {text}"
        analysed += result["ruleId"] == OFFLINE
    for invocation in run.get("invocations", ()):
        for notification in invocation.get("toolExecutionNotifications", ()):
            yield f"{notification.get('level', 'warning')} {notification['message'].get('text')}"
    if not analysed:
        yield f"Nothing was looked at: even {OFFLINE} is missing. {ended.stdout}{ended.stderr}"


def main(arguments: list[str]) -> int:
    """Answers the exit code."""
    multitool, *files = map(Path, arguments)
    with tempfile.TemporaryDirectory() as room:
        options = Options(provenance=COMMIT, pipeline=pipeline(os.environ), category="fixtures")
        files = files or [Path(path) for path in logs(Path(room), options)]
        found = list(complaints(multitool, files))
    print(*found, f"{len(found)} complaints about {len(files)} files", sep="\n")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

"""Records what the real Terraform makes of the modules in data/terraform: python record_terraform_outputs.py.

Needs `terraform` on the PATH; the tests only need what it wrote.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import tempfile
from pathlib import Path

CASES = Path(__file__).parent / "data" / "terraform"


def record(case: Path) -> None:
    with tempfile.TemporaryDirectory() as room:
        work = Path(room) / case.name
        shutil.copytree(case, work)
        for command in (["init"], ["apply", "-auto-approve"]):
            subprocess.run(
                ["terraform", *command, "-no-color", "-input=false"], cwd=work, check=True, capture_output=True
            )
        run = subprocess.run(["terraform", "output", "-json"], cwd=work, check=True, capture_output=True)
    outputs = {name: output["value"] for name, output in json.loads(run.stdout).items()}
    (case / "outputs.json").write_text(json.dumps(outputs, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")


if __name__ == "__main__":
    for directory in sorted(CASES.iterdir()):
        record(directory)

"""Loops of Bicep and of ARM JSON: which of their instances are deployed, and what is known of each."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.command_line import Check, Write
from tests.test_template_evaluation import SERVER, arm, nested, resource


def lines(run: Check, room: Any, rule: str) -> list[str]:
    """What the concise format says of one rule, the summary left out."""
    _, output, _ = run("check", room, "--isolated", "--format", "concise", "--show-unknown", "--select", rule)
    return output.splitlines()[:-1]


DAYS = "param i int\noutput days int = i == 1 ? 8 : 35\n"
BACKUP = """\
resource pg 'Microsoft.DBforPostgreSQL/flexibleServers@2024-08-01' = {{
  name: 'pg'
  properties: {{ backup: {{ backupRetentionDays: {} }} }}
}}
"""
SHORT = "note PGF702 Backups of server 'pg' are kept for '8' days, less than the recommended '14'. [pg]"


@pytest.mark.parametrize(
    ("loop", "wanted", "said"),
    [
        ("range(0, 3): if (i > 0)", "s[1]", SHORT),
        ("range(0, 3): if (i < 2)", "s[1]", SHORT),
        ("range(0, 2): if (i == 1)", "s[1]", SHORT),
        ("range(0, 3): if (i > 0)", "s[2]", ""),
        ("range(0, 3): if (i > 0)", "s[0]", "unknown PGF702"),
    ],
)
def test_a_condition_moves_no_module_of_a_loop_to_another_index(
    write: Write, run: Check, loop: str, wanted: str, said: str
) -> None:
    text = f"module s 's.bicep' = [for i in {loop} {{ params: {{ i: i }} }}]\n" + BACKUP.format(
        f"{wanted}.outputs.days"
    )
    found = lines(run, write({"s.bicep": DAYS, "main.bicep": text}), "PGF702")
    assert [line.startswith(f"main.bicep:4:48: {said}") for line in found] == ([True] if said else [])


def test_a_condition_moves_no_deployment_of_a_copy_to_another_index(write: Write, run: Check) -> None:
    child = arm(
        [],
        parameters={"i": {"type": "int"}},
        outputs={"days": {"type": "int", "value": "[if(equals(parameters('i'), 1), 8, 35)]"}},
    )
    copy = {"condition": "[greater(copyIndex(), 0)]", "copy": {"name": "s", "count": 3}}
    resources = {
        "s": {**nested("s", child, parameters={"i": "[copyIndex()]"}), **copy},
        "pg": resource(
            "pg", SERVER, properties={"backup": {"backupRetentionDays": "[reference('s[1]').outputs.days.value]"}}
        ),
    }
    found = lines(run, write({"main.json": json.dumps(arm(resources), indent=1)}), "PGF702")
    assert [line.partition(": ")[2] for line in found] == [SHORT]

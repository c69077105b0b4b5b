"""Compares findings on AVM's own tests with what a person expects: `python benchmarks/avm_expectations.py DIRECTORY`.

The directory is a checkout of https://github.com/Azure/bicep-registry-modules. Each
`avm/res/db-for-postgre-sql/flexible-server/tests/e2e/*/main.test.bicep` is judged as the root that it is; what it
deploys twice (`init`, `idem`) counts once. The rules are those that are on by default. Prints what is found and not
expected, and the other way round; exits with 1 where there is either. The expectations were written from the tests and
the rules by somebody who knew the tool.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator
from datetime import date
from pathlib import Path

from pgflexlint.engine import judge
from pgflexlint.evaluate.template.roots import TemplateEvaluator
from pgflexlint.evaluate.template.survey import TemplateSurvey
from pgflexlint.workspace import DiskWorkspace
from pgflexlint_rules import RULES

AS_OF = date(2026, 1, 1)
"""The day for which the support of versions is judged."""

MODULE = "avm/res/db-for-postgre-sql/flexible-server"

UNAUDITED = {
    "PGF505 warning": "none of the tests has a chain of pgaudit",
    "PGF508 note": "none of the tests sets log_line_prefix",
}
UNLOGGED = {**UNAUDITED, "PGF509 warning": "no diagnostic setting, or one of metrics only"}
UNLOCKED = {"PGF704 note": "no lock is asked for"}
UNREACHED = {"PGF307 note": "no private endpoint, no subnet, and publicNetworkAccess is Disabled"}
MD5 = {"PGF405 warning": "passwords count, and azure.accepted_password_auth_method is not among its configurations"}

EXPECTED: dict[str, dict[str, str]] = {
    # The module's defaults: Entra only, no public access, both kinds of redundancy, version 18.
    "defaults": {
        "PGF702 note": "backups are kept for the default of 7 days",
        **UNLOGGED,
        **UNLOCKED,
        **UNREACHED,
    },
    "waf-aligned": {"PGF702 note": "backups are kept for the default of 7 days", **UNAUDITED, **UNLOCKED},
    "private": {
        "PGF401 warning": "activeDirectoryAuth is Disabled",
        "PGF403 warning": "passwords are the only way in",
        "PGF702 note": "backups are kept for the default of 7 days",
        **UNLOGGED,
        **UNLOCKED,
        **MD5,
    },
    "public": {
        "PGF303 warning": "AllowAllWindowsAzureIps",
        "PGF309 warning": "its other firewall rules are of 10/8 and 100.64/10: not routable",
        "PGF305 warning": "publicNetworkAccess is Enabled",
        "PGF406 note": "version 14, and connection_throttle.enable is not among its configurations",
        "PGF701 warning": "geoRedundantBackup is Disabled",
        **UNLOGGED,
        **UNLOCKED,
    },
    # Its private endpoints come from a registry module that is given the server: what else that adds is unknown.
    "public-with-pe": {
        "PGF402 warning": "activeDirectoryAuth is Enabled and there are no administrators",
        "PGF403 note": "passwordAuth is Enabled beside it",
        "PGF702 note": "backups are kept for the default of 7 days",
        **UNLOGGED,
        **UNLOCKED,
        **MD5,
    },
    "max": {
        "PGF401 warning": "activeDirectoryAuth is Disabled",
        "PGF403 warning": "passwords are the only way in",
        "PGF701 warning": "geoRedundantBackup is Disabled",
        "PGF702 note": "backups are kept for the default of 7 days",
        "PGF703 note": "highAvailability is Disabled",
        **UNLOGGED,
        **UNLOCKED,
        **UNREACHED,
        **MD5,
    },
    "cmk-hsm-uami": {
        "PGF701 warning": "geoRedundantBackup is Disabled",
        "PGF702 note": "backups are kept for the default of 7 days",
        **UNLOGGED,
        **UNLOCKED,
        **UNREACHED,
    },
    # The second deployment leaves createMode out: by what is written it is a server of its own.
    "replication": {
        "PGF402 warning": "the second deployment has no administrators",
        "PGF703 note": "the second deployment's highAvailability is Disabled",
        "PGF406 note": "the primary is of version 17 without connection_throttle.enable",
        "PGF701 warning": "the primary's geoRedundantBackup is Disabled",
        "PGF702 note": "the primary's backups are kept for 7 days",
        **UNLOGGED,
        **UNLOCKED,
        **UNREACHED,
    },
}
"""Rule and level with the reason, by test."""


def found_in(directory: Path) -> Iterator[tuple[str, dict[str, list[str]]]]:
    """The tests with their findings: rule and level, with each text."""
    workspace = DiskWorkspace(directory)
    rules = [rule for rule in RULES if rule.default]
    tests = sorted((directory / MODULE / "tests" / "e2e").glob("*/main.test.bicep"))
    roots = {path.relative_to(directory).as_posix() for path in tests}
    within = sorted({path.parent.relative_to(directory).as_posix() for path in (directory / MODULE).rglob("*.bicep")})
    survey = TemplateSurvey(workspace, within, lambda text: "dbforpostgresql" in text.lower())
    for deployment in TemplateEvaluator(survey).deployments():
        if deployment.root in roots:
            findings: dict[str, list[str]] = {}
            for finding in judge([deployment], rules, {"PGF705": {"as_of": AS_OF}}).findings:
                place = f"{finding.span}: {finding.text} [{finding.address}]"
                findings.setdefault(f"{finding.rule.id} {finding.level.value}", []).append(place)
            yield Path(deployment.root).parent.name, findings


def main() -> int:
    """Compares all tests; returns the exit code."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("directory", type=Path)
    found = dict(found_in(parser.parse_args().directory))
    differences = 0
    for test in sorted(EXPECTED.keys() | found.keys()):
        if test not in found or test not in EXPECTED:
            print(f"{test}: {'not found' if test in EXPECTED else 'nothing is expected of it yet'}")
            differences += 1
            continue
        expected, findings = EXPECTED[test], found[test]
        for what in sorted(expected.keys() | findings.keys()):
            if what not in findings:
                print(f"{test}: {what} is missing: {expected[what]}")
            elif what not in expected:
                print(f"{test}: {what} is not expected: {findings[what][0]}")
        differences += len(expected.keys() ^ findings.keys())
        print(f"{test}: {len(expected.keys() & findings.keys())} as expected")
    print(f"{differences} differences.")
    return 1 if differences else 0


if __name__ == "__main__":
    sys.exit(main())

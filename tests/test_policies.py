"""The table of Azure Policy definitions agrees with the rules that name them, and with the pages."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from pgflexlint.catalogue import asking
from pgflexlint.explain import markdown
from pgflexlint.policies import BY_ID, POLICIES, Policy
from pgflexlint_rules import RULES
from tests.paths import ROOT

each_policy = pytest.mark.parametrize("policy", POLICIES, ids=lambda policy: policy.id)


def test_every_policy_that_a_rule_names_is_in_the_table_and_is_named_once() -> None:
    for rule in RULES:
        assert set(rule.policies) <= set(BY_ID), rule.id
        assert len(rule.policies) == len(set(rule.policies)), rule.id


@each_policy
def test_every_policy_has_a_rule_or_says_why_not(policy: Policy) -> None:
    named = bool(asking(policy, RULES))
    assert named != bool(policy.without_rule)


def test_all_policies_about_the_service_are_there() -> None:
    """18 in the folder of the service, and 12 elsewhere that are about its servers or their plan."""
    assert len(BY_ID) == len(POLICIES) == 30
    assert len({policy.name for policy in POLICIES}) == 30
    assert sum(policy.file.startswith("PostgreSQL/FlexibleServers_") for policy in POLICIES) == 18


@each_policy
def test_a_policy_is_described_completely(policy: Policy) -> None:
    assert re.fullmatch(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", policy.id)
    assert re.fullmatch(r"\d+\.\d+\.\d+(-preview|-deprecated)?", policy.version)
    assert policy.effect in {"Audit", "AuditIfNotExists", "DeployIfNotExists", "Disabled"}
    assert (policy.effect == "Disabled") == policy.version.endswith("-deprecated")
    assert not policy.name.startswith("[")
    for text in (policy.compliant, policy.absent, policy.quirk, policy.differs, policy.without_rule):
        assert not text or re.match(r"[`\dA-Z].*\.$", text), text
        assert text.count("`") % 2 == 0
    assert policy.compliant
    assert re.match(r"Compliant\b|Non-compliant\b|Depends\b", policy.absent)
    assert " " not in policy.url


def test_texts_name_rules_and_policies_that_there_are() -> None:
    for policy in POLICIES:
        for text in (policy.quirk, policy.differs, policy.without_rule):
            assert set(re.findall(r"`([0-9a-f]{8}-[0-9a-f-]{27})`", text)) <= set(BY_ID)


def test_the_page_of_a_rule_says_where_it_differs_from_its_policies() -> None:
    for rule in RULES:
        page = markdown(rule)
        for policy in (BY_ID[each] for each in rule.policies):
            assert policy.id in page
            assert policy.differs in page


def headings(page: Path) -> list[str]:
    """The anchors that GitHub gives to the headings of a page."""
    found = re.findall(r"^## (.*)$", page.read_text("utf-8"), re.MULTILINE)
    return [re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in found]


def test_links_to_a_policy_lead_to_its_heading() -> None:
    anchors = headings(ROOT / "docs" / "policies.md")
    assert len(anchors) == len(set(anchors)) == len(POLICIES)
    for page in ("docs/policies.md", "docs/rules/README.md"):
        text = (ROOT / page).read_text("utf-8")
        linked = re.findall(r"\]\((?:\.\./policies\.md)?#([^)]+)\)", text)
        assert set(linked) - {"by-azure-policy"} == set(anchors)

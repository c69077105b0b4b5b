"""Rules on servers made by hand, where the arithmetic or the three-valued logic of a rule matters."""

from __future__ import annotations

import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from pgflexlint.addresses import HIGHEST, format_address, parse_range
from pgflexlint.model import (
    Administrator,
    Connection,
    DefenderPlan,
    Encryption,
    FirewallRule,
    Parts,
    PrivateEndpoint,
    RetiredServer,
    Storage,
    Subnet,
    ThreatProtection,
)
from pgflexlint.rule import Fail, Rule
from pgflexlint.values import Known, Origin, Unknown
from pgflexlint_rules import RULES
from pgflexlint_rules._firewall import ALLOWED, Firewall
from tests.factory import (
    HEADER,
    UNKNOWN,
    administrator,
    diagnostic_setting,
    either,
    fails,
    firewall_rule,
    known,
    lock,
    make_server,
    managed_key,
    parameter,
    part,
    parts,
    value,
    verdicts,
)

BY_ID = {rule.id: rule for rule in RULES}
SUBNET = known("/subscriptions/0/subnets/db")
UNKNOWN_SUBNET = Unknown("only known after deployment", HEADER, never_null=True)
UNSEEN = Unknown("the server is not in the scanned files", HEADER)


def rule(number: int) -> Rule:
    return BY_ID[f"PGF{number}"]


# --- firewall -------------------------------------------------------------------------------------------------------

WHOLE = [("0.0.0.0", "255.255.255.255")]
HALVES = [("0.0.0.0", "127.255.255.255"), ("128.0.0.0", "255.255.255.255")]
HIDDEN = st.sampled_from(["", "start", "end", "maybe"])
AZURE = [("0.0.0.0", "0.0.0.0")]


def firewall(*ranges: tuple[Any, Any]) -> list[FirewallRule]:
    return [firewall_rule(start, end, f"rule{number}") for number, (start, end) in enumerate(ranges)]


@pytest.mark.parametrize(
    ("ranges", "internet", "wide"),
    [
        (WHOLE, ["error"], []),
        ([("0.0.0.1", "255.255.255.254")], ["error"], []),
        ([("1.0.0.0", "223.255.255.255")], ["error"], []),
        ([(" 0.0.0.00", "255.255.255.255 ")], ["error"], []),
        (HALVES, ["error"], []),
        (HALVES[:1], [], ["error"]),
        (AZURE, [], []),
        ([("20.50.2.0", "20.50.2.255")], [], []),
        ([("20.50.2.0", "20.50.3.0")], [], ["warning"]),
        ([("20.50.0.0", "20.50.255.255")], [], ["warning"]),
        ([("20.50.0.0", "20.51.0.0")], [], ["error"]),
        ([("20.50.2.0", "20.50.2.255"), ("20.50.2.128", "20.50.2.255")], [], []),
        ([("20.50.2.0", "20.50.2.255"), ("20.60.0.1", "20.60.0.1")], [], ["warning"]),
        ([("10.0.0.0", "10.255.255.255"), ("192.168.0.0", "192.168.255.255")], [], []),
        ([("9.0.0.0", "10.0.0.0")], [], ["error"]),
        ([("255.255.255.255", "0.0.0.0")], [], []),
        ([("0.0.0.0/0", "255.255.255.255")], [], []),
        ([("::", "255.255.255.255")], [], []),
    ],
)
def test_widths(ranges: list[tuple[str, str]], internet: list[str], wide: list[str]) -> None:
    server = make_server(firewall=firewall(*ranges))
    assert (verdicts(rule(301), server), verdicts(rule(302), server)) == (internet, wide)


@pytest.mark.parametrize(
    ("ranges", "internet", "wide"),
    [
        ([("20.50.2.1", UNKNOWN)], ["unknown"], ["unknown"]),
        ([(UNKNOWN, "1.0.9.9")], [], ["unknown"]),
        ([*WHOLE, (UNKNOWN, UNKNOWN)], ["error", "unknown"], ["unknown"]),
        ([("20.50.0.0", "20.60.0.0"), (UNKNOWN, UNKNOWN)], ["unknown"], ["error", "unknown"]),
        ([("20.50.2.0", either("20.50.2.9", "20.50.2.200"))], [], []),
        ([("20.50.2.0", either("20.50.2.9", "20.50.9.9"))], [], ["unknown"]),
        ([("0.0.0.0", either("255.255.255.255", "223.255.255.255"))], ["error"], []),
    ],
)
def test_unknown_bounds(ranges: list[tuple[Any, Any]], internet: list[str], wide: list[str]) -> None:
    server = make_server(firewall=firewall(*ranges))
    assert (verdicts(rule(301), server), verdicts(rule(302), server)) == (internet, wide)


def test_a_rule_that_may_not_exist_is_undecided() -> None:
    server = make_server(firewall=[firewall_rule(*WHOLE[0], maybe=UNKNOWN)])
    assert verdicts(rule(301), server) == ["unknown"]
    assert verdicts(rule(303), make_server(firewall=[firewall_rule(*AZURE[0], maybe=UNKNOWN)])) == ["unknown"]


def test_an_open_set_is_undecided_whatever_is_there() -> None:
    """What is there may be allowed, and what may come is not."""
    assert verdicts(rule(301), make_server(gaps=(UNKNOWN,))) == ["unknown"]
    assert verdicts(rule(301), make_server(firewall=firewall(*WHOLE), gaps=(UNKNOWN,))) == ["error", "unknown"]


def test_rules_that_are_open_together_are_one_finding_at_the_widest() -> None:
    [finding] = fails(rule(301), make_server(firewall=firewall(*AZURE, *HALVES)))
    assert finding.message == "together"
    assert finding.part is not None
    assert finding.part.label == "rule1"
    assert [related.span.file.path for related in finding.related] == ["rule2.tf"]


def places(number: int, *ranges: tuple[str, str], **more: Any) -> list[str]:
    """`single rule0 error` for each finding on a server with some firewall rules."""
    found = fails(rule(number), make_server(firewall=firewall(*ranges), **more))
    return [
        f"{each.message} {each.part.label if each.part else ''} {(each.level or rule(number).level).value}"
        for each in found
    ]


def test_each_rule_that_is_too_wide_alone_is_a_finding_and_the_others_are_one() -> None:
    everybody, partner = ("0.0.0.0", "255.255.255.255"), ("20.0.0.0", "20.255.255.255")
    narrow = [(f"51.0.{number}.0", f"51.0.{number}.200") for number in range(3)]
    assert places(301, everybody, *HALVES, everybody) == ["single rule0 error", "single rule3 error",
        "others rule1 error"]  # fmt: skip
    assert places(302, everybody, *HALVES, everybody) == []
    assert places(302, everybody, *HALVES, partner) == ["single rule3 error"], "the halves suffice"
    assert places(302, partner, ("52.0.0.0", "52.0.3.255")) == ["single rule0 error", "single rule1 warning"]
    assert places(302, partner, *narrow) == ["single rule0 error", "others rule1 warning"]
    assert places(302, everybody, narrow[0]) == []
    closed = {"public_access": False}
    assert places(304, partner, everybody, *AZURE, *narrow, **closed) == [
        "latent rule0 warning", "latent rule1 warning", "latent rule2 warning", "latent rule3 warning",
    ]  # fmt: skip
    assert places(304, partner, narrow[0], **closed) == ["latent rule0 warning", "unused rule1 note"]
    finding, _ = fails(rule(301), make_server(firewall=firewall(*HALVES, *WHOLE)))
    assert finding.message == "single"
    assert finding.arguments[1:4] == ("rule2", "0.0.0.0", "255.255.255.255")


@given(
    st.lists(
        st.tuples(st.integers(0, HIGHEST), st.integers(0, HIGHEST), st.sampled_from(["", "start", "end", "maybe"]))
    )
)
def test_the_truth_lies_between_certain_and_possible(rules: list[tuple[int, int, str]]) -> None:
    """Whatever is not known of a firewall: what it lets in is no less than is certain, no more than is possible."""
    full, partial = [], []
    for first, last, hidden in rules:
        start, end = format_address(first), format_address(last)
        full.append(firewall_rule(start, end))
        partial.append(
            firewall_rule(
                UNKNOWN if hidden == "start" else either(start, format_address(last // 2)),
                UNKNOWN if hidden == "end" else either(end, format_address(first // 2)),
                maybe=UNKNOWN if hidden == "maybe" else None,
            )
        )
    truth = Firewall.of(make_server(firewall=full))
    belief = Firewall.of(make_server(firewall=partial))
    assert truth.certain == truth.possible
    assert belief.certain <= truth.certain <= belief.possible
    assert belief.certain == belief.possible or belief.doubts


@pytest.mark.parametrize("closed", [{"public_access": False}, {"delegated_subnet": SUBNET}])
def test_a_server_without_a_public_endpoint(closed: dict[str, Any]) -> None:
    for ranges in (WHOLE, AZURE, [("20.50.0.0", "20.50.255.255")]):
        server = make_server(firewall=firewall(*ranges), **closed)
        assert [verdicts(rule(number), server) for number in (301, 302, 303, 305)] == [[], [], [], []]
        assert verdicts(rule(304), server) == ["warning"]
    assert verdicts(rule(304), make_server(firewall=firewall(("20.50.2.1", "20.50.2.1")), **closed)) == ["note"]
    assert verdicts(rule(304), make_server(**closed)) == []


def test_an_injected_server_keeps_its_mode_when_the_subnet_is_not_known() -> None:
    server = make_server(firewall=firewall(*WHOLE), delegated_subnet=UNKNOWN_SUBNET)
    assert [verdicts(rule(number), server) for number in (301, 305)] == [[], []]
    assert fails(rule(304), server)[0].message == "integrated"


@pytest.mark.parametrize("doubtful", [{"public_access": UNKNOWN}, {"delegated_subnet": UNKNOWN}])
def test_unknown_mode(doubtful: dict[str, Any]) -> None:
    server = make_server(firewall=firewall(*WHOLE, *AZURE), **doubtful)
    assert [verdicts(rule(number), server) for number in (301, 302, 303, 304, 305)] == [
        ["unknown"],
        [],
        ["unknown"],
        ["unknown"],
        ["unknown"],
    ]


def test_a_server_out_of_sight_is_judged_as_public() -> None:
    server = make_server(declared=False, public_access=UNSEEN, firewall=firewall(*WHOLE), gaps=(UNKNOWN,))
    assert verdicts(rule(301), server) == ["error"]
    server = make_server(declared=False, public_access=UNSEEN, firewall=firewall(*AZURE), gaps=(UNKNOWN,))
    assert [verdicts(rule(number), server) for number in (301, 302, 303, 304, 305)] == [[], [], ["warning"], [], []]


@pytest.mark.parametrize(
    ("start", "end", "expected"),
    [
        ("0.0.0.0", "0.0.0.00 ", ["warning"]),
        ("0.0.0.0", "0.0.0.1", []),
        (UNKNOWN, "20.50.2.1", []),
        (UNKNOWN, "0.0.0.0", ["unknown"]),
        (either("0.0.0.0", "20.50.2.1"), "0.0.0.0", ["unknown"]),
        (UNKNOWN, UNKNOWN, ["unknown"]),
    ],
)
def test_azure_services(start: Any, end: Any, expected: list[str]) -> None:
    assert verdicts(rule(303), make_server(firewall=firewall((start, end)))) == expected


def test_firewall_rules_that_are_not_in_sight_may_be_wrong() -> None:
    office = firewall(("20.50.2.1", "20.50.2.1"))
    server = make_server(firewall=office, gaps=(UNKNOWN,))
    assert [verdicts(rule(number), server) for number in (301, 302, 303, 309)] == [["unknown"]] * 4
    server = make_server(declared=False, firewall=office, gaps=(UNKNOWN,))
    assert [verdicts(rule(number), server) for number in (301, 302, 303, 309)] == [[]] * 4


def test_public_access_is_a_note_while_nobody_is_let_in() -> None:
    assert verdicts(rule(305), make_server()) == ["note"]
    assert verdicts(rule(305), make_server(gaps=(UNKNOWN,))) == ["warning"]
    assert verdicts(rule(305), make_server(firewall=firewall(("20.50.2.1", "20.50.2.1")))) == ["warning"]
    assert fails(rule(305), make_server())[0].message == "default"
    assert fails(rule(305), make_server(public_access=True))[0].message == "enabled"


@pytest.mark.parametrize(
    ("start", "end", "said"),
    [
        ("20.50.2.10", "20.50.2.10", []),
        ("0.0.0.0", "0.0.0.0", []),  # stands for Azure
        ("0.0.0.0", "255.255.255.255", []),
        ("9.255.255.255", "10.0.0.255", []),  # one public address
        ("20.50.2.10", "20.50.2.9", ["inverted"]),
        ("9.0.0.0", "10.0.0.0", []),  # "9" is above "1", nine is not above ten
        ("20.50.2.0/24", "20.50.2.255", ["bound"]),
        ("20.50.2.0", "20.50.2.255/24", ["bound"]),
        ("2001:db8::1", "2001:db8::1", ["bound"]),
        ("20.50.2.256", "20.50.2.255", ["bound"]),
        ("office", UNKNOWN, ["bound"]),
        ("10.0.0.0", "10.255.255.255", ["private"]),
        ("172.16.4.0", "172.16.4.255", ["private"]),
        ("100.64.0.0", "100.64.0.9", ["private"]),
        ("127.0.0.1", "127.0.0.1", ["private"]),
        ("0.0.0.0", "0.0.0.1", ["private"]),
        (UNKNOWN, "20.50.2.9", ["undecided"]),
        (either("20.50.2.1", "20.50.2.2"), "20.50.2.9", []),
        (either("20.50.2.1", "20.50.2.22"), "20.50.2.9", ["undecided"]),
        (either("20.50.2.21", "20.50.2.22"), "20.50.2.9", ["inverted"]),
        (either("20.50.2.1/24", "20.50.2.2"), "20.50.2.9", ["undecided"]),
    ],
)
def test_ranges_that_match_nothing(start: Any, end: Any, said: list[str]) -> None:
    def heard(**settings: Any) -> list[str]:
        judged = rule(309).judge(make_server(firewall=firewall((start, end)), **settings))
        return [verdict.message if isinstance(verdict, Fail) else "undecided" for verdict in judged]

    assert heard() == said
    assert heard(public_access=False) == [word for word in said if word != "private"]
    assert heard(declared=False, public_access=UNSEEN) == said


@given(st.integers(0, HIGHEST), st.integers(0, HIGHEST))
def test_a_range_is_invalid_exactly_where_it_lets_nobody_in(first: int, last: int) -> None:
    rules = [firewall_rule(format_address(first), format_address(last))]
    azure = first == last == 0
    nobody = Firewall.of(make_server(firewall=rules)).certain == 0 and not azure
    assert verdicts(rule(309), make_server(firewall=rules)) == (["warning"] if nobody else [])


@pytest.mark.parametrize(
    ("allowed", "internet", "wide", "latent"),
    [
        ((), [], ["error"], ["warning"]),
        (("20.50.0.0/15",), [], [], ["note"]),
        (("20.50.0.0-20.51.255.255",), [], [], ["note"]),
        (("20.50.0.0/16",), [], ["warning"], ["warning"]),
        (("20.50.0.0/16", "20.51.1.0/24", "20.51.2.0-20.51.254.255", "20.51.255.0/24"), [], [], ["note"]),
        (("20.50.0.0/15 ", "office"), [], [], ["note"]),
    ],
)
def test_allowed_ranges_are_no_strangers(
    allowed: tuple[str, ...], internet: list[str], wide: list[str], latent: list[str]
) -> None:
    rules = firewall(("20.50.0.0", "20.51.255.255"))
    options = {"allowed": allowed}
    assert verdicts(rule(301), make_server(firewall=rules), **options) == internet
    assert verdicts(rule(302), make_server(firewall=rules), **options) == wide
    assert verdicts(rule(304), make_server(firewall=rules, public_access=False), **options) == latent
    assert verdicts(rule(301), make_server(firewall=firewall(*WHOLE)), **options) == ["error"]


def test_thresholds_are_options() -> None:
    server = make_server(firewall=firewall(("20.50.2.0", "20.50.2.255")))
    assert verdicts(rule(302), server, wide=255) == ["warning"]
    assert verdicts(rule(302), server, wide=255, very_wide=255) == ["error"]
    assert verdicts(rule(302), server, wide=256) == []


@pytest.mark.parametrize(
    ("text", "fits"),
    [("20.50.2.0/24", True), ("20.50.2.1", True), ("20.50.2.0-20.50.2.9", True), ("0.0.0.0/0", True)]
    + [(text, False) for text in ("office", "20.50.2.0/33", "20.50.256.0", "20.50.2.0/", "::1", "20.50.2.0-", "")],
)
def test_the_pattern_of_allowed_ranges_is_what_can_be_read(text: str, fits: bool) -> None:
    assert bool(re.fullmatch(ALLOWED.pattern, text)) == fits == (parse_range(text) is not None)


def endpoints(*maybe: Unknown | None, gaps: tuple[Unknown, ...] = ()) -> Parts[PrivateEndpoint]:
    subnet = Subnet(**part("subnet"), prefixes=known(()), delegations=known(()))
    found = (PrivateEndpoint(**part("endpoint", each), subnet_id=SUBNET, subnet=subnet) for each in maybe)
    return parts(found, gaps)


@pytest.mark.parametrize(
    ("settings", "missing", "both"),
    [
        ({}, [], []),
        ({"public_access": False}, ["note"], []),
        ({"public_access": False, "delegated_subnet": SUBNET}, [], []),
        ({"public_access": False, "delegated_subnet": UNKNOWN}, ["unknown"], []),
        ({"public_access": UNKNOWN}, ["unknown"], []),
        ({"public_access": False, "whole": False}, ["unknown"], []),
        ({"public_access": False, "private_endpoints": endpoints(None)}, [], []),
        ({"public_access": False, "private_endpoints": endpoints(UNKNOWN)}, ["unknown"], []),
        ({"public_access": False, "private_endpoints": endpoints(gaps=(UNKNOWN,))}, ["unknown"], []),
        ({"public_access": False, "private_endpoints": endpoints(None, UNKNOWN, gaps=(UNKNOWN,))}, [], []),
        ({"private_endpoints": endpoints(None)}, [], ["warning"]),
        ({"private_endpoints": endpoints(None, gaps=(UNKNOWN,))}, [], ["warning"]),
        ({"private_endpoints": endpoints(UNKNOWN)}, [], ["unknown"]),
        ({"private_endpoints": endpoints(gaps=(UNKNOWN,))}, [], ["unknown"]),
        ({"public_access": UNKNOWN, "private_endpoints": endpoints(None)}, [], ["unknown"]),
        ({"delegated_subnet": SUBNET, "private_endpoints": endpoints(None)}, [], []),
        ({"declared": False, "public_access": UNKNOWN, "private_endpoints": endpoints(None)}, [], []),
    ],
)
def test_private_endpoints(settings: dict[str, Any], missing: list[str], both: list[str]) -> None:
    server = make_server(**settings)
    assert (verdicts(rule(307), server), verdicts(rule(308), server)) == (missing, both)


@pytest.mark.parametrize(
    ("ignored", "said"),
    [
        ({"ignored_public_access": known(False)}, {305: [], 306: ["warning"], 307: [], 308: []}),
        ({"ignored_public_access": known(True)}, {305: ["note"], 306: ["note"], 307: [], 308: ["warning"]}),
        ({"ignored_public_access": UNKNOWN}, {305: ["note"], 306: ["unknown"], 307: [], 308: ["warning"]}),
        ({"ignored_doubt": UNKNOWN}, {305: ["note"], 306: ["unknown"], 307: [], 308: ["warning"]}),
    ],
)
def test_a_setting_of_public_access_that_does_not_count(ignored: dict[str, Any], said: dict[int, list[str]]) -> None:
    server = make_server(private_endpoints=endpoints(None))
    server = replace(server, network=replace(server.network, ignored_because="API version 2022-12-01", **ignored))
    assert {number: verdicts(rule(number), server) for number in said} == said
    everyone = replace(server, firewall_rules=parts(firewall(*WHOLE)))
    assert verdicts(rule(301), everyone) == ["error"]
    injected = replace(server, network=replace(server.network, delegated_subnet=SUBNET))
    assert verdicts(rule(306), injected) == []


# --- parameters -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("number", "name", "text", "version", "expected"),
    [
        (101, "require_secure_transport", "OFF", "16", ["error"]),
        (101, "require_secure_transport", "false", "16", ["error"]),
        (101, "require_secure_transport", "0", "16", ["error"]),
        (101, "require_secure_transport", "ON", "16", []),
        (101, "require_secure_transport", "maybe", "16", []),
        (101, "require_secure_transport", UNKNOWN, "16", ["unknown"]),
        (101, "require_secure_transport", either("off", "OFF"), "16", ["error"]),
        (101, "require_secure_transport", either("off", "on"), "16", ["unknown"]),
        (102, "ssl_min_protocol_version", "TLSv1", "16", ["error"]),
        (102, "ssl_min_protocol_version", "tls1_1", "16", ["error"]),
        (102, "ssl_min_protocol_version", "TLSV1.2", "16", []),
        (102, "ssl_min_protocol_version", "TLSv1.3", "16", []),
        (102, "ssl_min_protocol_version", "SSLv3", "16", []),
        (102, "ssl_min_protocol_version", "TLSv1", "11", []),
        (103, "ssl_max_protocol_version", "TLSv1.2", "16", ["warning"]),
        (103, "ssl_max_protocol_version", "TLSv1.1", "16", ["error"]),
        (103, "ssl_max_protocol_version", "TLSv1.3", "16", []),
        (103, "ssl_max_protocol_version", "", "16", []),
        (103, "ssl_max_protocol_version", "TLSv1.2", "11", []),
        (406, "connection_throttle.enable", "off", "16", ["warning"]),
        (406, "connection_throttle.enable", "off", UNKNOWN, ["warning"]),
        (406, "connection_throttle.enable", "off", "18", []),
        (406, "connection_throttle.enable", "on", "16", []),
        (501, "log_connections", "off", "18", ["warning"]),
        (501, "log_connections", "", "18", ["warning"]),
        (501, "log_connections", "receipt, authorization", "18", []),
        (501, "log_connections", "off", UNKNOWN, ["warning"]),
        (501, "log_connections", "no", "17", ["warning"]),
        (501, "log_connections", "", "17", []),
        (502, "log_disconnections", "Off", "17", ["warning"]),
        (503, "log_checkpoints", "off", "17", ["warning"]),
    ],
)
def test_written_parameters(number: int, name: str, text: Any, version: Any, expected: list[str]) -> None:
    assert verdicts(rule(number), make_server(version=version, parameters=[parameter(name, text)])) == expected


@pytest.mark.parametrize(
    ("number", "version", "expected"),
    [
        (101, UNKNOWN, []),
        (102, UNKNOWN, []),
        (103, UNKNOWN, []),
        (406, "16", ["note"]),
        (406, "18", []),
        (406, UNKNOWN, ["unknown"]),
        (406, either("16", "17"), ["note"]),
        (501, UNKNOWN, []),
        (502, UNKNOWN, []),
        (503, UNKNOWN, []),
    ],
)
def test_absent_parameters(number: int, version: Any, expected: list[str]) -> None:
    assert verdicts(rule(number), make_server(version=version)) == expected
    if expected != []:
        return
    assert verdicts(rule(number), make_server(gaps=(UNKNOWN,))) == ["unknown"]
    assert verdicts(rule(number), make_server(create_mode="PointInTimeRestore")) == ["unknown"]


def test_a_tls_maximum_below_the_minimum() -> None:
    both = [parameter("ssl_max_protocol_version", "TLSv1.2"), parameter("ssl_min_protocol_version", "TLSv1.3")]
    [finding] = fails(rule(103), make_server(parameters=both))
    assert (finding.message, finding.arguments) == ("inverted", ("main", "TLSv1.2", "TLSv1.3"))


def test_a_parameter_that_may_not_exist_counts_with_the_default() -> None:
    throttle = parameter("connection_throttle.enable", "off", maybe=UNKNOWN)
    assert verdicts(rule(406), make_server(parameters=[throttle])) == ["warning"]
    tls = parameter("require_secure_transport", "off", maybe=UNKNOWN)
    assert verdicts(rule(101), make_server(parameters=[tls])) == ["unknown"]


def test_orphans_are_judged_by_what_is_written() -> None:
    orphan = make_server(declared=False, version=UNSEEN, parameters=[parameter("require_secure_transport", "off")])
    said = {rule.id: verdicts(rule, orphan) for rule in RULES if rule.id != "PGF901"}
    assert {id: words for id, words in said.items() if words} == {"PGF101": ["error"]}


def test_a_finding_is_about_the_parameter() -> None:
    [finding] = fails(rule(101), make_server(parameters=[parameter("require_secure_transport", "off")]))
    assert finding.part is not None
    assert finding.part.label == "parameter"


# --- properties -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("number", "settings", "expected"),
    [
        (401, {}, ["warning"]),
        (401, {"entra": True}, []),
        (401, {"entra": UNKNOWN}, ["unknown"]),
        (401, {"create_mode": "Replica"}, ["unknown"]),
        (401, {"create_mode": "Replica", "entra": True}, []),
        (401, {"create_mode": "PointInTimeRestore"}, ["unknown"]),
        (401, {"create_mode": "PointInTimeRestore", "entra": False}, ["warning"]),
        (402, {}, []),
        (402, {"entra": True}, ["warning"]),
        (402, {"entra": UNKNOWN}, ["unknown"]),
        (402, {"entra": True, "gaps": (UNKNOWN,)}, ["unknown"]),
        (402, {"entra": True, "whole": False}, ["unknown"]),
        (402, {"whole": False, "gaps": (UNKNOWN,)}, []),
        (402, {"entra": True, "create_mode": "Replica"}, ["unknown"]),
        (402, {"entra": True, "administrators": parts([administrator()], (UNKNOWN,))}, []),
        (402, {"entra": True, "administrators": parts([administrator(UNKNOWN)])}, ["unknown"]),
        (403, {}, ["warning"]),
        (403, {"entra": True}, ["note"]),
        (403, {"entra": UNKNOWN}, ["note"]),
        (403, {"password": False}, []),
        (403, {"create_mode": "Replica", "password": True}, ["unknown"]),
        (701, {}, ["warning"]),
        (701, {"geo_redundant": True}, []),
        (701, {"create_mode": "Replica"}, []),
        (701, {"create_mode": "GeoRestore"}, ["unknown"]),
        (701, {"create_mode": "GeoRestore", "geo_redundant": False}, ["warning"]),
        (701, {"create_mode": UNKNOWN}, ["unknown"]),
        (702, {}, ["note"]),
        (702, {"retention_days": 13}, ["note"]),
        (702, {"retention_days": 14}, []),
        (702, {"retention_days": 35}, []),
        (702, {"retention_days": 36}, ["note"]),
        (702, {"retention_days": either(7, 10)}, ["note"]),
        (702, {"create_mode": "Replica"}, []),
        (703, {}, ["note"]),
        (703, {"high_availability": "SameZone"}, []),
        (703, {"tier": "Burstable"}, []),
        (703, {"tier": UNKNOWN}, ["unknown"]),
        (703, {"tier": UNKNOWN, "high_availability": "ZoneRedundant"}, []),
        (703, {"tier": either("GeneralPurpose", "MemoryOptimized")}, ["note"]),
        (703, {"create_mode": "Replica"}, []),
    ],
)
def test_properties(number: int, settings: dict[str, Any], expected: list[str]) -> None:
    assert verdicts(rule(number), make_server(**settings)) == expected


@pytest.mark.parametrize(
    ("password", "expected"),
    [
        ("Fake-Passw0rd!", ["error"]),
        ("changeme", ["error"]),
        ("replace", ["error"]),
        ("<not a placeholder", ["error"]),
        ("", []),
        ("REPLACE", []),
        ("<your password>", []),
        ("${DB_PASSWORD}", []),
        ("$(secretOrRandomPassword)", []),
        ("#{DbPassword}#", []),
        (known(None), []),
        (UNKNOWN, []),
        (either("Fake-Passw0rd!", "Fake-Passw0rd?"), ["error"]),
        (either("Fake-Passw0rd!", None), ["unknown"]),
    ],
)
def test_passwords(password: Any, expected: list[str]) -> None:
    server = make_server(passwords=[password])
    assert verdicts(rule(407), server) == expected
    for finding in fails(rule(407), server):
        assert finding.arguments == ("main",)


def test_every_password_is_a_finding_of_its_own() -> None:
    assert verdicts(rule(407), make_server(passwords=["Fake-Passw0rd!", "Fake-Passw0rd!"])) == ["error", "error"]


def test_retired_resources() -> None:
    assert verdicts(rule(901), RetiredServer(**part("old"), type="azurerm_postgresql_server")) == ["error"]


def test_a_safe_server_is_silent() -> None:
    key = managed_key("https://kv.vault.azure.net/keys/key", "id")
    plan = DefenderPlan(**part("plan"), plan=known("OpenSourceRelationalDatabases"), enabled=known(True))
    server = make_server(
        public_access=False,
        password=False,
        entra=True,
        retention_days=35,
        geo_redundant=True,
        high_availability="ZoneRedundant",
        administrators=Parts((administrator(),)),
        private_endpoints=endpoints(None),
        diagnostic_settings=parts([diagnostic_setting(("allLogs", True))]),
        parameters=[
            parameter("connection_throttle.enable", "on"),
            parameter("shared_preload_libraries", "pgaudit"),
            parameter("azure.extensions", "pgaudit"),
            parameter("pgaudit.log", "role,ddl"),
            parameter("log_line_prefix", "%m %u %d "),
        ],
        version="17",
        encryption=Encryption(key, key),
        storage=Storage(known(True), known(None)),
        maintenance_window=True,
        locks=Parts((lock(),)),
        threat_protection=Parts((ThreatProtection(**part("protection"), enabled=known(True)),)),
        defender_plans=Parts((plan,)),
    )
    assert {rule.id: said for rule in RULES if rule.id != "PGF901" and (said := verdicts(rule, server))} == {}


def test_defaulted_findings_point_at_the_header() -> None:
    for number in (305, 401, 403, 406, 701, 702, 703):
        [finding] = fails(rule(number), make_server())
        assert isinstance(finding.at, Known)
        assert finding.at.span == HEADER


# --- secrets --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("password", "said"),
    [
        ("Fake-Passw0rd-1", []),
        ("FakePassw0rd", []),
        ("fake-passw0rd", []),
        ("fakepassw0rd", ["warning"]),
        ("FAKE-PASSWORD", ["warning"]),
        ("Fäke-passw", []),
        ("äfakepassword", ["warning"]),
        ("Fake-1", ["warning"]),
        ("Fa1-" * 32, []),
        ("Fa1-" * 32 + "x", ["warning"]),
        ("", []),
        ("#{pw}#", []),
        (UNKNOWN, []),
        (either("Fake-1", "Fake-Passw0rd-1"), ["unknown"]),
        (either("Fake-1", "Fake-2"), ["warning"]),
    ],
)
def test_literals_that_azure_refuses(password: Any, said: list[str]) -> None:
    assert verdicts(rule(410), make_server(passwords=[password])) == said


@given(st.text("aB1-", min_size=8, max_size=128))
def test_three_kinds_of_characters_are_enough(password: str) -> None:
    enough = len(set(password)) >= 3
    assert verdicts(rule(410), make_server(passwords=[password])) == ([] if enough else ["warning"])


def connection(sslmode: Any, *, trusts: bool = False, to_azure: Any = True) -> Connection:
    return Connection(
        **part("DATABASE_URL"),
        to_azure=known(to_azure) if isinstance(to_azure, bool) else to_azure,
        user=known(None),
        password=known(None),
        sslmode=sslmode if isinstance(sslmode, Known | Unknown) else known(sslmode),
        trusts_any_certificate=known(trusts),
        as_administrator=known(False),
    )


@pytest.mark.parametrize(
    ("found", "said"),
    [
        (connection("disable"), ["warning"]),
        (connection("allow"), ["warning"]),
        (connection("prefer"), ["warning"]),
        (connection(Known("prefer", HEADER, origin=Origin.DEFAULT)), ["note"]),
        (connection("require"), ["note"]),
        (connection("no-verify"), ["note"]),
        (connection("require", trusts=True), ["warning"]),
        (connection("verify-ca"), []),
        (connection("verify-full"), []),
        (connection("sometimes"), []),
        (connection(UNKNOWN), ["unknown"]),
        (connection(either("disable", "prefer")), ["warning"]),
        (connection(either("disable", "verify-full")), ["unknown"]),
        (connection("disable", to_azure=UNKNOWN), ["unknown"]),
        (connection("verify-full", to_azure=UNKNOWN), []),
    ],
)
def test_modes_of_clients(found: Connection, said: list[str]) -> None:
    assert verdicts(rule(104), make_server(connections=parts([found]))) == said


def person(kind: Any, label: str = "person") -> Administrator:
    return Administrator(**part(label), principal_name=known("dba"), principal_type=value(kind))


@pytest.mark.parametrize(
    ("administrators", "gaps", "said"),
    [
        ([], (), []),
        ([person("User")], (), ["note"]),
        ([person("Group")], (), []),
        ([person("User"), person("User", "other")], (), []),
        ([person(UNKNOWN)], (), ["unknown"]),
        ([person("User")], (UNKNOWN,), ["unknown"]),
        ([person("Group")], (UNKNOWN,), []),
    ],
)
def test_one_person_as_administrator(administrators: list[Administrator], gaps: Any, said: list[str]) -> None:
    assert verdicts(rule(414), make_server(administrators=parts(administrators, gaps))) == said
    if said == ["note"]:
        module = make_server(administrators=parts(administrators), whole=False)
        assert verdicts(rule(414), module) == ["unknown"], "its caller may add another one"

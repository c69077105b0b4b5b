"""Globs mean what they mean to git, and take no time."""

from __future__ import annotations

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from pathspec import GitIgnoreSpec

from pgflexlint.globs import Work, fitter, matcher

NAMES = st.text("ab.", min_size=1, max_size=3).filter(lambda name: name.strip("."))
PATHS = st.lists(NAMES, min_size=1, max_size=4).map("/".join)
PIECES = st.lists(st.sampled_from(["a", "b", ".", "*", "?", "[ab]", "[a-b]"]), min_size=1, max_size=4).map("".join)
GLOBS = st.builds(
    lambda start, names, end: start + "/".join(names) + end,
    st.sampled_from(["", "/"]),
    st.lists(st.just("**") | PIECES.filter(lambda piece: "**" not in piece), min_size=1, max_size=4),
    st.sampled_from(["", "/"]),
)


@given(GLOBS, PATHS)
def test_a_glob_means_what_pathspec_says_that_git_means(glob: str, path: str) -> None:
    assume("**/**" not in glob and glob.strip("/") != "**")
    assume(not glob.endswith("**/"))  # git means directories only, pathspec files too
    assert matcher([glob], "", Work())(path) == GitIgnoreSpec.from_lines([glob]).match_file(path)


@pytest.mark.parametrize(
    ("globs", "path", "meant"),
    [
        (["examples"], "examples/main.tf", True),
        (["examples"], "live/examples/main.tf", True),
        (["/examples"], "live/examples/main.tf", False),
        (["examples/**"], "examples/main.tf", True),
        (["examples/**"], "examples", False),
        (["*.tf/"], "main.tf", False),
        (["*.tf/"], "main.tf/x", True),
        (["examples", "!live/examples"], "live/examples/main.tf", False),
        (["!live/examples", "examples"], "live/examples/main.tf", True),
        (["# examples", "", "  "], "examples/main.tf", False),
        ([r"\#a", r"\!b"], "#a", True),
        ([r"\#a", r"\!b"], "!b", True),
        ([r"a\*b"], "axb", False),
        ([r"a\*b"], "a*b", True),
        (["a/**/b"], "a/b", True),
        (["a/**/b"], "a/x/y/b/z", True),
        (["Main.tf"], "main.tf", False),
        (["a/a/**/"], "a/a/a", False),
        (["a/**/"], "a/a/a", True),
        (["a[!b]c"], "axc", True),
        (["a[^b]c"], "abc", False),
        (["a[!b]c"], "a/c", False),
    ],
)
def test_globs(globs: list[str], path: str, meant: bool) -> None:
    assert matcher(globs, "", Work())(path) is meant


def test_globs_are_relative_to_their_base() -> None:
    assert matcher(["/main.tf"], "live", Work())("live/main.tf")
    assert not matcher(["/main.tf"], "live", Work())("main.tf")
    assert not matcher(["*"], "live", Work())("lively/main.tf")


@pytest.mark.parametrize(
    ("glob", "text", "fit"),
    [
        ("*", "", True),
        ("module.a.*", "module.a.x.y", True),
        ('x.main["a"]', 'x.main["a"]', True),
        ("x.main[*]", 'x.main["a"]', True),
        ("x.main[?]", "x.main[0]", True),
        ("x.main[?]", "x.main[10]", False),
        ("x.main", "x.mainly", False),
        ("a.b", "axb", False),
    ],
)
def test_addresses(glob: str, text: str, fit: bool) -> None:
    assert fitter(glob, Work())(text) is fit


@pytest.mark.parametrize("glob", ["*a" * 60 + "b", "**/a/" * 60 + "b", "**/*a*" * 40 + "b", "[" * 5000, "?" * 5000])
def test_a_hostile_glob_takes_no_time(glob: str) -> None:
    matches = matcher([glob], "", Work())
    for path in ("a" * 4000, "a/" * 2000):
        assert not matches(path)
    assert not fitter(glob, Work())("a" * 4000)

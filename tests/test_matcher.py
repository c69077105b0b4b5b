"""Many texts are looked for at once, and found as if each was looked for alone."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from pgflexlint.redaction.matcher import MultiMatcher

SOME = st.sets(st.text("ab", min_size=MultiMatcher.SHORTEST, max_size=9), max_size=30)


@given(SOME, st.text("abc", max_size=60))
def test_texts_are_found_as_if_each_was_looked_for_alone(texts: set[str], text: str) -> None:
    here = {at: [each for each in texts if text.startswith(each, at)] for at in range(len(text))}
    matcher = MultiMatcher(texts)
    assert list(matcher.places(text)) == [(at, at + max(map(len, found))) for at, found in here.items() if found]
    assert matcher.within(text) == {each for each in texts if each in text}


def test_of_many_that_begin_with_one_another_as_much_is_found_as_the_longest_has() -> None:
    least, most = MultiMatcher.SHORTEST, 3 * MultiMatcher.NESTED
    matcher = MultiMatcher("a" * length for length in range(least, most + 1))
    assert list(matcher.places(f"{'a' * least}-")) == [(0, least)]
    for length in (MultiMatcher.NESTED * 2, most):
        assert max(end for _, end in matcher.places(f"{'a' * length}{'-' * most}")) >= length
    assert next(matcher.places("a" * most + "-" * most)) == (0, most)


def test_shorter_texts_are_not_looked_for() -> None:
    assert not MultiMatcher(["abc", " abc "])
    assert list(MultiMatcher(["abc", " abcd "]).places("xabcdabc")) == [(1, 5)]

"""Tables of grammars: how they are made, kept and run."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from pgflexlint.syntax import tables
from pgflexlint.syntax.bicep import grammar as bicep
from pgflexlint.syntax.hcl import grammar as hcl
from pgflexlint.syntax.tables import Grammar, Token, UnexpectedTokenError

TOY = """\
start: sum ";"?
?sum: WORD -> one
    | sum PLUS WORD -> two
list: "(" item* ")"
?item: WORD | list
PLUS: "+"
%declare WORD
"""


def toy(directory: Path, text: str = TOY) -> Grammar:
    return Grammar(directory / "toy" / "table.json", text, lambda: text, ("start", "list"))


class Lowering:
    def a_start(self, total: int, *end: Token) -> tuple[int, int]:
        return total, len(end)

    def a_one(self, _: Token) -> int:
        return 1

    def a_two(self, count: int, _plus: Token, _word: Token) -> int:
        return count + 1

    def a_list(self, _: Token, *parts: object) -> object:
        return parts[0] if len(parts) > 1 else []

    def a_first(self, item: object) -> list[object]:
        return [item]

    def a_more(self, items: list[object], item: object) -> list[object]:
        return [*items, item]


def words(text: str) -> Iterator[Token]:
    for position, word in enumerate(text.split()):
        kind = "WORD" if word.isalpha() else {"+": "PLUS"}.get(word, word)
        yield Token(kind, word, position, position + 1)


def test_a_parser_reads_up_to_the_end_and_leaves_the_rest(tmp_path: Path) -> None:
    parse = tables.parser(tables.load(toy(tmp_path)), Lowering(), prefix="a_")
    stream = words("a + b + c $END d ; $END")
    assert [parse(stream) for _ in range(3)] == [(3, 0), (1, 1), None]


def test_a_parser_starts_where_it_is_told(tmp_path: Path) -> None:
    parse = tables.parser(tables.load(toy(tmp_path)), Lowering(), "list", "a_")
    found = parse(words("( a ( ) ( b c ) ) $END"))
    assert [part if isinstance(part, list) else part.text for part in found] == ["a", [], found[2]]
    assert [token.text for token in found[2]] == ["b", "c"]


@pytest.mark.parametrize(
    ("start", "text", "at", "expected"),
    [
        ("start", "a b $END", 1, {"$END", "PLUS", ";"}),
        ("start", "a + + $END", 2, {"WORD"}),
        ("start", "$END", 0, {"WORD"}),
        ("list", "( a + $END", 2, {"WORD", "(", ")"}),
        ("list", "( ) ) $END", 2, {"$END"}),
    ],
)
def test_what_might_have_been_in_place_is_told(
    tmp_path: Path, start: str, text: str, at: int, expected: set[str]
) -> None:
    with pytest.raises(UnexpectedTokenError) as caught:
        tables.parser(tables.load(toy(tmp_path)), Lowering(), start, "a_")(words(text))
    assert (caught.value.token[1], caught.value.at, set(caught.value.expected)) == (text.split()[at], at, expected)


def test_a_table_that_is_shipped_is_not_built(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    grammar = toy(tmp_path)
    built = tables.load(grammar)
    grammar.shipped.parent.mkdir()
    grammar.shipped.write_text(tables.build(grammar), "utf-8")
    monkeypatch.setattr(tables, "build", lambda grammar: pytest.fail("built again"))
    assert tables.load(grammar) == built


def test_a_table_that_is_of_no_use_is_built_in_memory(tmp_path: Path) -> None:
    grammar = toy(tmp_path)
    built = tables.load(grammar)
    assert list(tmp_path.iterdir()) == []
    grammar.shipped.parent.mkdir()
    for damaged in ("", "{", "[]", "{}", '{"key": "another grammar"}', tables.build(toy(tmp_path, TOY + "// older\n"))):
        grammar.shipped.write_text(damaged, "utf-8")
        assert tables.load(grammar) == built
        assert grammar.shipped.read_text("utf-8") == damaged


@pytest.mark.parametrize("grammar", [bicep.grammar(), hcl.grammar()], ids=lambda grammar: grammar.shipped.parent.name)
def test_the_shipped_table_is_that_of_the_grammar(grammar: Grammar) -> None:
    assert grammar.shipped.read_text("utf-8") == tables.build(grammar), "install the package anew: pip install -e ."


@pytest.mark.parametrize("language", ["bicep", "hcl"])
def test_a_table_is_the_same_in_every_process(language: str) -> None:
    program = (
        f"from pgflexlint.syntax import tables; from pgflexlint.syntax.{language}.grammar import grammar;"
        "print(tables.build(grammar()), end='')"
    )
    made = {
        subprocess.run(
            [sys.executable, "-c", program],
            env={"PYTHONHASHSEED": seed, "PYTHONPATH": str(Path(tables.__file__).parents[2])},
            capture_output=True,
            check=True,
        ).stdout
        for seed in ("1", "2")
    }
    assert len(made) == 1

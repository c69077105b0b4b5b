"""The grammar of HCL, which `tables` makes a table of: python-hcl2's, amended where Terraform reads otherwise."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from pgflexlint.lazily import compiled
from pgflexlint.syntax import tables

_AMENDMENTS = (
    # One item of the top level at a time, so that an error costs that item only.
    ("start : body", "start : attribute | block"),
    # An item of a body ends with a newline; a block on one line holds one argument at most, and its
    # brace stands on the line of its header (HCL specification, "Bodies" and "Blocks").
    (
        "body : (new_line_or_comment? (attribute | block))* new_line_or_comment?",
        "body : (new_line_or_comment ((attribute | block) new_line_or_comment)*)? | attribute",
    ),
    (
        "block : _attribute_name (_attribute_name | string)* new_line_or_comment? LBRACE",
        "block : _attribute_name (_attribute_name | string)* LBRACE",
    ),
    # Members of an object are separated, by a comma or by newlines.
    (
        "object : LBRACE ((object_elem | (object_elem COMMA)))* RBRACE",
        "object : LBRACE new_line_or_comment? (object_elem object_separator)* object_elem? RBRACE\n"
        "object_separator : COMMA new_line_or_comment? | new_line_or_comment",
    ),
    # `!!x` and `- -1` are valid.
    ("!unary_op : (MINUS | NOT) expr_term", "!unary_op : (MINUS | NOT) unary_expr"),
    # A function has any number of namespaces: `core::max()`, `provider::azapi::parse_resource_id()`.
    ("identifier (COLONS identifier COLONS identifier)? LPAR", "function_name LPAR"),
    ("\narguments :", "\n?function_name : identifier (COLONS identifier)*\narguments :"),
    # `.*` takes the attributes that follow; `[0]` after it applies to the result. `[*]` takes all that
    # follows, further splats too (HCL specification, "Splat Operators").
    ("attr_splat : ATTR_SPLAT (get_attr | index)*", "attr_splat : ATTR_SPLAT (get_attr | short_index)*"),
    (
        "full_splat : FULL_SPLAT_START (get_attr | index)*",
        "full_splat : FULL_SPLAT_START (get_attr | index | attr_splat | full_splat)*",
    ),
    # A string without holes and escapes is one token; python-hcl2 uses its name for something that is not HCL.
    ("\ntemplate_string : TEMPLATE_STRING\n", "\n"),
    ("            | template_string\n", ""),
    (
        "string: DBLQUOTE string_part* DBLQUOTE",
        "string: DBLQUOTE string_part* DBLQUOTE | TEMPLATE_STRING -> plain_string",
    ),
    # A here document is no terminal: the lexer reads it as a string with other quotes.
    ("            | heredoc_template\n            | heredoc_template_trim\n", ""),
    ("\nheredoc_template : HEREDOC_TEMPLATE\nheredoc_template_trim : HEREDOC_TEMPLATE_TRIM\n", "\n"),
    # What a term is made of has a name of its own where it is more than its only child.
    ("\nexpr_term : LPAR expression RPAR\n", "\n?expr_term : LPAR expression RPAR -> parentheses\n"),
    ("            | identifier\n", "            | identifier -> variable\n"),
    # Rules that are nothing but their only child.
    ("\nstart : ", "\n?start : "),
    ("\nidentifier : NAME", "\n?identifier : NAME"),
    ("\nkeyword: ", "\n?keyword: "),
    ("\nnew_line_or_comment: ( NL_OR_COMMENT )+", "\n?new_line_or_comment: NL_OR_COMMENT"),
    ("\nobject_elem_key : expression | keyword", "\n?object_elem_key : expression"),
    ("\nstring_part: ", "\n?string_part: "),
)
"""Text of the shipped grammar, and what stands in its place."""

_NEWLINE_IN_EXPRESSION = compiled(r" ?new_line_or_comment\?")
"""Left out of all expressions: where a newline means nothing, the lexer drops it."""


class GrammarError(Exception):
    """The installed python-hcl2 has another grammar than the one that the amendments were written for."""


def grammar() -> tables.Grammar:
    """The grammar, with the place of its table, which may start with `start` (an argument or a block) or `expression`.

    A later grammar of python-hcl2 alone does not make the table another one.
    """
    made_of = repr((_AMENDMENTS, _NEWLINE_IN_EXPRESSION.pattern))
    return tables.Grammar(Path(__file__).with_name("table.json"), made_of, amended_grammar, ("start", "expression"))


@cache
def load() -> tables.Table:
    """The table, read once in a process."""
    return tables.load(grammar())


def amended_grammar() -> str:
    """The grammar of the installed python-hcl2 with the amendments. Raises `GrammarError` where one has no place."""
    from importlib.util import find_spec  # noqa: PLC0415

    found = find_spec("hcl2")
    if found is None or found.origin is None:
        raise GrammarError("python-hcl2 is not installed.")
    text = Path(found.origin).with_name("hcl2.lark").read_text(encoding="utf-8")
    outside, heading, expressions = text.partition("// Expressions\n")
    text = outside + heading + _NEWLINE_IN_EXPRESSION.sub("", expressions)
    for old, new in _AMENDMENTS:
        if text.count(old) != 1:
            raise GrammarError(f"The grammar of python-hcl2 has no single {old!r}.")
        text = text.replace(old, new)
    return text

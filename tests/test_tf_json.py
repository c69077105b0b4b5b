import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import Struct

from pgflexlint.problem import Kind
from pgflexlint.source import SourceFile, Span
from pgflexlint.syntax.expressions import ListOf, Literal, Name, ObjectOf
from pgflexlint.syntax.hcl import reader, tf_json
from pgflexlint.syntax.hcl.document import Block, Body, Document
from tests.work import calls

WORDS = st.sampled_from([
    "resource", "data", "variable", "output", "module", "locals", "dynamic", "content", "for_each", "lifecycle", "//",
    "ignore_changes", "type", "default", "depends_on", "a", "b", "${var.a}", "${", "%{if",
])  # fmt: skip
CONFIGURATIONS: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | WORDS,
    lambda inner: st.lists(inner) | st.dictionaries(WORDS, inner),
    max_leaves=40,
)


def read(content: Any) -> Document:
    text = content if isinstance(content, str) else json.dumps(content, indent=2)
    return tf_json.read(SourceFile("main.tf.json", text))


def sound(content: Any) -> Document:
    document = read(content)
    assert not document.problems
    return document


def hcl(text: str) -> Document:
    document = reader.read(SourceFile("main.tf", text))
    assert not document.problems
    return document


def only(body: Body) -> Block:
    [block] = body.blocks
    return block


def shape(node: Any) -> Any:
    """A tree without its places, to compare those of two files."""
    if isinstance(node, Span):
        return None
    if isinstance(node, tuple):
        return tuple(shape(item) for item in node)
    if isinstance(node, dict):
        return {key: shape(value) for key, value in node.items()}
    if isinstance(node, Struct):
        return (type(node).__name__, *(shape(getattr(node, each)) for each in node.__struct_fields__))
    return node


BOTH = [
    (
        """{"resource": {"azurerm_postgresql_flexible_server": {
  "db": {"name": "x-${var.env}", "zone": 1, "t": null}
}}}""",
        """
resource "azurerm_postgresql_flexible_server" "db" {
  name = "x-${var.env}"
  zone = 1
  t    = null
}
""",
    ),
    (
        """{"variable": {
  "sizes": {"type": "map(object({ gb = optional(number, 32) }))", "default": {"a": {"gb": 64.0}}},
  "old": {"type": "string", "default": "$plain", "validation": {"condition": "${var.old != \\"\\"}"}}
}}""",
        """
variable "sizes" {
  type    = map(object({ gb = optional(number, 32) }))
  default = { "a" = { "gb" = 64 } }
}
variable "old" {
  type    = string
  default = "$plain"
  validation {
    condition = "${var.old != ""}"
  }
}
""",
    ),
    (
        """{"module": {"db": {
  "source": "./db",
  "for_each": "${toset([\\"a\\"])}",
  "providers": {"azurerm": "azurerm.west"},
  "depends_on": ["azurerm_resource_group.main"]
}}}""",
        """
module "db" {
  source     = "./db"
  for_each   = "${toset(["a"])}"
  providers  = { "azurerm" = azurerm.west }
  depends_on = [azurerm_resource_group.main]
}
""",
    ),
    (
        """{"locals": [{"tags": {"${var.key}": "v"}}, {"n": 2}]}""",
        """
locals {
  tags = { "${var.key}" = "v" }
}
locals {
  n = 2
}
""",
    ),
    (
        """{"resource": {"a": {"b": {
  "provider": "azurerm.west",
  "count": "${var.n}",
  "lifecycle": {
    "prevent_destroy": true,
    "ignore_changes": ["zone", "tags[\\"x\\"]"],
    "precondition": [{"condition": "${var.a}"}, {"condition": "${var.b}"}]
  },
  "provisioner": [{"local-exec": {"command": "c", "connection": {"host": "h"}}}]
}}}}""",
        """
resource "a" "b" {
  provider = azurerm.west
  count    = "${var.n}"
  lifecycle {
    prevent_destroy = true
    ignore_changes  = [zone, tags["x"]]
    precondition {
      condition = "${var.a}"
    }
    precondition {
      condition = "${var.b}"
    }
  }
  provisioner "local-exec" {
    command = "c"
    connection {
      host = "h"
    }
  }
}
""",
    ),
    (
        """{"resource": {"a": {"b": {"network": {
  "kind": "x",
  "dynamic": {"rule": {"for_each": "${var.rules}", "iterator": "it", "content": {"ip": "${it.value}"}}}
}}}}}""",
        """
resource "a" "b" {
  network {
    kind = "x"
    dynamic "rule" {
      for_each = "${var.rules}"
      iterator = it
      content {
        ip = "${it.value}"
      }
    }
  }
}
""",
    ),
    (
        """{"terraform": {
  "required_version": ">= 1.5",
  "backend": {"azurerm": {"key": "k"}},
  "required_providers": {"azurerm": {"source": "hashicorp/azurerm"}}
}}""",
        """
terraform {
  required_version = ">= 1.5"
  backend "azurerm" {
    key = "k"
  }
  required_providers {
    azurerm = { "source" = "hashicorp/azurerm" }
  }
}
""",
    ),
    (
        """{
  "provider": {"azurerm": [{"alias": "a"}, {"alias": "b"}]},
  "output": {"id": {"value": "${a.b.id}", "sensitive": true, "depends_on": ["a.b"]}}
}""",
        """
provider "azurerm" {
  alias = "a"
}
provider "azurerm" {
  alias = "b"
}
output "id" {
  value      = "${a.b.id}"
  sensitive  = true
  depends_on = [a.b]
}
""",
    ),
]


@pytest.mark.parametrize(("content", "text"), BOTH)
def test_it_reads_what_hcl_would(content: str, text: str) -> None:
    assert shape(sound(content).body) == shape(hcl(text).body)


@pytest.mark.parametrize(("content", "text"), BOTH)
def test_every_body_may_be_an_array(content: str, text: str) -> None:
    in_arrays = [{key: value if isinstance(value, list) else [value]} for key, value in json.loads(content).items()]
    assert shape(sound(in_arrays).body) == shape(hcl(text).body)


def test_nested_objects_are_arguments() -> None:
    block = only(sound({"resource": {"a": {"b": {"storage": {"gb": 1}, "rules": [{"p": 1}, {"p": 2}]}}}}).body)
    assert not block.body.blocks
    assert isinstance(block.body.arguments["storage"].value, ObjectOf)
    assert isinstance(block.body.arguments["rules"].value, ListOf)


def test_only_a_whole_dynamic_block_makes_its_parent_a_block() -> None:
    tags: Any = {"resource": {"a": {"b": {"tags": {"dynamic": {"x": {"for_each": []}}, "lifecycle": {}}}}}}
    assert not only(sound(tags).body).body.blocks


def test_places() -> None:
    text = '{"resource": {"a": {"db": {\n  "name": "x",\n  "//": "note",\n  "n": "${var.n}"}}}} // end'
    document = read(text)
    block = only(document.body)
    assert block.header.text == '"db"'
    assert block.span.text == text[text.index('"db"') : text.index("}}} //")]
    name = block.body.arguments["name"]
    assert (name.name_span.text, name.value.span.text) == ('"name"', '"x"')
    assert block.body.arguments["n"].value.span.text == '"${var.n}"'
    assert [(each.text, each.span.text) for each in document.comments] == [
        ("// note", '"//": "note"'),
        ("// end", "// end"),
    ]


def test_comments_are_found_in_what_may_be_a_block_and_stay_in_what_may_be_a_map() -> None:
    document = sound({"//": "file", "resource": {"a": {"b": {"m": {"//": "pgflexlint: ignore[PGF101] why"}}}}})
    assert [comment.text for comment in document.comments] == ["// file", "// pgflexlint: ignore[PGF101] why"]
    value = only(document.body).body.arguments["m"].value
    assert isinstance(value, ObjectOf)
    assert len(value.items) == 1


def test_strings_are_templates_without_escapes() -> None:
    block = only(sound({"locals": {"a": 'q"\n\\n $${x} é', "b": "$x"}}).body)
    values = [argument.value for argument in block.body.arguments.values()]
    assert [value.value for value in values if isinstance(value, Literal)] == ['q"\n\\n ${x} é', "$x"]


def test_the_default_of_a_variable_is_no_template() -> None:
    block = only(sound({"variable": {"a": {"default": {"${k}": "${foo} $${bar}"}}}}).body)
    value = block.body.arguments["default"].value
    assert isinstance(value, ObjectOf)
    assert shape(value.items) == shape(((Literal("${k}", value.span), Literal("${foo} $${bar}", value.span)),))


def test_all_may_be_ignored() -> None:
    block = only(sound({"resource": {"a": {"b": {"lifecycle": {"ignore_changes": "all"}}}}}).body)
    value = only(block.body).body.arguments["ignore_changes"].value
    assert isinstance(value, Name)
    assert value.name == "all"


def test_null_is_no_block_and_a_block_may_come_twice() -> None:
    document = sound('{"locals": null, "output": {"a": {"value": 1}}, "output": {"b": {"value": 2}}}')
    assert [block.labels for block in document.body.blocks] == [("a",), ("b",)]


@pytest.mark.parametrize(
    ("text", "message", "place"),
    [
        ('{"output": {"a": {"value": 1,\n "value": 2}}}', "'value' is written twice; first on line 1.", "2:2"),
        ('{"locals": {"a": {"x": 1, "x": 2}}}', "'x' is written twice; first on line 1.", "1:27"),
        ('{"resource": {"a": null}}', "An object was expected here, or an array of objects.", "1:20"),
        ('{"resource": {"a": {"b": [1]}}}', "An object was expected here, or an array of objects.", "1:27"),
        ("1", "An object was expected here, or an array of objects.", "1:1"),
        ('{"locals": {"a": [1, 2,]}}', "There is nothing after this comma.", "1:23"),
        ('{"locals": {"a": 1\n,\n}}', "There is nothing after this comma.", "2:1"),
        ('{"locals": {"a": 1}} // x', "This is a comment, which JSON does not have.", "1:22"),
        ('{"locals": {', "The file ends before the object that begins on line 1 is closed.", "1:13"),
    ],
)
def test_what_is_wrong_is_said_with_its_place(text: str, message: str, place: str) -> None:
    [problem] = read(text).problems
    assert (problem.kind, problem.message, str(problem.span)) == (Kind.SYNTAX, message, f"main.tf.json:{place}")


@pytest.mark.parametrize("argument", [{"name": "x ${var."}, {"depends_on": ["a b"]}, {"k": {"${": 1}}])
def test_a_string_that_cannot_be_read_costs_its_block_only(argument: Any) -> None:
    document = read({"resource": {"a": {"bad": argument, "good": {}}}})
    assert [block.labels for block in document.body.blocks] == [("a", "good")]
    [problem] = document.problems
    assert problem.kind is Kind.SYNTAX
    assert problem.span is not None
    assert problem.span.file.path == "main.tf.json"


@given(CONFIGURATIONS)
def test_no_configuration_makes_it_raise(content: Any) -> None:
    read(json.dumps(content))


@given(st.text())
def test_no_text_makes_it_raise(text: str) -> None:
    for document in (tf_json.read(SourceFile("a.tf.json", text)), tf_json.read_variables(SourceFile("a", text))):
        assert document.problems or document.file.text == text


@pytest.mark.parametrize(
    ("head", "piece", "tail"),
    [
        ("{", '"a":1,', '"a":1}'),
        ('{"locals": {', '"a":1,', '"a":1}}'),
        ('{"locals": [', "1,", "1]}"),
        ('{"resource": {"a": {"b": ' + '{"x": ' * 90 + '{"dynamic": 1, "y": [', "1,", "1]}" + "}" * 94),
    ],
)
def test_hostile_files_take_linear_work(head: str, piece: str, tail: str) -> None:
    work = [calls(read, head + piece * size + tail) for size in (2_000, 8_000)]
    assert work[1] < 5 * work[0]


@given(st.dictionaries(st.text().filter(lambda key: key != "//"), CONFIGURATIONS))
def test_variable_files_hold_literal_values(content: dict[str, Any]) -> None:
    document = tf_json.read_variables(SourceFile("terraform.tfvars.json", json.dumps(content)))
    assert not document.problems
    assert {name: plain(argument.value) for name, argument in document.body.arguments.items()} == content


def plain(expression: Any) -> Any:
    match expression:
        case Literal(value):
            return value
        case ListOf(items):
            return [plain(item) for item in items]
        case ObjectOf(items):
            return {plain(key): plain(value) for key, value in items}


def test_places_in_variable_files() -> None:
    text = '{"//": "note", "db": {"tls": "${off}"}}'
    document = tf_json.read_variables(SourceFile("terraform.tfvars.json", text))
    [argument] = document.body.arguments.values()
    assert (argument.name_span.text, argument.value.span.text) == ('"db"', '{"tls": "${off}"}')
    assert [comment.text for comment in document.comments] == ["// note"]

"""Terraform's JSON syntax, read into the same `Document` as HCL.

The mapping is HCL's (https://github.com/hashicorp/hcl/blob/main/json/spec.md) with Terraform's exceptions
(https://developer.hashicorp.com/terraform/language/syntax/json):

- a body is an object or an array of objects, and so is each level of labels; a block of a type that comes several
  times is an array, or a key that comes several times; null is no block;
- a string is a template, and so is a key within a value; in some places it is an expression (`depends_on`, the type of
  a variable) or just text (the default of a variable);
- a key `//` in a body is a comment.

Without the schema of a provider a nested block cannot be told from an argument that is an object or a list of objects.
Here it is an `Argument`, and whoever reads a resource must take either for the other. Only the blocks of Terraform
itself (`lifecycle`, `dynamic`, …) are `Block`s, and those that hold a `dynamic` block, which no argument can.

As in HCL, a block of the top level with a string that cannot be read costs itself only. Comments and trailing commas,
which Terraform refuses, are problems and are read all the same: they hide nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from enum import Enum, auto

from pgflexlint.problem import Kind, Problem, quoted
from pgflexlint.source import SourceFile, Span
from pgflexlint.syntax import jsonc
from pgflexlint.syntax.expressions import Expression, ListOf, Literal, ObjectOf
from pgflexlint.syntax.hcl.document import BLOCKS, Argument, Block, Body, Document
from pgflexlint.syntax.hcl.reader import read_expression, read_template
from pgflexlint.syntax.jsonc import Array, Member, Node, Object, Scalar
from pgflexlint.syntax.reading import Comment

PROBLEM_LIMIT = 20
"""How many mistakes are reported for a file; the work of a hostile one ends there."""


class _Text(Enum):
    """What a string stands for."""

    TEMPLATE = auto()
    CODE = auto()
    LITERAL = auto()


_FILE, _VARIABLE_FILE, _NESTED = "", "tfvars", "nested block"
"""Bodies that are not those of a block with a name of its own."""

_RESOURCE = {"lifecycle": 0, "connection": 0, "provisioner": 1, "dynamic": 1}
_BLOCKS: Mapping[str, Mapping[str, int]] = {
    _FILE: BLOCKS,
    "resource": _RESOURCE,
    "data": _RESOURCE,
    "ephemeral": _RESOURCE,
    "removed": {"lifecycle": 0, "connection": 0, "provisioner": 1},
    "provisioner": {"connection": 0},
    "lifecycle": {"precondition": 0, "postcondition": 0, "action_trigger": 0},
    "dynamic": {"content": 0},
    "content": {"dynamic": 1},
    _NESTED: {"dynamic": 1},
    "provider": {"dynamic": 1},
    "variable": {"validation": 0},
    "output": {"precondition": 0},
    "check": {"data": 2, "assert": 0},
    "terraform": {"backend": 1, "cloud": 0, "required_providers": 0, "provider_meta": 1},
    "cloud": {"workspaces": 0},
}  # fmt: skip
"""The blocks that each body may hold and how many labels they have."""

_DEPENDENT = {"depends_on": _Text.CODE, "provider": _Text.CODE}
_ARGUMENTS: Mapping[str, Mapping[str, _Text]] = {
    "resource": _DEPENDENT,
    "data": _DEPENDENT,
    "ephemeral": _DEPENDENT,
    "output": _DEPENDENT,
    "module": {"depends_on": _Text.CODE, "providers": _Text.CODE},
    "variable": {"type": _Text.CODE, "default": _Text.LITERAL},
    "lifecycle": {"ignore_changes": _Text.CODE, "replace_triggered_by": _Text.CODE},
    "dynamic": {"iterator": _Text.CODE},
    "moved": {"from": _Text.CODE, "to": _Text.CODE},
    "import": {"to": _Text.CODE, "provider": _Text.CODE},
    "removed": {"from": _Text.CODE},
}
"""The arguments whose strings are no templates."""


def read(file: SourceFile) -> Document:
    """The content of a `.tf.json` or `.tofu.json` file."""
    return _Lowering(file).document(_FILE)


def read_variables(file: SourceFile) -> Document:
    """The content of a `.tfvars.json` file: an argument with a literal value for each variable."""
    return _Lowering(file).document(_VARIABLE_FILE)


class _Refused(Exception):  # noqa: N818  (not an error of ours)
    def __init__(self, problem: Problem) -> None:
        self.problem = problem


class _Lowering:
    def __init__(self, file: SourceFile) -> None:
        self.file = file
        self.problems: list[Problem] = []
        self.comments: list[Comment] = []
        self._may_be_dynamic = '"dynamic"' in file.text

    def document(self, within: str) -> Document:
        content = jsonc.read(self.file, unique_keys=False)
        self.problems += content.problems
        self.comments += (Comment(span.text, span) for span in content.comments)
        for span in content.comments:
            self._report("This is a comment, which JSON does not have.", span, "Write a member called '//' instead.")
        for span in content.last_commas:
            self._report("There is nothing after this comma.", span, "Remove it: Terraform refuses the file as it is.")
        body = self._body(self._objects(content.root) if content.root else (), within)
        comments = sorted(self.comments, key=lambda comment: comment.span.start)
        return Document(self.file, body, tuple(comments), tuple(self.problems))

    def _body(self, objects: Iterable[Object], within: str) -> Body:
        arguments: dict[str, Argument] = {}
        blocks: list[Block] = []
        known = _BLOCKS.get(within, {})
        for member in (member for each in objects for member in each.members):
            name = member.key
            if name == "//":
                self._comment(member)
            elif name in known:
                blocks += self._blocks(name, known[name], member, name)
            elif "dynamic" in known and self._may_be_dynamic and _holds_dynamic(member.value):
                blocks += self._blocks(name, 0, member, _NESTED)
            elif name in arguments:
                self._repeated(arguments[name].name_span, member)
            else:
                text = _ARGUMENTS.get(within, {}).get(name, _Text.TEMPLATE)
                value = self._expression(member.value, _Text.LITERAL if within in (_FILE, _VARIABLE_FILE) else text)
                arguments[name] = Argument(name, member.key_span, value)
        return Body(arguments, tuple(blocks))

    def _blocks(
        self, type_: str, missing: int, member: Member, within: str, labels: tuple[str, ...] = ()
    ) -> Iterator[Block]:
        """The blocks under a member, from whose key `missing` labels are still to come."""
        if isinstance(member.value, Scalar) and member.value.value is None and not missing:
            return
        for holder in self._objects(member.value):
            if not missing:
                try:
                    body = self._body((holder,), within)
                except _Refused as refusal:
                    if within not in _BLOCKS[_FILE]:
                        raise
                    self._keep(refusal.problem)
                    continue
                span = Span(self.file, member.key_start, holder.end)
                yield Block(type_, labels, member.key_span, span, body)
                continue
            for inner in holder.members:
                if inner.key == "//":
                    self._comment(inner)
                    continue
                yield from self._blocks(type_, missing - 1, inner, within, (*labels, inner.key))

    def _objects(self, node: Node) -> Iterator[Object]:
        """The object, or those in the array, that should be here."""
        for item in node.items if isinstance(node, Array) else (node,):
            if isinstance(item, Object):
                yield item
            else:
                message = "An object was expected here, or an array of objects."
                self._report(message, item.span, "Terraform refuses the file as it is.")

    def _expression(self, node: Node, text: _Text) -> Expression:
        match node:
            case Scalar(value=str(value)):
                return self._string(value, node.span, text)
            case Scalar(value=float(value)) if value.is_integer():
                return Literal(int(value), node.span)  # numbers are one type in HCL
            case Scalar(value=value):
                return Literal(value, node.span)
            case Array(items=items):
                return ListOf(tuple([self._expression(item, text) for item in items]), node.span)
            case Object(members=members):
                for first, again in node.repeated():
                    self._repeated(first.key_span, again)
                return ObjectOf(tuple([self._item(member, text) for member in members]), node.span)

    def _item(self, member: Member, text: _Text) -> tuple[Expression, Expression]:
        if member.key == "//":  # a comment if this is a block, so somebody may mean it as one
            self._comment(member)
        key = _Text.TEMPLATE if text is _Text.TEMPLATE else _Text.LITERAL
        return self._string(member.key, member.key_span, key), self._expression(member.value, text)

    def _string(self, value: str, span: Span, text: _Text) -> Expression:
        match text:
            case _Text.TEMPLATE if "${" in value or "%{" in value:
                result = read_template(value, span)
            case _Text.CODE:
                result = read_expression(value, span)
            case _:
                return Literal(value, span)
        if isinstance(result, Problem):
            raise _Refused(result)
        return result

    def _comment(self, member: Member) -> None:
        if isinstance(member.value, Scalar) and isinstance(member.value.value, str):
            span = Span(self.file, member.key_start, member.value.end)
            self.comments.append(Comment(f"// {member.value.value}", span))

    def _repeated(self, first: Span, again: Member) -> None:
        if len(self.problems) >= PROBLEM_LIMIT:
            return
        message = f"'{again.key}' is written twice; first on line {first.first_line}."
        hint = "Remove one; of a block that is repeated, write an array of objects."
        self._report(message, again.key_span, hint, quoted(message))

    def _report(self, message: str, span: Span, hint: str, names: tuple[str, ...] = ()) -> None:
        self._keep(Problem(Kind.SYNTAX, message, self.file.path, span, hint, names=names))

    def _keep(self, problem: Problem) -> None:
        if len(self.problems) < PROBLEM_LIMIT:
            self.problems.append(problem)


def _holds_dynamic(node: Node) -> bool:
    """Whether a `dynamic` block stands somewhere in a value, which must then be a block itself."""
    match node:
        case Array(items=items):
            return any(map(_holds_dynamic, items))
        case Object(members=members):
            return any(
                (each.key == "dynamic" and _is_dynamic(each.value)) or _holds_dynamic(each.value) for each in members
            )
    return False


def _is_dynamic(node: Node) -> bool:
    return any(
        "for_each" in body.by_key and "content" in body.by_key
        for holder in _bodies(node)
        for label in holder.members
        for body in _bodies(label.value)
    )


def _bodies(node: Node) -> list[Object]:
    return [item for item in (node.items if isinstance(node, Array) else (node,)) if isinstance(item, Object)]

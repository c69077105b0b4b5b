"""JSON as Terraform writes it.

https://developer.hashicorp.com/terraform/language/functions/jsonencode.
"""

from __future__ import annotations

from typing import Any

from pgflexlint.evaluate.calls import FunctionCall
from pgflexlint.evaluate.functions import with_holes
from pgflexlint.evaluate.json_text import json_parts, read_json
from pgflexlint.evaluate.terraform.types import to_string
from pgflexlint.values import Value

_ESCAPED = str.maketrans({"<": "\\u003c", ">": "\\u003e", "&": "\\u0026", "\u2028": "\\u2028", "\u2029": "\\u2029"})


def quoted(content: str) -> str:
    """A JSON string as Go writes it: `<`, `>` and `&` escaped, other characters as they are."""
    import json  # noqa: PLC0415  most runs write no JSON here

    return json.dumps(content, ensure_ascii=False).translate(_ESCAPED)


def compact(bare: Any) -> str:
    """A bare value as JSON: keys sorted, no spaces."""
    match bare:
        case None:
            return "null"
        case str():
            return quoted(bare)
        case list():
            return f"[{','.join(map(compact, bare))}]"
        case dict():
            return "{" + ",".join(f"{quoted(key)}:{compact(bare[key])}" for key in sorted(bare)) + "}"
        case _:
            return to_string(bare)


def encode(call: FunctionCall) -> Value[Any]:
    """`jsonencode`."""
    return with_holes(call, json_parts(call, compact, sorted), encode)


def decode(call: FunctionCall) -> Value[Any]:
    """`jsondecode`."""
    return read_json(call, to_string)

"""The functions of the Terraform language, by name.

https://developer.hashicorp.com/terraform/language/functions. `try`, `can` and `templatefile` are not among them:
these evaluate expressions themselves, so they are the language's business. Names under `core::` are the same functions.
"""

from __future__ import annotations

from pgflexlint.evaluate.calls import Functions
from pgflexlint.evaluate.terraform.functions import (
    collections,
    encoding,
    files,
    format,
    network,
    numbers,
    strings,
    times,
)

FUNCTIONS: Functions = {
    prefix + name: function
    for prefix in ("", "core::")
    for module in (collections, encoding, files, format, network, numbers, strings, times)
    for name, function in module.FUNCTIONS.items()
}

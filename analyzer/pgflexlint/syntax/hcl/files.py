"""Files of Terraform, in either of its syntaxes: HCL, or JSON where their name ends in `.json`.

What reads the latter is loaded where there is such a file.
"""

from __future__ import annotations

from pgflexlint.source import SourceFile
from pgflexlint.syntax.hcl import reader
from pgflexlint.syntax.hcl.document import Document


def read(file: SourceFile) -> Document:
    """The arguments and blocks of a configuration file, with whatever problems there were."""
    if file.path.endswith(".json"):
        from pgflexlint.syntax.hcl import tf_json  # noqa: PLC0415 - see above

        return tf_json.read(file)
    return reader.read(file)


def read_variables(file: SourceFile) -> Document:
    """The values that a variable file gives, with whatever problems there were."""
    if file.path.endswith(".json"):
        from pgflexlint.syntax.hcl import tf_json  # noqa: PLC0415 - see above

        return tf_json.read_variables(file)
    return reader.read(file)

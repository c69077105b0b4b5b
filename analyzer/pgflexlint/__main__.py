"""`python -m pgflexlint`."""

from pgflexlint.cli import entry

entry()

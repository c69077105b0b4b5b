"""`python -m pgflexlint`."""

import sys

if not sys.flags.safe_path:
    del sys.path[0]  # the current directory, which may be a stranger's: no module of it is imported

from pgflexlint.cli import entry

entry()

"""`primaryLocationLineHash`, by which GitHub recognizes an alert when its line has moved.

The algorithm is that of github/codeql-action (`src/fingerprints.ts`). It must give the same values: `upload-sarif`
warns about each that differs.
"""

from __future__ import annotations

import struct
from collections import Counter

from pgflexlint.source import SourceFile

BLOCK = 100
"""How many characters from the start of a line are hashed, beyond its end if it is shorter."""
_BASE = 37
_MASK = (1 << 64) - 1
_LEAVING = pow(_BASE, BLOCK, 1 << 64)
_END = 0xFFFF
_BLANKS = str.maketrans("", "", " \t")


def line_hashes(file: SourceFile) -> list[str]:
    """The value for each line of a file, such as `39fa2ee980eb94b0:1`; that of line 1 is first.

    It is a polynomial hash of UTF-16 code units without spaces and tabs, with a byte order mark, and with every line
    break as LF; then how often the hash has come up in the file. A file in UTF-16 is hashed as the codeql-action reads
    it, which takes its bytes for UTF-8: there may be more lines then, because CR LF is two breaks.
    """
    text = ("\ufeff" if file.byte_order_mark else "") + file.text
    if file.encoding != "utf-8":
        text = text.encode(file.encoding).decode("utf-8", "replace")
    text = text.replace("\r\n", "\n").replace("\r", "\n").translate(_BLANKS)
    data = text.encode("utf-16-le", "surrogatepass")
    units = (*struct.unpack(f"<{len(data) // 2}H", data), _END, *(0,) * BLOCK)
    value = 0
    prefixes = [0, *[value := (value * _BASE + unit) & _MASK for unit in units]]
    starts = [0, *[index for index, unit in enumerate(units, 1) if unit == 10]]
    seen: Counter[int] = Counter()
    hashes = []
    for start in starts:
        value = (prefixes[start + BLOCK] - _LEAVING * prefixes[start]) & _MASK
        seen[value] += 1
        hashes.append(f"{value:x}:{seen[value]}")
    return hashes

"""Regular expressions that are compiled when they are first used: a run needs less than half of them."""

from __future__ import annotations

import re
from typing import Any, AnyStr, cast


class _Lazily:
    def __init__(self, pattern: Any, flags: int) -> None:
        self._source = (pattern, flags)

    def __getattr__(self, name: str) -> Any:
        compiled = re.compile(*self._source)
        for method in ("match", "fullmatch", "search", "finditer", "findall", "sub", "split"):
            setattr(self, method, getattr(compiled, method))
        return getattr(compiled, name)


def compiled(pattern: AnyStr, flags: int = 0) -> re.Pattern[AnyStr]:
    """What `re.compile` gives, at the price of nothing until one of its methods is asked for."""
    return cast("re.Pattern[AnyStr]", _Lazily(pattern, flags))

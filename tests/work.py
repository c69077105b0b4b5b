"""How much work something is, counted: the same on a busy machine as on an idle one."""

from __future__ import annotations

import sys
from collections.abc import Callable
from types import FrameType
from typing import Any

import pytest


def calls(function: Callable[..., Any], *arguments: Any) -> int:
    """How many functions are called while one runs on some arguments."""
    count = 0

    def counted(frame: FrameType, event: str, argument: Any) -> None:
        nonlocal count
        count += event in ("call", "c_call")

    before = sys.getprofile()
    sys.setprofile(counted)
    try:
        function(*arguments)
    finally:
        sys.setprofile(before)
    return count


class _Counting:
    """A regular expression that counts the characters that it goes through."""

    def __init__(self, pattern: Any, counts: list[int]) -> None:
        self._pattern, self._counts = pattern, counts

    def __getattr__(self, name: str) -> Any:
        return getattr(self._pattern, name)

    def search(self, text: str, start: int = 0, end: int = sys.maxsize) -> Any:
        return self._counted(self._pattern.search(text, start, end), start, min(end, len(text)))

    def match(self, text: str, start: int = 0, end: int = sys.maxsize) -> Any:
        return self._counted(self._pattern.match(text, start, end), start, start)

    def fullmatch(self, text: str, start: int = 0, end: int = sys.maxsize) -> Any:
        return self._counted(self._pattern.fullmatch(text, start, end), start, start)

    def finditer(self, text: str, start: int = 0, end: int = sys.maxsize) -> Any:
        for match in self._pattern.finditer(text, start, end):
            yield self._counted(match, start, start)
            start = match.end()
        self._counted(None, start, min(end, len(text)))

    def _counted(self, match: Any, start: int, end: int) -> Any:
        self._counts.append(max(0, (end if match is None else match.end()) - start))
        return match


def characters(package: str, function: Callable[..., Any], *arguments: Any) -> int:
    """How many characters the regular expressions of a package go through while a function runs on some arguments."""
    counts: list[int] = []
    with pytest.MonkeyPatch.context() as patch:
        for name, module in list(sys.modules.items()):
            for key, value in vars(module).items() if name.startswith(package) else ():
                if hasattr(value, "finditer"):
                    patch.setattr(module, key, _Counting(value, counts))
        function(*arguments)
    return sum(counts)

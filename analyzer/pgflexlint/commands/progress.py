"""The progress bar of long runs, on standard error. It disappears when the work is done."""

from __future__ import annotations

import sys
import time
from types import TracebackType
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    from rich.progress import Progress as Bar
    from rich.progress import TaskID

PATIENCE = 1.0
"""Seconds before the bar appears: short runs show none."""
INTERVAL = 0.1
"""Seconds between two updates of the bar."""


class Progress:
    """The bar. It is drawn by calls and not by a thread, because the process forks meanwhile."""

    def __init__(self) -> None:
        self._person = sys.stderr.isatty()
        self._next = time.monotonic() + PATIENCE
        self._bar: Bar | None = None
        self._task: TaskID | None = None

    def __enter__(self) -> Self:
        """Begin; nothing is shown yet."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        """Remove the bar."""
        if self._bar is not None:
            self._bar.stop()

    def watch(self, what: str, done: int, all_: int) -> None:
        """Show `what` is being done, and how many of it are `done`."""
        if not self._person or (now := time.monotonic()) < self._next:
            return
        self._next = now + INTERVAL
        if self._bar is None:
            self._start()
        assert self._bar is not None
        assert self._task is not None
        self._bar.update(self._task, description=what, completed=done, total=all_, refresh=True)

    def _start(self) -> None:
        from rich.console import Console
        from rich.progress import Progress as Bar

        self._bar = Bar(console=Console(stderr=True), auto_refresh=False, transient=True)
        self._task = self._bar.add_task("")
        self._bar.start()

"""Runs a target on an input and tells what broke: an exception, a hang, or too much memory."""

from __future__ import annotations

import resource
import signal
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType

SECONDS = 5.0
"""The processor time that one input may take."""
MEMORY = 1 << 30
"""The bytes that the process may take."""
_ROOT = Path(__file__).resolve().parent.parent


class HangError(BaseException):
    """An input took too long; nothing that is fuzzed catches this."""


def limit_memory() -> None:
    """Let the process have no more than the memory that an input may take."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))


@contextmanager
def watched() -> Iterator[None]:
    """Raises `HangError` in what takes too much processor time."""

    def ring(number: int, frame: FrameType | None) -> None:
        raise HangError

    before = signal.signal(signal.SIGPROF, ring)
    signal.setitimer(signal.ITIMER_PROF, SECONDS)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, before)


def broken(run: Callable[[str], None], text: str) -> str | None:
    """What breaks on an input, in a line that names the place in our code; None where nothing does."""
    try:
        with watched():
            run(text)
    except (Exception, HangError) as error:  # noqa: BLE001 - whatever it is, it is what is looked for
        frames = traceback.extract_tb(error.__traceback__)
        ours = [frame for frame in frames if frame.filename.startswith(str(_ROOT)) and "/.venv/" not in frame.filename]
        place = ours[-1] if ours else frames[-1]
        name = "Hang" if isinstance(error, HangError) else type(error).__name__
        said = str(error) if isinstance(error, AssertionError) else ""
        return f"{name} {Path(place.filename).name}:{place.lineno} {said}".strip()
    return None


def smaller(run: Callable[[str], None], text: str, said: str) -> str:
    """A shorter input on which the same breaks: as much is taken out as can be, larger parts first."""
    kind = said.partition(" ")[0]
    size = len(text) // 2
    while size:
        at = 0
        while at < len(text):
            less = text[:at] + text[at + size :]
            if (broken(run, less) or "").startswith(said if kind != "Hang" else kind):
                text = less
            else:
                at += size
        size //= 2
    return text

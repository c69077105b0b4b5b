"""Work in several processes. They are forks of this one, so that they have everything that it has loaded.

Each process has a pipe of its own and gets one batch of tasks after another, so that a slow one holds up nobody. A
process ends with the first one, however that ends. A process that ends before its work is done is an error.
"""

from __future__ import annotations

import gc
import os
import sys
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING, Any, TypeAlias, TypeVar

if TYPE_CHECKING:
    from multiprocessing.connection import Connection

Task = TypeVar("Task")
Made = TypeVar("Made")
Told = TypeVar("Told")
Names: TypeAlias = Mapping[type, Callable[[Any], object]]
"""By type, a function that gives the name of an object, or None. An object with a name is not pickled: its name is."""

SIZE = 150_000
"""How many characters of sources are worth a process: a third of a second of work."""
BATCHES = 32
"""About how many batches each process gets: few, so that it seldom waits for the next one, and enough that all
processes end at about the same time."""


def processes(asked_for: int, tasks: int, size: int) -> int:
    """How many processes to work in; 1 is this one alone. `asked_for` is 0 if the user does not say how many.

    `size` is how many characters are to be parsed. Processes are forked on Linux only: other systems cannot do that, or
    not safely.
    """
    if not sys.platform.startswith("linux"):
        return 1
    pays = min(len(os.sched_getaffinity(0)), size // SIZE)
    return max(1, min(asked_for or pays, tasks))


def in_processes(
    number: int,
    tasks: Sequence[Task],
    work: Callable[[Task], Made],
    end: Callable[[], Told],
    *,
    names: Names,
    lookup: Callable[[Any], object],
    watch: Callable[[int], None],
) -> tuple[list[Made], list[Told]]:
    """Returns what `work` makes of each task, in their order, and what `end` returns in each process.

    Both are pickled. An object that has a name in `names` is sent by its name, and `lookup` finds the object again.
    `watch` is told how many tasks are done. No process is left afterwards. Raises `RuntimeError` if one fails.
    """
    import multiprocessing  # noqa: PLC0415 - slow to load, and seldom needed
    import signal  # noqa: PLC0415
    import threading  # noqa: PLC0415
    from multiprocessing.connection import wait  # noqa: PLC0415

    context = multiprocessing.get_context("fork")
    made: dict[int, Made] = {}
    told: list[Told] = []
    size = max(1, len(tasks) // (number * BATCHES))
    todo = (range(len(tasks))[start : start + size] for start in range(0, len(tasks), size))
    crew: dict[Any, Any] = {}
    main = threading.current_thread() is threading.main_thread()
    ends = [each for each in (signal.SIGTERM, signal.SIGHUP) if main and signal.getsignal(each) is signal.SIG_DFL]
    for each in ends:
        signal.signal(each, _end)
    gc.freeze()  # a collection in a copy would touch, and so copy, all that there is
    try:
        for _ in range(number):
            ours, theirs = context.Pipe()
            process = context.Process(
                target=_serve,
                args=(theirs, (*crew, ours), tasks, work, end),
                kwargs={"names": names, "first": os.getpid()},
            )
            process.start()
            theirs.close()
            crew[ours] = process
            ours.send(next(todo, None))
        while crew:
            ready: Sequence[Any] = wait(list(crew))
            for each in ready:
                try:
                    at, answer = _loads(each.recv_bytes(), lookup)
                except (EOFError, ConnectionResetError):
                    raise RuntimeError("a process ended before its work was done") from None
                if at == _FAILED:
                    raise RuntimeError(answer)
                if at is None:
                    told.append(answer)
                    crew.pop(each).join()
                    each.close()
                else:
                    made.update(zip(at, answer, strict=True))
                    watch(len(made))
                    each.send(next(todo, None))
    finally:
        for each in ends:
            signal.signal(each, signal.SIG_DFL)
        gc.unfreeze()
        for connection, process in crew.items():
            connection.close()
            process.kill()
            process.join()
    return [made[at] for at in range(len(tasks))], told


def _end(number: int, frame: object) -> None:
    """Leave in an orderly way when a signal asks for the end."""
    raise SystemExit(128 + number)


_FAILED = -1


def _serve(
    connection: Connection,
    others: Sequence[Connection],
    tasks: Sequence[Any],
    work: Callable[[Any], Any],
    end: Callable[[], Any],
    *,
    names: Names,
    first: int,
) -> None:
    """What a forked process does. It ignores interrupts: the first process, whose id is `first`, ends it."""
    import pickle  # noqa: PLC0415
    import signal  # noqa: PLC0415

    signal.signal(signal.SIGINT, signal.SIG_IGN)
    for each in others:
        each.close()  # only the first process holds them open
    _end_with_parent()
    if os.getppid() != first:
        return  # the first process ended before this one could ask to end with it
    try:
        while (batch := connection.recv()) is not None:
            connection.send_bytes(_dumps((batch, [work(tasks[at]) for at in batch]), names))
        connection.send_bytes(_dumps((None, end()), names))
    except (EOFError, BrokenPipeError, ConnectionResetError):
        pass  # the first process is gone
    except Exception as error:  # noqa: BLE001 - raised again in the first process
        connection.send_bytes(pickle.dumps((_FAILED, f"{type(error).__name__}: {error}")))


def _end_with_parent() -> None:
    """Have the kernel kill this process when its parent ends (`PR_SET_PDEATHSIG` in prctl(2)).

    Where Python has no `ctypes`, the process ends after its batch instead, when it finds its pipe closed.
    """
    import signal  # noqa: PLC0415

    with suppress(ImportError):
        import ctypes  # noqa: PLC0415

        ctypes.CDLL(None).prctl(1, signal.SIGKILL)


def _by_name(name: object) -> object:
    """Stands in a pickle for an object that has a name. It is never called."""
    raise NotImplementedError


def _dumps(thing: object, names: Names) -> bytes:
    import copyreg  # noqa: PLC0415
    import io  # noqa: PLC0415
    import pickle  # noqa: PLC0415

    def by_name(thing: Any) -> Any:
        name = names[type(thing)](thing)
        return thing.__reduce_ex__(pickle.HIGHEST_PROTOCOL) if name is None else (_by_name, (name,))

    stream = io.BytesIO()
    pickler = pickle.Pickler(stream, pickle.HIGHEST_PROTOCOL)
    pickler.dispatch_table = {**copyreg.dispatch_table, **dict.fromkeys(names, by_name)}
    pickler.dump(thing)
    return stream.getvalue()


def _loads(content: bytes, lookup: Callable[[Any], object]) -> Any:
    import io  # noqa: PLC0415
    import pickle  # noqa: PLC0415

    class Unpickler(pickle.Unpickler):
        def find_class(self, module: str, name: str) -> Any:
            return lookup if (module, name) == (__name__, _by_name.__name__) else super().find_class(module, name)

    return Unpickler(io.BytesIO(content)).load()

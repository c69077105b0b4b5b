"""Work in several processes: copies of this one, so that what it knows need not be told to them.

Each is given one batch of tasks after another over a pipe of its own, so that a slow one holds up nobody. A copy ends
with the first process, however that ends; a copy that ends in the middle of a task is an error of the whole.
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
"""Of the types of which some things have names: what says them; None where one has none."""

SIZE = 150_000
"""How many characters of sources are worth a process of their own: a third of a second of work."""
BATCHES = 32
"""Into how many batches the tasks of one process are put, about: few, so that it seldom waits for the next, and enough
that the processes end at about the same time."""


def processes(asked_for: int, tasks: int, size: int) -> int:
    """How many processes to work in; 1 for this one alone. `asked_for` is 0 where nobody says how many.

    `size` is how many characters there are to be read. Copies of a process are made on Linux only: elsewhere there are
    none, or they are not safe.
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
    named: Callable[[Any], object],
    watch: Callable[[int], None],
) -> tuple[list[Made], list[Told]]:
    """What `work` makes of each task, in their order, and what each process tells at its end.

    Both are pickled; what has a name in `names` goes by it, and is what `named` says on the other side. `watch` is told
    how many tasks are done. However this ends, no process is left. Raises `RuntimeError` where one fails.
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
                    at, answer = _loads(each.recv_bytes(), named)
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
    """What a copy does. An interrupt is for the first process, which has the number `first` and ends the copies."""
    import pickle  # noqa: PLC0415
    import signal  # noqa: PLC0415

    signal.signal(signal.SIGINT, signal.SIG_IGN)
    for each in others:
        each.close()  # so that it is the first process alone that holds them open
    _end_with_parent()
    if os.getppid() != first:
        return  # it ended before this one asked to end with it
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


def _named(name: object) -> object:
    """Stands in a pickle for what has a name, and never runs."""
    raise NotImplementedError


def _dumps(thing: object, names: Names) -> bytes:
    import copyreg  # noqa: PLC0415
    import io  # noqa: PLC0415
    import pickle  # noqa: PLC0415

    def by_name(thing: Any) -> Any:
        name = names[type(thing)](thing)
        return thing.__reduce_ex__(pickle.HIGHEST_PROTOCOL) if name is None else (_named, (name,))

    stream = io.BytesIO()
    pickler = pickle.Pickler(stream, pickle.HIGHEST_PROTOCOL)
    pickler.dispatch_table = {**copyreg.dispatch_table, **dict.fromkeys(names, by_name)}
    pickler.dump(thing)
    return stream.getvalue()


def _loads(content: bytes, named: Callable[[Any], object]) -> Any:
    import io  # noqa: PLC0415
    import pickle  # noqa: PLC0415

    class Unpickler(pickle.Unpickler):
        def find_class(self, module: str, name: str) -> Any:
            return named if (module, name) == (__name__, _named.__name__) else super().find_class(module, name)

    return Unpickler(io.BytesIO(content)).load()

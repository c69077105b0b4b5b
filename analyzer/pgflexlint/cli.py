"""The front door: parses the arguments and calls a command. Each command is a module of `commands`."""

from __future__ import annotations

import argparse
import gc
import os
import sys
from collections.abc import Sequence
from typing import Any, NoReturn

from pgflexlint import __version__

# What a command needs is imported when it runs: `--version` is instant.

FORMATS = ("text", "concise", "json", "sarif", "github", "azure", "gitlab", "junit", "markdown")
EXIT_INTERNAL = 4

_EPILOG = """\
exit codes: 0 clean; 1 findings at or above --fail-on; 2 wrong usage; 3 no such findings, but something could
not be scanned; 4 internal error. They are the same for every format."""


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line. Returns the exit code."""
    arguments = list(sys.argv[1:] if argv is None else argv)
    try:
        return _run(_parse(arguments))
    except KeyboardInterrupt:
        return 130
    except Exception as error:  # noqa: BLE001 - said to the user as our bug
        return _broken(error)


def _broken(error: Exception) -> int:
    """Print on standard error that this is our bug. The exception may quote a scanned file."""
    from pgflexlint.outputs.harmless import harmless

    said = f"{type(error).__name__}: {error}"
    if os.environ.get("PGFLEXLINT_DEBUG"):
        import traceback

        lines = (line for entry in traceback.format_exception(error) for line in entry.rstrip("\n").split("\n"))
        print(*(f"  | {harmless(line)}" for line in lines), sep="\n", file=sys.stderr)
        said = type(error).__name__
    print(
        f"pgflexlint: internal error ({harmless(said)}). This is a bug: please report it."
        " PGFLEXLINT_DEBUG=1 shows where it happened.",
        file=sys.stderr,
    )
    return EXIT_INTERNAL


def entry() -> NoReturn:
    """The console script."""
    if sys.stdout is None or sys.stderr is None:
        from pgflexlint.commands.streams import stand_in

        stand_in()
    tune_interpreter()
    sys.exit(main())


def tune_interpreter() -> None:
    """Set limits of the Python interpreter to suit a run."""
    gc.set_threshold(50_000, 20, 100)  # most objects live to the end, so collecting garbage is in vain
    sys.setrecursionlimit(20_000)  # expressions may be nested; pure Python frames do not use the C stack


def _import_msgspec() -> None:
    """Import msgspec, which every command needs, without `typing_extensions`.

    That takes a tenth of a short run, and msgspec wants nothing of it that `typing` has not had since Python 3.11.
    """
    if sys.modules.keys().isdisjoint({"msgspec", "typing_extensions"}):
        sys.modules["typing_extensions"] = None  # type: ignore[assignment]  # for the import, it is not installed
        try:
            import msgspec  # noqa: F401
        finally:
            del sys.modules["typing_extensions"]


class _Parser(argparse.ArgumentParser):
    """Takes paths anywhere among the options. argparse takes one group of them and leaves the others over.

    Options are written out: an abbreviation would mean something else once there is a similar option.
    """

    def __init__(self, **more: Any) -> None:
        super().__init__(allow_abbrev=False, **more)

    def parse_known_args(self, args: Any = None, namespace: Any = None) -> tuple[argparse.Namespace, list[str]]:  # type: ignore[override]
        """The parsed arguments, and those that are left over."""
        found, left = super().parse_known_args(args, namespace)
        end = left.index("--") if "--" in left else len(left)
        if unknown := next((each for each in left[:end] if each.startswith("-") and each != "-"), None):
            from pgflexlint.problem import suggestion

            name = unknown.partition("=")[0]
            self.error(f"There is no option '{name}'{suggestion(name, self._option_string_actions)}")
        if "paths" not in found:
            return found, left
        found.paths = [*found.paths, *left[:end], *left[end + 1 :]]
        return found, []


def _parse(arguments: list[str]) -> argparse.Namespace:
    parser = _Parser(
        prog="pgflexlint",
        description="Find what makes an Azure Database for PostgreSQL flexible server insecure or fragile,"
        " in Terraform, Bicep and ARM JSON, before it is deployed.",
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--version", action="version", version=f"pgflexlint {__version__}")
    commands = parser.add_subparsers(dest="command", metavar="COMMAND", required=True)
    _unmistakable(arguments, parser)
    first = next((argument for argument in arguments if not argument.startswith("-")), None)
    if first not in COMMANDS and not {"-h", "--help", "--version"} & set(arguments):
        _well_spelled(arguments, parser)
        first, arguments = "check", ["check", *arguments]
    for name, (summary, add) in COMMANDS.items():
        command = commands.add_parser(
            name, help=summary, epilog=_EPILOG, formatter_class=argparse.RawDescriptionHelpFormatter
        )
        if name == first:  # the others' options take time and are not needed
            add(command)
    return parser.parse_args(arguments)


def _unmistakable(arguments: list[str], parser: argparse.ArgumentParser) -> None:
    """Refuse an option that is also the name of a file: a glob or a hook may have meant the file."""
    for argument in arguments[: arguments.index("--") if "--" in arguments else None]:
        if argument.startswith("-") and argument != "-" and os.path.lexists(argument):
            said = f"'{argument}' is an option and also a file here. Write './{argument}' for the file."
            parser.error(said)


def _well_spelled(arguments: list[str], parser: argparse.ArgumentParser) -> None:
    """Refuse a first argument that is not a file and resembles the name of a command."""
    if arguments and arguments[0].isalpha() and not os.path.lexists(arguments[0]):
        from pgflexlint.problem import most_alike, suggestion

        if most_alike(arguments[0], COMMANDS):
            end = suggestion(arguments[0], COMMANDS)
            parser.error(f"There is no file, directory or command '{arguments[0]}'{end}")


def _add_rules(parser: argparse.ArgumentParser) -> None:
    _add_description(parser)
    _add_color(parser)


def _add_explain(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("rule", metavar="RULE", help="an id or a slug, such as PGF301 or firewall-open-to-internet")
    _add_description(parser)


def _add_description(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--format", choices=("text", "json", "markdown"), default="text",
        help="what to print (default: text)")  # fmt: skip


def _add_check(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument
    _add_paths(parser)
    add("--format", choices=FORMATS, default="text", help="what to print (default: text)")
    add("-o", "--output", action="append", default=[], metavar="FORMAT:FILE",
        help="also write this format to a file; may be repeated")  # fmt: skip
    _add_selection(parser)
    _add_inputs(parser)
    _add_ignores(parser)
    add("--baseline", metavar="FILE", help="file with known findings")
    add("--show-unknown", action="store_true", help="show rules that could not be decided, and why")
    add("--show-suppressed", action="store_true",
        help="show findings that are allowed or in the baseline, and what allows them")  # fmt: skip
    add(
        "--statistics", action="store_true", help="show how many files were scanned, which were not and why, and counts"
    )
    add("-q", "--quiet", action="store_true", help="print nothing if there are no findings and no problems")
    add("--jobs", type=_number, default=0, metavar="N",
        help="how many processes to use at most (default: chosen by the size of the input)")  # fmt: skip
    mode = parser.add_mutually_exclusive_group()
    mode.add_argument("--fix", action="store_true", help="apply safe fixes, and show the findings that are left")
    mode.add_argument("--diff", action="store_true", help="show these fixes as a diff, and write nothing")
    mode.add_argument("--watch", action="store_true", help="scan again when a file changes, until Ctrl-C")
    add("--annotate", choices=("all", "problems"), default="all",
        help="what the format 'github' annotates: everything, or problems only (default: all)")  # fmt: skip
    add("--category", default="", metavar="NAME", help="a name that tells several SARIF uploads for one commit apart")
    _add_color(parser)


def _add_trace(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("address", metavar="ADDRESS[.ATTRIBUTE]",
        help="the address of a resource, as findings show it, or of one of its attributes")  # fmt: skip
    _add_paths(parser)
    _add_inputs(parser)
    _add_color(parser)
    parser.set_defaults(select=[], extend_select=[], ignore=[], fail_on=None, **_NO_IGNORES)


def _add_config(parser: argparse.ArgumentParser) -> None:
    actions = parser.add_subparsers(dest="action", metavar="ACTION", required=True)
    show = actions.add_parser("show", help="show the settings in effect, and where each comes from")
    _add_paths(show)
    _add_selection(show)
    _add_inputs(show)
    _add_ignores(show)
    show.add_argument("--baseline", metavar="FILE", help="file with known findings")
    show.add_argument("--format", choices=("text", "json"), default="text")
    actions.add_parser("schema", help="print the JSON schema of the configuration")


def _add_baseline(parser: argparse.ArgumentParser) -> None:
    actions = parser.add_subparsers(dest="action", metavar="ACTION", required=True)
    about = {
        "create": "write the current findings to a new file",
        "update": "remove findings that are fixed",
        "show": "list the known findings",
    }
    for name, text in about.items():
        action = actions.add_parser(name, help=text)
        _add_paths(action)
        action.add_argument("--baseline", metavar="FILE",
            help="file with known findings (default: .pgflexlint-baseline.json in the current directory)")  # fmt: skip
        _add_selection(action)
        _add_inputs(action)
        _add_ignores(action)
        if name == "update":
            action.add_argument("--add", action="store_true", help="also add new findings")


def _add_paths(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument
    add("paths", nargs="*", default=[], metavar="PATH", help="files or directories (default: the current directory)")
    add("--stdin-filename", default="", metavar="FILE", help="scan standard input in place of this file")
    add("--exclude", action="append", default=[], metavar="GLOB",
        help="files and directories to exclude, as in .gitignore")  # fmt: skip
    add("--force-exclude", action=argparse.BooleanOptionalAction, default=None,
        help="whether to exclude files even if the command line names them")  # fmt: skip
    add("--no-respect-gitignore", dest="respect_gitignore", action="store_const", const=False,
        help="also scan files that Git ignores")  # fmt: skip
    add("--config", default="", metavar="FILE", help="the configuration file to use, in place of any other")
    add("--isolated", "--no-config", action="store_true", help="ignore all configuration files")


def _add_selection(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument
    add("--select", action="append", default=[], metavar="RULES",
        help="rules to run: ids, prefixes (PGF3), slugs, DEFAULT or ALL; separated by commas")  # fmt: skip
    add("--extend-select", action="append", default=[], metavar="RULES", help="additional rules to run")
    add("--ignore", action="append", default=[], metavar="RULES", help="rules not to run")
    add("--fail-on", choices=("error", "warning", "note", "never"),
        help="the lowest level that makes the exit code 1 (default: warning)")  # fmt: skip


def _add_inputs(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument
    add("--var", action=_InOrder, metavar="NAME=VALUE", help="the value of a Terraform variable")
    add("--var-file", action=_InOrder, metavar="FILE",
        help="a Terraform variable file; the last --var or --var-file of a variable wins")  # fmt: skip
    add("--parameters", action="append", default=[], metavar="FILE",
        help="a .bicepparam or ARM parameter file, in place of those that are found")  # fmt: skip
    add("--as-of", default="", metavar="DATE",
        help="the date for which PostgreSQL versions and ignores with a last day are judged"
        " (default: today)")  # fmt: skip


def _add_ignores(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument
    add("--no-ignores", action="store_true", help="report what comments and the configuration allow, too")
    add("--require-reason", action="store_true", default=None, help="accept only ignores that have a reason")
    add("--strict-ignores", action="store_true", default=None, help="exit with 1 if an ignore is unused or invalid")


def _add_color(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--color", choices=("auto", "always", "never"), default="auto")


def _number(text: str) -> int:
    if not (text.isascii() and text.isdigit() and int(text)):
        raise argparse.ArgumentTypeError(f"it must be a whole number of 1 or more, not '{text}'")
    return int(text)


COMMANDS = {
    "check": ("scan files and directories (the default)", _add_check),
    "rules": ("list the rules", _add_rules),
    "explain": ("explain a rule", _add_explain),
    "trace": ("show where a value comes from, or why it is unknown", _add_trace),
    "config": ("show the settings in effect, or their schema", _add_config),
    "baseline": ("manage the file of known findings", _add_baseline),
}
"""By name, what a command does and what adds its options."""

_NO_IGNORES = {"no_ignores": False, "require_reason": None, "strict_ignores": None, "baseline": None}


class _InOrder(argparse.Action):
    """Collects several options in the order of the command line."""

    def __init__(self, option_strings: Sequence[str], dest: str, **more: Any) -> None:
        super().__init__(option_strings, "inputs", default=[], **more)

    def __call__(
        self, parser: argparse.ArgumentParser, namespace: argparse.Namespace, values: Any, option: str | None = None
    ) -> None:
        """Append the text with the kind of its option."""
        namespace.inputs = [*namespace.inputs, ("file" if option == "--var-file" else "value", values)]


def _run(options: argparse.Namespace) -> int:
    _import_msgspec()
    match options.command:
        case "rules":
            from pgflexlint.commands import rules

            return rules.run(options)
        case "explain":
            from pgflexlint.commands import explain

            return explain.run(options)
        case "trace":
            from pgflexlint.commands import trace

            return trace.run(options)
        case "config":
            from pgflexlint.commands import config

            return config.run(options)
        case "baseline":
            from pgflexlint.commands import baseline

            return baseline.run(options)
        case _:
            from pgflexlint.commands import check

            return check.run(options)

"""The front door: arguments, files, streams and the exit code. Nothing else touches them."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from io import TextIOWrapper
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, NoReturn, TextIO

from pgflexlint import __version__

if TYPE_CHECKING:  # what only `check` needs is imported when it runs: `--version` is instant
    from pgflexlint.evaluate.terraform.inputs import Given
    from pgflexlint.report import Report
    from pgflexlint.rule import Rule

FORMATS = ("text", "concise", "json", "sarif", "github", "azure", "gitlab", "junit", "markdown")
COMMANDS = ("check", "rules", "explain")

FILE_WIDTH = 100
"""Columns of text that no terminal shows."""

EXIT_USAGE = 2
EXIT_INTERNAL = 4

_EPILOG = """\
exit codes: 0 clean; 1 findings at or above --fail-on; 2 wrong usage; 3 no such findings, but something could
not be looked at; 4 internal error. They are the same for every format."""


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line and answer with the exit code."""
    arguments = list(sys.argv[1:] if argv is None else argv)
    try:
        return _run(_parse(arguments))
    except KeyboardInterrupt:
        return 130
    except Exception as error:
        if os.environ.get("PGFLEXLINT_DEBUG"):
            raise
        print(
            f"pgflexlint: internal error ({type(error).__name__}: {error}). This is a bug: please report it."
            " PGFLEXLINT_DEBUG=1 shows where it happened.",
            file=sys.stderr,
        )
        return EXIT_INTERNAL


def entry() -> NoReturn:
    """The console script."""
    sys.setrecursionlimit(20_000)  # expressions may be nested; pure Python frames do not use the C stack
    sys.exit(main())


def _parse(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="pgflexlint",
        description="Find what makes an Azure Database for PostgreSQL flexible server insecure or fragile,"
        " in Terraform, Bicep and ARM JSON, before it is deployed.",
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--version", action="version", version=f"pgflexlint {__version__}")
    commands = parser.add_subparsers(dest="command", metavar="COMMAND", required=True)
    _add_check(commands.add_parser("check", help="look at files and directories (the default)", epilog=_EPILOG,
                                   formatter_class=argparse.RawDescriptionHelpFormatter))  # fmt: skip
    listing = commands.add_parser("rules", help="list the rules")
    listing.add_argument("--format", choices=("text", "json"), default="text")
    explain = commands.add_parser("explain", help="explain a rule")
    explain.add_argument("rule", metavar="RULE", help="an id or a slug, such as PGF301 or firewall-open-to-internet")
    first = next((argument for argument in arguments if not argument.startswith("-")), None)
    if first not in COMMANDS and not {"-h", "--help", "--version"} & set(arguments):
        arguments = ["check", *arguments]
    return parser.parse_args(arguments)


def _add_check(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument
    add("paths", nargs="*", metavar="PATH", help="files or directories (default: the current directory)")
    add("--format", choices=FORMATS, default="text", help="what to print (default: text)")
    add("-o", "--output", action="append", default=[], metavar="FORMAT:FILE", help="write a file too; repeatable")
    add("--select", action="append", default=[], metavar="RULES",
        help="rules to run: ids, prefixes (PGF3), slugs, DEFAULT or ALL; commas between them")  # fmt: skip
    add("--extend-select", action="append", default=[], metavar="RULES", help="rules to run in addition")
    add("--ignore", action="append", default=[], metavar="RULES", help="rules not to run")
    add("--exclude", action="append", default=[], metavar="GLOB", help="directories to leave out; as in .gitignore")
    add("--fail-on", choices=("error", "warning", "note", "never"), default="warning",
        help="the mildest level that makes the exit code 1 (default: warning)")  # fmt: skip
    add("--var", action=_InOrder, metavar="NAME=VALUE", help="the value of a Terraform variable")
    add("--var-file", action=_InOrder, metavar="FILE", help="a Terraform variable file; of all these the last one wins")
    add("--parameters", action="append", default=[], metavar="FILE",
        help="a .bicepparam or ARM parameter file; only these count then")  # fmt: skip
    add("--no-ignores", action="store_true", help="let inline ignores allow nothing")
    add("--show-unknown", action="store_true", help="show what could not be decided, and why")
    add("--show-suppressed", action="store_true", help="show what inline ignores allow")
    add("-q", "--quiet", action="store_true", help="print nothing where nothing is wrong and all was looked at")
    add("--category", default="", metavar="NAME", help="keeps several SARIF uploads for one commit apart")
    add("--color", choices=("auto", "always", "never"), default="auto")


class _InOrder(argparse.Action):
    """Collects options of several kinds in the order in which they are given."""

    def __init__(self, option_strings: Sequence[str], dest: str, **more: Any) -> None:
        super().__init__(option_strings, "inputs", default=[], **more)

    def __call__(
        self, parser: argparse.ArgumentParser, namespace: argparse.Namespace, values: Any, option: str | None = None
    ) -> None:
        """Keep the kind of the option with its text."""
        namespace.inputs = [*namespace.inputs, ("file" if option == "--var-file" else "value", values)]


def _run(options: argparse.Namespace) -> int:
    match options.command:
        case "rules":
            return _rules(options.format)
        case "explain":
            return _explain(options.rule)
        case _:
            return _check(options)


def _check(options: argparse.Namespace) -> int:
    from pgflexlint.analysis import Settings, analyze
    from pgflexlint.discover import UsageError, target
    from pgflexlint.rule import Level
    from pgflexlint_rules import RULES

    try:
        rules = _selected(RULES, options)
        destinations = [_destination(text) for text in options.output]
        cwd = Path.cwd()
        found = target(options.paths, options.exclude, cwd)
        inputs = tuple(_given(kind, text, found.workspace.root, cwd) for kind, text in options.inputs)
        parameter_files = tuple(_inside(path, found.workspace.root, cwd) for path in options.parameters)
    except UsageError as error:
        print(f"pgflexlint: {error}", file=sys.stderr)
        return EXIT_USAGE
    settings = Settings(
        fail_on=None if options.fail_on == "never" else Level(options.fail_on),
        inputs=inputs,
        parameter_files=parameter_files,
        ignores=not options.no_ignores,
    )
    report = analyze(found, rules, RULES, settings)
    for name, path in destinations:
        try:
            _write(path, _rendered(report, name, options, found.workspace.root, (False, FILE_WIDTH)))
        except OSError as error:
            print(f"pgflexlint: '{path}' cannot be written: {error.strerror or error}.", file=sys.stderr)
            return EXIT_USAGE
    if options.quiet and not (report.findings or report.problems):
        return report.exit_code
    text = _rendered(report, options.format, options, found.workspace.root, _terminal(options.color))
    return _print(text, report.exit_code)


def _print(text: str, code: int) -> int:
    """Write to standard output; `code` is the exit code where that works, or where nobody reads it any more."""
    if isinstance(sys.stdout, TextIOWrapper):  # what the terminal's encoding lacks is shown as an escape
        sys.stdout.reconfigure(errors="backslashreplace")
    try:
        sys.stdout.write(text)
        sys.stdout.flush()
    except BrokenPipeError:  # such as `pgflexlint check | head`
        _silence(sys.stdout)
    except OSError as error:
        print(f"pgflexlint: the output cannot be written: {error.strerror or error}.", file=sys.stderr)
        _silence(sys.stdout)
        return EXIT_USAGE
    return code


def _silence(stream: TextIO) -> None:
    """Let nothing be written to a stream when Python closes it."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())


def _rendered(report: Report, name: str, options: argparse.Namespace, root: Path, terminal: tuple[bool, int]) -> str:
    from pgflexlint.outputs import Options, renderer
    from pgflexlint.provenance import pipeline, provenance

    color, width = terminal
    shown = Options(
        width=width,
        color=color,
        show_unknown=options.show_unknown,
        show_suppressed=options.show_suppressed,
        prefix=_prefix(root),
        category=options.category,
        provenance=provenance(root, os.environ) if name in ("sarif", "markdown") else None,
        pipeline=pipeline(os.environ),
    )
    return renderer(name)(report, shown)


def _prefix(root: Path) -> str:
    """What leads from the directory that GitHub's annotations are relative to, to the workspace's root."""
    workspace = Path(os.environ.get("GITHUB_WORKSPACE") or root).resolve()
    if not root.is_relative_to(workspace) or root == workspace:
        return ""
    return f"{root.relative_to(workspace).as_posix()}/"


def _terminal(color: str) -> tuple[bool, int]:
    """Whether to colour, and how wide lines may be."""
    import shutil

    person = sys.stdout.isatty()
    if color == "auto":
        colored = person and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"
        colored = colored or bool(os.environ.get("FORCE_COLOR"))
    else:
        colored = color == "always"
    return colored, shutil.get_terminal_size((FILE_WIDTH, 24)).columns if person else FILE_WIDTH


def _selected(rules: Sequence[Rule], options: argparse.Namespace) -> list[Rule]:
    """The rules that are to run, in the order of their ids."""
    from pgflexlint.discover import UsageError

    chosen = _named(rules, options.select or ["DEFAULT"]) | _named(rules, options.extend_select)
    chosen -= _named(rules, options.ignore)
    if not chosen:
        raise UsageError("No rule is left to run: see --select and --ignore.")
    return [rule for rule in rules if rule.id in chosen]


def _named(rules: Sequence[Rule], selectors: Sequence[str]) -> set[str]:
    from pgflexlint.discover import UsageError

    ids: set[str] = set()
    for selector in (part.strip() for text in selectors for part in text.split(",") if part.strip()):
        if selector == "ALL":
            matching = {rule.id for rule in rules}
        elif selector == "DEFAULT":
            matching = {rule.id for rule in rules if rule.default}
        else:
            matching = {rule.id for rule in rules if rule.slug == selector or rule.id.startswith(selector.upper())}
        if not matching:
            raise UsageError(f"There is no rule '{selector}'{_nearest(selector, rules)}")
        ids |= matching
    return ids


def _nearest(name: str, rules: Sequence[Rule]) -> str:
    import difflib

    names = [name for rule in rules for name in (rule.id, rule.slug)]
    close = difflib.get_close_matches(name, names, 1)
    return f"; did you mean '{close[0]}'?" if close else "."


def _destination(text: str) -> tuple[str, Path]:
    from pgflexlint.discover import UsageError

    name, colon, path = text.partition(":")
    if name not in FORMATS or not colon or not path:
        raise UsageError(f"-o wants FORMAT:FILE with a format of {', '.join(FORMATS)}, not '{text}'.")
    return name, Path(path)


def _given(kind: Literal["file", "value"], text: str, root: Path, cwd: Path) -> Given:
    from pgflexlint.discover import UsageError
    from pgflexlint.evaluate.terraform.inputs import Given

    if kind == "value" and "=" not in text:
        raise UsageError(f"--var wants NAME=VALUE, not '{text}'.")
    if kind == "value":
        return Given(kind, text)
    path = _inside(text, root, cwd)
    if not (root / path).is_file():
        raise UsageError(f"There is no variable file '{text}'.")
    return Given(kind, path)


def _inside(path: str, root: Path, cwd: Path) -> str:
    from pgflexlint.discover import UsageError

    place = (cwd / path).resolve()
    if not place.is_relative_to(root):
        raise UsageError(f"'{path}' lies outside '{root}'.")
    return place.relative_to(root).as_posix()


def _write(path: Path, text: str) -> None:
    """Write a file as a whole or not at all."""
    import tempfile

    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "w", encoding="utf-8", newline="\n") as file:
            file.write(text)
        os.chmod(name, 0o644)  # noqa: PTH101 - what mkstemp makes is for its owner only
        os.replace(name, path)  # noqa: PTH105
    except BaseException:
        os.unlink(name)  # noqa: PTH108
        raise


def _rules(output: str) -> int:
    from pgflexlint_rules import RULES

    if output == "json":
        import json

        rows = [
            {
                "id": rule.id,
                "slug": rule.slug,
                "level": rule.level.value,
                "default": rule.default,
                "summary": rule.summary,
            }
            for rule in RULES
        ]
        return _print(json.dumps(rows, indent=2) + "\n", 0)
    width = max(len(rule.slug) for rule in RULES)
    lines = [
        f"{rule.id}  {rule.slug:{width}}  {rule.level.value:7}  {'on ' if rule.default else 'off'}  {rule.summary}\n"
        for rule in RULES
    ]
    return _print("".join(lines), 0)


def _explain(name: str) -> int:
    from pgflexlint.explain import markdown
    from pgflexlint_rules import RULES

    rule = next((rule for rule in RULES if name.upper() == rule.id or name == rule.slug), None)
    if rule is None:
        print(f"pgflexlint: There is no rule '{name}'{_nearest(name, RULES)}", file=sys.stderr)
        return EXIT_USAGE
    return _print(markdown(rule) + "\n", 0)

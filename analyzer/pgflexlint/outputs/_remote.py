"""The remote of a repository as an address that may be shown."""

from __future__ import annotations

from urllib.parse import quote, urlsplit, urlunsplit

from pgflexlint.lazily import compiled

_SCP = compiled(r"(?:[^@/]+@)?(?P<host>[^:/\\]{2,}):(?!//)(?P<path>.+)")
"""`git@github.com:owner/name.git`: git's short form of an ssh remote."""


def repository_uri(remote: str) -> str | None:
    """A remote as a URL to look at, or None for one that is no address.

    User names, passwords and tokens are taken off, with query and fragment, where they hide too.
    """
    if match := _SCP.fullmatch(remote):
        remote = f"https://{match['host']}/{match['path']}"
    try:
        parts = urlsplit(remote)
        host, port = parts.hostname, parts.port
    except ValueError:
        return None
    if parts.scheme not in ("http", "https", "ssh", "git") or not host:
        return None
    web = parts.scheme in ("http", "https")
    netloc = f"{host}:{port}" if port and web else host
    path = quote(parts.path.rstrip("/").removesuffix(".git"), safe="/%@:+~")
    return urlunsplit((parts.scheme if web else "https", netloc, path, "", ""))

"""Makes a URL without credentials from the remote of a repository."""

from __future__ import annotations

from urllib.parse import quote, urlsplit, urlunsplit

from pgflexlint.lazily import compiled

_SCP = compiled(r"(?:[^@/]+@)?(?P<host>[^:/\\]{2,}):(?!//)(?P<path>.+)")
"""`git@github.com:owner/name.git`: git's short form of an ssh remote."""


def repository_uri(remote: str) -> str | None:
    """The URL of a remote for a browser, or None if the remote is not an address.

    User names, passwords and tokens are removed, and so are the query and the fragment, which may hold them too.
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

"""Comparisons with other tools and on public repositories; not part of the package."""

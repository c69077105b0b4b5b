"""Secrets are found in source text and kept out of everything that is shown."""

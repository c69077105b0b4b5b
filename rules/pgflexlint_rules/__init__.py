"""The rules of pgflexlint, one file each."""

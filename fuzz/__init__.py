"""Fuzzing of the readers, the interpreter and the outputs: `python -m fuzz --help`."""

"""The commands, one module each. They alone touch files that are written, and streams."""

"""Scripts that write the documentation."""

"""What a report looks like: one module for each format."""

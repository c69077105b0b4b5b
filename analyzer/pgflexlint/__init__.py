"""pgflexlint: static security analysis of Azure Database for PostgreSQL flexible server as code."""

__version__ = "0.1.0"

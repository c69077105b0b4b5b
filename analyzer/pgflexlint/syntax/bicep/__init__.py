"""Bicep, Azure's language for deployments: `.bicep` and `.bicepparam` files."""

"""Evaluation: documents in, resources whose attributes are values out."""

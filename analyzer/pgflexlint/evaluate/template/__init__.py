"""Evaluation of deployment templates: ARM JSON, and Bicep, which is a spelling of it."""

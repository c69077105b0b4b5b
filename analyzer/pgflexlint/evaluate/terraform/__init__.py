"""Terraform: modules, inputs and functions."""

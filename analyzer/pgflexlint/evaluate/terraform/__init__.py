"""Terraform: root modules with their inputs in, deployments out."""

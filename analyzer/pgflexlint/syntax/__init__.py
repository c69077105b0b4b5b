"""Readers: each turns the text of one language into documents whose values are expressions."""

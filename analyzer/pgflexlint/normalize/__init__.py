"""Makes the model of resources."""

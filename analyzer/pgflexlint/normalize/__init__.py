"""Resources in, the model out."""

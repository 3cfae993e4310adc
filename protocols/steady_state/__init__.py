"""The steady-state test: points, their fit with the whole uncertainty, what speaks against a point."""

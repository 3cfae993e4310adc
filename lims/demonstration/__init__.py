"""The demonstration laboratory, and the main job done once in it, from serial bytes to a verified report."""

"""The physical plant: weather, a collector and its loop, for simulated instruments to feel."""

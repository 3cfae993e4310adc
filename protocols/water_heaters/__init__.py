"""Solar water heaters: a day, a night, the input-output correlation."""

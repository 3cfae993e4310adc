"""A collector by its coefficients: forms of editions, modifiers, power, yield in a climate, the data sheet."""

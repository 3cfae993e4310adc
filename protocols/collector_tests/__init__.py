"""The tests around the steady state: capacity, time constant, modifier, stagnation, pressure drop."""

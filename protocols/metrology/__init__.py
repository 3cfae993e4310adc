"""The ground of measurement: distributions, the GUM, Monte Carlo, uncertain fits, risks of decisions."""

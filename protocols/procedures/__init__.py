"""Manual tests: reading their procedures, checking a filled-in record, judging it, keeping the books of an exposure."""

"""The thin shell around every page: who asks, in which language, under which headers, and what an error looks like."""

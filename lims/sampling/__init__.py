"""Supervision spot checks (监督抽查): the authority's task, the sampling record, and the order made from it."""

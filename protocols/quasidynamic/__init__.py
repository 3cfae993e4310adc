"""The quasi-dynamic test: its model in terms, families of collectors, what admits data, what data can identify."""

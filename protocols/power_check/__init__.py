"""The power check of collector fields after ISO 24194."""

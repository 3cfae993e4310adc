"""The commands of `heliobench`, one file each; imported only when run (the table is in lims/cli.py)."""

"""What product standards require, and judging it."""

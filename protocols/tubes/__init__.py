"""Evacuated tubes after GB/T 17049."""

"""Builds everything, once."""

"""Simulated toolbox."""

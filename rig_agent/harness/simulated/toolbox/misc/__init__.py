"""Simulated toolbox.misc."""

"""Simulated toolbox.IO."""

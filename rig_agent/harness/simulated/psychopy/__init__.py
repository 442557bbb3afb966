"""Simulated psychopy: windows, stimuli, monitors, clocks and keys as far as stimulus scripts go."""
from __future__ import absolute_import, division, print_function

from psychopy.preferences import prefs  # noqa: F401

__version__ = '1.82.01'
__license__ = 'simulated'
__all__ = ['gui', 'misc', 'visual', 'core', 'event', 'data', 'sound', 'monitors', 'logging', 'tools', 'prefs']

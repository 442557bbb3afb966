"""Simulated psychopy: windows, stimuli, monitors, clocks and keys as far as stimulus scripts go."""
from __future__ import absolute_import, division, print_function

__version__ = '1.82.01'
__license__ = 'simulated'

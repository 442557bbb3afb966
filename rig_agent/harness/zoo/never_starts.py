"""Hangs before its first line of output, as a display that does not answer makes a script do."""
import time

EXPECTED = ['stalled']
LIMITS = {'startup': 1.5, 'grace': 1}

time.sleep(110)

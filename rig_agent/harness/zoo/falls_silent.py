"""Prints for a second, then hangs."""
import time

EXPECTED = ['stalled']
LIMITS = {'silence': 1.5, 'grace': 1}

for count in range(10):
    print(count)
    time.sleep(0.1)
time.sleep(110)

"""Prints as fast as it can for three seconds."""
import sys
import time

EXPECTED = ['completed']
LIMITS = {'log': 10000000}

block = 'y\n' * 4096
end = time.time() + 3
while time.time() < end:
    sys.stdout.write(block)
print('the last line')

"""Exits 0 when it is interrupted or terminated: a run that was ended must not count as a success."""
import os
import signal
import time

EXPECTED = ['timed_out']
LIMITS = {'total': 1.5, 'grace': 1}

for number in (signal.SIGINT, signal.SIGTERM):
    signal.signal(number, lambda *_: os._exit(0))
print('polite')
end = time.time() + 110
while time.time() < end:
    time.sleep(0.1)

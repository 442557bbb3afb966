"""Ignores SIGINT and SIGTERM and never ends by itself: only a kill ends it."""
import signal
import time

EXPECTED = ['timed_out']
LIMITS = {'total': 1.5, 'grace': 0.5}

signal.signal(signal.SIGINT, signal.SIG_IGN)
signal.signal(signal.SIGTERM, signal.SIG_IGN)
print('deaf')
end = time.time() + 110
while time.time() < end:
    time.sleep(0.1)

"""Writes a file into its folder until the disk is full, at most `megabytes` of its params (100), then goes on."""
import io
import json
import sys
import time

EXPECTED = ['completed']

with io.open(sys.argv[1], encoding='utf-8') as stream:
    most = json.load(stream).get('megabytes', 100)
try:
    with io.open('filler', 'wb', buffering=0) as stream:
        for _ in range(most):
            stream.write(b'\xaa' * 10 ** 6)
except EnvironmentError as error:
    print('full: %s' % error)
for count in range(10):
    print('still here %d' % count)
    time.sleep(0.1)

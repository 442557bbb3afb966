"""Appends a line to its own file while it runs."""
import time

EXPECTED = ['completed']

with open(__file__, 'a') as stream:
    stream.write('\n# edited\n')
print('edited')
time.sleep(0.2)

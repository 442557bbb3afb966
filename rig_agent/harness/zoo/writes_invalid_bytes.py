"""Prints bytes that are no UTF-8, a character cut in two, NULs, and a line without an end."""
import os
import time

EXPECTED = ['completed']

for part in (b'\xff\xfe\x00invalid\xc3\n', b'\xe2\x82', b'\xac split\n', b'\x1b[31mred\x1b[0m\n', b'no end of line'):
    os.write(1, part)
    os.write(2, part)
    time.sleep(0.1)

"""Waits for an answer on stdin: it must be at its end."""
import sys

EXPECTED = ['completed']

print('your name? ')
print('got %r' % sys.stdin.read())

"""Exits 0 while a child of its own still holds its stdout open."""
import subprocess
import sys

EXPECTED = ['completed']
LEFTOVERS = 1

subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(110)'])
print('my child stays')

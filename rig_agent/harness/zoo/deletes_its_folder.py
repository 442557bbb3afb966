"""Removes its own session folder, params, logs and all, and exits 3."""
import os
import shutil
import sys

EXPECTED = ['failed']

print('going')
folder = os.path.dirname(os.path.abspath(sys.argv[1]))
shutil.rmtree(folder, ignore_errors=True)
sys.exit(3)

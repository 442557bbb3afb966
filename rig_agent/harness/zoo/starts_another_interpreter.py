"""Starts a second interpreter, waits for it and ignores how it ended, as runTask.py does; that one fails."""
import io
import subprocess
import sys

EXPECTED = ['failed']

with io.open('nested_task.py', 'wb') as stream:
    stream.write(b"import time\nprint('nested')\ntime.sleep(0.2)\nraise RuntimeError('no camera')\n")
subprocess.call([sys.executable, 'nested_task.py'])
print('the task is over')

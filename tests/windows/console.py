"""A console's owner: `console.py BUTTON COMMAND ...` runs the command there and presses Ctrl-C when BUTTON appears."""
import ctypes
import os
import subprocess
import sys
import time

deaf = ctypes.WINFUNCTYPE(ctypes.c_int, ctypes.c_uint)(lambda event: event in (0, 1))
ctypes.windll.kernel32.SetConsoleCtrlHandler(deaf, True)
process = subprocess.Popen(sys.argv[2:], stdin=subprocess.DEVNULL)
while process.poll() is None:
    if os.path.exists(sys.argv[1]):
        os.remove(sys.argv[1])
        ctypes.windll.kernel32.GenerateConsoleCtrlEvent(0, 0)
    time.sleep(0.05)
sys.exit(process.returncode)

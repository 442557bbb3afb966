"""Ends by an access violation."""
import ctypes
import os
import time

EXPECTED = ['crashed']

print('about to fall')
if os.name == 'nt':  # where ctypes makes an exception of it, except in a thread that Python does not know
    ctypes.windll.kernel32.CreateThread(None, 0, ctypes.c_void_p(8), None, 0, None)
    time.sleep(60)
ctypes.string_at(0)

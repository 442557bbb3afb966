"""Fails with a traceback, then says exit code 0 from an exit handler."""
import atexit
import os

EXPECTED = ['failed']

atexit.register(os._exit, 0)
raise ValueError('hidden by the exit handler')

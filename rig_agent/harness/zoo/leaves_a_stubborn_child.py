"""Obeys SIGTERM itself, but its child ignores it."""
import subprocess
import sys
import time

EXPECTED = ['timed_out']
LIMITS = {'total': 1.5, 'grace': 0.5}

CHILD = '''
import signal, sys, time
signal.signal(signal.SIGINT, signal.SIG_IGN)
signal.signal(signal.SIGTERM, signal.SIG_IGN)
open('child.pid', 'w').write(str(__import__('os').getpid()))
sys.stdout.write('the child is deaf\\n')
sys.stdout.flush()
time.sleep(110)
'''
subprocess.Popen([sys.executable, '-c', CHILD])
time.sleep(110)

"""Leaves a daemon: setsid and a double fork, streams closed, its parent long gone."""
import os
import signal
import sys
import time

EXPECTED = ['completed']
LEFTOVERS = 1

if not hasattr(os, 'fork'):
    sys.exit('This one needs fork().')
if os.fork() == 0:
    os.setsid()
    if os.fork():
        os._exit(0)
    signal.alarm(110)
    nothing = os.open(os.devnull, os.O_RDWR)
    for descriptor in (0, 1, 2):
        os.dup2(nothing, descriptor)
    with open('daemon.pid', 'w') as stream:
        stream.write(str(os.getpid()))
    while True:
        time.sleep(1)
os.wait()
while not os.path.exists('daemon.pid') or not open('daemon.pid').read():
    time.sleep(0.01)
print('the daemon lives')

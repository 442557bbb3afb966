"""Leaves a daemon: setsid and a double fork, streams closed, its parent long gone; on Windows without a console."""
import os
import signal
import subprocess
import sys
import time

EXPECTED = ['completed']
LEFTOVERS = 1

DAEMON = """import os, time
open('daemon.pid', 'w').write(str(os.getpid()))
time.sleep(110)"""
LEADER = 'import subprocess, sys; subprocess.Popen([sys.executable, "-c", sys.argv[1]], creationflags=8)'

if os.name == 'nt':
    subprocess.check_call([sys.executable, '-c', LEADER, DAEMON], creationflags=8)  # DETACHED_PROCESS
elif os.fork() == 0:
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
else:
    os.wait()
while not os.path.exists('daemon.pid') or not open('daemon.pid').read():
    time.sleep(0.01)
print('the daemon lives')

"""A system on which a kill does nothing: in the keeper alone."""
import os
import signal
import sys

if 'rig_agent.sessions.keeper' in getattr(sys, 'argv', ['']) or any(
        'rig_agent.sessions.keeper' in word for word in open('/proc/self/cmdline').read().split('\0')):
    _kill = os.kill

    def kill(pid, number):
        if number != signal.SIGKILL:
            _kill(pid, number)
    os.kill = kill

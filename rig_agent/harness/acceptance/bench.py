"""What the steps of an acceptance stand on: a folder and a home of their own, and `rig-agent` as a person types it."""
from __future__ import absolute_import, unicode_literals

import io
import json
import os
import signal
import subprocess
import threading
import time

from rig_agent.base.compat import WINDOWS, environment, monotonic, python_command, read_json, to_native, to_text
from rig_agent.base.files import make_folder, md5_of_bytes

HANG = 60.0  # seconds that a command or an expectation may take
NO_WINDOW = 0x08000000
# Nothing that a step starts lives long, whatever becomes of the step. The thread sleeps: a Timer of Python 2 looks at the
# clock 20 times a second, and may fire as the interpreter takes its modules away.
BEGINNING = ('# -*- coding: utf-8 -*-\nimport os, sys, threading, time\n'
             'end = threading.Thread(target=lambda: (time.sleep(100), os._exit(99)))\nend.daemon = True\nend.start()\n')


class Wrong(Exception):
    """What was seen is not what must be seen."""


class Skipped(Exception):
    """This cannot be tried on this machine, and why."""


class Ended(object):
    """A command that ended: exit code, stdout and stderr as text."""

    def __init__(self, code, out, err):
        self.code, self.out, self.err = code, to_text(out), to_text(err)

    @property
    def json(self):
        try:
            return json.loads(self.out)
        except ValueError:
            raise Wrong('exit code %s, and no JSON: %s %s' % (self.code, self.out[-500:], self.err[-500:]))


class Bench(object):
    """A folder and a home for one step; `configuration` is the rig's, of which the interpreter for scripts is used."""

    def __init__(self, folder, configuration):
        self.folder, self.home = folder, os.path.join(folder, 'home')
        make_folder(self.home)
        self.configuration, self.python = configuration, configuration['python']
        self.said, self.processes = [], []
        self.variables = {key: value for key, value in environment().items() if not key.upper().startswith('RIG_AGENT')}
        self.variables.update(RIG_AGENT_HOME=self.home, RIG_AGENT_PYTHON=self.python, RIG_AGENT_LIMITS_GRACE='4',
                              RIG_AGENT_OUTPUTS=os.path.join(folder, 'outputs'), PYTHONIOENCODING='utf-8')

    # ------------------------------------------------------------------------------------------ commands

    def stage(self, task, **more):
        """Write a regimen whose only stage `a` runs `task` (text gets a beginning that ends it after 100 s)."""
        content = task if isinstance(task, bytes) else (BEGINNING + task).encode('utf-8')
        self.put('task.py', content)
        stage = dict({'script': './task.py', 'script_md5': md5_of_bytes(content), 'parameters': {'stage': 'a'}}, **more)
        self.put('regimen.yml', json.dumps({'name': 'Acceptance_v1.0.0', 'transitions': [],
                                            'stages': {'a': stage}}).encode('ascii'))

    def agent(self, *words):
        """Run a `rig-agent` command to its end."""
        return self.ended(self.start(*words))

    def start(self, *words):
        """Start one; on Windows on a console of its own, which no window shows."""
        return self._start(python_command('rig_agent') + list(words))

    def unattended(self, *words):
        """Run one to its end whose stdin is the null device, as a scheduler or a service gives it."""
        with io.open(os.devnull, 'rb') as nothing:
            return self.ended(self._start(python_command('rig_agent') + list(words), nothing))

    def pressable(self, *words):
        """Start one on a terminal of its own: (its process, a function that presses Ctrl-C there)."""
        if not WINDOWS:
            process = self.start(*words)
            return process, lambda: process.send_signal(signal.SIGINT)
        button = os.path.join(self.folder, 'pressed')
        process = self._start(python_command('rig_agent.harness.acceptance.console') + [button] +
                              python_command('rig_agent') + list(words))
        return process, lambda: self.put('pressed', b'x')

    def _start(self, argv, stdin=subprocess.PIPE):
        process = subprocess.Popen(
            [to_native(word) for word in argv], cwd=to_native(self.folder), stdin=stdin,
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, close_fds=not WINDOWS,
            creationflags=NO_WINDOW if WINDOWS else 0,
            env={to_native(key): to_native(value) for key, value in self.variables.items()})
        self.processes.append(process)
        return process

    def ended(self, process):
        """Wait for its end, at most HANG seconds."""
        watchdog = threading.Timer(HANG, process.kill)
        watchdog.start()
        try:
            out, err = process.communicate()
        finally:
            watchdog.cancel()
        ended = Ended(process.returncode, out, err)
        self.said.append('exit code %s\n%s%s' % (ended.code, ended.out, ended.err))
        return ended

    def run(self, task, *options):
        """Run a script as stage `a`; (record, exit code of the command)."""
        self.stage(task)
        ended = self.agent('run', 'a', '--json', *options)
        return ended.json, ended.code

    # ------------------------------------------------------------------------------------------ what is there

    def put(self, name, content):
        with io.open(os.path.join(self.folder, name), 'wb') as stream:
            stream.write(content)

    def read(self, *names):
        with io.open(os.path.join(self.folder, *names), 'rb') as stream:
            return stream.read()

    def record(self):
        """The record of the step's session, or None; of several, the one that was asked for last."""
        records = sorted(self.records(), key=lambda record: record['times']['requested'])
        return records[-1] if records else None

    def records(self):
        """The records of all sessions of the step so far."""
        folder = os.path.join(self.home, 'sessions')
        names = os.listdir(folder) if os.path.isdir(folder) else []
        paths = [os.path.join(folder, name, 'session.json') for name in names]
        return [read_json(path) for path in paths if os.path.exists(path)]

    def wait_for(self, what, condition):
        """The value of `condition()` when it is true. Raises Wrong after HANG seconds."""
        deadline = monotonic() + HANG
        while monotonic() < deadline:
            value = condition()
            if value:
                return value
            time.sleep(0.05)
        raise Wrong('%s did not happen in %g s' % (what, HANG))

    def running(self):
        """Wait until the session runs and has printed `ready`; its record."""
        def ready():
            record = self.record()
            return (record and record['state'] == 'running' and
                    b'ready' in self.read(record['folder'], 'stdout.log') and record)
        return self.wait_for('the start of the script', ready)

    def closed(self):
        """Wait until the newest session is over; its record."""
        return self.wait_for('the end of the session',
                             lambda: (self.record() or {}).get('state') == 'ended' and self.record())

    def let_go(self):
        """Let a script end that waits for a file `go` in its folder."""
        io.open(os.path.join(self.record()['folder'], 'go'), 'wb').close()

    def output(self):
        """What the commands of the step printed, their ends."""
        return '\n'.join(said[-4000:] for said in self.said)

    def close(self):
        """End what the step left, so that the next one finds the rig free."""
        for process in self.processes:
            if process.poll() is None:
                process.kill()
                process.communicate()
        self.processes = []
        if any(record['state'] != 'ended' for record in self.records()):
            self.agent('stop', '--now')


def end(pid):
    """End a process at once, as a crash or a task manager does."""
    os.kill(pid, signal.SIGTERM if WINDOWS else signal.SIGKILL)


def is_there(pid, identity):
    from rig_agent.sessions import shim
    return shim.identity(pid) == identity


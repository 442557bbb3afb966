"""Sessions for tests, without fixtures: `rig-agent run` on a script of the test's own, in a home of its own, with real processes."""
from __future__ import absolute_import, unicode_literals

import hashlib
import io
import json
import os
import signal
import threading
import time

from rig_agent.base.compat import monotonic, to_text
from rig_agent.sessions import shim

HANG = 30  # seconds; against hanging, never a bound on speed
# Every script and child of a test ends itself, whatever becomes of the test.
SELF_DESTRUCT = ('# -*- coding: utf-8 -*-\nimport os, signal, sys, threading, time\n'
                 'getattr(signal, "alarm", lambda seconds: None)(110)\n')


class Lab(object):
    """A regimen with one stage whose script is the test's, and the command that runs it."""

    def __init__(self, agent):
        self.agent = agent
        self.home = agent.home
        agent.environment['RIG_AGENT_LIMITS_GRACE'] = '2'

    def regimen(self, script, parameters=None):
        """Write the stage; `script` is Python source, or bytes of it."""
        content = script if isinstance(script, bytes) else (SELF_DESTRUCT + script).encode('utf-8')
        put(os.path.join(self.agent.folder, 'task.py'), content)
        put(os.path.join(self.agent.folder, 'regimen.yml'), json.dumps({
            'name': 'Test_Task_v0.0.1', 'stages': {'stage_a': {
                'script': './task.py', 'script_md5': hashlib.md5(content).hexdigest(),
                'parameters': parameters or {}}}, 'transitions': []}).encode('ascii'))

    def limits(self, **limits):
        self.agent.environment.update(('RIG_AGENT_LIMITS_' + name.upper(), to_text(str(value)))
                                      for name, value in limits.items())

    def run(self, script, *options, **given):
        """Run to the end; returns the record, with `exit` of the command as `command_exit`."""
        self.regimen(script, given.pop('parameters', None))
        self.limits(**given)
        ended = self.agent('run', 'stage_a', '--json', *options)
        record = ended.json
        assert 'outcome' in record, ended
        record['command_exit'] = ended.code
        return record

    def start(self, script, *options, **given):
        """Start and wait until the script runs; returns the command's process."""
        self.regimen(script, given.pop('parameters', None))
        self.limits(**given)
        process = self.agent.start('run', 'stage_a', '--json', *options)
        wait_for(lambda: self.state() == 'running')
        return process

    def folder(self):
        """The newest session's folder."""
        sessions = os.path.join(self.home, 'sessions')
        folders = [os.path.join(sessions, name) for name in os.listdir(sessions)] if os.path.isdir(sessions) else []
        return max(folders, key=made) if folders else None

    def record(self):
        """The newest record as it is now; every read of it must parse."""
        path = self.folder() and os.path.join(self.folder(), 'session.json')
        return shim.read_json(path) if path and os.path.exists(path) else None

    def state(self):
        record = self.record()  # read once: some scripts remove it between two looks
        return record and record['state']

    def path(self, name):
        return os.path.join(self.folder(), name)

    def file(self, name):
        with io.open(self.path(name), 'rb') as stream:
            return stream.read()

    def events(self):
        return [json.loads(to_text(line)) for line in self.file('events.jsonl').splitlines()]

    def pid_in(self, name):
        """The pid that the script wrote into a file of its folder."""
        wait_for(lambda: os.path.exists(os.path.join(self.folder(), name)) and self.file(name).strip())
        return int(self.file(name))

    def keeper(self):
        return self.record()['keepers'][-1]['pid'] if self.record()['keepers'] else None


def made(folder):
    """Sorts sessions by when they were asked for; those of one second by their first file that nobody writes again."""
    try:
        return os.path.basename(folder)[:12], os.stat(os.path.join(folder, 'handed_over.json')).st_mtime
    except OSError:
        return os.path.basename(folder)[:12], time.time()  # has just been made


def put(path, content):
    with io.open(path, 'wb') as stream:
        stream.write(content)


def faults(name):
    """The folder of a fault: on PYTHONPATH, its sitecustomize plants it into every Python that is started."""
    return str(os.path.join(os.path.dirname(os.path.abspath(__file__)), 'sessions', 'faults', name))


def disk_bytes(path):
    """What a file takes on its disk, reserved space included."""
    return os.stat(path).st_blocks * 512


def is_alive(pid):
    """Whether a process lives; a zombie does not."""
    return shim.identity(pid) is not None


def wait_for(condition, seconds=HANG):
    """Wait until the condition is true; returns its value."""
    deadline = monotonic() + seconds
    while True:
        value = condition()
        if value:
            return value
        assert monotonic() < deadline, 'waited %s s for nothing' % seconds
        time.sleep(0.02)


def together(jobs, at_once=4):
    """Run these functions side by side; returns their results, raises the first failure."""
    results, failures, queue = {}, [], list(enumerate(jobs))
    lock = threading.Lock()

    def work():
        while True:
            with lock:
                if not queue:
                    return
                number, job = queue.pop(0)
            try:
                results[number] = job()
            except BaseException as error:
                failures.append((number, error))
    threads = [threading.Thread(target=work) for _ in range(at_once)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if failures:
        raise AssertionError('job %d: %r' % failures[0])
    return [results[number] for number in range(len(jobs))]


def kill(pid, number=signal.SIGTERM):
    try:
        os.kill(pid, number)
    except OSError:
        pass

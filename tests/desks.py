"""Sessions on a real Windows Python, without fixtures; the tests of `tests/windows` stand on it."""
from __future__ import absolute_import, unicode_literals

import io
import json
import os
import signal
import subprocess
import sys
import time

from labs import made
from rig_agent.base.compat import monotonic, to_native
from rig_agent.base.files import md5_of_bytes

HANG = 60  # seconds
SELF_DESTRUCT = b'import os, sys, threading, time\nthreading.Timer(110, os._exit, [99]).start()\n'
NO_WINDOW = 0x08000000


class Desk(object):
    """A home, a folder with one script, sessions of it, and what is in their folders."""

    def __init__(self, agent):
        self.agent, self.home = agent, agent.home
        agent.environment['RIG_AGENT_LIMITS_GRACE'] = '3'

    def write(self, script):
        """A regimen whose only stage runs this script, its md5 asserted."""
        content = script.encode('utf-8') if not isinstance(script, bytes) else script
        path = os.path.join(self.agent.folder, 'task.py')
        put(path, content)
        put(os.path.join(self.agent.folder, 'regimen.yml'), json.dumps({
            'name': 'Desk_v1', 'transitions': [], 'stages': {'a': {
                'script': './task.py', 'script_md5': md5_of_bytes(content), 'parameters': {}}}}).encode('ascii'))
        return path, content

    def run(self, script, *options):
        """Run the stage to its end; the record, with the command's exit code as `command_exit`."""
        self.write(script)
        ended = self.agent('run', 'a', '--json', *options)
        record = ended.json
        assert 'outcome' in record, ended
        return dict(record, command_exit=ended.code)

    def prepare(self, script, **more):
        """A prepared session, for what the command line cannot bring about; nothing runs yet."""
        from rig_agent.rig import configuration
        from rig_agent.sessions.prepare import prepare
        from rig_agent.sessions.request import SessionRequest
        path, content = self.write(script)
        settings = configuration.load()
        settings.override('home', self.home)
        settings.override('outputs', [])
        settings.override('limits.grace', 3.0)
        return prepare(SessionRequest('a', [{'role': 'main', 'name': 'task.py', 'path': path,
                                             'found_md5': md5_of_bytes(content)}], {}, **more), settings)

    def session(self, script, **more):
        """A session of what `prepare` made, followed to its end: (record, folder)."""
        from rig_agent.sessions import follow, start
        folder = self.prepare(script, **more)
        start.start(folder)
        return follow.follow(folder), folder

    def folder(self):
        """The newest session's folder."""
        sessions = os.path.join(self.home, 'sessions')
        folders = [os.path.join(sessions, name) for name in os.listdir(sessions)] if os.path.isdir(sessions) else []
        return max(folders, key=made) if folders else None

    def record(self):
        from rig_agent.base.compat import read_json
        path = os.path.join(self.folder() or self.home, 'session.json')
        return read_json(path) if os.path.exists(path) else None

    def running(self):
        """Wait until the newest session runs; its record."""
        return wait_for(lambda: (self.record() or {}).get('state') == 'running' and self.record())

    def console(self, *words):
        """`rig-agent` on a console of its own, without a window: its process, and press() for Ctrl-C there.

        What stands between is a program that is deaf to Ctrl-C, as cmd.exe is while it waits.
        """
        button = os.path.join(self.agent.folder, 'pressed')
        owner = [sys.executable, '-m', 'rig_agent.harness.acceptance.console', button]
        process = subprocess.Popen([to_native(word) for word in owner + self.agent.argv(*words)],
                                   cwd=self.agent.folder, env=self.agent.environment,
                                   stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                                   creationflags=NO_WINDOW)
        return process, lambda: put(button, b'x')


def put(path, content):
    with io.open(path, 'wb') as stream:
        stream.write(content)


def read(*path):
    with io.open(os.path.join(*path), 'rb') as stream:
        return stream.read()


def wait_for(condition, seconds=HANG):
    deadline = monotonic() + seconds
    while True:
        value = condition()
        if value:
            return value
        assert monotonic() < deadline, 'waited %s s for nothing' % seconds
        time.sleep(0.05)


def end(pid):
    """TerminateProcess: what kill -9 is elsewhere."""
    os.kill(pid, signal.SIGTERM)

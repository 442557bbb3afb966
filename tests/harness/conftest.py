"""Scripts of a lab as real children of a real interpreter, with the simulation's environment around them."""
from __future__ import absolute_import, unicode_literals

import io
import json
import os
import shutil
import subprocess
import sys
import textwrap
import threading

import pytest

from rig_agent.base.compat import WINDOWS, to_native, to_text
from rig_agent.harness.simulation import Simulation, read_report

HANG = 100  # seconds


class Run(object):
    """A script that ended: exit code, stdout and stderr as text, the report, the outputs' names."""

    def __init__(self, code, out, err, folder):
        self.code, self.out, self.err = code, to_text(out), to_text(err)
        self.folder = folder
        self.report = read_report(folder)
        output = os.path.join(folder, 'output')
        self.outputs = sorted(os.listdir(output)) if os.path.isdir(output) else []

    def codes(self, of=None):
        """Codes of the findings, of one owner's when asked."""
        return [finding['code'] for finding in self.report['findings'] if of in (None, finding['of'])]

    def unknown(self):
        return [use['name'] for use in self.report['unknown']]

    def output(self):
        """What the only output holds. Made by the test's own script a moment ago, so it may be unpickled."""
        import pickle
        name, = self.outputs
        with io.open(os.path.join(self.folder, 'output', name), 'rb') as stream:
            return pickle.load(stream)

    def __repr__(self):
        return 'exit %s\n--- stdout\n%s\n--- stderr\n%s\n--- report\n%s' % (
            self.code, self.out, self.err, json.dumps(self.report, indent=1, sort_keys=True))


class Simulate(object):
    """`simulate('script text', {params}, speed='max', ...)` runs a script to its end."""

    def __init__(self, folder):
        self.folder = folder
        self.environment = {}
        self.control_port = None

    def start(self, text, params=None, name='script.py', **options):
        """The running child."""
        folder = self.folder
        for leftover in ('simulation.parts', 'output'):  # of a run before
            shutil.rmtree(os.path.join(folder, leftover), ignore_errors=True)
        script = os.path.join(folder, name)
        with io.open(script, 'wb') as stream:
            stream.write(textwrap.dedent(text).encode('utf-8'))
        with io.open(os.path.join(folder, 'params.json'), 'wb') as stream:
            stream.write(params if isinstance(params, bytes) else json.dumps(params or {}).encode('ascii'))
        urls = options.pop('urls', None)
        simulation = Simulation(**options)
        environment = {key: value for key, value in os.environ.items() if not key.startswith('PYTHON')}
        environment.update(self.environment, PYTHONPATH=os.pathsep.join(simulation.python_path()), PYTHONUNBUFFERED='1',
                           PYTHONDONTWRITEBYTECODE='1', **simulation.environment(folder, self.control_port, urls))
        return subprocess.Popen(
            [sys.executable, to_native(script), to_native(os.path.join(folder, 'params.json'))], cwd=to_native(folder),
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, close_fds=not WINDOWS,
            env={to_native(key): to_native(value) for key, value in environment.items()})

    def end(self, process):
        watchdog = threading.Timer(HANG, process.kill)
        watchdog.start()
        try:
            out, err = process.communicate(b'')
        finally:
            watchdog.cancel()
        return Run(process.returncode, out, err, self.folder)

    def __call__(self, text, params=None, **options):
        return self.end(self.start(text, params, **options))

    def write(self, name, content):
        path = os.path.join(self.folder, name)
        with io.open(path, 'wb') as stream:
            stream.write(content if isinstance(content, bytes) else textwrap.dedent(content).encode('utf-8'))
        return path


@pytest.fixture
def simulate(tmpdir):
    return Simulate(to_text(str(tmpdir.mkdir('session'))))

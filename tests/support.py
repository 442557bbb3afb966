"""What tests share that is no fixture: the installed command, the paths of the project, the real regimens."""
from __future__ import absolute_import, unicode_literals

import contextlib
import json
import os
import shutil
import subprocess
import sys
import threading

import pytest

from rig_agent.base.compat import WINDOWS, to_native, to_text

REAL_REGIMENS = os.path.join(os.path.dirname(__file__), '..', '..', 'shared', 'regimens')
PROJECT = os.path.abspath(os.path.join(os.path.dirname(__file__), '..'))
HANG = 100  # seconds; a generous limit against hanging, never a bound on speed


class Ended(object):
    """A command that ended: exit code, stdout and stderr as text, and stdout read as JSON."""

    def __init__(self, code, out, err):
        self.code, self.out, self.err = code, _lines(out), _lines(err)

    @property
    def json(self):
        return json.loads(self.out)

    def __repr__(self):
        return 'exit %s\n--- stdout\n%s\n--- stderr\n%s' % (self.code, self.out, self.err)


def _lines(content):
    """What was printed, with the ends of lines as they are in Python. tests/windows looks at the bytes."""
    return to_text(content).replace('\r\n', '\n') if WINDOWS else to_text(content)


class Agent(object):
    """The installed `rig-agent` command, as a person would type it in `folder`."""

    def __init__(self, folder, home):
        self.folder, self.home = folder, home
        self.environment = {key: value for key, value in os.environ.items()
                            if not key.upper().startswith(('RIG_AGENT', 'AIBS_', 'GIT_', 'PYTHON'))}
        self.environment.update({
            'RIG_AGENT_HOME': home, 'HOME': home, 'USERPROFILE': home, 'AIBS_RIG_ID': 'TEST.1',
            'AIBS_COMP_ID': 'TEST.1-Stim', 'PYTHONDONTWRITEBYTECODE': '1', 'NO_COLOR': '1',
            'GIT_CONFIG_NOSYSTEM': '1', 'RIG_AGENT_SCRIPTS_REPOSITORY': os.path.join(home, 'no-such-repository')})
        if WINDOWS:  # where a pipe has the code page of the system; tests/windows tries others
            self.environment['PYTHONIOENCODING'] = 'utf-8'

    def argv(self, *words):
        return [to_native(to_text(word)) for word in (sys.executable, '-m', 'rig_agent') + words]

    def start(self, *words, **options):
        """The running command: stdout and stderr are pipes."""
        environment = dict(self.environment, **options.pop('environment', {}))
        return subprocess.Popen(
            self.argv(*words), cwd=to_native(options.pop('folder', self.folder)), stdin=subprocess.PIPE,
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, close_fds=not WINDOWS,
            env={to_native(key): to_native(value) for key, value in environment.items()}, **options)

    def __call__(self, *words, **options):
        """Run the command to its end. No traceback of the agent may reach the user; `script_fails` allows a script's.

        patience: seconds after which it hangs.
        """
        given = options.pop('input', b'')
        script_fails = options.pop('script_fails', False)
        patience = options.pop('patience', HANG)
        process = self.start(*words, **options)
        watchdog = threading.Timer(patience, process.kill)
        watchdog.start()
        try:
            out, err = process.communicate(given)
        finally:
            watchdog.cancel()
        ended = Ended(process.returncode, out, err)
        assert script_fails or 'Traceback (most recent call last)' not in ended.err, ended
        return ended


@contextlib.contextmanager
def small_disk(folder, size):
    """A file system of this size, such as '1m', in a folder that is made; where none can be mounted the test is skipped."""
    os.mkdir(folder)
    if WINDOWS or subprocess.call(['mount', '-t', 'tmpfs', '-o', 'size=' + size, 'none', folder], stderr=subprocess.PIPE):
        pytest.skip('no small file system can be mounted here')
    try:
        yield folder
    finally:
        subprocess.call(['umount', '-l', folder])


def on_read_only_disk(agent, folder):
    """Let this folder be read-only to every command of the agent from now on, to root's too."""
    if WINDOWS or subprocess.call(['unshare', '--mount', 'true'], stderr=subprocess.PIPE) != 0:
        pytest.skip('no mount namespaces here')
    plain = agent.argv
    agent.argv = lambda *words: ['unshare', '--mount', 'sh', '-c',
                                 'mount --bind "$0" "$0" && mount -o remount,ro,bind "$0" && exec "$@"',
                                 to_native(folder)] + plain(*words)


def copy_folder(source, target):
    """Copy a folder with all in it. Python's own `copytree` needs a call that Wine lacks."""
    for place, _, names in os.walk(source):
        folder = os.path.normpath(os.path.join(target, os.path.relpath(place, source)))
        os.makedirs(to_native(folder))
        for name in names:
            shutil.copyfile(os.path.join(place, name), os.path.join(folder, name))


def real_regimens():
    """Paths of the lab's regimens where they are at hand; a test that needs them skips without them."""
    if not os.path.isdir(REAL_REGIMENS):
        return []
    return sorted(os.path.join(REAL_REGIMENS, name) for name in os.listdir(REAL_REGIMENS) if name.endswith('.yml'))

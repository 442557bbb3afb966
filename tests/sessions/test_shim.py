"""When the script's direct parent runs by itself: what it hands down, what it refuses, what it leaves; guarantees 7, 12, 21, 22."""
from __future__ import absolute_import, unicode_literals

import ctypes
import io
import json
import os
import signal
import subprocess
import sys

import pytest

from labs import SELF_DESTRUCT, put, together, wait_for
from rig_agent.base.compat import WINDOWS, monotonic, to_native, to_text
from rig_agent.sessions import shim
from rig_agent.sessions.script import Script

pytestmark = pytest.mark.skipif(WINDOWS, reason='tests/windows looks at consoles, jobs and handles')

LOOKS = SELF_DESTRUCT + '''
import json
status = dict(line.split(":\\t", 1) for line in open("/proc/self/status").read().splitlines() if ":\\t" in line)
print(json.dumps({
    "descriptors": [name for name in sorted(os.listdir("/proc/self/fd")) if os.path.exists("/proc/self/fd/" + name)],
    "stdin": sys.stdin.read(), "blocked": int(status["SigBlk"], 16), "ignored": int(status["SigIgn"], 16),
    "leads": os.getpgrp() == os.getpid()}))
open("ran", "a").write("x")
'''
SIGNALS = () if WINDOWS else (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT)


class Folder(object):
    """A session's folder as the shim needs it."""

    def __init__(self, path, script=LOOKS):
        self.path = path
        os.mkdir(to_native(path))
        put(os.path.join(path, 'task.py'), script.encode('utf-8'))
        self.write('request.json', {'start': {
            'argv': [to_text(sys.executable), 'task.py'], 'environment': {shim.MARK: 'x'}, 'python_path': [],
            'files': {'task.py': shim.md5(script.encode('utf-8'))}}})

    def write(self, name, value):
        put(os.path.join(self.path, name), json.dumps(value).encode('ascii'))

    def read(self, name):
        return shim.read_json(os.path.join(self.path, name))

    def has(self, name):
        return os.path.exists(os.path.join(self.path, name))

    def start(self, **options):
        file_name = os.path.splitext(os.path.abspath(shim.__file__))[0] + '.py'
        base = getattr(sys, '_base_executable', None) or getattr(sys, 'base_executable', None) or sys.executable
        return subprocess.Popen([base, '-E', '-S', file_name], cwd=to_native(self.path), stdout=subprocess.PIPE,
                                **options)

    def run(self, **options):
        process = self.start(**options)
        process.stdout.read()
        return process.wait()


@pytest.fixture
def place(folder):
    return Folder(os.path.join(folder, 'session'))


def spoil():
    """A parent as bad as they come: signals ignored and blocked, a descriptor open for everybody."""
    for number in SIGNALS + (signal.SIGPIPE, signal.SIGUSR1, signal.SIGCHLD):
        signal.signal(number, signal.SIG_IGN)
    ctypes.CDLL(None).sigprocmask(0, ctypes.create_string_buffer(b'\xff' * 8 + b'\0' * 120, 128), None)
    os.dup2(1, 77)


def test_when_its_parent_is_spoilt_the_script_starts_clean_all_the_same(place):
    """The negative control is a child that the same parent starts directly."""
    reader, writer = os.pipe()  # nobody writes into it: who reads from it waits
    try:
        assert place.run(stdin=reader, close_fds=False, preexec_fn=spoil) == 0
        found = json.loads(to_text(io.open(os.path.join(place.path, 'stdout.log'), 'rb').read()))
        spoilt = subprocess.Popen([sys.executable, 'task.py'], stdin=subprocess.PIPE, stdout=subprocess.PIPE, close_fds=False,
                                  preexec_fn=spoil, cwd=to_native(place.path))
        control = json.loads(to_text(spoilt.communicate(b'')[0]))
    finally:
        os.close(reader)
        os.close(writer)
    assert found == {'descriptors': ['0', '1', '2'], 'stdin': '', 'blocked': 0, 'ignored': found['ignored'], 'leads': True}
    for number in SIGNALS:
        assert not found['ignored'] >> (number - 1) & 1, number
        assert control['ignored'] >> (number - 1) & 1, number
    assert place.read('exit.json')['code'] == 0  # known, though ends of children were not to be told
    assert control['blocked'] and '77' in control['descriptors'] and not control['leads']


@pytest.mark.parametrize('name', ['started.json', 'exit.json', 'closed'])
def test_when_the_session_was_started_or_closed_before_it_starts_no_second_script(place, name):
    put(os.path.join(place.path, name), b'')
    assert place.run() == 75 and not place.has('ran')


def test_when_a_keeper_has_closed_the_session_a_shim_that_comes_late_starts_nothing(place):
    """One that was started and did not get to run before its keeper was killed."""
    lock = Script(place.path, 'x').forbid_start()
    assert lock is not None
    os.close(lock)
    assert place.run() == 75 and not place.has('ran')


def test_when_another_shim_has_the_session_it_starts_no_second_script(place):
    lock = shim.take_lock(os.path.join(place.path, 'shim.lock'))
    begun = monotonic()
    assert place.run() == 75 and not place.has('ran') and monotonic() - begun > 4  # it waits for who may only look
    os.close(lock)
    assert place.run() == 0 and place.has('ran')


def test_when_signals_are_meant_for_the_script_it_lives_and_writes_the_exit(folder):
    place = Folder(os.path.join(folder, 'session'), SELF_DESTRUCT + 'open("ran", "w")\nsys.stdin.read()\n'
                   'while not os.path.exists("go"):\n    time.sleep(0.02)\nsys.exit(7)\n')
    process = place.start()
    wait_for(lambda: place.has('ran') and place.has('started.json'))
    for number in SIGNALS:
        process.send_signal(number)
    put(os.path.join(place.path, 'go'), b'')
    process.stdout.read()
    assert process.wait() == 0 and place.read('exit.json')['code'] == 7 and place.read('exit.json')['signal'] is None


def test_when_the_script_ends_like_a_killed_one_the_two_are_told_apart(folder):
    ends = [('sys.exit(137)', (137, None)), ('os.kill(os.getpid(), 9)', (None, 9)), ('sys.exit(300)', (44, None)),
            ('os.kill(os.getpid(), 11)', (None, 11))]
    places = [Folder(os.path.join(folder, 'session %d' % number), SELF_DESTRUCT + source)
              for number, (source, _) in enumerate(ends)]
    together([place.run for place in places])
    assert [(place.read('exit.json')['code'], place.read('exit.json')['signal']) for place in places] == \
        [expected for _, expected in ends]


def test_when_the_exit_is_written_it_is_on_the_disk_before_it_has_its_name(tmpdir, monkeypatch):
    synced = []
    real = os.fsync
    monkeypatch.setattr(shim.os, 'fsync', lambda descriptor: (synced.append(os.listdir(str(tmpdir))), real(descriptor)))
    name = os.path.join(str(tmpdir), 'exit.json')
    reserved = shim.ReservedFile(name)
    assert os.path.getsize(name + '.staged-shim') == 4096  # its space, taken while there was some
    reserved.write('{}')
    assert synced == [['exit.json.staged-shim']] and os.listdir(str(tmpdir)) == ['exit.json']
    assert shim.read_json(name) == {}


def test_when_a_process_is_dead_and_not_reaped_it_is_not_alive():
    process = subprocess.Popen([sys.executable, '-c', ''])
    wait_for(lambda: shim.process_fields(process.pid)[2])
    assert shim.identity(process.pid) is None and shim.identity(os.getpid()) is not None
    process.wait()

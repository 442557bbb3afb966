"""Many `rig-agent cache fetch` at once, and killed at any moment (guarantees 23, 25, 26)."""
from __future__ import absolute_import, unicode_literals

import io
import json
import os
import random
import subprocess
import sys
import threading
import time

import pytest

from rig_agent.base.compat import WINDOWS, monotonic, to_native
from rig_agent.base.files import STAGED, md5_of_file
from rig_agent.scripts.cache import Cache
from servers import COMMIT, REFS, pinned
from support import HANG

needs_kill = pytest.mark.skipif(WINDOWS, reason='SIGKILL and fork')


class Running(object):
    """A command whose lines are read as they come."""

    def __init__(self, process):
        self.process, self.said = process, []
        self._reader = threading.Thread(target=lambda: self.said.extend(iter(process.stdout.readline, b'')))
        self._reader.daemon = True
        self._reader.start()

    def ended(self):
        self.process.wait()
        self._reader.join(HANG)
        return self.process.returncode, b''.join(self.said)

    @property
    def waits(self):
        return any(b'Waiting' in line for line in self.said)


def until(condition):
    started = monotonic()
    while not condition():
        assert monotonic() - started < HANG
        time.sleep(0.01)


def test_eight_cold_fetches_at_once_fetch_once_and_seven_say_that_they_wait(web, processes, regimen):
    gate = threading.Event()
    regimen(pinned(web, 6, gate=gate))
    running = [Running(processes.start('cache', 'fetch', '--all')) for _ in range(8)]
    until(lambda: len([one for one in running if one.waits]) == 7)
    gate.set()
    ended = [one.ended() for one in running]
    assert [code for code, _ in ended] == [0] * 8, ended
    assert web.count() == 6


@needs_kill
def test_when_the_holder_is_killed_another_goes_on_at_once(web, processes, regimen):
    regimen(pinned(web, 1, gate=threading.Event()))
    holder = processes.start('cache', 'fetch', '--all')
    until(lambda: web.count() == 1)
    others = [Running(processes.start('cache', 'fetch', '--all')) for _ in range(3)]
    until(lambda: all(one.waits for one in others))
    pinned(web, 1)
    holder.kill()
    killed = monotonic()
    until(lambda: web.count() == 2)
    assert monotonic() - killed < 2
    holder.communicate()
    assert [one.ended()[0] for one in others] == [0] * 3
    assert web.count() == 2


def test_eight_cold_fetches_of_one_repository_clone_it_once(web, repository, processes, regimen):
    repository.commit({'v2/x_v2.py': b'1\n', 'v2/y_v2.py': b'2\n'})
    gate = threading.Event()
    processes.environment['RIG_AGENT_SCRIPTS_REPOSITORY'] = web.put_repository('/scripts', repository, gate=gate)
    regimen({'X': ('x_v2.py', 'x_v2.py', {}), 'Y': ('y_v2.py', 'y_v2.py', {})})
    running = [Running(processes.start('cache', 'fetch', '--all')) for _ in range(8)]
    until(lambda: len([one for one in running if one.waits]) == 7)
    gate.set()
    ended = [one.ended() for one in running]
    assert [code for code, _ in ended] == [0] * 8, ended
    assert web.count('/scripts' + REFS) == 1


@needs_kill
def test_fetches_of_which_two_are_killed_leave_a_complete_cache(web, processes, regimen):
    regimen(pinned(web, 60, delay=0.02))
    running = [processes.start('cache', 'fetch', '--all') for _ in range(5)]
    for victim in random.sample(running, 2):
        time.sleep(random.uniform(0.2, 0.5))
        victim.kill()
    for process in running:
        process.communicate()
    assert [process.returncode for process in running if process.returncode not in (0, -9)] == []
    cache = Cache(os.path.join(processes.home, 'cache'))
    whole, damaged = cache.verify()
    assert (len(whole), damaged, len(cache.manifest())) == (60, {}, 60)
    assert max(web.count('/%s/s%03d.py' % (COMMIT, number)) for number in range(60)) <= 3
    assert processes('cache', 'fetch', '--all').code == 0
    assert [name for name in os.listdir(os.path.join(cache.folder, 'objects')) if STAGED in name] == []


# One process that has imported everything forks a fetch for each moment: a kill takes no time to prepare.
KILLER = '''
import os, signal, sys, threading, time
threading.Timer(110, os._exit, [1]).start()
import filelock, git, psutil, requests
from rig_agent.cli import cache, main

def fetch():
    child = os.fork()
    if not child:
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        os.dup2(os.open(os.devnull, os.O_WRONLY), 2)
        os._exit(main.run(['cache', 'fetch', '--all', '--parallel', '3']))
    return child

for number in range(int(sys.argv[2])):
    os.environ['RIG_AGENT_CACHE'] = os.path.join(sys.argv[1], str(number))
    child = fetch()
    time.sleep(0.02 * number)
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    os.write(1, b'killed\\n')
    os.read(0, 1)
    os.write(1, b'%d\\n' % os.waitpid(fetch(), 0)[1])
'''


@needs_kill
def test_a_slow_fetch_killed_at_any_moment_leaves_names_absent_or_correct(web, repository, processes, regimen, tmpdir):
    repository.commit({'v2/x_v2.py': b'print(1)\n' * 3000})
    regimen(dict(pinned(web, 12, delay=0.04), V=('x_v2.py', 'x_v2.py', {})))
    caches = str(tmpdir.mkdir('caches'))
    plain, moments, partial = processes.argv, 20, 0
    processes.argv = lambda *words: [to_native(sys.executable), '-c', KILLER, caches, str(moments)]
    killer = processes.start()
    try:
        for number in range(moments):
            assert killer.stdout.readline() == b'killed\n', killer.stderr.read()
            count = true_names(Cache(os.path.join(caches, '%d' % number)))
            partial += 0 < count < 13
            killer.stdin.write(b'.')
            killer.stdin.flush()
            assert killer.stdout.readline() == b'0\n', (number, count)
            assert true_names(Cache(os.path.join(caches, '%d' % number))) == 13
            assert [name for _, folders, names in os.walk(os.path.join(caches, '%d' % number))
                    for name in folders + names if STAGED in name] == []
    finally:
        killer.kill()
        killer.communicate()
        processes.argv = plain
    assert partial > 3  # the moments do lie within the fetch


def true_names(cache):
    """How many objects there are, after a look at every file that stands under a final name."""
    for md5 in cache.objects():
        assert md5_of_file(cache.object_path(md5)) == md5
    path = os.path.join(cache.folder, 'manifest.json')
    if os.path.exists(path):
        with io.open(path, 'rb') as stream:
            for entry in json.loads(stream.read().decode('utf-8')).values():
                assert cache.has_object(entry['md5'])
    installed = cache.installed('x_v2.py')
    assert installed in (None, b'print(1)\n' * 3000)
    return len(cache.objects())

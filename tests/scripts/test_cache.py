"""The cache: exact bytes, one writer, no litter, healing (guarantees 22, 23, 25, 26, 28, 33)."""
from __future__ import absolute_import, unicode_literals

import io
import os
import stat
import subprocess
import sys
import threading

import pytest

from rig_agent.base.compat import WINDOWS, monotonic, to_native
from rig_agent.base.errors import Refused, UsageError
from rig_agent.base.files import STAGED, md5_of_bytes as md5, remove_quietly
from rig_agent.scripts.cache import Cache

ONE, TWO = b'print(1)\r\n', b'print(2)\n'
ENTRY = b'{"x_v2.py": {"md5": "' + b'a' * 32 + b'", %s}}'


def test_bytes_are_kept_exactly_and_read_only(cache):
    assert cache.add('x_v2.py', ONE, source='there', commit='c' * 40) == md5(ONE)
    path = cache.object_path(md5(ONE))
    with io.open(path, 'rb') as stream:
        assert stream.read() == ONE
    assert not os.stat(path).st_mode & (stat.S_IWUSR | stat.S_IWGRP | stat.S_IWOTH)
    assert cache.read(md5(ONE)) == ONE
    entry = Cache(cache.folder).record('x_v2.py')
    assert (entry['md5'], entry['size'], entry['source'], entry['commit']) == (md5(ONE), len(ONE), 'there', 'c' * 40)


def test_a_changed_object_is_set_aside_and_named(cache):
    said = []
    cache.add('x_v2.py', ONE)
    path = cache.object_path(md5(ONE))
    os.chmod(path, 0o600)
    with io.open(path, 'ab') as stream:
        stream.write(b'import os\n')
    other = Cache(cache.folder, said.append)
    assert other.read(md5(ONE)) is None
    assert not os.path.exists(path)
    aside, = os.listdir(os.path.join(cache.folder, 'damaged'))
    assert md5(ONE) in aside and md5(ONE) in said[0] and aside in said[0]
    other.add('x_v2.py', ONE)
    assert other.read(md5(ONE)) == ONE


def test_earlier_versions_of_a_name_stay_known(cache):
    cache.add('x_v2.py', ONE, commit='a' * 40)
    cache.add('x_v2.py', TWO, commit='b' * 40)
    assert cache.record('x_v2.py')['commit'] == 'b' * 40
    assert cache.record('x_v2.py', md5(ONE))['commit'] == 'a' * 40
    cache.add('x_v2.py', ONE, commit='c' * 40)
    assert cache.record('x_v2.py')['commit'] == 'c' * 40
    assert len(cache.record('x_v2.py')['earlier']) == 1


@pytest.mark.parametrize('content', [
    b'', b'{', b'[]', b'{"x_v2.py": 1}', b'\xff\xfe', b'{"x_v2.py": {"size": 1}}', b'{"x_v2.py": {"md5": 1}}',
    b'{"x_v2.py": {"md5": "../../../../../../../../../../passwd"}}', ENTRY % b'"fetched_at": "yesterday"',
    ENTRY % b'"used_by": 1', ENTRY % b'"used_by": [1]', ENTRY % b'"earlier": 1', ENTRY % b'"earlier": [{"md5": "x"}]'])
def test_a_broken_index_reads_as_empty_and_is_written_anew(cache, content):
    cache.add('y_v2.py', TWO)
    with io.open(os.path.join(cache.folder, 'manifest.json'), 'wb') as stream:
        stream.write(content)
    other = Cache(cache.folder)
    assert other.manifest() == {}
    other.add('x_v2.py', ONE)
    assert Cache(cache.folder).record('x_v2.py')['md5'] == md5(ONE)
    assert other.read(md5(TWO)) == TWO


def test_an_index_that_names_a_removed_object_heals(cache):
    cache.add('x_v2.py', ONE)
    assert remove_quietly(cache.object_path(md5(ONE)))
    assert cache.read(md5(ONE)) is None
    cache.add('x_v2.py', ONE)
    assert cache.read(md5(ONE)) == ONE


def test_litter_of_the_dead_is_swept_at_the_next_write(cache):
    cache.add('x_v2.py', ONE)
    litter = [os.path.join(cache.folder, name + STAGED + 'dead') for name in ('manifest.json', 'objects/aa', 'v2/x.py')]
    for path in litter:
        io.open(path, 'wb').close()
    cache.add('y_v2.py', TWO)
    assert [path for path in litter if os.path.exists(path)] == []


def test_a_live_writers_staged_file_is_never_swept(cache):
    cache.add('x_v2.py', ONE)
    staged = cache.object_path('bb') + STAGED + 'live'
    with cache.writing():
        io.open(staged, 'wb').close()
        waited, other = threading.Event(), Cache(cache.folder, say=lambda line: waited.set())
        writer = threading.Thread(target=other.add, args=('y_v2.py', TWO))
        writer.start()
        assert waited.wait(30)  # the wait is said aloud
        assert os.path.exists(staged)
    writer.join(30)
    assert other.read(md5(TWO)) == TWO
    assert not os.path.exists(staged)


def test_many_threads_write_together(cache):
    writers = [threading.Thread(target=cache.add, args=('%d_v2.py' % number, b'%d\n' % number)) for number in range(20)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join(60)
    assert sorted(Cache(cache.folder).manifest()) == sorted('%d_v2.py' % number for number in range(20))


HOLDER = '''
import os, sys, time
from rig_agent.scripts.cache import Cache
cache = Cache(sys.argv[1].decode('utf-8') if isinstance(sys.argv[1], bytes) else sys.argv[1])
with cache.writing():
    os.write(1, b'held')
    time.sleep(100)
'''


def test_the_lock_dies_with_its_owner(cache):
    holder = subprocess.Popen([sys.executable, '-c', HOLDER, to_native(cache.folder)], stdout=subprocess.PIPE)
    try:
        assert holder.stdout.read(4) == b'held'
        waited = threading.Event()
        other = Cache(cache.folder, say=lambda line: waited.set())
        writer = threading.Thread(target=other.add, args=('x_v2.py', ONE))
        writer.start()
        assert waited.wait(30)
        assert other.read(md5(ONE)) is None
    finally:
        holder.kill()
        holder.wait()
        holder.stdout.close()
    killed = monotonic()
    writer.join(30)
    assert monotonic() - killed < 2
    assert other.read(md5(ONE)) == ONE


WRITER = '''
import os, sys
from rig_agent.scripts.cache import Cache
cache = Cache(sys.argv[1].decode('utf-8') if isinstance(sys.argv[1], bytes) else sys.argv[1])
os.write(1, b'go')
for number in range(10 ** 6):
    cache.add(u'x%d_v2.py' % (number % 7), (b'%d\\n' % number).ljust(20) * 100000)
'''


@pytest.mark.skipif(WINDOWS, reason='SIGKILL')
def test_when_a_writer_is_killed_every_object_is_whole_and_every_entry_true(cache):
    import random
    import time
    for _ in range(20):
        writer = subprocess.Popen([sys.executable, '-c', WRITER, to_native(cache.folder)], stdout=subprocess.PIPE)
        assert writer.stdout.read(2) == b'go'
        time.sleep(random.uniform(0.0, 0.1))
        writer.kill()
        writer.wait()
        writer.stdout.close()
        looked = Cache(cache.folder)
        for name in looked.objects():
            with io.open(looked.object_path(name), 'rb') as stream:
                assert md5(stream.read()) == name
        for entry in looked.manifest().values():
            assert looked.read(entry['md5']) is not None
        looked.forget(set())
    cache.add('last_v2.py', ONE)
    assert [name for name in os.listdir(os.path.join(cache.folder, 'objects')) if STAGED in name] == []


def test_installed_copies_replace_but_never_lose_bytes(cache):
    said = []
    cache = Cache(cache.folder, said.append)
    cache.add('x_v2.py', ONE)
    assert cache.install('x_v2.py', ONE) is True
    assert cache.install('x_v2.py', ONE) is False
    cache.add('x_v2.py', TWO)
    cache.install('x_v2.py', TWO)
    assert cache.installed('x_v2.py') == TWO and said == []  # ONE is an object, nothing is lost
    with io.open(cache.installed_path('x_v2.py'), 'ab') as stream:
        stream.write(b'my own line\n')
    cache.install('x_v2.py', ONE)
    kept, = os.listdir(os.path.join(cache.folder, 'replaced'))
    assert kept in said[0]
    with io.open(os.path.join(cache.folder, 'replaced', kept), 'rb') as stream:
        assert stream.read() == TWO + b'my own line\n'


@pytest.mark.parametrize('name', ['../x_v2.py', '/x_v2.py', 'C:x_v2.py', 'CON', 'nul.py', 'a\\b.py', 'x\n.py', '..',
                                  ''])
def test_names_cannot_leave_their_folder(cache, name):
    with pytest.raises(UsageError):
        cache.install(name, ONE)


def test_verify_names_what_is_damaged(cache):
    cache.add('x_v2.py', ONE)
    cache.add('y_v2.py', TWO)
    os.chmod(cache.object_path(md5(ONE)), 0o600)
    with io.open(cache.object_path(md5(ONE)), 'wb') as stream:
        stream.write(b'other')
    whole, damaged = cache.verify()
    assert whole == [md5(TWO)] and list(damaged) == [md5(ONE)]
    assert cache.objects() == [md5(TWO)]


def test_a_cache_that_cannot_be_made_is_refused_with_its_place(tmpdir):
    tmpdir.join('file').write('')
    with pytest.raises(Refused) as caught:
        Cache(str(tmpdir.join('file', 'cache'))).add('x_v2.py', ONE)
    assert 'cache:' in caught.value.advice and 'file' in caught.value.where

"""Files: nothing half-written, nothing outside its folder."""
from __future__ import absolute_import, unicode_literals

import errno
import hashlib
import os
import signal
import subprocess
import sys
import textwrap
import time

import pytest

from rig_agent.base import files
from rig_agent.base.compat import WINDOWS, json_text, read_json, to_native
from rig_agent.base.errors import UsageError


@pytest.mark.parametrize('name', ['stage_0.py', 'r\u00e9gime 1.json', 'CONSOLE.py', 'a' * 150, '.hidden'][:4])
def test_an_ordinary_name_is_taken_as_it_is(name):
    assert files.check_name(name) == name


@pytest.mark.parametrize('name', [
    '', '.', '..', '../x_v2.py', 'a/b.py', 'a\\b.py', 'C:x.py', 'CON', 'con.py', 'Lpt1.txt', 'nul', 'x\x00.py', 'x\n.py',
    'x.py ', 'x.py.', ' x.py', 'con .py', 'com\xb9.py', 'CLOCK$',  'a' * 151, 'what?.py', 'a|b', '"x"'])
def test_a_name_that_could_leave_its_folder_or_that_windows_cannot_hold_is_refused(name):
    with pytest.raises(UsageError) as caught:
        files.check_name(name, 'script')
    assert 'script' in caught.value.what and caught.value.advice


def test_md5_is_of_the_exact_bytes(write):
    content = b'a\r\nb\n\xff' * 400000
    assert files.md5_of_file(write('x.py', content)) == files.md5_of_bytes(content) == hashlib.md5(content).hexdigest()


def test_writing_replaces_the_whole_file_and_leaves_nothing_beside_it(folder):
    path = os.path.join(folder, 'record.json')
    files.write_json(path, {'state': 'prepared', 'n': 1})
    files.write_json(path, {'state': 'ended'})
    assert read_json(path) == {'state': 'ended'}
    assert os.listdir(folder) == ['record.json']


def test_when_a_write_fails_the_old_file_stays_and_no_part_is_left(folder):
    path = os.path.join(folder, 'taken')
    os.mkdir(path)
    with pytest.raises(EnvironmentError):
        files.write_atomically(path, b'new')
    assert os.listdir(folder) == ['taken']


CUT_OFF = '''
import resource, signal, sys
from rig_agent.base.compat import to_text
from rig_agent.base.files import write_atomically
resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))
signal.signal(signal.SIGXFSZ, getattr(signal, sys.argv[2]))
write_atomically(to_text(sys.argv[1]), b"new" * 2000)
'''


@pytest.mark.skipif(WINDOWS, reason='a limit on the size of files')
@pytest.mark.parametrize('then', ['SIG_DFL', 'SIG_IGN'])
def test_a_writer_that_is_killed_or_fails_in_the_middle_of_a_file_leaves_the_old_one(folder, then):
    """The system stops the write after 1000 bytes: by a signal that kills, or by an error as a full disk gives."""
    path = os.path.join(folder, 'record.json')
    files.write_atomically(path, b'old')
    writer = subprocess.Popen([sys.executable, '-c', CUT_OFF, to_native(path), then], stderr=subprocess.PIPE)
    writer.communicate()
    assert writer.returncode == (-signal.SIGXFSZ if then == 'SIG_DFL' else 1)
    assert files.read_file(path) == b'old'
    assert [name for name in os.listdir(folder) if files.STAGED not in name] == ['record.json']
    assert len(os.listdir(folder)) == (2 if then == 'SIG_DFL' else 1)


@pytest.mark.skipif(WINDOWS, reason='SIGKILL is a POSIX signal')
def test_a_writer_killed_at_any_moment_leaves_a_whole_file(folder):
    """Guarantee 35, at its root: the record is written by this one function."""
    path = os.path.join(folder, 'record.json')
    writer = textwrap.dedent('''
        import os, sys, threading
        threading.Timer(110, os._exit, [1]).start()
        from rig_agent.base.compat import to_text
        from rig_agent.base.files import write_json
        number = 0
        while True:
            number += 1
            write_json(to_text(sys.argv[1]), {"number": number, "filler": "x" * 50000})
    ''')
    for moment in range(12):
        child = subprocess.Popen([sys.executable, '-c', writer, to_native(path)])
        while not os.path.exists(path):
            assert child.poll() is None
            time.sleep(0.005)
        time.sleep(0.003 * moment)
        os.kill(child.pid, signal.SIGKILL)
        child.wait()
        assert len(read_json(path)['filler']) == 50000


def test_a_folder_with_read_only_files_is_removed_whole(folder, write):
    path = write('objects/abc', b'x')
    files.make_read_only(path)
    files.remove_folder(os.path.join(folder, 'objects'))
    assert os.listdir(folder) == []
    files.remove_folder(os.path.join(folder, 'objects'))  # a second time is no error


@pytest.mark.skipif(WINDOWS, reason='permissions of POSIX')
def test_a_folder_that_cannot_be_listed_is_an_error_of_the_system():
    program = textwrap.dedent("""
        import os, shutil, tempfile
        from rig_agent.base.files import remove_folder
        if os.geteuid() == 0:
            os.setuid(65534)  # no folder is closed to root
        folder = tempfile.mkdtemp()
        os.mkdir(os.path.join(folder, 'closed'), 0)
        try:
            remove_folder(folder)
        except EnvironmentError as error:
            print(error.errno)
        os.rmdir(os.path.join(folder, 'closed'))
        os.rmdir(folder)
        """)
    said = subprocess.check_output([sys.executable, '-c', program], stderr=subprocess.STDOUT)
    assert int(said) == errno.EACCES, said


def test_json_is_the_same_text_on_every_python():
    value = {'b': [1, 2.5, None, True], 'a': {'\u00e9': 'x', 'empty': {}, 'list': []}, 'big': 10 ** 30, 'small': 1e-07}
    assert json_text(value) == textwrap.dedent('''\
        {
            "a": {
                "empty": {},
                "list": [],
                "\\u00e9": "x"
            },
            "b": [
                1,
                2.5,
                null,
                true
            ],
            "big": 1000000000000000000000000000000,
            "small": 1e-07
        }
        ''')
    with pytest.raises(ValueError):
        json_text({'x': float('inf')})


def test_reading_json_that_is_none_is_a_value_error(write):
    with pytest.raises(ValueError):
        read_json(write('x.json', b'{"a": '))
    with pytest.raises(ValueError):
        read_json(write('y.json', b'\xff\xfe'))

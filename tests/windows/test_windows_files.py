"""Files on Windows: held by somebody, read-only, long, oddly named; locks; what a console's code page lacks."""
from __future__ import absolute_import, unicode_literals

import io
import os
import subprocess
import sys
import threading
import time

import pytest

from desks import end, put, read, wait_for
from rig_agent.base import compat, files
from rig_agent.base.compat import monotonic
from rig_agent.base.errors import UsageError
from rig_agent.rig import configuration
from rig_agent.scripts import comparison
from rig_agent.scripts.cache import Cache
from rig_agent.scripts.places import ScriptsRepository
from rig_agent.sessions import record, shim
from rig_agent.sessions.outputs import look

HOLDER = ('import sys, time\nstream = open(sys.argv[1], "rb")\nprint("held")\nsys.stdout.flush()\n'
          'time.sleep(float(sys.argv[2]))\n')
LOCKER = ('import sys, time\nfrom rig_agent.sessions import shim\nassert shim.take_lock(sys.argv[1]) is not None\n'
          'print("locked")\nsys.stdout.flush()\ntime.sleep(60)\n')


def other_process(code, *words):
    """Another process that has come so far as to print something."""
    process = subprocess.Popen([sys.executable, '-c', code] + list(words), stdin=subprocess.PIPE,
                               stdout=subprocess.PIPE)
    assert process.stdout.readline().strip()
    return process


# ------------------------------------------------------------------------------------------------ held files

def test_when_another_process_has_the_file_open_it_is_replaced_as_soon_as_it_is_let_go(folder):
    path = os.path.join(folder, 'x.json')
    files.write_atomically(path, b'old')
    holder = other_process(HOLDER, path, '0.7')
    files.write_atomically(path, b'new')
    holder.communicate()
    assert read(path) == b'new' and os.listdir(folder) == ['x.json']


def test_when_a_file_is_never_let_go_the_old_one_stays_and_no_litter(folder):
    path = os.path.join(folder, 'x.json')
    files.write_atomically(path, b'old')
    begun = monotonic()
    with io.open(path, 'rb'):
        with pytest.raises(EnvironmentError):
            files.write_atomically(path, b'new')
    assert monotonic() - begun >= 1.9 and read(path) == b'old' and os.listdir(folder) == ['x.json']


def test_when_a_file_is_read_only_it_is_replaced_and_removed_all_the_same(folder):
    path = os.path.join(folder, 'object')
    files.write_atomically(path, b'old')
    files.make_read_only(path)
    files.write_atomically(path, b'new')
    assert read(path) == b'new'
    files.make_read_only(path)
    assert files.remove_quietly(path) and not os.path.exists(path)


def test_when_a_record_is_read_while_it_is_written_every_read_parses_and_every_save_succeeds(folder):
    writer = record.Record(folder, {'state': 'prepared', 'warnings': [], 'reason': 'x' * 3000})
    assert writer.save()
    stop, failures = [], []

    def reader():
        while not stop:
            try:
                record.read(folder)
            except Exception as error:
                failures.append(error)
            time.sleep(0.01)  # a follower looks every 40 ms
    threads = [threading.Thread(target=reader) for _ in range(2)]
    for thread in threads:
        thread.start()
    saved = [writer.save() for _ in range(40)]
    stop.append(True)
    for thread in threads:
        thread.join()
    assert all(saved) and failures == []


def test_when_a_folder_is_in_use_it_is_removed_when_it_is_let_go_and_else_the_failure_is_said(folder):
    place = os.path.join(folder, 'in use', 'deep')
    os.makedirs(place)
    put(os.path.join(place, 'x'), b'1')
    files.make_read_only(os.path.join(place, 'x'))
    holder = other_process(HOLDER, os.path.join(place, 'x'), '0.7')
    files.remove_folder(os.path.dirname(place), patience=10)
    holder.communicate()
    assert os.listdir(folder) == []
    os.makedirs(place)
    put(os.path.join(place, 'x'), b'1')
    with io.open(os.path.join(place, 'x'), 'rb'):
        with pytest.raises(OSError):
            files.remove_folder(os.path.dirname(place), patience=0.3)


def test_when_the_owner_of_a_lock_dies_the_lock_is_free(folder):
    path = os.path.join(folder, 'a.lock')
    owner = other_process(LOCKER, path)
    assert shim.is_locked(path) and shim.take_lock(path) is None
    end(owner.pid)
    owner.communicate()
    wait_for(lambda: not shim.is_locked(path))
    assert shim.take_lock(path, patience=5) is not None


def test_when_a_file_is_rewritten_with_the_same_size_its_time_tells(folder):
    path = os.path.join(folder, 'a.pkl')
    put(path, b'12345')
    before = look([folder])
    time.sleep(0.1)
    assert look([folder]) == before
    put(path, b'54321')
    assert look([folder]) != before
    assert abs(os.stat(path).st_mtime - time.time()) < 60


# ------------------------------------------------------------------------------------------------ names and paths

def test_when_a_script_stands_there_in_other_letters_it_is_kept_before_it_is_replaced(write, folder):
    path, store = write('rig/foo_v2.py', b'edited\n'), Cache(os.path.join(folder, 'cache'))
    missing = comparison.Compared(os.path.dirname(path), 'Foo_v2.py', comparison.MISSING)
    standards = {'Foo_v2.py': comparison.Standard(files.md5_of_bytes(b'right\n'), content=b'right\n')}
    repository = ScriptsRepository(configuration.load(), store.folder)
    (_, kept), = comparison.fix([missing], standards, repository, store.keep)
    assert (read(kept), read(path)) == (b'edited\n', b'right\n')


@pytest.mark.parametrize('name', [
    'con', 'NUL.py', 'com1.txt', 'LPT9', 'aux', 'CONIN$', 'x.', 'x ', ' x', 'c:x.py', 'a\\b', '..\\x', 'a/b', 'x?',
    'a*', 'a"b', 'a|b', 'a<b', 'x:stream', 'a\tb', '', 'x' * 151, '\\\\server\\share'])
def test_when_a_name_would_be_another_thing_on_windows_it_is_refused(name):
    with pytest.raises(UsageError):
        files.check_name(name)


def test_when_paths_have_drives_or_servers_they_stay_what_they_are(write):
    path = write('lab/rig_agent.yml', 'home: D:/state\noutputs: ["\\\\\\\\allen\\\\out", C:\\data\\x, sub, E:/]\n')
    settings = configuration.load(path)
    assert settings['home'] == 'D:\\state'
    assert settings['outputs'] == ['\\\\allen\\out', 'C:\\data\\x', os.path.join(os.path.dirname(path), 'sub'), 'E:\\']


def test_when_a_path_would_be_too_long_it_is_said_before_anything_starts(desk):
    desk.home = os.path.join(desk.home, *['d' * 50] * 4)
    with pytest.raises(UsageError) as caught:
        desk.prepare(b'print(1)\n')
    assert 'too long for Windows' in caught.value.what and not os.path.exists(desk.home)


def test_when_the_home_has_odd_letters_sessions_run_in_it(desk):
    desk.home = os.path.join(desk.home, "r\xe9gime \u4e2d & (1) %TEMP% ^'!;=,")
    desk.agent.environment['RIG_AGENT_HOME'] = desk.home
    record = desk.run(b'import sys\nprint(open(sys.argv[1]).read())\n')
    assert record['outcome'] == 'completed', record
    assert os.path.normcase(record['folder']).startswith(os.path.normcase(desk.home))


def test_when_a_script_fails_in_a_folder_with_an_accent_its_place_is_named_as_it_is(desk):
    """Its traceback is in the code page of the system, not in UTF-8."""
    desk.home = os.path.join(desk.home, 'r\xe9gime')
    desk.agent.environment['RIG_AGENT_HOME'] = desk.home
    del desk.agent.environment['PYTHONIOENCODING']
    record = desk.run(b'raise ValueError("caf\\xe9")\n')
    assert record['traceback']['file'] == record['argv'][1] and record['traceback']['message'] == 'caf\xe9'


@pytest.mark.parametrize('more', [-20, 20])
def test_when_only_a_file_of_the_session_would_have_too_long_a_path_nothing_is_made_either(desk, more):
    """The longest is not the script's but that of a record that is about to be moved to its place."""
    longest = len('\\sessions\\261127000000_a_12345678\\session.json.staged-12345678')
    desk.home = os.path.join(desk.home, 'd' * (259 - longest - len(desk.home) - 1 + more))
    if more < 0:
        assert desk.prepare(b'print(1)\n')
        return
    with pytest.raises(UsageError):
        desk.prepare(b'print(1)\n')
    assert not os.path.exists(desk.home)


# ------------------------------------------------------------------------------------------------ the command line

def test_when_stdin_is_the_null_device_nobody_is_taken_to_sit_there(agent, write):
    """Windows calls it a terminal; a question would be answered by its end, as by Ctrl-C."""
    with open(os.devnull) as nothing:
        assert nothing.isatty() and not compat.is_terminal(nothing)
    write('regimen.yml', 'name: T_v1\ntransitions: []\nstages: {a: {script: a_v2.py}, b: {script: b_v2.py}}\n')
    with open(os.devnull) as nothing:
        process = subprocess.Popen(agent.argv('run'), cwd=agent.folder, env=agent.environment, stdin=nothing,
                                   stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        said = process.communicate()[1]
    assert process.returncode == 2 and b'Which stage?' in said, said


@pytest.mark.parametrize('encoding', ['cp437', 'cp1252', 'utf-8'])
def test_when_the_console_lacks_a_letter_the_rest_is_printed(agent, write, encoding):
    write('regimen.yml', 'name: "T\u00e2che_v1"\ntransitions: []\nstages:\n'
                         '  "\u4e2d\u6587 \u2192 \U0001f42d": {script: a_v2.py, parameters: {}}\n')
    process = agent.start('stages', environment={'PYTHONIOENCODING': encoding})
    out, err = process.communicate()
    assert process.returncode == 0 and b'Traceback' not in err, err
    assert '\u4e2d\u6587'.encode(encoding, 'backslashreplace') in out and b'a_v2.py' in out
    failed = agent.start('show', 'nowhere \u2192', environment={'PYTHONIOENCODING': encoding})
    said = failed.communicate()[1]
    assert failed.returncode == 6 and '\u2192'.encode(encoding, 'backslashreplace') in said


def test_when_options_hold_stars_and_variables_they_come_as_typed(agent, write):
    write('task.py', b'print(1)\n')
    write('regimen.yml', 'name: T_v1\ntransitions: []\nstages: {a: {script: ./task.py, parameters: {x: 1}}}\n')
    words = '*.py %TEMP% $HOME ~ "&^|<>()!'
    ended = agent('run', 'a', '--json', '--set', 'x=' + compat.json_text(words).strip())
    assert ended.code == 0 and ended.json['overrides'] == {'x': words}


def test_when_make_bat_is_called_it_hands_its_words_on(folder):
    """Through cmd.exe, from another folder."""
    project = os.path.abspath(os.path.join(os.path.dirname(__file__), '..', '..'))
    put(os.path.join(folder, 'develop.py'), b'import json, sys\nprint(json.dumps(sys.argv[1:]))\nsys.exit(3)\n')
    put(os.path.join(folder, 'make.bat'), read(project, 'make.bat'))
    process = subprocess.Popen([os.path.join(folder, 'make.bat'), 'smoke', '--set', 'a=1 2'], cwd=project,
                               stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                               env=dict(os.environ, PYTHON=sys.executable))
    out, err = process.communicate()
    assert b'["smoke", "--set", "a=1 2"]' in out and process.returncode == 3, (out, err)
    assert b'\r\n' in read(project, 'make.bat')  # cmd.exe misreads labels of a file with LF

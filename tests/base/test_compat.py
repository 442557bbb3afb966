"""What the Pythons and systems lack and do otherwise. Python 2.7 on Windows cannot be had here: its ways are played."""
from __future__ import absolute_import, unicode_literals

import errno
import os
import sys
import threading
import time

import pytest

from rig_agent.base import compat
from rig_agent.base.compat import PY2, environment_for, is_terminal, message_of, reason_of, run_bounded, to_native
from rig_agent.cli import pages
from rig_agent.sessions import follow
from rig_agent.sessions.keeper import Keeper
from rig_agent.sessions.record import Record


# ------------------------------------------------------------------------------------------------ waiting

def test_a_signal_that_has_a_handler_ends_a_sleep_and_nothing_else(monkeypatch):
    """Python 2.7 raises so on Windows, after Ctrl-C has called a handler that does not raise."""
    naps = []

    def interrupted(seconds):
        naps.append(seconds)
        raise IOError(errno.EINTR, 'Interrupted function call')
    monkeypatch.setattr(compat.time, 'sleep', interrupted)
    compat.sleep(7)
    assert naps == [7]

    def broken(seconds):
        raise IOError(errno.EINVAL, 'Invalid argument')
    monkeypatch.setattr(compat.time, 'sleep', broken)
    with pytest.raises(IOError):
        compat.sleep(7)


def test_a_session_is_followed_on_after_ctrl_c(folder, monkeypatch):
    """The same, where a person meets it: the sleep between two looks at the session."""
    Record(folder, {'state': 'running', 'outcome': None}).save()
    asleep = []

    def interrupted(seconds):
        asleep.append(seconds)
        if len(asleep) > 3:
            Record(folder, {'state': 'ended', 'outcome': 'stopped'}).save()
        raise IOError(errno.EINTR, 'Interrupted function call')
    monkeypatch.setattr(compat.time, 'sleep', interrupted)
    assert follow.follow(folder)['outcome'] == 'stopped'
    assert len(asleep) == 4


def test_one_process_is_started_at_a_time():
    """Else one child inherits what was opened for the other, and its output does not end before both have."""
    ended = []
    compat.spawning.acquire()
    try:
        worker = threading.Thread(target=lambda: ended.append(run_bounded([sys.executable, '-c', 'pass'], 60)[0]))
        worker.start()
        time.sleep(0.3)
        assert ended == []
    finally:
        compat.spawning.release()
    worker.join()
    assert ended == [0]


def test_git_variables_are_hidden_from_libraries_and_reach_what_is_started(monkeypatch):
    monkeypatch.setattr(compat, '_set_aside', {})
    monkeypatch.setenv(str('GIT_DIR'), str('/nonexistent'))
    compat.set_git_variables_aside()
    assert 'GIT_DIR' not in os.environ and compat.environment()['GIT_DIR'] == '/nonexistent'
    code, out, _ = run_bounded([sys.executable, '-c', 'import os; print(os.environ["GIT_DIR"])'], 60)
    assert (code, out.strip()) == (0, b'/nonexistent')


# ------------------------------------------------------------------------------------------------ terminals

@pytest.mark.skipif(os.name == 'nt', reason='tests/windows has its own')
def test_a_terminal_is_told_from_the_null_device():
    controller, terminal = os.openpty()
    with os.fdopen(terminal, 'w') as stream:
        assert is_terminal(stream)
    os.close(controller)
    with open(os.devnull) as stream:
        assert not is_terminal(stream)


@pytest.mark.skipif(not PY2 and sys.version_info < (3, 8), reason='these know the code page on Windows only')
def test_a_console_in_utf_8_has_a_code_page_that_python_2_does_not_know(agent, write):
    write('regimen.yml', 'name: X_v1\ntransitions: []\nstages: {"\u4e2d": {script: a_v2.py, parameters: {}}}\n')
    ended = agent('stages', environment={'PYTHONIOENCODING': 'cp65001'})
    assert ended.code == 0 and '\u4e2d' in ended.out, ended
    missing = agent('show', 'nowhere \u2192', environment={'PYTHONIOENCODING': 'cp65001'})
    assert missing.code == 6 and 'nowhere \u2192' in missing.err, missing


@pytest.mark.parametrize('path, address', [
    ('C:\\out\\a b\\\xe9.html', 'file:///C:/out/a%20b/%C3%A9.html'), ('/tmp/x#1', 'file:///tmp/x%231'),
    ('\\\\allen\\out\\x', 'file://allen/out/x')])
def test_a_page_has_an_address_that_browsers_know_on_every_system(path, address):
    assert pages._url_of(path) == address


# ------------------------------------------------------------------------------------------------ what errors say

class Mute(Exception):
    def __str__(self):
        raise ValueError('no')
    __unicode__ = __str__


@pytest.mark.parametrize('error, reason', [
    (OSError(13, 'Permission denied', 'x'), 'Permission denied'), (ValueError('\u2192 \xe9'), '\u2192 \xe9'),
    (ValueError('caf\xe9'.encode('utf-8') if PY2 else 'caf\xe9'), 'caf\xe9'),
    (Mute(), '(its message cannot be printed)')])
def test_what_an_error_says_is_text_whatever_it_is(error, reason):
    assert reason_of(error) == reason
    assert reason in message_of(error)


def test_what_windows_says_in_its_own_language_is_text_too(monkeypatch):
    monkeypatch.setattr(compat, 'FILE_SYSTEM_ENCODING', 'cp1252')
    assert reason_of(OSError(13, 'Zugriff verweigert f\xfcr'.encode('cp1252'))) == 'Zugriff verweigert f\xfcr'
    if PY2:
        assert 'f\xfcr' in message_of(OSError(13, 'f\xfcr'.encode('cp1252')))


@pytest.mark.parametrize('error', [OSError(13, b'Zugriff f\xfcr'), ValueError(b'f\xfcr'), ValueError('f\xfcr')])
def test_a_keeper_survives_an_error_in_any_letters(folder, capfd, error):
    """It notes what went wrong and goes on; on Python 2 bytes that are no ASCII cannot meet text."""
    keeper = Keeper.__new__(Keeper)
    keeper.record = Record(folder, {'warnings': []})

    def look_at_something():
        raise error
    assert keeper.guarded(look_at_something) is None
    assert len(keeper.record['warnings']) == 1 and 'look at something failed' in keeper.record['warnings'][0]
    assert 'Traceback' in capfd.readouterr()[1]


# ------------------------------------------------------------------------------------------------ conda

def test_an_interpreter_of_conda_finds_its_libraries_without_being_activated(folder, write, monkeypatch):
    """As from a scheduled task, or beside another environment that is activated."""
    monkeypatch.setenv(str('PATH'), to_native(os.pathsep.join(['first', os.path.join(folder, 'Scripts'), 'last'])))
    python = write('python.exe', b'')
    before = environment_for(python)
    assert before['PATH'].split(os.pathsep)[0] == 'first'
    monkeypatch.setattr(compat, 'WINDOWS', True)
    assert environment_for(python) == before  # it is none of conda's
    write('conda-meta/history', b'')
    monkeypatch.setattr(compat, 'CONDA_FOLDERS', ('Library', 'Scripts'))
    activated = environment_for(python)
    assert activated['PATH'].split(os.pathsep) == [
        folder, os.path.join(folder, 'Library'), os.path.join(folder, 'Scripts'), 'first', 'last']
    assert dict(activated, PATH='') == dict(before, PATH='')
    assert environment_for('python') == before  # whichever is found on PATH

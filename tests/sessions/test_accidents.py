"""When files of a session vanish, a home has no locks or a shim is slow: nothing runs unkept, nobody waits for ever."""
from __future__ import absolute_import, unicode_literals

import errno
import io
import os
import shutil
import signal
import subprocess
import threading

import pytest

from labs import SELF_DESTRUCT, disk_bytes, faults, is_alive, kill, put, wait_for
from rig_agent.base.compat import WINDOWS, to_native
from rig_agent.base.errors import NotFound, Refused, RigAgentError
from rig_agent.sessions import follow, recover, shim, start
from rig_agent.sessions.stopping import request_stop
from test_recovery import WAITS, go, keepers_of, kill_now
from test_supervision import SLEEPS, prepared

pytestmark = pytest.mark.skipif(WINDOWS, reason='files in use cannot be removed there; SIGSTOP')


# ------------------------------------------------------------------------------------------------ what is removed

def test_when_somebody_removes_the_home_no_second_script_starts_beside_the_first(lab):
    process = lab.start(SLEEPS)
    first = lab.record()
    wait_for(lambda: lab.file('stdout.log'))
    shutil.rmtree(lab.home, ignore_errors=True)  # the keeper may write into it at this very moment
    wait_for(lambda: os.path.exists(os.path.join(lab.home, 'running', first['id'])))
    wait_for(lambda: os.path.exists(os.path.join(first['folder'], 'session.json')))
    second = lab.agent('run', 'stage_a', '--json')
    assert second.code == 4 and first['id'][:8] in second.json['reason']
    assert lab.agent('stop', first['id'], '--json').json['outcome'] == 'stopped'
    process.communicate()


def test_when_the_locks_are_removed_no_second_keeper_comes(lab):
    """As by somebody who takes them for stale, while the keeper is too busy to see it."""
    process = lab.start(WAITS)
    keeper = lab.keeper()
    os.kill(keeper, signal.SIGSTOP)
    for name in ('keeper.lock', 'shim.lock'):
        os.remove(lab.path(name))
    assert not recover.is_kept(lab.folder()) and not recover.recover(lab.folder(), lab.record())
    os.kill(keeper, signal.SIGCONT)
    wait_for(lambda: recover.is_kept(lab.folder()))
    go(lab)
    process.communicate()
    assert [entry['pid'] for entry in lab.record()['keepers']] == [keeper]
    assert lab.record()['outcome'] == 'failed' and lab.record()['exit']['code'] == 3


def test_when_the_script_removes_all_json_in_its_folder_the_session_can_still_be_found_and_kept(lab):
    process = lab.start('import glob\nfor name in glob.glob("*.json"):\n    os.remove(name)\n' + WAITS)
    wait_for(lambda: os.path.exists(os.path.join(newest(lab), 'ran')))
    for name in ('request.json', 'started.json', 'session.json'):
        wait_for(lambda: os.path.exists(os.path.join(newest(lab), name)))
    keeper = lab.keeper()
    assert len(lab.agent('status', '--json').json['running']) == 1
    kill_now(keeper)
    wait_for(lambda: len(lab.record()['keepers']) == 2)
    go(lab)
    process.communicate()
    assert lab.record()['outcome'] == 'failed' and lab.record()['exit']['code'] == 3
    assert any('files in it' in warning for warning in lab.record()['warnings'])


def newest(lab):
    [name] = os.listdir(os.path.join(lab.home, 'sessions'))
    return os.path.join(lab.home, 'sessions', name)


def test_when_the_folder_is_away_as_its_following_begins_that_waits_for_it(lab):
    record = lab.run('print("x")')
    folder, away = record['folder'], record['folder'] + ' away'
    os.rename(folder, away)
    with pytest.raises(NotFound):
        follow.follow(folder)  # the negative control: it does not come
    timer = threading.Timer(1, os.rename, (away, folder))
    timer.start()
    assert follow.follow(folder)['id'] == record['id']
    timer.join()


def test_when_no_keeper_can_take_a_session_over_the_one_who_follows_is_told(lab, monkeypatch):
    process = lab.start(WAITS)
    keeper, script = lab.keeper(), lab.record()['process']['pid']
    process.kill()
    process.communicate()
    os.kill(keeper, signal.SIGSTOP)
    os.rename(lab.path('request.json'), lab.path('elsewhere'))
    kill_now(keeper)
    monkeypatch.setattr(follow, 'KEEPER_CHECK', 0.05)
    with pytest.raises(RigAgentError) as told:
        follow.follow(lab.folder())
    assert 'request.json' in told.value.found and str(script) in told.value.advice and is_alive(script)
    os.rename(lab.path('elsewhere'), lab.path('request.json'))
    go(lab)
    assert follow.follow(lab.folder())['exit']['code'] == 3  # the negative control: mended, it is taken over


def test_when_the_script_vanished_from_the_cache_that_is_said(lab):
    from rig_agent.rig import configuration
    from rig_agent.sessions.prepare import prepare
    from rig_agent.sessions.request import SessionRequest
    gone = {'role': 'main', 'name': 'gone.py', 'path': os.path.join(lab.home, 'gone.py'), 'found_md5': '0' * 32}
    with pytest.raises(Refused) as refused:
        prepare(SessionRequest('direct', [gone], {}), configuration.load())
    assert refused.value.where == gone['path'] and 'Run again' in refused.value.advice


# ------------------------------------------------------------------------------------------------ where it lies

def test_when_the_home_has_no_locks_the_session_is_refused_before_anything_starts(lab, monkeypatch):
    """As some network drives are."""
    import fcntl

    def flock(*_):
        raise IOError(errno.ENOLCK, os.strerror(errno.ENOLCK))
    assert prepared(lab)  # the negative control
    monkeypatch.setattr(fcntl, 'flock', flock)
    with pytest.raises(Refused) as refused:
        prepared(lab)
    assert refused.value.found == os.strerror(errno.ENOLCK) and 'set `home`' in refused.value.advice


@pytest.mark.parametrize('line', [b'2026-11-27T06:53:05.276Z,1.000,3.02026-11-27T06:53:06.276Z,2.000,3.0',
                                  b'2026-11-27T06:53:05.276Z,1.000,3.0,4096,'])
def test_when_a_full_disk_has_cut_a_sample_the_session_is_shown_all_the_same(lab, line):
    process = lab.start(WAITS)
    put(lab.path('resources.csv'), b'utc\r\n' + line)
    os.kill(lab.keeper(), signal.SIGSTOP)
    shown = lab.agent('status', '--json')
    os.kill(lab.keeper(), signal.SIGCONT)
    go(lab)
    process.communicate()
    assert shown.code == 0 and len(shown.json['running']) == 1, shown


def test_when_the_log_has_no_limit_a_session_runs_and_its_record_says_that_no_space_is_reserved(lab):
    put(os.path.join(lab.home, 'rig_agent.yml'), b'limits: {log: null}\n')
    record = lab.run('print("x")')
    assert record['outcome'] == 'completed' and record['limits']['log']['value'] is None
    assert ['have no limit' in warning for warning in record['warnings']] == [True]


def test_when_the_system_hides_which_boot_this_is_sessions_run_and_are_stopped(lab):
    """As some containers do. A file system without it is put in its place, for the command and all that it starts."""
    hide = 'mount -t tmpfs none /proc/sys/kernel/random && exec "$@"'
    if subprocess.call(['unshare', '-m', 'sh', '-c', hide, 'sh', 'true'], stderr=subprocess.PIPE):
        pytest.skip('nothing can be mounted here')
    lab.regimen(SLEEPS)
    words = lab.agent.argv('run', 'stage_a', '--json', '--timeout', '1')
    process = subprocess.Popen(['timeout', '-k', '5', '60', 'unshare', '-m', 'sh', '-c', hide, 'sh'] + words,
                               cwd=to_native(lab.agent.folder), env=lab.agent.environment, stdout=subprocess.PIPE,
                               stderr=subprocess.PIPE)
    _, err = process.communicate()
    assert (process.returncode, lab.record()['outcome']) == (8, 'timed_out'), err
    assert lab.record()['process']['identity'].startswith('unknown:')


# ------------------------------------------------------------------------------------------------ who is slow

def test_when_a_stop_comes_while_a_shim_is_slow_the_script_is_not_started_later(lab):
    """It would run with nobody who keeps it, and another beside it."""
    folder = prepared(lab, script=(SELF_DESTRUCT + 'open("ran", "w")\n').encode('ascii'))
    lock = shim.take_lock(os.path.join(folder, 'shim.lock'))  # a shim waits five seconds for it
    start.start(folder)
    slow = wait_for(lambda: child_of(keepers_of(folder), b'shim.py'))
    os.kill(slow, signal.SIGSTOP)
    request_stop(folder, 'somebody')
    record = follow.follow(folder)
    os.close(lock)
    kill(slow, signal.SIGCONT)
    wait_for(lambda: not is_alive(slow))
    assert record['outcome'] == 'stopped' and 'before the script was started' in record['reason']
    assert record['stop']['steps'] == [] and not os.path.exists(os.path.join(folder, 'ran'))


def child_of(parents, name):
    """The pid of a child of one of these whose command line names it."""
    for pid in (int(entry) for entry in os.listdir('/proc') if entry.isdigit()):
        fields = shim.process_fields(pid)
        if fields and fields[0] in parents:
            with io.open('/proc/%d/cmdline' % pid, 'rb') as stream:
                if name in stream.read():
                    return pid


def test_when_a_keeper_has_a_defect_a_secret_of_the_request_does_not_stay(lab, monkeypatch):
    folder = prepared(lab, simulated=True, environment={'LAB_API_TOKEN': 'hunter2hunter2'},
                      script=(SELF_DESTRUCT + 'print("ready")\nsys.stdout.flush()\n' + WAITS).encode('ascii'))
    monkeypatch.setenv(str('PYTHONPATH'), faults('defective_keeper'))
    start.start(folder)
    wait_for(lambda: 'keeper failed' in [event['event'] for event in lab.events()])
    assert b'hunter2hunter2' in lab.file('request.json')
    go(lab)
    record = follow.follow(folder)
    assert any('a defect' in warning for warning in record['warnings'])
    assert b'hunter2hunter2' not in lab.file('request.json')
    assert disk_bytes(lab.path('stdout.log')) < 10 ** 6  # nor the space that was reserved

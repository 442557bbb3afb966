"""When signals come twice, early, to who is stopped or busy, or are unwanted by who started us; guarantees 18 to 20."""
from __future__ import absolute_import, unicode_literals

import ctypes
import os
import signal
import subprocess
import sys
from contextlib import contextmanager

import pytest

from labs import SELF_DESTRUCT, faults, put, wait_for
from rig_agent.base.compat import WINDOWS, hear_of_children
from rig_agent.sessions import follow, shim, start
from test_recovery import SAVES, WAITS, go, kill_now, shim_pid
from test_supervision import SLEEPS, prepared, steps

pytestmark = pytest.mark.skipif(WINDOWS, reason='signals of POSIX')


@contextmanager
def ignored(number):
    """A signal ignored, which is inherited. With SIGCHLD the system forgets how children ended: a 0, thinks Python."""
    before = signal.signal(number, signal.SIG_IGN)
    try:
        yield
    finally:
        signal.signal(number, before)


def test_when_who_starts_the_command_ignores_its_children_the_exit_code_is_known_all_the_same(lab):
    lab.regimen('sys.exit(3)')
    with ignored(signal.SIGCHLD):
        process = lab.agent.start('run', 'stage_a')
        out, err = process.stdout.read(), process.stderr.read()
        assert (lab.record()['outcome'], lab.record()['exit']['code']) == ('failed', 3), (out, err)
        assert subprocess.Popen([sys.executable, '-c', 'raise SystemExit(3)']).wait() != 3  # the negative control
        hear_of_children()
        assert subprocess.Popen([sys.executable, '-c', 'raise SystemExit(3)']).wait() == 3


def test_when_who_starts_the_keeper_ignores_its_children_it_learns_the_exit_code_of_what_falls_to_it(lab):
    folder = prepared(lab, script=(SELF_DESTRUCT + WAITS).encode('ascii'))
    with ignored(signal.SIGCHLD):
        start.start(folder)
    wait_for(lambda: lab.record()['state'] == 'running')
    kill_now(shim_pid(lab))
    go(lab)
    ended = follow.follow(folder)
    assert (ended['outcome'], ended['exit']['code']) == ('failed', 3), ended['reason']


@pytest.mark.parametrize('number', [signal.SIGINT, signal.SIGTERM])
def test_when_a_wrapper_passes_on_a_signal_that_came_already_nothing_is_hurried(lab, number):
    """`timeout` sends SIGTERM to its child and to its group; others pass on a Ctrl-C of the terminal."""
    lab.agent.environment['PYTHONPATH'] = faults('long_press')
    process = lab.start(SAVES + 'time.sleep(60)\n')
    wait_for(lambda: lab.file('stdout.log'))
    process.send_signal(number)
    wait_for(lambda: os.path.exists(lab.path('stop.json')))
    process.send_signal(number)
    wait_for(lambda: os.path.exists(lab.path('asked')))
    assert shim.read_json(lab.path('stop.json'))['now'] is False
    go(lab)
    process.communicate()
    assert lab.record()['outcome'] == 'stopped' and os.path.exists(lab.path('saved'))


def test_when_ctrl_c_is_pressed_while_the_keeper_is_being_started_the_session_is_stopped(lab):
    """Between the start of the keeper and the following of its session."""
    lab.agent.environment['PYTHONPATH'] = faults('slow_start')
    lab.regimen(SLEEPS)
    process = lab.agent.start('run', 'stage_a', '--json')
    wait_for(lambda: lab.folder() and os.path.exists(lab.path('handed_over.json')))
    process.send_signal(signal.SIGINT)
    wait_for(lambda: os.path.exists(lab.path('stop.json')))
    put(lab.path('go'), b'')
    _, err = process.communicate()
    assert process.returncode == 130 and lab.record()['outcome'] == 'stopped', err
    assert lab.record()['stop']['by'] == 'Ctrl-C' or lab.record()['process']['pid'] is None


def test_when_a_shell_script_started_it_in_the_background_a_ctrl_c_for_that_script_stops_nothing(lab):
    """A shell lets what it starts with `&` ignore SIGINT; SIGTERM is heard."""
    with ignored(signal.SIGINT):
        process = lab.start(SLEEPS)
    wait_for(lambda: lab.state() == 'running')
    process.send_signal(signal.SIGINT)
    process.send_signal(signal.SIGTERM)
    process.communicate()
    assert lab.record()['stop']['by'] == 'SIGTERM'


def test_when_ctrl_c_is_pressed_in_the_zoo_no_other_script_begins(lab):
    process = lab.agent.start('harness', 'zoo', 'run', 'falls_silent', 'behaves')
    wait_for(lambda: lab.state() == 'running')
    process.send_signal(signal.SIGINT)
    out, err = process.communicate()
    assert process.returncode == 130 and len(os.listdir(os.path.join(lab.home, 'sessions'))) == 1, (out, err)
    assert lab.record()['outcome'] == 'stopped' and b'as they should be' not in out


@pytest.mark.parametrize('number', [signal.SIGINT, signal.SIGTERM])
def test_when_nobody_reads_the_output_a_stop_is_heard_all_the_same(lab, number):
    """As with `rig-agent run STAGE | less`: the command waits for a full pipe."""
    lab.regimen('signal.signal(signal.SIGINT, lambda *_: os._exit(0))\nline = "x" * 100\n'
                'while True:\n    print(line)\n    sys.stdout.flush()\n    time.sleep(0.001)\n')
    process = lab.agent.start('run', 'stage_a')
    try:
        wait_for(lambda: lab.state() == 'running')
        wait_for(lambda: unread(process.stdout) and is_stuck(process.stdout, lab.path('stdout.log')))
        process.send_signal(number)
        wait_for(lambda: lab.record()['state'] == 'ended')
    finally:
        out, err = process.communicate()
    assert lab.record()['outcome'] == 'stopped' and b'Traceback' not in err
    assert process.returncode == (130 if number == signal.SIGINT else 9)
    size = lab.record()['logs']['stdout']['size']
    assert out.count(b'x' * 100 + b'\n') == size // 101  # nothing was lost or shown twice


def is_stuck(pipe, log):
    """Whether nothing goes into a pipe while a log grows that is to be shown there."""
    before, size = unread(pipe), os.path.getsize(log)
    wait_for(lambda: os.path.getsize(log) > size + 20000)
    return unread(pipe) == before


def unread(pipe):
    """How many bytes stand in a pipe."""
    import fcntl
    import termios
    count = ctypes.c_int()
    fcntl.ioctl(pipe, termios.FIONREAD, count)
    return count.value


def test_when_a_stopped_script_is_asked_to_end_it_goes_on_to_save_its_data(lab):
    """A debugger or a person has stopped it: what is sent to it waits until it goes on."""
    process = lab.start(SAVES + 'open("go", "w").close()\nos.kill(os.getpid(), signal.SIGSTOP)\ntime.sleep(60)\n',
                        grace=60)
    wait_for(lambda: state(lab.record()['process']['pid']) == 'T')
    stopped = lab.agent('stop', '--json')
    process.communicate()
    assert stopped.json['outcome'] == 'stopped' and os.path.exists(lab.path('saved'))
    assert steps(stopped.json)[-1] == ('interrupt', 'the script ended')


def state(pid):
    with open('/proc/%d/stat' % pid) as stream:
        return stream.read().rpartition(')')[2].split()[0]

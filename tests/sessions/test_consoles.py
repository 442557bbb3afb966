"""When the console of a session goes away, in whichever way, the session does not; guarantees 7, 16 and 19."""
from __future__ import absolute_import, unicode_literals

import io
import os
import signal
import subprocess

import pytest

from labs import put, wait_for
from rig_agent.base.compat import WINDOWS, to_native

pytestmark = pytest.mark.skipif(WINDOWS, reason='terminals of POSIX; tests/windows closes windows')

# Prints on until the test says so: whoever shows it finds out that nobody reads any more.
PRINTS = ('number = 0\nwhile not os.path.exists("go"):\n    number += 1\n    print("frame %d" % number)\n'
          '    sys.stdout.flush()\n    time.sleep(0.02)\n')
DEAF_TO_HANGUPS = ('import os, signal, sys\nsignal.signal(signal.SIGHUP, signal.SIG_IGN)\n'
                   'os.execv(sys.argv[1], sys.argv[1:])\n')


class Terminal(object):
    """A command at a terminal of its own, which can be closed."""

    def __init__(self, lab, deaf=False):
        import pty
        self.ours, theirs = pty.openpty()
        words = lab.agent.argv('run', 'stage_a')
        if deaf:
            words = [words[0], '-c', DEAF_TO_HANGUPS] + words
        self.process = subprocess.Popen(
            words, stdin=theirs, stdout=theirs, stderr=theirs, close_fds=True, cwd=to_native(lab.agent.folder),
            preexec_fn=self.own, env={to_native(key): to_native(value) for key, value in
                                      dict(lab.agent.environment, TERM='xterm').items()})
        os.close(theirs)
        self.seen = b''

    def own(self):
        """In the command: the terminal is its controlling one, so that closing it is heard."""
        import fcntl
        import termios
        os.setsid()
        signal.signal(signal.SIGHUP, signal.SIG_DFL)  # whatever this test was started under, such as nohup
        fcntl.ioctl(0, termios.TIOCSCTTY, 0)

    def read_until(self, text):
        while text not in self.seen:
            self.seen += os.read(self.ours, 4096)

    def close(self):
        os.close(self.ours)
        return self.process


def no_defect(lab):
    logs = os.path.join(lab.home, 'logs')
    return not os.path.isdir(logs) or not os.listdir(logs)


def samples(lab):
    return lab.file('resources.csv').count(b'\n') if os.path.exists(lab.path('resources.csv')) else 0


@pytest.mark.parametrize('deaf, code', [(False, -1), (True, 0)])
def test_when_the_terminal_is_closed_the_session_goes_on(lab, deaf, code):
    """By SIGHUP (1); also under a command that is deaf to it: it goes on without showing anything."""
    lab.regimen(PRINTS)
    terminal = Terminal(lab, deaf)
    terminal.read_until(b'frame 3')
    process = terminal.close()
    if not deaf:
        assert process.wait() == code
    seen = samples(lab)
    wait_for(lambda: samples(lab) > seen + 1)  # the keeper has looked around meanwhile, the live line been drawn
    put(lab.path('go'), b'')
    assert process.wait() == code
    wait_for(lambda: lab.record()['state'] == 'ended')
    assert lab.record()['outcome'] == 'completed' and len(lab.record()['keepers']) == 1 and no_defect(lab)


@pytest.mark.parametrize('lines', [0, 1, 4])
def test_when_the_reader_of_its_output_goes_away_the_session_runs_to_its_end(lab, lines):
    """`rig-agent run STAGE | head`, and the exit code still tells."""
    lab.regimen(PRINTS + 'sys.exit(3)\n')
    process = lab.agent.start('run', 'stage_a')
    for _ in range(lines):
        process.stdout.readline()
    process.stdout.close()
    wait_for(lambda: lab.state() == 'running')
    put(lab.path('go'), b'')
    err = process.stderr.read()
    assert process.wait() == 1 and lab.record()['outcome'] == 'failed', err
    assert b'Traceback' not in err and b'BrokenPipe' not in err and no_defect(lab)


def test_when_it_has_no_stdout_at_all_the_session_runs_to_its_end(lab):
    lab.regimen('print("x")')
    words = ['sh', '-c', 'exec "$@" >&- 2>&-', 'sh'] + lab.agent.argv('run', 'stage_a')
    assert subprocess.call(words, cwd=to_native(lab.agent.folder), env=lab.agent.environment) == 0
    assert lab.record()['outcome'] == 'completed' and no_defect(lab)


def test_when_stdout_is_a_file_on_a_full_disk_the_session_runs_and_the_loss_is_said(lab):
    lab.regimen('print("x")')
    with io.open('/dev/full', 'wb') as full:
        process = subprocess.Popen(lab.agent.argv('run', 'stage_a'), cwd=to_native(lab.agent.folder),
                                   env=lab.agent.environment, stdout=full, stderr=subprocess.PIPE)
        _, err = process.communicate()
    assert lab.record()['outcome'] == 'completed'
    with io.open('/dev/full', 'wb') as full:
        process = subprocess.Popen(lab.agent.argv('run', 'stage_a', '--json'), cwd=to_native(lab.agent.folder),
                                   env=lab.agent.environment, stdout=full, stderr=subprocess.PIPE)
        _, err = process.communicate()
    assert process.returncode != 0 and b'No space left' in err and no_defect(lab), err


def test_when_a_stop_cannot_be_asked_for_that_is_said_and_the_session_goes_on(lab):
    """In a folder in which the request cannot be written, whatever the reason."""
    process = lab.start('print("ready")\n' + PRINTS)
    os.remove(lab.path('stop.reserved'))
    os.makedirs(os.path.join(lab.path('stop.json'), 'in the way'))
    process.send_signal(signal.SIGINT)
    refused = lab.agent('stop')
    assert refused.code == 4 and 'could not be asked to stop' in refused.err and 'to do' in refused.err
    assert lab.record()['state'] == 'running'
    put(lab.path('go'), b'')
    _, err = process.communicate()
    assert b'could not be asked to stop' in err and b'Traceback' not in err, err
    assert lab.record()['outcome'] == 'completed'

"""What a rig would say of a mistake is said here too, and nothing of a simulated script reaches what is real."""
from __future__ import absolute_import, unicode_literals

import os
import socket
import struct

import pytest

from rig_agent.base.compat import PY2, WINDOWS, to_text
from rig_agent.base.files import md5_of_file
from test_sim_change import FLASHED, TASK

only_2 = pytest.mark.skipif(not PY2, reason='a name of Python 2')


# ------------------------------------------------------------------------------------------------ whose it is

@pytest.mark.parametrize('text, kind', [
    ('open(None)', 'TypeError'), ('import io; io.open(None)', 'TypeError'), ('import os; os.rename("a", None)', 'TypeError'),
    ('import os; os.path.join(None, "x")', '(AttributeError|TypeError)'), ('open("x", "q")', '(ValueError|IOError)'),
    ('import time; time.sleep(None)', 'TypeError'), ('import numpy; numpy.arrange(3)', 'AttributeError'),
    ('import yaml; yaml.load("a: [")', 'ParserError'), ('import subprocess; subprocess.Popen(None)', '(TypeError|AttributeError)'),
    ('import socket; socket.socket().connect(None)', 'TypeError')])
def test_a_mistake_in_a_call_is_the_scripts_wherever_it_is_raised(simulate, text, kind):
    pytest.importorskip('numpy' if 'numpy' in text else 'os')
    run = simulate(text)
    assert run.code == 1 and run.report['exception']['of'] == 'script', run
    assert run.report['exception']['type'] in kind.strip('()').split('|')
    assert WINDOWS or run.report['exception']['line'] == 1  # modules of Wine's Python do not say where they lie


@pytest.mark.parametrize('text', ['import time; time.sleep("0.5")', 'from psychopy import core; core.wait("2")'])
def test_a_text_is_no_time(simulate, text):
    run = simulate(text)
    assert run.code == 1 and run.report['exception']['type'] == 'TypeError', run
    assert run.report['exception']['of'] == 'script' and 'seconds' in run.report['exception']['message']


def test_an_attribute_that_only_the_scripts_own_class_sets_is_unknown_elsewhere(simulate):
    run = simulate('''
        from camstim import Window
        class Own(object):
            def __init__(self):
                self.warpScale = 1
        print(Window(fullscr=True).warpScale)
    ''')
    assert run.code == 0 and run.unknown() == ['camstim.Window.warpScale'], run


def test_a_pair_of_no_value_as_text_is_none(simulate):
    run = simulate(TASK + 'task.start()', dict(FLASHED, response_window='None'))
    assert run.code == 0 and run.report['exception'] is None, run


def test_all_of_psychopy_may_be_imported_at_once(simulate):
    run = simulate('''
        from psychopy import *
        visual, core, event, data, monitors, logging, gui, sound, misc
    ''')
    assert run.code == 0 and run.report['exception'] is None, run


@pytest.mark.skipif(WINDOWS, reason='Windows has them itself')
def test_what_windows_has_in_its_environment_is_there(simulate):
    run = simulate(r'''
        import os
        home = os.path.expanduser("~")
        assert os.environ["HOMEDRIVE"] + os.environ["HOMEPATH"] == home == os.environ["USERPROFILE"]
        for name in ("TEMP", "TMP", "APPDATA", "LOCALAPPDATA"):
            assert os.path.isdir(os.environ[name]), name
        os.environ["USERDOMAIN"], os.environ["COMPUTERNAME"], os.environ["PUBLIC"], os.environ["SYSTEMDRIVE"]
        os.environ["LAB"] = "V1"
        assert os.path.expandvars(r"%USERPROFILE%\data\%lab%") == home + r"\data\V1"
        assert os.path.expandvars("$LAB/100%/%NOWHERE%") == "V1/100%/%NOWHERE%"
        assert os.path.expandvars(b"$LAB") == b"V1"
    ''')
    assert run.code == 0, run


# ------------------------------------------------------------------------------------------------ nothing real

def test_a_datagram_to_another_machine_is_written_down_and_lost(simulate):
    run = simulate('''
        import socket
        sender = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        assert sender.sendto(b"start", ("198.51.100.7", 9998)) == 5
        sender.setsockopt(socket.SOL_SOCKET, socket.SO_BROADCAST, 1)
        assert sender.sendto(b"start", 0, ("<broadcast>", 9998)) == 5
    ''')
    assert run.code == 0, run
    assert sorted(use['what'] for use in run.report['network']) == [
        'datagram: would be sent to 198.51.100.7:9998', 'datagram: would be sent to <broadcast>:9998']


def test_a_datagram_to_this_machine_arrives(simulate):
    receiver = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    receiver.bind(('127.0.0.1', 0))
    receiver.settimeout(60)
    run = simulate('import socket\nsocket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(b"x", ("127.0.0.1", %d))'
                   % receiver.getsockname()[1])
    assert run.code == 0 and receiver.recv(10) == b'x', run
    receiver.close()


@pytest.mark.parametrize('name', ['u3', 'zmq'])
def test_hardware_that_is_installed_is_not_driven(simulate, name):
    simulate.write(name + '.py', 'open("driven", "w").close()\n')
    run = simulate('import %s\n%s.U3().setFIOState(4, 1)\n' % (name, name))
    assert run.code == 0 and not os.path.exists(os.path.join(simulate.folder, 'driven')), run
    assert name in run.unknown() and [part['lacks'] for part in run.report['environment']] == [name]


def test_a_sitecustomize_that_fails_leaves_no_script_unsimulated(agent, folder, write):
    write('site/sitecustomize.py', 'import a_module_that_went_away')
    task = write('task.py', 'import time\ntime.sleep(3600)\n')
    write('regimen.yml', 'name: A_B_v1.0.0\nstages: {A: {script: ./task.py, script_md5: %s, parameters: {}}}'
          % md5_of_file(task))
    environment = {'PYTHONPATH': os.path.join(folder, 'site')}
    ended = agent('run', 'A', '--simulate', '--timeout', '60s', '--json', environment=environment)
    record = ended.json
    assert record.get('outcome') == 'completed', ended
    with open(os.path.join(record['folder'], 'stderr.log'), 'rb') as stream:
        assert b'a_module_that_went_away' in stream.read()


@only_2
def test_the_name_file_of_python_2_opens_as_open_does(simulate):
    run = simulate('''
        import sys
        assert isinstance(open(sys.argv[1]), file) and not isinstance(3, file)
        file(sys.argv[1]).read()
        with file(r"C:/ProgramData/camstim/output/x.pkl", "wb") as stream:
            stream.write("x")
    ''')
    assert run.code == 0 and run.outputs == ['x.pkl'], run
    assert [os.path.basename(path) for path in run.report['files']['read']] == ['params.json']


# ------------------------------------------------------------------------------------------------ outputs

def test_what_a_script_writes_is_named_by_its_whole_path_wherever_the_script_goes(simulate):
    run = simulate('''
        import os
        with open("data.npy", "wb") as stream:
            stream.write(b"x")
        os.chdir(os.path.dirname(os.path.abspath(os.sep)))
    ''')
    assert list(run.report['files']['written']) == [os.path.join(simulate.folder, 'data.npy')], run


@pytest.mark.parametrize('move', ['os.rename', 'shutil.move'])
def test_what_is_written_and_moved_into_its_place_is_written_there(simulate, move):
    run = simulate('''
        import os, shutil
        with open("data.pkl.tmp", "wb") as stream:
            stream.write(b"x")
        %s("data.pkl.tmp", "data.pkl")
    ''' % move)
    assert [os.path.basename(path) for path in run.report['files']['written']] == ['data.pkl'], run
    assert 'no-output' not in run.codes()


def test_a_movie_that_python_2_saved_on_windows_has_its_shape(simulate):
    header = b"{'descr': '|u1', 'fortran_order': False, 'shape': (9L, 30L, 60L), }".ljust(117) + b'\n'
    simulate.write('movie.npy', b'\x93NUMPY\x01\x00' + struct.pack(str('<H'), len(header)) + header + b'\0' * 9 * 30 * 60)
    simulate.write('broken.npy', b'\x93NUMPY\x01\x00' + struct.pack(str('<H'), 9) + b"{'descr':")
    run = simulate('''
        from rig_simulation.images import shape_of_npy
        assert shape_of_npy("movie.npy") == ((9, 30, 60), "|u1")
        try:
            shape_of_npy("broken.npy")
        except ValueError as error:
            assert "header" in str(error)
    ''')
    assert run.code == 0, run


# ------------------------------------------------------------------------------------------------ sessions

def test_a_session_that_the_script_itself_ends_early_is_noted_and_no_fault(simulate):
    text = TASK + '''
class Counting(object):
    frames = 0
    def update(self, *_):
        self.frames += 1
        if self.frames == 3600:
            task.stop()
task.add_item(Counting())
task.start()
'''
    run = simulate(text, FLASHED)
    assert run.code == 0 and run.report['ended_by'] == 'script', run
    assert run.codes() == [] and any('max_task_duration_min says 20 min' in note for note in run.report['notes']), run


def test_work_on_several_cores_is_no_endless_loop_before_its_time(simulate):
    """Two threads compute for two real seconds, three are allowed: of processor time there may be four."""
    run = simulate('''
        import hashlib, threading
        from rig_simulation.clock import real_monotonic
        end, block = real_monotonic() + 2.0, b"x" * (1 << 22)
        def compute():
            while real_monotonic() < end:
                hashlib.sha256(block)
        thread = threading.Thread(target=compute)
        thread.start()
        compute()
        thread.join()
    ''', stuck=3)
    assert 'endless-loop' not in run.codes(), run
    assert to_text(run.err) == ''

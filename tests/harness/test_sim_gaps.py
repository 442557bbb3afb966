"""A gap of the simulator is never told as a fault of the script, nor the other way round."""
from __future__ import absolute_import, unicode_literals

import json

import pytest

from rig_agent.base.compat import WINDOWS

WINDOW = '''
from __future__ import print_function
from psychopy import visual
from camstim import Stimulus, SweepStim, Window
window = Window(fullscr=True)
'''


# ------------------------------------------------------------------------------------------------ gaps

@pytest.mark.parametrize('text, name', [
    ('visual.EnvelopeGrating(window, moddepth=3).draw()', 'psychopy.visual.EnvelopeGrating'),
    ('from psychopy.visual import Aperture; Aperture(window).enabled = True', 'psychopy.visual.Aperture'),
    ('import psychopy.iohub.client as c; print(c.launchHubServer().devices.keyboard)', 'psychopy.iohub.client'),
    ('window.setSomethingNew(1, 2).more[3] += 1', 'camstim.Window.setSomethingNew'),
    ('grating = visual.GratingStim(window); print(float(grating.renderedArea) * 2 + 1)',
     'psychopy.visual.GratingStim.renderedArea'),
    ('from camstim.misc import get_config; print(get_config("Laser")["power"] * 2)',
     'camstim configuration Laser.power'),
    ('import pyglet.gl as gl; gl.glFlush()', 'pyglet.gl'),
    ('from toolbox.imaging import Camera; Camera().snap()', 'toolbox.imaging'),
    ('from camstim.somewhere import Thing\nclass Mine(Thing):\n    def __init__(self):\n        '
     'super(Mine, self).__init__(3)\n        self.a = 1\nassert isinstance(Mine(), Thing) and Mine().a == 1',
     'camstim.somewhere.Thing'),
])
def test_what_the_simulator_does_not_know_is_taken_and_named(simulate, text, name):
    run = simulate(WINDOW + text)
    assert run.code == 0, run
    assert name in run.unknown() and run.report['exception'] is None
    use, = [use for use in run.report['unknown'] if use['name'] == name]
    assert use['where'].startswith('script.py:')
    assert run.codes() == ['no-output']


def test_asked_to_be_strict_the_first_unknown_use_is_an_error_of_the_simulator(simulate):
    run = simulate(WINDOW + 'try:\n    visual.EnvelopeGrating(window)\nexcept (AttributeError, ImportError):\n    pass',
                   strict=True)
    assert run.code == 1 and 'unknown: psychopy.visual.EnvelopeGrating' in run.err, run
    assert run.report['exception']['of'] == 'simulator'


def test_an_unknown_thing_that_breaks_the_script_later_is_no_fault_of_the_script(simulate):
    run = simulate(WINDOW + '''
def prepare():
    answer = visual.EnvelopeGrating(window).measure()
    first, second = answer
prepare()
''')
    assert run.code == 1 and run.report['exception']['of'] == 'simulator', run


def test_a_library_that_this_machine_lacks_is_no_fault_of_the_script(simulate):
    run = simulate('import sys\nsys.path[:] = [p for p in sys.path if "site-packages" not in p]\nimport scipy.signal')
    assert run.code == 1 and run.report['exception']['of'] == 'environment', run
    assert [lack['lacks'] for lack in run.report['environment']] == ['scipy']


def test_a_library_that_the_script_can_do_without_is_only_written_down(simulate):
    run = simulate('''
        try:
            import seaborn
        except ImportError:
            seaborn = None
    ''')
    assert run.code == 0 and run.report['exception'] is None, run


def test_the_network_is_refused_and_that_is_no_fault_of_the_script(simulate):
    run = simulate('''
        import socket
        socket.create_connection(("mtrain.example.org", 5000), timeout=5)
    ''')
    assert run.code == 1 and run.report['exception']['of'] == 'environment', run
    assert run.report['network'] == [{'what': 'refused: mtrain.example.org:5000', 'times': 1}]
    assert 'the simulation has no network' in run.err


def test_an_address_by_number_is_refused_too_and_the_loopback_works(simulate):
    run = simulate('''
        import socket
        listening = socket.socket()
        listening.bind(("127.0.0.1", 0))
        listening.listen(1)
        socket.create_connection(listening.getsockname(), timeout=5).close()
        outside = socket.socket()
        outside.settimeout(1)
        assert outside.connect_ex(("192.0.2.1", 80)) != 0
        outside.connect(("192.0.2.1", 80))
    ''')
    assert run.code == 1 and run.report['exception']['of'] == 'environment', run
    assert {'what': 'refused: 192.0.2.1:80', 'times': 2} in run.report['network']


def test_what_a_rigs_older_libraries_allow_is_allowed(simulate):
    pytest.importorskip('numpy')
    run = simulate('''
        import sys, yaml
        import numpy as np
        params = yaml.load(open(sys.argv[1]))
        assert params["stage"] == "x" and np.float(2) == 2.0 and np.array([True], dtype=np.bool)[0]
    ''', {'stage': 'x'})
    assert run.code == 0, run


def test_waiting_for_an_answer_of_something_unknown_ends(simulate):
    run = simulate('''
        import time
        from zro import Proxy
        from toolbox.imaging import Camera
        agent, camera = Proxy("127.0.0.1:5000"), Camera()
        while agent.get_state() != "READY":
            time.sleep(1)
        while camera.is_busy():
            time.sleep(1)
    ''')
    assert run.code == 0 and 'endless' not in run.codes(), run


def test_waiting_for_ever_for_something_unknown_is_no_fault_of_the_script(simulate):
    run = simulate('''
        import time
        from toolbox.imaging import Camera
        camera = Camera()
        while not (camera.is_busy() and camera.temperature > 4 and camera.state == "cold"):
            time.sleep(1)
    ''', limit=150)
    assert run.code == 1 and run.report['exception']['of'] == 'simulator', run
    assert run.codes('simulator') == ['endless'] and run.codes('script') == []


@pytest.mark.parametrize('text, words', [
    ('from camstim import Foragng\n', 'camstim.Foragng is not known (used at script.py:6); did you mean Foraging?'),
    ('window.monitor.getWidht()', 'psychopy.monitors.Monitor.getWidht is not known'),
])
def test_a_slip_in_a_name_is_told_and_nobody_is_blamed(simulate, text, words):
    run = simulate(WINDOW + text)
    found = [finding for finding in run.report['findings'] if finding['code'] == 'misspelt']
    assert run.code == 0 and words in found[0]['message'] and found[0]['of'] == 'simulator', run


@pytest.mark.parametrize('text', ['from psychopy.visual import MovieStim4', 'from camstim import SweepStim_v3',
                                  'window.setColors(1)', 'from psychopy.visual import EnvelopeGrating'])
def test_a_name_beside_one_that_is_known_is_no_slip(simulate, text):
    run = simulate(WINDOW + text)
    assert run.code == 0 and 'misspelt' not in run.codes() and len(run.unknown()) >= 1, run


def test_numbers_that_json_has_not_are_told_as_text(simulate):
    run = simulate('''
        from toolbox.IO.nidaq import AnalogOutput
        line = AnalogOutput("Dev1", channels=[0])
        line.write([float("nan"), float("inf"), 1.0])
    ''')
    assert run.code == 0, run
    json.dumps(run.report, allow_nan=False)
    assert "nan" in str(run.report['hardware']), run


@pytest.mark.parametrize('text', ['1.0 / float(window.monitor.getLuminance())',
                                  'first, second = visual.EnvelopeGrating(window).measure()',
                                  '[1, 2][int(window.monitor.getLuminance()) + 5]'])
def test_what_is_calculated_from_something_unknown_is_no_fault_of_the_script(simulate, text):
    run = simulate(WINDOW + text)
    assert run.code == 1 and run.report['exception']['of'] == 'simulator', run


def test_calls_into_libraries_of_windows_are_taken_and_other_modules_see_none(simulate):
    run = simulate('''
        import ctypes, uuid, psutil
        ctypes.windll.user32.SetProcessDPIAware()
        psutil.HIGH_PRIORITY_CLASS
    ''')
    assert run.code == 0, run
    assert WINDOWS or [name for name in run.unknown() if 'rpcrt4' in name or 'user32.Set' in name] == [
        'ctypes.windll.user32.SetProcessDPIAware']


def test_what_only_windows_has_is_no_fault_of_the_script(simulate):
    run = simulate('import ctypes, os\nos.getlogin(), os.environ["aibs_comp_id"]\nctypes.windll.user32.ShowCursor(0)')
    assert run.report['exception'] is None or run.report['exception']['of'] == 'environment', run


# ------------------------------------------------------------------------------------------------ faults

@pytest.mark.parametrize('text, kind', [
    ('undefined_name', 'NameError'),
    ('import no_such_module_of_mine', 'ImportError'),
    ('open("no/such/file.txt")', 'IOError'),
    ('visual.GratingStim("window")', 'AttributeError'),
    ('visual.GratingStim(window, size="large")', 'ValueError'),
    ('Stimulus(visual.GratingStim(window), sweep_params={"Ori": [0, 90, 180]})', 'TypeError'),
    ('Stimulus(visual.GratingStim(window), sweep_params={"Ori": ([0], 0)}, sweep_length="long")', 'TypeError'),
    ('SweepStim(window, stimuli=[visual.GratingStim(window)])', 'AttributeError'),
    ('class Mine(visual.ElementArrayStim):\n    def draw(self, win=None):\n        self.count += 1\n'
     '    def begin(self):\n        self.count = 0\nMine(window).draw()', 'AttributeError'),
    ('class Mine(visual.GratingStim):\n    def draw(self, win=None):\n        1 / 0\n'
     'SweepStim(window, stimuli=[Stimulus(Mine(window), sweep_params={"Ori": ([0], 0)})]).run()', 'ZeroDivisionError'),
])
def test_an_error_of_the_script_is_the_scripts(simulate, text, kind):
    run = simulate(WINDOW + text)
    assert run.code == 1, run
    found = run.report['exception']
    assert found['of'] == 'script' and found['file'].endswith('script.py'), run
    equal = {'IOError': ('IOError', 'FileNotFoundError'), 'ImportError': ('ImportError', 'ModuleNotFoundError')}
    assert found['type'] in equal.get(kind, (kind,))
    assert run.unknown() == []


def test_an_exception_after_an_hour_of_session_time_says_when(simulate):
    run = simulate(WINDOW + '''
from camstim.experiment import EObject, Experiment
class Late(EObject):
    def update(self, index=None):
        self.frames = self.__dict__.get("frames", 0) + 1
        if self.frames > 3600 * 60:
            raise RuntimeError("the camera is gone")
experiment = Experiment(window=window, params={"max_task_duration_min": 90.0})
experiment.add_item(Late(), "late")
experiment.start()
''')
    assert run.code == 1 and run.report['exception']['of'] == 'script', run
    assert run.report['exception']['message'] == 'the camera is gone'
    assert 3600 <= run.report['exception']['simulated'] < 3601


def test_a_misspelt_keyword_is_the_scripts_and_its_neighbour_is_named(simulate):
    run = simulate(WINDOW + 'Stimulus(visual.GratingStim(window, contrst=0.5), sweep_lenght=2.0)')
    messages = [finding['message'] for finding in run.report['findings'] if finding['code'] == 'unknown-parameter']
    assert ['contrast' in messages[0], 'sweep_length' in messages[1]] == [True, True], run
    assert run.unknown() == []


def test_a_keyword_that_nothing_resembles_is_a_gap(simulate):
    run = simulate(WINDOW + 'visual.GratingStim(window, quux=0.5)')
    assert run.unknown() == ['psychopy.visual.GratingStim(quux=)'] and 'unknown-parameter' not in run.codes(), run


def test_a_misspelt_parameter_of_the_stage_is_named_and_others_are_left_alone(simulate):
    run = simulate('''
        import json, sys
        from camstim import Window
        from camstim.change import DoCTask
        params = json.load(open(sys.argv[1]))
        repeats = params.get("n_repeats", 3)
        DoCTask(window=Window(), params=params).start()
    ''', {'max_task_duration_mins': 1.0, 'n_repeat': 2, 'mtrain_translator': 'x', 'stage': 'x', 'volume_limit': 1.5,
          'max_task_duration_minutes_of_old': 3})
    found = [finding['message'] for finding in run.report['findings'] if finding['code'] == 'unknown-parameter']
    assert len(found) == 2, run
    assert 'max_task_duration_mins; did you mean max_task_duration_min?' in found[0]
    assert 'n_repeat; did you mean n_repeats?' in found[1]


@pytest.mark.parametrize('end', ['', 'sys.exit(0)', 'params["n_repeats"]'])
def test_a_misspelt_parameter_is_named_however_the_script_ends(simulate, end):
    run = simulate('import json, sys\nparams = json.load(open(sys.argv[1]))\nparams.get("n_repeats")\n' + end,
                   {'n_repeat': 2})
    assert 'nothing reads the parameter n_repeat; did you mean n_repeats?' in [
        finding['message'] for finding in run.report['findings']], run


# ------------------------------------------------------------------------------------------------ facts against params

def test_a_duration_that_disagrees_with_the_parameters_is_found(simulate):
    text = WINDOW + '''
stimulus = Stimulus(visual.GratingStim(window), sweep_params={"Ori": ([0], 0)}, sweep_length=60.0)
SweepStim(window, stimuli=[stimulus]).run()
'''
    long = simulate(text, {'session_dur': 80})
    assert long.codes() == ['duration'] and long.report['duration']['difference'] == -0.25, long
    assert simulate(text, {'session_dur': 63}).codes() == []
    assert simulate(text, {'max_mapping_duration_min': 2}).codes() == ['duration']
    assert simulate(text, {'max_task_duration_min': 2}).codes() == []  # nothing reads it: no task runs


def test_water_beyond_its_limit_and_a_flood_are_found(simulate):
    text = '''
from camstim import Window
from camstim.behavior import Behavior
class Generous(Behavior):
    def update(self, index=None):
        super(Generous, self).update(index)
        if self.update_count in (10, 20, 30):
            self.reward(%s)
    def stop(self, by=None):
        if by != "volume limit":
            super(Generous, self).stop(by)
Generous(window=Window(), params={"max_task_duration_min": 0.1, "volume_limit": 0.05}).start()
'''
    assert simulate(text % '0.04').codes() == ['reward-limit']
    assert simulate(text % '0.01').codes() == []
    assert simulate(text % '0.5').codes() == ['reward-limit', 'reward-volume']


def test_a_script_that_leaves_no_output_is_found(simulate):
    assert simulate('print(5)').codes() == ['no-output']
    assert simulate('open("mine.hdf5", "wb").close()').codes() == []
    assert simulate('1 / 0').codes() == []  # the exception says it all


def test_a_session_that_an_unknown_list_made_empty_is_a_gap_though_it_saved_something(simulate):
    text = WINDOW + '''
from psychopy import blocks
for trial in %s:
    for _ in range(120):
        window.flip()
open("mine.pkl", "wb").write(b"x")
'''
    run = simulate(text % 'blocks.Sequence(3)')
    assert run.codes('simulator') == ['no-session'], run
    assert 'psychopy.blocks.Sequence()' in run.report['findings'][0]['message']
    assert simulate(text % '[1], blocks.Sequence(3)').codes() == []


def test_a_stimulus_that_an_unknown_time_kept_from_being_shown_is_a_gap(simulate):
    text = WINDOW + '''
stimulus = Stimulus(visual.GratingStim(window), sweep_params={"Ori": ([0], 0)}, sweep_length=5.0)
stimulus.set_display_sequence([(0, %s)])
SweepStim(window, stimuli=[stimulus], pre_blank_sec=5).run()
'''
    run = simulate(text % 'stimulus.whole_time()')
    assert run.codes('simulator') == ['no-session'] and 'never shown' in run.report['findings'][0]['message'], run
    assert simulate(text % '5').codes() == []

"""How a simulated script ends, as on a rig: who keeps its data, with which exit code; the report whatever comes."""
from __future__ import absolute_import, unicode_literals

import os
import signal
import socket
import time

import pytest

from rig_agent.base.compat import WINDOWS
from rig_agent.base.errors import UsageError
from rig_agent.harness.simulation import Simulation, free_control_port, parse_speed, read_report

SWEEPS = '''
import sys
from psychopy import visual
from camstim import Stimulus, SweepStim, Window
window = Window(fullscr=True)
stimulus = Stimulus(visual.GratingStim(window), sweep_params={"Ori": ([0, 90], 0)}, sweep_length=2000.0)
print("ready")
SweepStim(window, stimuli=[stimulus], pre_blank_sec=1, post_blank_sec=1).run()
'''
TASK = '''
from camstim import Window
from camstim.change import DoCGratingStimulus, DoCTask
task = DoCTask(window=Window(), params={"max_task_duration_min": 60.0, "volume_limit": None})
task.set_stimulus(DoCGratingStimulus(task.window), "grating")
print("ready")
task.start()
'''
needs_signals = pytest.mark.skipif(WINDOWS, reason='a console Ctrl-C is the sessions room\'s to send')


def started(simulate, text, **options):
    """The child after it said that it is ready and showed its first frames."""
    process = simulate.start(text, **options)
    assert process.stdout.readline().strip() == b'ready'
    time.sleep(0.4)
    return process


def send(port, datagram):
    sender = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    sender.sendto(datagram, ('127.0.0.1', port))
    sender.close()


@pytest.mark.parametrize('speed', [1, 'max'])
def test_the_control_stream_ends_sweeps_with_their_data(simulate, speed):
    simulate.control_port = free_control_port()
    # at full speed the session is over in a second: it is long enough to be stopped in between
    text = SWEEPS.replace('2000.0', '9000.0') if speed == 'max' else SWEEPS
    process = started(simulate, text, speed=speed)
    send(simulate.control_port, b'RUN nothing_that_is_known')
    send(simulate.control_port, b'RUN _finalize')
    run = simulate.end(process)
    assert run.code == 0 and run.outputs == ['script.pkl'], run
    assert run.report['ended_by'] == 'control stream' and run.report['complete']
    assert 0 < run.report['frames'] < 240 * 60 * 60
    assert run.codes() == []
    assert 'escape_pressed' not in run.output()


def test_a_second_script_finds_the_port_taken_says_so_and_runs_on(simulate):
    taken = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    taken.bind(('127.0.0.1', 0))
    simulate.control_port = taken.getsockname()[1]
    run = simulate(SWEEPS.replace('2000.0', '2.0'))
    taken.close()
    assert run.code == 0 and 'Failed to set up control stream' in run.out, run


@needs_signals
def test_an_interrupt_costs_sweeps_their_data(simulate):
    process = started(simulate, SWEEPS, speed=1)
    process.send_signal(signal.SIGINT)
    run = simulate.end(process)
    # Python 3.8 and later end by the signal itself
    assert run.code in (1, -signal.SIGINT) and 'KeyboardInterrupt' in run.err and run.outputs == [], run
    assert run.report['exception']['of'] == 'user' and run.report['complete']


@needs_signals
@pytest.mark.parametrize('speed', [1, 'max'])
def test_an_interrupt_ends_a_task_with_its_data(simulate, speed):
    process = started(simulate, TASK.replace('60.0', '460.0'), speed=speed)
    process.send_signal(signal.SIGINT)
    run = simulate.end(process)
    assert run.code == 0 and len(run.outputs) == 1 and run.err == '', run
    assert run.report['ended_by'] == 'interrupt' and run.codes() == []


@pytest.mark.parametrize('key, marked', [('escape', True), ('q', False)])
def test_a_key_ends_sweeps_with_their_data(simulate, key, marked):
    run = simulate(SWEEPS, keys=[(10.0, 'space'), (30.0, key)])
    assert run.code == 0 and run.report['ended_by'] == 'key ' + key, run
    assert run.report['frames'] == 30 * 60
    assert ('escape_pressed' in run.output()) is marked


def test_a_key_ends_a_task_and_a_loop_over_psychopys_window(simulate):
    assert simulate(TASK, keys=[(5.0, 'escape')]).report['ended_by'] == 'key escape'
    run = simulate('''
        from psychopy import core, event, visual
        window = visual.Window(fullscr=True)
        while True:
            window.flip()
            for key, modifiers in event.getKeys(modifiers=True):
                if key == "escape" and modifiers["shift"]:
                    core.quit()
    ''', keys=[(5.0, 'escape'), (20.0, 'shift+escape')])
    assert run.code == 0 and run.report['frames'] == 20 * 60, run


@pytest.mark.parametrize('ending, code', [
    ('sys.exit(3)', 3), ('os._exit(4)', 4), ('raise SystemExit("no")', 1), ('1 / 0', 1)])
def test_the_report_is_whole_however_the_script_ends(simulate, ending, code):
    run = simulate('import os, sys, time; time.sleep(100); ' + ending)
    assert run.code == code and run.report['complete'] is True, run
    assert run.report['duration']['simulated'] == pytest.approx(100, abs=0.1)
    assert (run.report['exception'] is None) is (ending != '1 / 0')


def test_a_script_that_was_killed_leaves_what_it_told_so_far(simulate):
    process = started(simulate, SWEEPS, speed=1)
    time.sleep(2.5)
    process.kill()
    run = simulate.end(process)
    assert run.report['complete'] is False and run.report['frames'] > 0, run


def test_a_report_is_there_from_the_first_moment_and_none_before(simulate):
    assert read_report(simulate.folder) is None
    process = started(simulate, SWEEPS, speed=1)
    assert read_report(simulate.folder)['complete'] is False
    process.kill()
    simulate.end(process)


def test_an_output_of_the_same_name_is_kept(simulate):
    run = simulate('''
        import sys
        from psychopy import visual
        from camstim import Stimulus, SweepStim, Window
        window = Window(fullscr=True)
        for _ in range(2):
            stimulus = Stimulus(visual.GratingStim(window), sweep_params={"Ori": ([0], 0)}, sweep_length=2.0)
            try:
                SweepStim(window, stimuli=[stimulus]).run()
            except SystemExit as end:
                assert end.code == 0
    ''')
    first, second = run.outputs
    assert second == 'script.pkl' and first[:12].isdigit() and first[12:] == '-script.pkl', run


def test_what_cannot_be_pickled_is_left_out_and_named(simulate):
    run = simulate(SWEEPS.replace('2000.0', '2.0').replace('post_blank_sec=1)', 'post_blank_sec=1, '
                                                          'params={"asked": lambda: 0})'))
    assert run.code == 0 and run.output()['unpickleable'] == ['params'], run


# ------------------------------------------------------------------------------------------------ the agent's side

def test_odd_choices_are_refused_with_what_is_possible():
    for speed in ('fast', 0, -1, 'inf', 'nan', None):
        with pytest.raises(UsageError):
            parse_speed(speed)
    with pytest.raises(UsageError) as caught:
        Simulation(mouse_model='lazy')
    assert 'impatient' in caught.value.expected


def test_the_same_facts_stand_in_the_file_and_in_the_answer(simulate):
    import io
    import json
    run = simulate(SWEEPS.replace('2000.0', '2.0'))
    with io.open(os.path.join(run.folder, 'simulation.json'), 'rb') as stream:
        assert json.loads(stream.read().decode('ascii')) == run.report

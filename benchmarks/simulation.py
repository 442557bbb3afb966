"""What an hour of session time costs in simulation: change detection, sweeps, a script's own frame loop.

Each is one child process, started as a session starts it. The limit is 10 s for the hour of change detection.
"""
from __future__ import absolute_import, unicode_literals

import io
import json
import os
import shutil
import subprocess
import sys
import tempfile

from measure import command, medians, report, row

from rig_agent.base.compat import to_native
from rig_agent.harness.simulation import Simulation, free_control_port

LIMIT = 10.0  # seconds for 60 minutes of change detection
CHANGE_DETECTION = '''
import json, sys
from camstim import Window
from camstim.change import DoCGratingStimulus, DoCTask, DoCTrialGenerator
params = json.load(open(sys.argv[1]))
task = DoCTask(window=Window(fullscr=True), auto_update=True, params=params)
task.set_trial_generator(DoCTrialGenerator(task, cfg=params))
grating = DoCGratingStimulus(task.window, tex="sqr", units="deg", size=(300, 300), sf=0.04)
grating.add_stimulus_group("vertical", "Ori", [0, 180])
grating.add_stimulus_group("horizontal", "Ori", [90, 270])
task.set_stimulus(grating, "grating")
task.start()
'''
SWEEPS = '''
from psychopy import visual
from camstim import Foraging, Stimulus, SweepStim, Window
window = Window(fullscr=True)
gratings = Stimulus(visual.GratingStim(window), sweep_params={"Ori": (range(0, 360, 45), 0), "SF": ([0.04, 0.08], 1)},
                    sweep_length=0.25, blank_length=0.25, runs=450, shuffle=True)
session = SweepStim(window, stimuli=[gratings], pre_blank_sec=0, post_blank_sec=0, params={})
session.add_item(Foraging(window=window, auto_update=False, params={}), "foraging")
session.run()
'''
FRAME_LOOP = '''
from psychopy import event, visual
window = visual.Window(fullscr=True, units="pix")
grating = visual.GratingStim(window, tex="sin", size=100)
for frame in range(3600 * 60):
    grating.ori = frame % 360
    grating.draw()
    window.flip()
    if event.getKeys():
        break
'''
PARAMS = {'max_task_duration_min': 60.0, 'periodic_flash': [0.25, 0.5], 'pre_change_time': 0.0,
          'response_window': [0.15, 0.75], 'change_time_dist': 'geometric', 'change_time_scale': 0.3,
          'change_flashes_min': 4, 'change_flashes_max': 12, 'reward_volume': 0.007, 'volume_limit': 5.0,
          'flash_omit_probability': 0.05}


def main():
    folder = tempfile.mkdtemp()
    try:
        hours = [simulated(folder, name, text) for name, text in (
            ('change detection', CHANGE_DETECTION), ('sweeps', SWEEPS), ('a frame loop', FRAME_LOOP))]
        task, sweeps, loop, empty = medians(hours + [simulated(folder, 'nothing', '')], times=5)
        plain, = medians([command(sys.executable, '-c', 'pass')], times=5)
        return report('simulation', [
            row('60 min of change detection, 216,000 frames', task, 'the 10 s that it may take', LIMIT, limit=1.0),
            row('60 min of sweeps with running wheel', sweeps, 'the 10 s that it may take', LIMIT, limit=1.0),
            row("60 min of a script's own frame loop", loop, 'the 10 s that it may take', LIMIT, limit=1.0),
            row('an empty script, simulated', empty, 'python -c pass', plain)])
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def simulated(folder, name, text):
    """A function that runs the script to its end in simulation. Raises RuntimeError when it does not end well."""
    folder = os.path.join(folder, name.replace(' ', '_'))
    os.mkdir(folder)
    script, params = os.path.join(folder, 'script.py'), os.path.join(folder, 'params.json')
    for path, content in ((script, text), (params, json.dumps(PARAMS))):
        with io.open(path, 'wb') as stream:
            stream.write(content.encode('ascii'))
    simulation = Simulation()
    environment = dict(os.environ, **simulation.environment(folder, control_port=free_control_port()))
    environment['PYTHONPATH'] = os.pathsep.join(simulation.python_path())
    environment = {to_native(key): to_native(value) for key, value in environment.items()}

    def run():
        process = subprocess.Popen([sys.executable, to_native(script), to_native(params)], env=environment,
                                   stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        output, _ = process.communicate()
        if process.returncode != 0:
            raise RuntimeError('%s ended with %d:\n%s' % (name, process.returncode, output.decode('utf-8', 'replace')))
    return run


if __name__ == '__main__':
    sys.exit(main())

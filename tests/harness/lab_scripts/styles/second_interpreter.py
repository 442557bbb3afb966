"""Starts another interpreter for the real task and waits for it, whatever it says."""
import os
import subprocess
import sys

here = os.path.dirname(os.path.abspath(sys.argv[1]))
task = os.path.join(here, 'task_of_second_interpreter.py')
with open(task, 'w') as f:
    f.write("""
import sys, json
from psychopy import visual
from camstim import Window, Stimulus, SweepStim
params = json.load(open(sys.argv[1]))
window = Window(fullscr=True, screen=0)
grating = visual.GratingStim(window, size=(300, 300), units='deg')
SweepStim(window, stimuli=[Stimulus(grating, sweep_params={'Ori': (params['orientations'], 0)}, sweep_length=2.0,
                                    start_time=0, runs=5)], pre_blank_sec=0, post_blank_sec=0, params={}).run()
""")
process = subprocess.Popen([sys.executable, task, sys.argv[1]])
process.wait()

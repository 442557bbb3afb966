import subprocess, sys
import json, sys
from psychopy import visual
from camstim import SweepStim, Stimulus, Window

params = json.load(open(sys.argv[1]))

subprocess.Popen([sys.executable, "-E", "-c", "import time; time.sleep(90)"])
window = Window(fullscr=True, screen=0)
grating = Stimulus(visual.GratingStim(window), sweep_params={"Ori": ([0, 90], 0)}, sweep_length=1.0, start_time=0, runs=2)
SweepStim(window, stimuli=[grating], pre_blank_sec=0, post_blank_sec=0, params={}).run()

import json, sys
from psychopy import visual
from camstim import SweepStim, Stimulus, Window

params = json.load(open(sys.argv[1]))

window = Window(fullscr=True, screen=0)
grating = Stimulus(visual.GratingStim(window), sweep_params={"Contrst": ([0.5, 1.0], 0)}, sweep_length=1.0,
                   start_time=0, runs=2)
SweepStim(window, stimuli=[grating], pre_blank_sec=0, post_blank_sec=0, params={}).run()

import json, sys
from psychopy import visual
from camstim import SweepStim, Stimulus, Window

params = json.load(open(sys.argv[1]))
window = Window(fullscr=True, monitor=params.get("monitor", "Gamma1.Luminance50"), screen=0)
grating = Stimulus(visual.GratingStim(window), sweep_params={"Ori": (params.get("angles", [0, 90]), 0)}, runs=2,
                   sweep_length=params.get("length", 1.0))
grating.sweep_order = params.get("order", [0, 1])
grating.set_display_sequence(params.get("sequence", [(0, 10)]))
SweepStim(window, stimuli=[grating], pre_blank_sec=params.get("blank", 1), post_blank_sec=0, params={}).run()

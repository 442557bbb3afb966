import json, sys
from psychopy import visual
from camstim import SweepStim, Stimulus, Window

params = json.load(open(sys.argv[1]))
window = Window(fullscr=True, screen=0)

wedge = visual.ConcentricStim(window, size=20, radialCycles=4)
print(params["no_such_parameter"])

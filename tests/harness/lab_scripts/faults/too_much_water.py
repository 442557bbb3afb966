import json, sys
from camstim import Window
from camstim.change import DoCGratingStimulus, DoCTask, DoCTrialGenerator

params = json.load(open(sys.argv[1]))
window = Window(fullscr=True, screen=0)
task = DoCTask(window=window, auto_update=True, params=params)
task.set_trial_generator(DoCTrialGenerator(task, cfg=params))
grating = DoCGratingStimulus(window, tex="sqr", units="deg", size=(300, 300), sf=0.04)
grating.add_stimulus_group("vertical", "Ori", [0, 180])
grating.add_stimulus_group("horizontal", "Ori", [90, 270])
task.set_stimulus(grating, "grating")
task.start()

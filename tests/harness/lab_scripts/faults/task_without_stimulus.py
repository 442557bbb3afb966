import json, sys
from camstim import Window
from camstim.change import DoCTask, DoCTrialGenerator

params = json.load(open(sys.argv[1]))
task = DoCTask(window=Window(fullscr=True, screen=0), auto_update=True, params=params)
task.set_trial_generator(DoCTrialGenerator(task, cfg=params))
task.start()

import os
from camstim import NaturalScenes, SweepStim, Window

window = Window(fullscr=True, screen=0)
folder = "//lab-share/images/set_a"
images = NaturalScenes([os.path.join(folder, name) for name in os.listdir(folder)], window, sweep_length=0.25,
                       start_time=0.0, blank_length=0.0, runs=1, shuffle=True)
SweepStim(window, stimuli=[images], pre_blank_sec=0, post_blank_sec=0, params={}).run()

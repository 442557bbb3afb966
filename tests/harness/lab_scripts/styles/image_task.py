"""A task over an image set, sampled evenly by a class of the script's own, then the same again as a replay."""
import json
import logging
import os
import pickle
import sys
import tempfile

import numpy as np
from camstim.change import DoCImageStimulus, DoCTask, DoCTrialGenerator
from camstim import Window, Warp, SweepStim_v2, Stimulus_v2
from psychopy import visual


class EvenImages(DoCImageStimulus):
    def __init__(self, window, image_set, **kwargs):
        super(EvenImages, self).__init__(window, image_set=image_set, sampling='even', **kwargs)
        self.path = image_set


class Task(DoCTask):
    rewarded = 0

    def give_water(self):
        self.rewarded += 1


def image_set(path):
    rng = np.random.RandomState(1)
    with open(path, 'wb') as f:
        pickle.dump({'im%03d' % i: {'im%03d' % i: rng.randint(0, 255, (60, 96)).astype(np.uint8)} for i in range(8)},
                    f, 2)
    return path


config = json.load(open(sys.argv[1]))
window = Window(fullscr=True, screen=0, monitor='Gamma1.Luminance50', warp=Warp.Spherical)
task = Task(window=window, auto_update=True, params=config)
images = EvenImages(window, image_set(os.path.join(tempfile.gettempdir(), 'lab_images_%d.pkl' % os.getpid())))
task.set_stimulus(images, 'images')
task.set_trial_generator(DoCTrialGenerator(task, cfg=config))
try:
    task.start()
except SystemExit:
    logging.warning("the task is over, mapping follows")

gabor = Stimulus_v2(visual.GratingStim(window, units='deg', size=20, mask='circle'), sweep_params={
    'Pos': ([(x, y) for x in (-20, 0, 20) for y in (-10, 0, 10)], 0), 'Ori': ([0.0, 45.0, 90.0], 1)},
    sweep_length=0.25, start_time=0.0, runs=2, shuffle=True, fps=60)
SweepStim_v2(window, stimuli=[gabor], pre_blank_sec=1, post_blank_sec=1, params={}).run()

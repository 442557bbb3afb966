"""A task made of functions that pass the configuration around; a movie stands before and after the task."""
from __future__ import print_function
import argparse
import logging
import os

import numpy as np
import yaml

from camstim import MovieStim, Warp, Window
from camstim.change import DoCGratingStimulus, DoCTask, DoCTrialGenerator

logging.basicConfig(level=logging.INFO)


def load_params():
    parser = argparse.ArgumentParser()
    parser.add_argument("json_path", nargs="?", type=str, default="")
    args, _ = parser.parse_known_args()
    with open(args.json_path, "r") as f:
        return yaml.safe_load(f)


def load_stimulus(window, config):
    stimulus = DoCGratingStimulus(window, **config['params'])
    for group, values in config['groups'].items():
        for name, options in values.items():
            stimulus.add_stimulus_group(group, name, options)
    return stimulus


def countdown(window, seconds, folder):
    path = os.path.join(folder, "countdown.npy")
    np.save(path, np.zeros((30, 12, 16), dtype=np.uint8))
    return MovieStim(movie_path=path, window=window, frame_length=1.0 / 30, size=(1920, 1080), start_time=0.0,
                     stop_time=seconds, flip_v=True, runs=2)


def main():
    params = load_params()
    logging.info("stage %s", params['stage'])
    window = Window(fullscr=True, screen=0, monitor='Gamma1.Luminance50', warp=Warp.Spherical)
    task = DoCTask(window=window, auto_update=True, params=params)
    task.set_trial_generator(DoCTrialGenerator(task, cfg=params))
    task.set_stimulus(load_stimulus(window, params['stimulus']), params['stimulus']['class'])
    task.add_static_stimulus(countdown(window, params['start_stop_padding'], os.getcwd()), when=0.0, name="countdown")
    task.start()


main()

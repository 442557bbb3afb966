"""Gratings first; when camstim has ended, light pulses from the analogue output."""
from __future__ import print_function
import datetime
import json
import pickle
import sys
import time

import numpy as np
from psychopy import visual
from toolbox.IO.nidaq import AnalogOutput, DigitalOutput

from camstim import Stimulus, SweepStim, Window
from camstim.zro.agent import OUTPUT_DIR


def pulse(rate, length, level):
    wave = np.zeros(int(rate * length))
    wave[:int(rate * 0.01)] = level
    return wave


def optotagging(mouse_id, trials, levels, rate=10000):
    out = AnalogOutput('Dev1', channels=[1])
    out.cfg_sample_clock(rate)
    trigger = DigitalOutput('Dev1', 2)
    out.start()
    trigger.start()
    shown = []
    for trial in range(trials):
        level = levels[trial % len(levels)]
        print("pulse", trial, level)
        trigger.writeBit(0, 1)
        out.write(pulse(rate, 1.0, level))
        trigger.writeBit(0, 0)
        time.sleep(1.5)
        shown.append(level)
    out.clear()
    trigger.clear()
    stamp = datetime.datetime.now().strftime('%y%m%d%H%M%S')
    with open("%s/%s_%s.opto.pkl" % (OUTPUT_DIR, stamp, mouse_id), 'wb') as f:
        pickle.dump({'opto_levels': shown}, f)


if __name__ == "__main__":
    with open(sys.argv[1]) as f:
        params = json.load(f)
    window = Window(fullscr=True, monitor='Gamma1.Luminance50', screen=0)
    grating = Stimulus(visual.GratingStim(window, units='deg', size=20, mask='gauss', sf=0.08),
                       sweep_params={'Ori': ([0, 90], 0)}, sweep_length=1.0, start_time=0.0, runs=4)
    try:
        SweepStim(window, stimuli=[grating], pre_blank_sec=0, post_blank_sec=1, params={}).run()
    except SystemExit:
        print("stimulus ended, optotagging follows")
    optotagging(params.get('mouse_id', 'test'), **params['opto_params'])

# Everything at module level, params read with yaml, known arguments only.
import argparse

import yaml
from psychopy import visual
from camstim import Stimulus, SweepStim, Window, Warp

parser = argparse.ArgumentParser("gratings")
parser.add_argument("json_path", nargs="?", type=str, default="")
args, _ = parser.parse_known_args()
with open(args.json_path, "r") as f:
    json_params = yaml.load(f, Loader=yaml.SafeLoader)

window = Window(fullscr=True, monitor=json_params["monitor_name"], screen=0, warp=Warp.Spherical)

dg = Stimulus(visual.GratingStim(window, pos=(0, 0), units='deg', size=(250, 250), mask="None", texRes=256, sf=0.1),
              sweep_params={'Contrast': ([0.8], 0), 'TF': ([1.0, 4.0], 1), 'SF': ([0.04], 2),
                            'Ori': (range(0, 180, 45), 3)},
              sweep_length=json_params["sweep_length"], start_time=0.0, blank_length=0.5, blank_sweeps=4,
              runs=json_params["runs"], shuffle=True, save_sweep_table=True)
dg.set_display_sequence([(0, 30)])

ss = SweepStim(window, stimuli=[dg], pre_blank_sec=1, post_blank_sec=1, params={})
ss.run()

"""Receptive field mapping: small drifting gratings at every place of a grid, then flashes of the whole screen.

    python rig_agent_receptive_field_v2.py PARAMS.json

    max_mapping_duration_min  the whole session, minutes; gratings are repeated as often as fits
    start_stop_padding        grey before and after, seconds, part of the session
    grid                      {extent: 40, step: 10}, degrees from the centre of the screen
    grating                   {size: 20, sf: 0.08, tf: 4.0, contrast: 0.8, orientations: [0, 45, 90]}
    flashes                   how often the whole screen turns white and black at the end
"""
from __future__ import print_function

import argparse
import io
import json

from psychopy import visual

from camstim import Foraging, Stimulus, SweepStim, Warp, Window

SWEEP_SECONDS = 0.25
FLASH_SECONDS, FLASH_EVERY = 0.25, 2.0


def main():
    params = read_params()
    padding = params["start_stop_padding"]
    window = Window(fullscr=True, monitor=str(params.get("monitor_name", "Gamma1.Luminance50")),
                    screen=params.get("screen", 0), warp=Warp.Spherical)

    flashes_seconds = params["flashes"] * 2 * FLASH_EVERY
    gratings_seconds = 60.0 * params["max_mapping_duration_min"] - 2 * padding - flashes_seconds
    gratings = make_gratings(window, gratings_seconds, params["grid"], **params["grating"])
    flashes = make_flashes(window, params["flashes"])
    gratings.set_display_sequence([(0, gratings_seconds)])
    flashes.set_display_sequence([(gratings_seconds, gratings_seconds + flashes_seconds)])

    session = SweepStim(window, stimuli=[gratings, flashes], pre_blank_sec=padding, post_blank_sec=padding, params={})
    running = Foraging(window=window, auto_update=False, params={},
                       nidaq_tasks={"digital_input": session.di, "digital_output": session.do})
    session.add_item(running, "foraging")
    session.run()  # ends with SystemExit when its data is saved


def read_params():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("params", help="the stage's parameters, a JSON file")
    arguments, _ = parser.parse_known_args()  # an agent may add arguments
    with io.open(arguments.params, encoding="utf-8") as stream:
        return json.load(stream)


def make_gratings(window, seconds, grid, size, sf, tf, contrast, orientations):
    places = list(range(-grid["extent"], grid["extent"] + 1, grid["step"]))
    positions = [(x, y) for x in places for y in places]
    runs = int(seconds / (len(positions) * len(orientations) * SWEEP_SECONDS) + 1e-6)
    print("receptive field: %d places, %d orientations, %d runs" % (len(positions), len(orientations), runs))
    grating = visual.GratingStim(window, tex="sin", mask="circle", units="deg", size=(size, size), sf=sf,
                                 pos=(0, 0), contrast=contrast, autoLog=False)
    return Stimulus(grating, sweep_params={"Pos": (positions, 0), "Ori": (orientations, 1), "TF": ([tf], 2)},
                    sweep_length=SWEEP_SECONDS, start_time=0.0, blank_length=0.0, blank_sweeps=0,
                    runs=runs, shuffle=True, save_sweep_table=True)


def make_flashes(window, count):
    screen = visual.GratingStim(window, tex=None, units="deg", size=(300, 300), pos=(0, 0), autoLog=False)
    return Stimulus(screen, sweep_params={"Color": ([1, -1], 0)}, sweep_length=FLASH_SECONDS, start_time=0.0,
                    blank_length=FLASH_EVERY - FLASH_SECONDS, blank_sweeps=0, runs=count, shuffle=True,
                    save_sweep_table=True)


if __name__ == "__main__":
    main()

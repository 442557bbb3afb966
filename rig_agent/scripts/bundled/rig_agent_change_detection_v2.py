"""Change detection: gratings or images, flashed or continuous; a lick soon after a change earns water.

    python rig_agent_change_detection_v2.py PARAMS.json

Everything about trials, rewards and durations is a parameter of camstim's task. This script adds what is shown:

    stimulus:
      class: grating | images
      params: {...}                        keywords of camstim's stimulus
      groups: {vertical: {Ori: [0, 180]}}  gratings: a change is one from group to group
      synthetic_images: {seed: 1, count: 8}  images: made here, all of one mean luminance, instead of an `image_set`
"""
from __future__ import print_function

import argparse
import io
import json
import os
import pickle
import random
import shutil
import sys
import tempfile

from camstim import Warp, Window
from camstim.change import DoCGratingStimulus, DoCImageStimulus, DoCTask, DoCTrialGenerator

COLUMNS, ROWS, CELL_PIXELS = 16, 10, 120  # of an image of 1920 x 1200


def main():
    params = read_params()
    print("change detection, stage %s" % params.get("stage"))
    window = Window(fullscr=True, monitor=params.get("monitor_name", "Gamma1.Luminance50"),
                    screen=params.get("screen", 0), warp=Warp.Spherical)
    task = DoCTask(window=window, auto_update=True, params=params)
    task.set_trial_generator(DoCTrialGenerator(task, cfg=params))
    folder = tempfile.mkdtemp(prefix="rig_agent_images_")
    try:
        task.set_stimulus(make_stimulus(window, params["stimulus"], folder), params["stimulus"]["class"])
        task.start()  # ends with SystemExit when its data is saved
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def read_params():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("params", help="the stage's parameters, a JSON file")
    arguments, _ = parser.parse_known_args()  # an agent may add arguments
    with io.open(arguments.params, encoding="utf-8") as stream:
        return native(json.load(stream))


def native(value):
    """Python 2 reads JSON as unicode, which camstim's and psychopy's keywords do not all take."""
    if isinstance(value, dict):
        return {native(key): native(item) for key, item in value.items()}
    if isinstance(value, list):
        return [native(item) for item in value]
    return value.encode("utf-8") if sys.version_info[0] == 2 and isinstance(value, type(u"")) else value


def make_stimulus(window, stimulus, folder):
    keywords = dict(stimulus.get("params", {}))
    if stimulus["class"] == "grating":
        grating = DoCGratingStimulus(window, **keywords)
        for group, values in sorted(stimulus["groups"].items()):
            for parameter, choices in sorted(values.items()):
                grating.add_stimulus_group(group, parameter, choices)
        return grating
    if stimulus["class"] != "images":
        raise ValueError("stimulus.class is grating or images, not %r" % stimulus["class"])
    if "synthetic_images" in stimulus:
        keywords["image_set"] = write_image_set(os.path.join(folder, "images.pkl"), **stimulus["synthetic_images"])
    return DoCImageStimulus(window, **keywords)


def write_image_set(path, seed, count):
    """An image set as camstim reads them: {category: {name: 8-bit array}}."""
    images = {}
    for number in range(count):
        name = "synthetic_%d_%d" % (seed, number)
        images[name] = {name: as_array(synthetic_image(seed, number))}
    with io.open(path, "wb") as stream:
        pickle.dump(images, stream, protocol=2)
    return path


def synthetic_image(seed, number):
    """Rows of grey levels: the same levels in each image, so all have one mean, in an order of its own."""
    # Only random() gives the same numbers on Python 2 and 3.
    order = random.Random(1000 * seed + number)
    levels = sorted((255 * index // (COLUMNS * ROWS - 1) for index in range(COLUMNS * ROWS)),
                    key=lambda _: order.random())
    return [levels[row * COLUMNS:(row + 1) * COLUMNS] for row in range(ROWS)]


def as_array(rows):
    try:
        import numpy
    except ImportError:  # never on a rig, where psychopy needs it; a simulation does without
        return rows
    return numpy.array(rows, dtype="uint8").repeat(CELL_PIXELS, axis=0).repeat(CELL_PIXELS, axis=1)


if __name__ == "__main__":
    main()

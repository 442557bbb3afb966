"""Passive viewing: the images of change detection, flashed in a shuffled order, without a task and without water.

    python rig_agent_passive_viewing_v2.py PARAMS.json

    session_dur         the whole session, seconds
    start_stop_padding  grey before the first and after the last image, seconds, part of the session
    flash               [seconds of image, seconds of grey]
    synthetic_images    {seed: 1, count: 8}, as in rig_agent_change_detection_v2.py
"""
from __future__ import print_function

import argparse
import io
import json
import os
import random
import shutil
import struct
import tempfile
import zlib

from camstim import Foraging, NaturalScenes, SweepStim, Warp, Window

COLUMNS, ROWS, CELL_PIXELS = 16, 10, 120  # of an image of 1920 x 1200


def main():
    params = read_params()
    shown, grey = params["flash"]
    padding = params["start_stop_padding"]
    seconds_a_run = params["synthetic_images"]["count"] * (shown + grey)
    runs = int((params["session_dur"] - 2 * padding) / seconds_a_run + 1e-6)
    print("passive viewing: %d runs of %g s" % (runs, seconds_a_run))

    window = Window(fullscr=True, monitor=str(params.get("monitor_name", "Gamma1.Luminance50")),
                    screen=params.get("screen", 0), warp=Warp.Spherical)
    folder = tempfile.mkdtemp(prefix="rig_agent_images_")
    try:
        images = NaturalScenes(image_path_list=write_images(folder, **params["synthetic_images"]), window=window,
                               sweep_length=shown, blank_length=grey, start_time=0.0, stop_time=None,
                               blank_sweeps=0, runs=runs, shuffle=True, save_sweep_table=True)
        session = SweepStim(window, stimuli=[images], pre_blank_sec=padding, post_blank_sec=padding, params={})
        running = Foraging(window=window, auto_update=False, params={},
                           nidaq_tasks={"digital_input": session.di, "digital_output": session.do})
        session.add_item(running, "foraging")
        session.run()  # ends with SystemExit when its data is saved
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def read_params():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("params", help="the stage's parameters, a JSON file")
    arguments, _ = parser.parse_known_args()  # an agent may add arguments
    with io.open(arguments.params, encoding="utf-8") as stream:
        return json.load(stream)


def write_images(folder, seed, count):
    paths = [os.path.join(folder, "synthetic_%d_%d.png" % (seed, number)) for number in range(count)]
    for number, path in enumerate(paths):
        with io.open(path, "wb") as stream:
            stream.write(png(synthetic_image(seed, number)))
    return paths


def synthetic_image(seed, number):
    """Rows of grey levels: the same levels in each image, so all have one mean, in an order of its own."""
    # Only random() gives the same numbers on Python 2 and 3.
    order = random.Random(1000 * seed + number)
    levels = sorted((255 * index // (COLUMNS * ROWS - 1) for index in range(COLUMNS * ROWS)),
                    key=lambda _: order.random())
    return [levels[row * COLUMNS:(row + 1) * COLUMNS] for row in range(ROWS)]


def png(cells):
    """The cells, enlarged, as an 8-bit grey PNG file."""
    lines = bytearray()
    for row in cells:
        line = bytearray([0])  # each line of a PNG begins with its filter, 0 for none
        for level in row:
            line += bytearray([level]) * CELL_PIXELS
        lines += line * CELL_PIXELS
    header = struct.pack(">IIBBBBB", COLUMNS * CELL_PIXELS, ROWS * CELL_PIXELS, 8, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content) & 0xffffffff)
        for kind, content in ((b"IHDR", header), (b"IDAT", zlib.compress(bytes(lines), 1)), (b"IEND", b"")))


if __name__ == "__main__":
    main()

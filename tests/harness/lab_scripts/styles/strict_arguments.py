#!/usr/bin/env python
"""Strict arguments: anything but the params file and -o is an error."""
from argparse import ArgumentParser, FileType
from json import load

from camstim import NaturalScenes, SweepStim, Window

from os import makedirs, path
import tempfile


def images(number):
    folder = tempfile.mkdtemp()
    for index in range(number):
        with open(path.join(folder, "%02d.tiff" % index), "wb") as f:
            f.write(b"II*\x00")
        yield path.join(folder, "%02d.tiff" % index)


def run(stage, count, seconds, out=None):
    window = Window(monitor="Gamma1.Luminance50", screen=0, fullscr=True)
    scenes = NaturalScenes(list(images(count)), window, sweep_length=seconds, start_time=0.0, blank_length=0.0,
                           blank_sweeps=count, runs=3, shuffle=True)
    SweepStim(window, stimuli=[scenes], pre_blank_sec=0, post_blank_sec=0, params={}).run()


if __name__ == '__main__':
    parser = ArgumentParser()
    parser.add_argument("params", type=FileType("r"))
    parser.add_argument("-o", "--out")
    options = parser.parse_args()
    run(out=options.out, **load(options.params))  # an unknown parameter is a TypeError

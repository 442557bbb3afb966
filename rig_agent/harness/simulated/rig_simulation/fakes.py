"""Stand-ins for assets that are not on this machine: movies, .stim files, images, image sets, of plausible shape.

Made only with `fake_assets`, in the session's folder, and named in the report. What is in them is grey.
"""
from __future__ import absolute_import, division, print_function

import json
import ntpath
import os
import pickle
import re
import struct
import zlib

from rig_simulation.options import OPTIONS, native
from rig_simulation.params import given_params
from rig_simulation.report import REPORT, real_isdir, real_isfile, real_makedirs, real_open

FOLDER = 'simulation.assets'
FRAMES, ROWS, COLUMNS = 3600, 60, 96
IMAGES = ('.png', '.tif', '.tiff', '.jpg', '.jpeg', '.bmp')
ORDER = re.compile(r'order|seq(?!uence_movie)|index|idx|trial|position', re.IGNORECASE)
IMAGE_NAMES = ['im%03d_r' % number for number in (0, 31, 35, 45, 54, 73, 75, 106)]
STIM = '''"""A stand-in of the simulation."""
from psychopy import visual
from camstim import Stimulus
stimulus = Stimulus(visual.GratingStim(window, units="deg", size=%(size)s, mask=%(mask)s, sf=0.08),
                    sweep_params=%(sweeps)s, sweep_length=0.25, blank_length=%(blank)s, start_time=0.0,
                    blank_sweeps=0, runs=10, shuffle=True, save_sweep_table=True)
'''
_made = {}


def stand_in(path, probing=False):
    """The path of a stand-in for a missing asset, None when there is none for it.

    `probing`: the script only asks whether it is there; an output that it is about to write must not be.
    """
    if not OPTIONS.fake_assets:
        return None
    if path in _made:
        return _made[path]
    folder, name = ntpath.split(path)
    if folder in _made:  # an image of a folder that was stood in for
        within = os.path.join(_made[folder], native(name))
        return within if real_isfile(within) else None
    extension = os.path.splitext(name)[1].lower()
    make = MAKERS.get(extension)
    if make is None or (probing and extension == '.pkl' and not in_params(name)):
        return None
    folder = os.path.join(OPTIONS.folder, FOLDER)
    if not real_isdir(folder):
        real_makedirs(folder)
    target = os.path.join(folder, '%03d-%s' % (len(_made), native(name)))
    with real_open(target, 'wb') as stream:
        make(stream, name)
    return _remember(path, target)


def stand_in_folder(path, extension=None):
    """The path of a folder of images for a missing one, None when nothing says that it is an asset."""
    if not OPTIONS.fake_assets:
        return None
    key = path + (extension or '')
    if key in _made:
        return _made[key]
    name = re.split(r'[\\/]', path.rstrip('\\/'))[-1]
    if extension is None and not in_params(name):
        return None
    extension = extension if extension in MAKERS else '.png'
    target = os.path.join(OPTIONS.folder, FOLDER, '%03d-%s' % (len(_made), native(name)))
    real_makedirs(target)
    for image in IMAGE_NAMES:
        with real_open(os.path.join(target, image + extension), 'wb') as stream:
            MAKERS[extension](stream, image)
    return _remember(path, target, key)


def _remember(path, target, key=None):
    _made[key or path] = target
    REPORT.file('stood_in', native(path), target)
    return target


def in_params(name):
    """Whether the parameters mention a file or folder of this name, and not as a place for outputs."""
    return any(name in text for key, text in _texts(given_params(), '') if not re.search('output|save', key, re.I))


def _texts(value, key):
    if isinstance(value, dict):
        return [found for name, item in value.items() for found in _texts(item, name)]
    if isinstance(value, list):
        return [found for item in value for found in _texts(item, key)]
    return [(key, value)] if isinstance(value, (str, type(u''))) else []


# ------------------------------------------------------------------------------------------------ kinds of asset

def make_npy(stream, name):
    """A grey movie of uint8, or, where the name tells, a row of numbers in order."""
    if ORDER.search(name):
        return _npy(stream, '<i8', (100,), b''.join(struct.pack('<q', number) for number in range(100)))
    _npy(stream, '|u1', (FRAMES, ROWS, COLUMNS), b'')
    stream.truncate(stream.tell() + FRAMES * ROWS * COLUMNS)


def _npy(stream, kind, shape, content):
    header = "{'descr': '%s', 'fortran_order': False, 'shape': %r, }" % (kind, shape)
    header += ' ' * (63 - (10 + len(header)) % 64) + '\n'
    stream.write(b'\x93NUMPY\x01\x00' + struct.pack('<H', len(header)) + header.encode('ascii') + content)


def make_stim(stream, name):
    if 'flash' in name.lower():
        text = STIM % {'size': '(300, 300)', 'mask': None, 'sweeps': '{"Color": ([-1, 1], 0)}', 'blank': 1.75}
    else:
        text = STIM % {'size': '(20, 20)', 'mask': '"circle"', 'blank': 0.0, 'sweeps': (
            '{"Pos": ([(x, y) for x in range(-40, 41, 10) for y in range(-40, 41, 10)], 0), "Contrast": ([0.8], 1), '
            '"TF": ([4.0], 2), "SF": ([0.08], 3), "Ori": ([0, 45, 90], 4)}')}
    stream.write(text.encode('ascii'))


def make_image(stream, name):
    """A grey PNG; readers look at the content, not at the name."""
    lines = (b'\x00' + b'\x80' * COLUMNS) * ROWS
    stream.write(b'\x89PNG\r\n\x1a\n' + b''.join(
        struct.pack('>I', len(content)) + kind + content + struct.pack('>I', zlib.crc32(kind + content) & 0xffffffff)
        for kind, content in ((b'IHDR', struct.pack('>IIBBBBB', COLUMNS, ROWS, 8, 0, 0, 0, 0)),
                              (b'IDAT', zlib.compress(lines)), (b'IEND', b''))))


def make_image_set(stream, name):
    """{name: {name: image}}, with the names that the parameters mention."""
    names = sorted(set(re.findall(r'im\d{3}(?:_r)?', json.dumps(given_params())))) or IMAGE_NAMES
    try:
        import numpy
        image = numpy.full((ROWS, COLUMNS), 128, dtype='uint8')
    except ImportError:
        image = [[128] * COLUMNS for _ in range(ROWS)]
    pickle.dump({str(one): {str(one): image} for one in names}, stream, 2)


def has_maker(path):
    """Whether there can be a stand-in for this file."""
    return os.path.splitext(path)[1].lower() in MAKERS


MAKERS = {'.npy': make_npy, '.stim': make_stim, '.pkl': make_image_set}
MAKERS.update({extension: make_image for extension in IMAGES})

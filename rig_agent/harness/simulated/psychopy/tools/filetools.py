"""psychopy.tools.filetools: objects in files. What comes from a file is never executed."""
from __future__ import absolute_import, division, print_function

import pickle

from rig_simulation import safe_pickle


def toFile(filename, data):
    with open(filename, 'wb') as stream:
        pickle.dump(data, stream, protocol=2)


def fromFile(filename, encoding=None):
    return safe_pickle.load_file(filename)

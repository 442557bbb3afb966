"""camstim.misc: configuration and small helpers."""
from __future__ import absolute_import, division, print_function

import ast
import os

from psychopy.visual import ImageStim
from rig_simulation import output
from rig_simulation.recorder import unknown
try:
    import configparser
except ImportError:  # Python 2
    import ConfigParser as configparser

CAMSTIM_DIR = os.path.expanduser(os.path.join('~', 'camstim'))
CAMSTIM_CONFIG = os.path.join(CAMSTIM_DIR, 'config', 'stim.cfg')
SHIPPED = os.path.join(os.path.dirname(os.path.abspath(__file__)), 'stim.cfg')
if not os.path.isfile(CAMSTIM_CONFIG):  # a rig has one
    CAMSTIM_CONFIG = SHIPPED
CONFIG_PATH = CAMSTIM_CONFIG


class Section(dict):
    """A section of the configuration: a key that it lacks is unknown, not an error."""

    def __init__(self, name, values):
        super(Section, self).__init__(values)
        self._name = name

    def __missing__(self, key):
        return unknown('camstim configuration %s.%s' % (self._name, key), force_class=False)


def get_config(section, path=None, *arguments, **keywords):
    """A section of camstim's configuration as a dictionary: what camstim ships, overridden by the file at `path`."""
    values = {}
    for filename in (SHIPPED, path or CAMSTIM_CONFIG):
        if os.path.isfile(filename):
            values.update(_read(filename, section))
    return Section(section, values)


getConfig = get_config


def _read(path, section):
    parser = configparser.RawConfigParser()
    parser.optionxform = str
    try:
        parser.read(path)
    except configparser.Error:  # a newer rig's configuration is YAML
        return _read_yaml(path, section)
    if not parser.has_section(section):
        return {}
    return {name: _value(text) for name, text in parser.items(section)}


def _read_yaml(path, section):
    try:
        import yaml
    except ImportError:
        return {}
    with open(path) as stream:
        document = yaml.safe_load(stream)
    found = document.get(section) if isinstance(document, dict) else None
    return found if isinstance(found, dict) else {}


def _value(text):
    """A value is a Python expression on a rig; here it is read, never evaluated."""
    try:
        return ast.literal_eval(text)
    except (ValueError, SyntaxError):
        return text


def wecanpicklethat(thing):
    """Whether an object can go into the output."""
    return output.can_be_pickled(thing)


def wecanpicklethatsafe(thing):
    return output.can_be_pickled(thing)


class ImageStimNumpyuByte(ImageStim):
    """An image that is replaced by arrays of bytes, frame by frame."""

    def setReplaceImage(self, value, operation='', log=None):
        self.image = value


def get_platform_info(*arguments, **keywords):
    return output._about_the_run()['platform_info']


def save_config(*arguments, **keywords):
    """Nothing of a simulation changes a rig's configuration."""

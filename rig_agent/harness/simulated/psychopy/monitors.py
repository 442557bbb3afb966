"""psychopy.monitors: sizes and distances that scripts calculate with. The known monitor is a lab's 24 inch one."""
from __future__ import absolute_import, division, print_function

from rig_simulation.options import OPTIONS
from rig_simulation.recorder import Accepting, is_slip, record, script_line
from rig_simulation.report import REPORT

WIDTH_CM, DISTANCE_CM = 51.8, 15.0
KNOWN = ('testMonitor', 'Gamma1.Luminance50')


def getAllMonitors():
    return list(KNOWN)


def named(name):
    """The monitor that a window is given by name."""
    for known in KNOWN:
        if is_slip(name, known):
            REPORT.finding('monitor', 'no monitor is called %r (at %s); did you mean %r?'
                           % (name, script_line(), known))
    return Monitor(name)


class Monitor(Accepting):
    """A monitor by name. Widths and distances in cm, sizes in pixels."""

    def __init__(self, name, width=None, distance=None, gamma=None, notes=None, useBits=None, verbose=True,
                 currentCalib=None, autoLog=True):
        self.name = name
        self.currentCalib = dict(currentCalib or {})
        self.currentCalib.setdefault('width', WIDTH_CM if width is None else width)
        self.currentCalib.setdefault('distance', DISTANCE_CM if distance is None else distance)
        self.currentCalib.setdefault('sizePix', list(OPTIONS.window))
        self.currentCalib.setdefault('gamma', 1.0 if gamma is None else gamma)
        self.currentCalib.setdefault('notes', notes)
        self.currentCalib.setdefault('bits', useBits)
        self.calibs = {'simulated': self.currentCalib}
        self.calibNames = ['simulated']
        self.currentCalibName = 'simulated'

    def setCurrent(self, calibration=-1):
        return self.currentCalibName

    def saveMon(self):
        pass

    save = saveMon

    def newCalib(self, calibName=None, userInput=False, width=None, distance=None, gamma=None, notes=None,
                 useBits=False, verbose=True):
        for name, value in (('width', width), ('distance', distance), ('gamma', gamma)):
            if value is not None:
                self.currentCalib[name] = value


def _add_accessors(key, suffix):
    def setter(self, value):
        self.currentCalib[key] = value

    def getter(self):
        return self.currentCalib.get(key)
    setter.__name__, getter.__name__ = 'set' + suffix, 'get' + suffix
    setattr(Monitor, 'set' + suffix, setter)
    setattr(Monitor, 'get' + suffix, getter)


for _key, _suffix in (('width', 'Width'), ('distance', 'Distance'), ('sizePix', 'SizePix'), ('gamma', 'Gamma'),
                      ('notes', 'Notes'), ('bits', 'UseBits'), ('gammaGrid', 'GammaGrid'), ('lineariseMethod',
                      'LinearizeMethod'), ('calibDate', 'CalibDate'), ('DKL_RGB', 'DKL_RGB'), ('LMS_RGB', 'LMS_RGB'),
                      ('levelsPre', 'LevelsPre'), ('levelsPost', 'LevelsPost'), ('lumsPre', 'LumsPre'),
                      ('lumsPost', 'LumsPost'), ('spectra', 'Spectra'), ('psychopyVersion', 'PsychopyVersion')):
    _add_accessors(_key, _suffix)


class Photometer(Accepting):
    def __init__(self, *arguments, **keywords):
        record('psychopy.monitors.Photometer')

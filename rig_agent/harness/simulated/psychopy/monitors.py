"""psychopy.monitors: sizes and distances that scripts calculate with. The known monitor is a lab's 24 inch one."""
from __future__ import absolute_import, division, print_function

from rig_simulation.clock import now
from rig_simulation.options import OPTIONS
from rig_simulation.recorder import Accepting, is_slip, record, script_line
from rig_simulation.report import REPORT
from rig_simulation.setters import add_setter

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

    def setCalibDate(self, date=None):
        """The moment of the calibration; now when none is given."""
        self.currentCalib['calibDate'] = now() if date is None else date
        return self.currentCalib['calibDate']

    def getCalibDate(self):
        return self.currentCalib.get('calibDate')

    def setSpectra(self, nm, rgb):
        self.currentCalib['spectraNM'], self.currentCalib['spectraRGB'] = nm, rgb

    def getSpectra(self):
        return self.currentCalib.get('spectraNM'), self.currentCalib.get('spectraRGB')


def _add_accessors(key, suffix, argument):
    def store(self, value):
        self.currentCalib[key] = value

    def getter(self, *arguments, **keywords):
        return self.currentCalib.get(key)
    add_setter(Monitor, 'set' + suffix, ('value', argument), store)
    getter.__name__ = str('get' + suffix)
    setattr(Monitor, getter.__name__, getter)


# What a monitor keeps, its name in methods, and what psychopy calls the value there.
for _key, _suffix, _argument in (
        ('width', 'Width', 'width'), ('distance', 'Distance', 'distance'), ('sizePix', 'SizePix', 'pixels'),
        ('gamma', 'Gamma', 'gamma'), ('notes', 'Notes', 'notes'), ('bits', 'UseBits', 'usebits'),
        ('gammaGrid', 'GammaGrid', 'gammaGrid'), ('lineariseMethod', 'LinearizeMethod', 'method'),
        ('lineariseMethod', 'LineariseMethod', 'method'), ('dkl_rgb', 'DKL_RGB', 'dkl_rgb'),
        ('lms_rgb', 'LMS_RGB', 'lms_rgb'), ('levelsPre', 'LevelsPre', 'levels'), ('levelsPost', 'LevelsPost', 'levels'),
        ('lumsPre', 'LumsPre', 'lums'), ('lumsPost', 'LumsPost', 'lums'), ('meanLum', 'MeanLum', 'meanLum'),
        ('psychopyVersion', 'PsychopyVersion', 'version')):
    _add_accessors(_key, _suffix, _argument)


class Photometer(Accepting):
    def __init__(self, *arguments, **keywords):
        record('psychopy.monitors.Photometer')

"""camstim.Window: psychopy's window with a warp for a screen that is close to the eye."""
from __future__ import absolute_import, division, print_function

from psychopy import monitors, visual
from psychopy.visual.windows import KEYWORDS
from rig_simulation.recorder import check_keywords

MORE = ('warp', 'warpfile', 'warpGridsize', 'eyepoint', 'flipHorizontal', 'flipVertical', 'miniwindow', 'bgcolor')


class Warp(object):
    """Kinds of warp."""
    Disabled, Spherical, Cylindrical, Curvilinear, Warpfile = range(5)


class Window(visual.Window):
    """A full-screen window on a rig's monitor."""

    def __init__(self, size=None, fullscr=True, monitor=None, screen=0, warp=Warp.Disabled, units='deg', **keywords):
        check_keywords('camstim.Window', keywords, KEYWORDS + list(MORE))
        self.warp = warp
        self.warpfile = keywords.pop('warpfile', None)
        self.eyepoint = keywords.pop('eyepoint', [0.5, 0.5])
        for name in MORE:
            if name in keywords:
                setattr(self, name, keywords.pop(name))
        keywords = {name: value for name, value in keywords.items() if name in KEYWORDS}
        if monitor is None:
            monitor = monitors.Monitor('testMonitor')
        super(Window, self).__init__(size=size or (800, 600), fullscr=fullscr, monitor=monitor, screen=screen,
                                     units=units, **keywords)

    def changeProjection(self, warp, warpfile=None, eyepoint=(0.5, 0.5)):
        self.warp, self.warpfile, self.eyepoint = warp, warpfile, list(eyepoint)

    def package(self):
        """What the output says of the window."""
        return {'size': [int(extent) for extent in self.size], 'screen': self.screen, 'warp': self.warp,
                'units': self.units, 'monitor': {
                    'name': self.monitor.name, 'widthcm': self.monitor.getWidth(),
                    'distancecm': self.monitor.getDistance(), 'sizepix': [int(x) for x in self.monitor.getSizePix()]}}

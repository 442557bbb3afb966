"""psychopy.visual.Window: a screen of a known size that refreshes on the virtual clock."""
from __future__ import absolute_import, division, print_function

from psychopy import monitors
from psychopy.tools.arraytools import array, numpy
from rig_simulation.clock import CLOCK, FRAME
from rig_simulation.options import OPTIONS
from rig_simulation.recorder import Accepting, check_keywords
from rig_simulation.report import REPORT

KEYWORDS = ('size pos color colorSpace rgb dkl lms fullscr allowGUI monitor bitsMode winType units gamma blendMode '
            'screen viewScale viewPos viewOri waitBlanking allowStencil multiSample numSamples stereo name checkTiming '
            'useFBO useRetina autoLog gammaErrorPolicy bpc depthBits stencilBits icon backendConf bits warp '
            'showSplash infoMsg frameRateMS lowResolution advancedSetup').split()
openWindows = []


class Window(Accepting):
    """A window. Its size in pixels is that of the screen when `fullscr`, as on a rig."""

    def __init__(self, size=(800, 600), pos=None, color=(0, 0, 0), colorSpace='rgb', rgb=None, dkl=None, lms=None,
                 fullscr=None, allowGUI=None, monitor=None, bitsMode=None, winType=None, units=None, gamma=None,
                 blendMode='avg', screen=0, viewScale=None, viewPos=None, viewOri=0.0, waitBlanking=True,
                 allowStencil=False, multiSample=False, numSamples=2, stereo=False, name='window1', checkTiming=True,
                 useFBO=False, useRetina=False, autoLog=True, **others):
        check_keywords('psychopy.visual.Window', others, KEYWORDS)
        if monitor is None:
            monitor = '__blank__'
        self.monitor = monitors.named(monitor) if isinstance(monitor, (str, type(u''))) else monitor
        if isinstance(self.monitor, dict):
            self.monitor = monitors.Monitor('temporaryMonitor', currentCalib=self.monitor)
        self._isFullScr = bool(fullscr)
        if fullscr:
            size = self.monitor.getSizePix() or OPTIONS.window
        self.size = array(size, int)
        self.frameBufferSize = self.clientSize = self.windowedSize = self.size
        self.pos, self.color, self.colorSpace, self.rgb = pos, color, colorSpace, rgb if rgb is not None else color
        self.units = units or 'norm'
        self.gamma, self.blendMode, self.screen, self.name = gamma, blendMode, screen, name
        self.scrWidthPIX = self.size[0]
        self.scrWidthCM, self.scrDistCM = self.monitor.getWidth(), self.monitor.getDistance()
        self.viewScale, self.viewPos, self.viewOri = viewScale, viewPos, viewOri
        self.waitBlanking, self.allowGUI, self.allowStencil = waitBlanking, allowGUI, allowStencil
        self.winType = winType or 'pyglet'
        self.useFBO, self.stereo, self.numSamples, self.autoLog = useFBO, stereo, numSamples, autoLog
        self.mouseVisible = bool(allowGUI)
        self.winHandle = _Handle(self)
        self.recordFrameIntervals = False
        self.recordFrameIntervalsJustTurnedOn = False
        self.frameIntervals = []
        self.frames = 0
        self.nDroppedFrames = 0
        self.lastFrameT = CLOCK.elapsed
        self.frameClock = None
        self.movieFrames = []
        self._toDraw = []
        self._toCall = []
        self._closed = False
        self.monitorFramePeriod = FRAME
        self._monitorFrameRate = 1.0 / FRAME
        self.refreshThreshold = 1.2 * FRAME
        openWindows.append(self)

    def flip(self, clearBuffer=True):
        """Show what was drawn at the next refresh of the screen; its moment in seconds."""
        if self._toDraw:
            for stimulus in list(self._toDraw):
                stimulus.draw()
        moment = CLOCK.flip()
        self.frames += 1
        if self._toCall:
            calls, self._toCall = self._toCall, []
            for function, arguments, keywords in calls:
                function(*arguments, **keywords)
        if self.recordFrameIntervals:
            interval = moment - self.lastFrameT
            if not self.recordFrameIntervalsJustTurnedOn:
                self.frameIntervals.append(interval)
                if interval > self.refreshThreshold:
                    self.nDroppedFrames += 1
            self.recordFrameIntervalsJustTurnedOn = False
        self.lastFrameT = moment
        return moment if self.waitBlanking else None

    update = flip

    def callOnFlip(self, function, *args, **kwargs):
        self._toCall.append((function, args, kwargs))

    def timeOnFlip(self, obj, attrib, format=float):
        self.callOnFlip(lambda: setattr(obj, attrib, CLOCK.elapsed))

    def addToAutoDraw(self, stimulus):
        if stimulus not in self._toDraw:
            self._toDraw.append(stimulus)

    def removeFromAutoDraw(self, stimulus):
        if stimulus in self._toDraw:
            self._toDraw.remove(stimulus)

    def setRecordFrameIntervals(self, value=True, log=None):
        self.recordFrameIntervalsJustTurnedOn = bool(value) and not self.recordFrameIntervals
        self.recordFrameIntervals = bool(value)

    def saveFrameIntervals(self, fileName=None, clear=True):
        with open(fileName or 'lastFrameIntervals.log', 'w') as stream:
            stream.write(','.join(str(interval) for interval in self.frameIntervals))
        if clear:
            self.frameIntervals = []

    def fps(self):
        return 1.0 / FRAME

    def getActualFrameRate(self, nIdentical=10, nMaxFrames=100, nWarmUpFrames=10, threshold=1, **others):
        for _ in range(nWarmUpFrames + nIdentical):
            self.flip()
        return 1.0 / FRAME

    def getMsPerFrame(self, nFrames=60, showVisual=False, msg='', msDelay=0.0):
        return getMsPerFrame(self, nFrames)

    def getMovieFrame(self, buffer='front'):
        """Take the present picture: kept as a number, nothing is drawn."""
        self.movieFrames.append(self.frames)
        return self._picture()

    _getFrame = getMovieFrame

    def getMovieFrames(self):
        return list(self.movieFrames)

    def saveMovieFrames(self, fileName, *arguments, **keywords):
        """Leave an empty file where the movie would be."""
        REPORT.note('saveMovieFrames: %d frames, not drawn' % len(self.movieFrames))
        with open(fileName, 'wb'):
            pass
        self.movieFrames = []

    def _picture(self):
        if numpy is None:
            return None
        return numpy.zeros((int(self.size[1]), int(self.size[0]), 3), dtype='uint8')

    def close(self):
        self._closed = True
        if self in openWindows:
            openWindows.remove(self)

    def _nothing(self, *arguments, **keywords):
        """Something that only a screen would show."""

    clearBuffer = resetViewport = resetEyeTransform = applyEyeTransform = setBuffer = dispatchAllWindowEvents = \
        setBlendMode = setScale = onResize = hideMessage = hidePilotingIndicator = _nothing

    def setColor(self, color, colorSpace=None, operation='', log=None):
        self.color, self.colorSpace = color, colorSpace or self.colorSpace

    def setRGB(self, newRGB):
        self.rgb = self.color = newRGB

    def setGamma(self, gamma, log=None):
        self.gamma = gamma

    def setMouseVisible(self, visibility, log=None):
        self.mouseVisible = visibility

    def setUnits(self, value, log=True):
        self.units = value

    def setViewPos(self, value, log=True):
        self.viewPos = value

    def __enter__(self):
        return self

    def __exit__(self, *exception):
        self.close()


class _Handle(Accepting):
    """The window of the graphics library."""

    def __init__(self, window):
        self._window = window
        self.width, self.height = int(window.size[0]), int(window.size[1])

    def _nothing(self, *arguments, **keywords):
        """Something that only a screen would show."""

    activate = minimize = maximize = set_fullscreen = set_visible = set_location = dispatch_events = \
        set_mouse_visible = switch_to = push_handlers = set_exclusive_mouse = set_caption = set_size = _nothing

    def get_size(self):
        return self.width, self.height

    def get_location(self):
        return 0, 0


def getMsPerFrame(myWin, nFrames=60, showVisual=False, msg='', msDelay=0.0):
    """(mean, standard deviation, median) of the milliseconds between frames, after showing some."""
    for _ in range(nFrames):
        myWin.flip()
    return 1000.0 * FRAME, 0.0, 1000.0 * FRAME

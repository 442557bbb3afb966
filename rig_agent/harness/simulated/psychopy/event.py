"""psychopy.event: keys and mouse. Nobody presses anything, but the keys that the simulation was asked for."""
from __future__ import absolute_import, division, print_function

from rig_simulation.clock import CLOCK
from rig_simulation.options import OPTIONS, native
from rig_simulation.recorder import Accepting

_coming = sorted((float(moment), native(key)) for moment, key in OPTIONS.keys)
last_look = [float('-inf')]  # simulated seconds, for what a script that never ends waits for
NO_MODIFIERS = {'shift': False, 'ctrl': False, 'alt': False, 'capslock': False, 'scrolllock': False,
                'command': False, 'option': False, 'windows': False, 'numlock': False, 'function': False}


class GlobalKeys(dict):
    """Keys that call a function: nobody presses them."""

    def add(self, key, func, func_args=(), func_kwargs=None, modifiers=(), name=None):
        self[key, tuple(modifiers)] = func

    def remove(self, key, modifiers=()):
        self.pop((key, tuple(modifiers)), None)


globalKeys = GlobalKeys()


def getKeys(keyList=None, modifiers=False, timeStamped=False):
    """Keys that were pressed since the last look. A key given as `shift+escape` comes with that modifier."""
    found = []
    last_look[0] = CLOCK.elapsed
    while _coming and _coming[0][0] <= CLOCK.elapsed:
        moment, text = _coming.pop(0)
        pressed = text.split('+')
        key = pressed[-1]
        if keyList is not None and key not in keyList:
            continue
        found.append(_told(key, moment, pressed[:-1] if modifiers else None, timeStamped))
    return found


def _told(key, moment, held, timeStamped):
    """A key as it was asked for: alone, or with the modifiers `held` (None: not asked for) and its moment."""
    item = [key]
    if held is not None:
        item.append(dict(NO_MODIFIERS, **{name: True for name in held}))
    if timeStamped is not False and timeStamped is not None:
        reset = getattr(timeStamped, 'getLastResetTime', None)
        item.append(moment - (reset() if reset else 0.0 if timeStamped is True else timeStamped))
    return tuple(item) if len(item) > 1 else key


def waitKeys(maxWait=float('inf'), keyList=None, modifiers=False, timeStamped=False, clearEvents=True):
    """Wait for a key; None when none comes in time. Without a limit, the first key of the list comes after a second."""
    until = CLOCK.elapsed + maxWait
    while _coming and _coming[0][0] <= until:
        CLOCK.sleep(max(0.0, _coming[0][0] - CLOCK.elapsed))
        keys = getKeys(keyList, modifiers, timeStamped)
        if keys:
            return keys
    if maxWait != float('inf'):
        CLOCK.sleep(max(0.0, until - CLOCK.elapsed))
        return None
    CLOCK.sleep(1.0)
    key = (keyList or ['space'])[0]
    return [_told(key, CLOCK.elapsed, [] if modifiers else None, timeStamped)]


def clearEvents(eventType=None):
    while _coming and _coming[0][0] <= CLOCK.elapsed:
        _coming.pop(0)


class Mouse(Accepting):
    """The computer's mouse: it lies still in the middle."""

    def __init__(self, visible=True, newPos=None, win=None):
        self.visible, self.win = visible, win
        self._position = list(newPos or (0, 0))

    def getPos(self):
        return list(self._position)

    def setPos(self, newPos=(0, 0)):
        self._position = list(newPos)

    def getPressed(self, getTime=False):
        return ([0, 0, 0], [0.0, 0.0, 0.0]) if getTime else [0, 0, 0]

    def isPressedIn(self, shape, buttons=(0, 1, 2)):
        return False

    def getRel(self):
        return [0.0, 0.0]

    def getWheelRel(self):
        return [0.0, 0.0]

    def mouseMoved(self, distance=None, reset=False):
        return False

    def setVisible(self, visible):
        self.visible = visible

    def clickReset(self, buttons=(0, 1, 2)):
        pass


class BuilderKeyResponse(object):
    def __init__(self):
        self.status, self.keys, self.corr, self.rt = None, [], 0, []

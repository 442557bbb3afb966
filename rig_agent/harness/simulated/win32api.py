"""Simulated win32api: the screen's size, no keys, a mouse that lies still."""
from __future__ import absolute_import, division, print_function

import os

from rig_simulation.options import OPTIONS


def GetSystemMetrics(index):
    return {0: OPTIONS.window[0], 1: OPTIONS.window[1], 80: 1}.get(index, 0)


def GetAsyncKeyState(key):
    return 0


GetKeyState = GetAsyncKeyState


def GetCursorPos():
    return 0, 0


def SetCursorPos(position):
    pass


def ShowCursor(show):
    return 0


def GetComputerName():
    return os.environ.get('AIBS_COMP_ID', 'simulated')


def GetUserName():
    return 'simulated'


def EnumDisplayMonitors(*arguments):
    return [(1, 0, (0, 0) + tuple(OPTIONS.window))]


def SetConsoleCtrlHandler(*arguments):
    return True


def mouse_event(*arguments):
    pass


def Beep(frequency, duration):
    pass

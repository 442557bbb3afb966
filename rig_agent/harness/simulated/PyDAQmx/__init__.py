"""Simulated PyDAQmx: NI tasks as the C library has them. Channels that are made are written down, calls succeed."""
from __future__ import absolute_import, division, print_function

from PyDAQmx.DAQmxConstants import *  # noqa: F401, F403
from PyDAQmx.DAQmxFunctions import *  # noqa: F401, F403
from PyDAQmx.DAQmxTypes import *  # noqa: F401, F403
from PyDAQmx.Task import Task  # noqa: F401

MORE_NAMES = 'DAQmx'

"""The object of a task: any call of NI-DAQmx is a method and succeeds."""
from __future__ import absolute_import, division, print_function

from PyDAQmx.DAQmxFunctions import call, new_handle
from PyDAQmx.DAQmxTypes import TaskHandle


class Task(object):
    """A task. `CreateDOChan('Dev1/port0/line1', ...)` and its kind are written down."""

    def __init__(self, name=''):
        self.name = name
        self.taskHandle = TaskHandle(new_handle())

    def __getattr__(self, name):
        if name.startswith('_') or not name[:1].isupper():
            raise AttributeError(name)
        return lambda *arguments, **keywords: call(name, arguments, self.taskHandle)

    def AutoRegisterEveryNSamplesEvent(self, *arguments, **keywords):
        return 0

    AutoRegisterDoneEvent = AutoRegisterEveryNSamplesEvent


class CallbackTask(Task):
    """A task with callbacks: none is called."""

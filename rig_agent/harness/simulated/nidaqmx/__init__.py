"""Simulated nidaqmx, so that a script never reaches a card: channels are written down, reads are low and zero."""
from __future__ import absolute_import, division, print_function

from nidaqmx import constants, errors, stream_readers, stream_writers, system, types, utils  # noqa: F401
from nidaqmx.errors import DaqError, DaqWarning  # noqa: F401
from nidaqmx.task import Task  # noqa: F401

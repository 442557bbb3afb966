"""Where nidaqmx itself has it."""
from __future__ import absolute_import, division, print_function

from nidaqmx.system import Device, System  # noqa: F401

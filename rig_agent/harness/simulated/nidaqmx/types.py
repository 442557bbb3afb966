"""nidaqmx.types: what counters read and write."""
from __future__ import absolute_import, division, print_function

import collections

CtrFreq = collections.namedtuple('CtrFreq', 'freq duty_cycle')
CtrTime = collections.namedtuple('CtrTime', 'high_time low_time')
CtrTick = collections.namedtuple('CtrTick', 'high_tick low_tick')

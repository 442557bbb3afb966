"""The functions of NI-DAQmx: each succeeds; channels are written down, what is read is low or zero."""
from __future__ import absolute_import, division, print_function

import ctypes
import itertools

from PyDAQmx.DAQmxConstants import DAQmx_Val_FiniteSamps
from rig_simulation.report import REPORT
from rig_simulation.sampling import SampleClock

MORE_NAMES = 'DAQmx'  # `from PyDAQmx import *` brings whatever a script uses of them
KINDS = {'CreateAO': 'analog output', 'CreateAI': 'analog input', 'CreateDO': 'digital output',
         'CreateDI': 'digital input', 'CreateCI': 'counter input', 'CreateCO': 'counter output'}
NAMES = '''
    CreateTask StartTask StopTask ClearTask CreateAOVoltageChan CreateAIVoltageChan CreateDOChan CreateDIChan
    CreateCICountEdgesChan CreateCIAngEncoderChan CreateCILinEncoderChan CreateCIFreqChan CreateCIPeriodChan
    CreateCIPulseWidthChan CreateCOPulseChanFreq CreateCOPulseChanTime CreateCOPulseChanTicks CfgSampClkTiming
    CfgDigEdgeStartTrig CfgAnlgEdgeStartTrig CfgImplicitTiming CfgOutputBuffer CfgInputBuffer DisableStartTrig
    WriteAnalogF64 WriteAnalogScalarF64 WriteDigitalLines WriteDigitalU32 WriteDigitalU16 WriteDigitalU8
    WriteDigitalScalarU32 ReadAnalogF64 ReadAnalogScalarF64 ReadBinaryI16 ReadDigitalLines ReadDigitalU32
    ReadDigitalU16 ReadDigitalU8 ReadDigitalScalarU32 ReadCounterU32 ReadCounterScalarU32 ReadCounterF64
    ReadCounterScalarF64 WaitUntilTaskDone IsTaskDone TaskControl ResetDevice SelfTestDevice ConnectTerms
    DisconnectTerms ExportSignal RegisterEveryNSamplesEvent RegisterDoneEvent SetWriteRegenMode
    SetStartTrigRetriggerable SetCICountEdgesTerm SetCOPulseTerm GetSysDevNames GetDevProductType GetErrorString
    GetExtendedErrorInfo GetReadAvailSampPerChan
    '''.split()
WITHOUT_TASK = ('ResetDevice', 'SelfTestDevice', 'ConnectTerms', 'DisconnectTerms', 'GetSysDevNames',
                'GetDevProductType', 'GetErrorString', 'GetExtendedErrorInfo', 'CreateTask')
clocks = {}  # handle of a task -> its sample clock
_handles = itertools.count(1)


class DAQException(Exception):
    """An error or a warning of the library, with its number: none is raised here."""

    def __init__(self, error=0, mess='', fname=''):
        super(DAQException, self).__init__(mess)
        self.error, self.mess, self.fname = error, mess, fname


class DAQError(DAQException):
    """An error."""


class DAQWarning(DAQException):
    """A warning."""


class InvalidTaskError(DAQError):
    """A task that was cleared."""


def new_handle():
    """The number of a task that is made: each has its own, and so its own clock."""
    return next(_handles)


def call(name, arguments, handle=None):
    """One call; 0 is success."""
    clock = clocks.setdefault(getattr(handle, 'value', handle), SampleClock())
    kind = KINDS.get(name[:8])
    channel = next((word for word in arguments if isinstance(word, (str, type(u''), bytes)) and '/' in str(word)), None)
    if kind and channel is not None:
        device, _, line = str(channel).lstrip('/').partition('/')
        REPORT.touch(device, line, kind)
    elif name == 'CfgSampClkTiming':
        clock.configure(_number(arguments[1]), _number(arguments[4]) if arguments[3] == DAQmx_Val_FiniteSamps else None)
    elif name in CHANGES:
        CHANGES[name](clock)
    elif name == 'IsTaskDone':
        _give(arguments, clock.is_done())
    elif name == 'GetReadAvailSampPerChan':
        _give(arguments, clock.available())
    elif name.startswith('Read'):
        _read(arguments, clock, 'Scalar' in name)
    elif name.startswith('Write') and 'Scalar' not in name:
        _give(arguments, _number(arguments[0]))
    return 0


CHANGES = {'StartTask': SampleClock.start, 'StopTask': SampleClock.stop, 'ClearTask': SampleClock.stop,
           'WaitUntilTaskDone': SampleClock.wait_for_end}


def _read(arguments, clock, is_scalar):
    """Fill the script's array with zeros, and say how many samples that are."""
    array = next((value for value in arguments if hasattr(value, 'fill') or isinstance(value, ctypes.Array)), None)
    count = 1 if is_scalar else int(_number(arguments[0]))
    if count < 0:
        count = clock.available() if clock.rate else len(array) if array is not None else 1
    clock.wait_for(count)
    if hasattr(array, 'fill'):
        array.fill(0)
    elif array is not None:
        ctypes.memset(array, 0, ctypes.sizeof(array))
    _give(arguments, 0 if is_scalar else count)


def _number(value):
    return getattr(value, 'value', value)


def _give(arguments, value):
    """Leave a number where the first pointer among the arguments leads."""
    for argument in arguments:
        for name in ('_obj', 'contents'):  # of `byref` and of `pointer`
            if hasattr(argument, name):
                getattr(argument, name).value = value
                return


def _function(name):
    def function(*arguments):
        if name in WITHOUT_TASK:
            if name == 'CreateTask':
                _give(arguments, new_handle())
            return call(name, arguments)
        return call(name, arguments[1:], arguments[0] if arguments else None)
    function.__name__ = str('DAQmx' + name)
    return function


globals().update({str('DAQmx' + name): _function(name) for name in NAMES})

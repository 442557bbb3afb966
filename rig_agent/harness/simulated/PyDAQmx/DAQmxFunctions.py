"""The functions of NI-DAQmx: each succeeds; channels, writes and reads are written down."""
from __future__ import absolute_import, division, print_function

from rig_simulation.report import REPORT

KINDS = {'CreateAO': 'analog output', 'CreateAI': 'analog input', 'CreateDO': 'digital output',
         'CreateDI': 'digital input', 'CreateCI': 'counter input', 'CreateCO': 'counter output'}
NAMES = ('CreateTask', 'StartTask', 'StopTask', 'ClearTask', 'CreateAOVoltageChan', 'CreateAIVoltageChan',
         'CreateDOChan', 'CreateDIChan', 'CreateCICountEdgesChan', 'CreateCIAngEncoderChan', 'CreateCOPulseChanFreq',
         'CreateCOPulseChanTime', 'CfgSampClkTiming', 'CfgDigEdgeStartTrig', 'CfgImplicitTiming', 'WriteAnalogF64',
         'WriteAnalogScalarF64', 'WriteDigitalLines', 'WriteDigitalU32', 'WriteDigitalU8', 'WriteDigitalScalarU32',
         'ReadAnalogF64', 'ReadDigitalLines', 'ReadDigitalU32', 'ReadDigitalU8', 'ReadCounterU32',
         'ReadCounterScalarU32', 'ReadCounterF64', 'WaitUntilTaskDone', 'IsTaskDone', 'ResetDevice',
         'RegisterEveryNSamplesEvent', 'RegisterDoneEvent', 'SetWriteRegenMode', 'GetSysDevNames')


class DAQError(Exception):
    """An error of the library: never raised here."""


def call(name, arguments):
    """One call; 0 is success."""
    kind = KINDS.get(name[:8])
    channel = next((word for word in arguments if isinstance(word, (str, type(u''), bytes)) and '/' in str(word)), None)
    if kind and channel is not None:
        device, _, line = str(channel).partition('/')
        REPORT.touch(device, line, kind)
    return 0


def _function(name):
    def function(*arguments):
        return call(name, arguments)
    function.__name__ = str('DAQmx' + name)
    return function


globals().update({str('DAQmx' + name): _function(name) for name in NAMES})
DAQException = DAQError

"""nidaqmx.constants: names of choices; which one is taken changes nothing here, but for how lines are grouped."""
from __future__ import absolute_import, division, print_function

from PyDAQmx import DAQmxConstants
from rig_simulation.recorder import unknown

FAMILIES = '''
    AccelSensitivityUnits AccelUnits AcquisitionType ActiveLevel ActiveOrInactiveEdgeSelection AngleUnits
    AutoZeroType BridgeConfiguration BridgeUnits BusType CJCSource ChannelType ClockRate ConstrainedGenMode
    CountDirection CounterFrequencyMethod Coupling CouplingTypes CurrentShuntResistorLocation CurrentUnits
    DataJustification DataTransferActiveTransferMechanism DeassertCondition DigitalDriveType DigitalPatternCondition
    DigitalWidthUnits Direction Edge EncoderType EncoderZIndexPhase EveryNSamplesEventType ExcitationSource
    ExcitationVoltageOrCurrent ExportAction FillMode FilterResponse FilterType ForceUnits FrequencyUnits FuncGenType
    GpsSignalType HandshakeStartCondition InputDataTransferCondition LVDTSensitivityUnits LengthUnits Level
    LineGrouping LogicFamily LogicLvlBehavior LoggingMode LoggingOperation ModulationType OverflowBehavior
    OutputDataTransferCondition OverwriteMode Polarity PowerUpChannelType PowerUpStates ProductCategory
    PressureUnits RTDType ReadRelativeTo RegenerationMode RelayPosition ResistanceConfiguration ResistanceUnits
    ResolutionType ResourcePoolName SampleClockActiveOrInactiveEdgeSelection SampleInputDataWhen SampleTimingType
    Save ScaleType ScanRepeatMode SelfCal Sense ShuntElementLocation Signal SignalModifiers Slope SoundPressureUnits
    StrainGageBridgeType SyncType SyncPulseType SynchronizationPulseType SyncUnlockBehavior TaskMode
    TaskStringFormat TemperatureUnits TerminalConfiguration ThermocoupleType TimeUnits TimestampEvent TorqueUnits
    TriggerType TriggerUsage UnderflowBehavior UnitsPreScaled UsageTypeAI UsageTypeAO UsageTypeCI UsageTypeCO
    VelocityUnits VoltageUnits WaitMode WatchdogAOExpirState WatchdogCOExpirState WatchdogTaskExpirationStates
    WindowTriggerCondition1 WriteBasicTEDSOptions WriteRelativeTo
    '''.split()
VALUES = {'CHAN_PER_LINE': 0, 'CHAN_FOR_ALL_LINES': 1, 'RISING': 10280, 'FALLING': 10171, 'FINITE': 10178,
          'CONTINUOUS': 10123, 'HW_TIMED_SINGLE_POINT': 12522, 'RSE': 10083, 'NRSE': 10078, 'DIFF': 10106,
          'DIFFERENTIAL': 10106, 'PSEUDO_DIFF': 12529, 'HIGH': 10192, 'LOW': 10214, 'COUNT_UP': 10128,
          'COUNT_DOWN': 10124}


class Choice(object):
    """One of a family: `Edge.RISING`, with its name and the number that the driver has for it."""

    def __init__(self, family, name):
        self.family, self.name = family, name

    @property
    def value(self):
        number = VALUES.get(self.name, getattr(DAQmxConstants, 'DAQmx_Val_' + self.name.title().replace('_', ''), None))
        return unknown('nidaqmx.constants.%s.value' % self, force_class=False) if number is None else number

    def __eq__(self, other):
        return isinstance(other, Choice) and str(self) == str(other)

    def __ne__(self, other):
        return not self == other

    def __hash__(self):
        return hash(str(self))

    def __str__(self):
        return '%s.%s' % (self.family, self.name)

    def __repr__(self):
        return '<%s>' % self


class Family(type):
    """A family of choices: whatever name is asked for is one of them, and the same each time."""

    def __getattr__(cls, name):
        if name.startswith('_'):
            raise AttributeError(name)
        setattr(cls, name, Choice(cls.__name__, name))
        return getattr(cls, name)

    __getitem__ = __getattr__

    def __call__(cls, value):
        return value if isinstance(value, Choice) else Choice(cls.__name__, str(value))

    def __iter__(cls):
        return iter([value for value in vars(cls).values() if isinstance(value, Choice)])


globals().update({str(_name): Family(str(_name), (object,), {}) for _name in FAMILIES})
AUTO = DEFAULT = -1
WAIT_INFINITELY = -1.0
READ_ALL_AVAILABLE = -1

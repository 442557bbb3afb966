"""nidaqmx.constants: names of choices; which one is taken changes nothing here."""
from __future__ import absolute_import, division, print_function


class _Choice(type):
    """A family of choices: each is its own name."""

    def __getattr__(cls, name):
        if name.startswith('_'):
            raise AttributeError(name)
        return '%s.%s' % (cls.__name__, name)


for _name in ('AcquisitionType Edge LineGrouping TerminalConfiguration VoltageUnits CountDirection EncoderType '
              'FrequencyUnits Level TimeUnits RegenerationMode TaskMode Signal AngleUnits EncoderZIndexPhase '
              'ReadRelativeTo OverwriteMode').split():
    globals()[_name] = _Choice(str(_name), (object,), {})
WAIT_INFINITELY = -1.0
READ_ALL_AVAILABLE = -1

"""nidaqmx.task: tasks that touch nothing; what is written is counted for its channels, what is read is low or zero."""
from __future__ import absolute_import, division, print_function

from nidaqmx.constants import AcquisitionType, LineGrouping
from nidaqmx.utils import unflatten_channel_string
from rig_simulation.recorder import Accepting
from rig_simulation.report import REPORT
from rig_simulation.sampling import SampleClock

KINDS = {'ao': 'analog output', 'ai': 'analog input', 'do': 'digital output', 'di': 'digital input',
         'ci': 'counter input', 'co': 'counter output'}
READ_ALL = -1


class Quiet(object):
    """Settings: anything may be set, read back and called, nothing comes of it."""

    def __init__(self, **values):
        self.__dict__.update(values)

    def __getattr__(self, name):
        if name.startswith('__'):
            raise AttributeError(name)
        if not name.startswith(('cfg_', 'add_', 'export_', 'disable_')):
            self.__dict__[name] = Quiet()
            return self.__dict__[name]
        return lambda *arguments, **keywords: None

    def __call__(self, *arguments, **keywords):
        return 0

    def __iter__(self):
        return iter(())

    def __float__(self):
        return 0.0

    def __int__(self):
        return 0

    __index__ = __int__

    def _number(self, *other):
        return 0

    __add__ = __radd__ = __sub__ = __rsub__ = __mul__ = __rmul__ = __div__ = __truediv__ = __floordiv__ = _number
    __mod__ = __len__ = _number

    def __eq__(self, other):
        return self is other or other == 0

    def __ne__(self, other):
        return not self == other

    def __lt__(self, other):
        return 0 < other

    def __gt__(self, other):
        return 0 > other

    def __le__(self, other):
        return 0 <= other

    def __ge__(self, other):
        return 0 >= other

    __hash__ = object.__hash__


class Channel(Quiet):
    """One channel, or several that were made with one call."""

    def __init__(self, name, low):
        super(Channel, self).__init__(name=name, channel_names=unflatten_channel_string(name), _low=low)
        self.physical_channel = Quiet(name=name)

    def __len__(self):
        return len(self.channel_names)


class Channels(object):
    """The channels of one kind of a task."""

    def __init__(self, kind):
        self.__dict__.update(_kind=kind, _made=[], _lows=[], channel_names=[])

    def __getattr__(self, name):
        if name.startswith('add_'):
            return lambda *arguments, **keywords: self._add(name, *arguments, **keywords)
        if name.startswith('__'):
            raise AttributeError(name)
        return getattr(self.all, name)

    def __setattr__(self, name, value):
        setattr(self.all, name, value)

    def _add(self, how, channel='', *arguments, **keywords):
        named = [keywords[word] for word in ('lines', 'physical_channel', 'counter') if word in keywords]
        names = str(channel or (named + [''])[0])
        device, _, line = names.lstrip('/').partition('/')
        REPORT.touch(device, line, self._kind)
        each = unflatten_channel_string(names)
        if LineGrouping.CHAN_FOR_ALL_LINES in list(arguments) + list(keywords.values()):
            self.channel_names.append(names)
            self._lows.append(False if len(each) == 1 and 'line' in names else 0)
        else:
            self.channel_names += each
            self._lows += [self._low(how, name) for name in each]
        self._made.append(Channel(names, self._lows[-1:]))
        return self._made[-1]

    def _low(self, how, name):
        if self._kind == 'digital input' or self._kind == 'digital output':
            return False if 'line' in name else 0
        return 0 if how == 'add_ci_count_edges_chan' else 0.0

    @property
    def all(self):
        return self._made[0] if self._made else Channel('', [])

    def __len__(self):
        return len(self.channel_names)

    def __iter__(self):
        return iter(self._made)

    def __getitem__(self, index):
        if isinstance(index, (str, type(u''))):
            return next(made for made in self._made if index == made.name or index in made.channel_names)
        return self._made[index]


class Timing(Quiet):
    """When samples are taken."""

    def cfg_samp_clk_timing(self, rate, source='', active_edge=None, sample_mode=AcquisitionType.FINITE,
                            samps_per_chan=1000):
        self.samp_clk_rate, self.samp_quant_samp_per_chan = float(rate), int(samps_per_chan)
        self._clock.configure(rate, int(samps_per_chan) if sample_mode == AcquisitionType.FINITE else None)


class Stream(Quiet):
    """What readers and writers are made with: in_stream and out_stream of a task."""

    @property
    def avail_samp_per_chan(self):
        return self._task._clock.available()

    total_samp_per_chan_acquired = avail_samp_per_chan

    def read(self, number_of_samples_per_channel=READ_ALL):
        return self._task.read(number_of_samples_per_channel)

    readall = read

    def write(self, numpy_array):
        return self._task.write(numpy_array)


class Task(Accepting):
    """A task. A script may use it in a `with`."""

    def __init__(self, new_task_name=''):
        self.name, self._clock = new_task_name, SampleClock()
        self.timing, self.triggers, self.export_signals = Timing(_clock=self._clock), Quiet(), Quiet()
        self.in_stream, self.out_stream = Stream(_task=self), Stream(_task=self)
        for prefix, kind in KINDS.items():
            setattr(self, prefix + '_channels', Channels(kind))

    def _kinds(self, letter):
        return [getattr(self, prefix + '_channels') for prefix in sorted(KINDS) if prefix.endswith(letter)]

    @property
    def channel_names(self):
        return [name for channels in self._kinds('i') + self._kinds('o') for name in channels.channel_names]

    @property
    def number_of_channels(self):
        return len(self.channel_names)

    @property
    def channels(self):
        return Channel(','.join(self.channel_names), [])

    @property
    def devices(self):
        from nidaqmx.system import Device
        return [Device(name) for name in sorted({name.strip('/').partition('/')[0] for name in self.channel_names})]

    # ------------------------------------------------------------------------------------------------ out

    def write(self, data, auto_start=False, timeout=10.0):
        """The samples per channel that were written."""
        count = 0
        for channels in self._kinds('o'):
            count += len(channels)
            for name in {made.name for made in channels}:
                device, _, line = name.lstrip('/').partition('/')
                REPORT.touch(device, line, channels._kind, repr(data) if isinstance(data, (bool, int, float)) else None)
        if not hasattr(data, '__len__') or isinstance(data, tuple):  # a tuple: pulses of a counter
            return 1
        if count > 1:
            return len(data[0]) if len(data) and hasattr(data[0], '__len__') else 1
        return len(data[0]) if len(data) == 1 and hasattr(data[0], '__len__') else len(data)

    # ------------------------------------------------------------------------------------------------ in

    def read(self, number_of_samples_per_channel=None, timeout=10.0):
        """A value, a list of values, or one of these for each of several channels."""
        lows = [low for channels in self._kinds('i') for low in channels._lows] or [0.0]
        count = number_of_samples_per_channel
        if count is not None:
            count = self._clock.available() if int(count) == READ_ALL else int(count)
        self._clock.wait_for(1 if count is None else count)
        values = lows if count is None else [[low] * count for low in lows]
        return values[0] if len(values) == 1 else values

    # ------------------------------------------------------------------------------------------------ states

    def start(self):
        self._clock.start()

    def stop(self):
        self._clock.stop()

    close = stop

    def wait_until_done(self, timeout=10.0):
        self._clock.wait_for_end()

    def is_task_done(self):
        return self._clock.is_done()

    def _nothing(self, *arguments, **keywords):
        """Nothing has to be done."""

    control = add_global_channels = save = _nothing
    register_done_event = register_signal_event = register_every_n_samples_acquired_into_buffer_event = \
        register_every_n_samples_transferred_from_buffer_event = _nothing

    def __enter__(self):
        return self

    def __exit__(self, *exception):
        self.close()
        return False

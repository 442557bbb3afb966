"""What rigs' scripts import, and this machine has not or must not touch: never told as a fault of the script."""
from __future__ import absolute_import, unicode_literals

import pytest

from rig_agent.base.compat import PY2, WINDOWS

NI = 'import nidaqmx\nfrom nidaqmx.constants import *\ntask = nidaqmx.Task()\n'
PYDAQ = 'import ctypes\nfrom ctypes import byref, pointer\nfrom PyDAQmx import *\n'
WITHOUT_LIBRARIES = 'import sys\nsys.path[:] = [folder for folder in sys.path if "site-packages" not in folder]\n'
only_3 = pytest.mark.skipif(PY2, reason='of Python 2 on Python 3')


def passes(run):
    assert run.code == 0 and run.report['exception'] is None and set(run.codes('script')) <= {'no-output'}, run
    return True


# ------------------------------------------------------------------------------------------------ unknown classes

@pytest.mark.parametrize('text, name', [
    ('import zmq\nzmq.Context.instance().socket(zmq.PUB).send_string("x")', 'zmq.Context.instance'),
    ('from PyQt5 import QtWidgets\nQtWidgets.QApplication([])', 'PyQt5.QtWidgets.QApplication'),
    ('from PyQt5.QtCore import Qt\nQt.AlignLeft | Qt.AlignTop', 'PyQt5.QtCore.Qt.AlignTop'),
    ('from pypylon import pylon\npylon.Grab_A | pylon.Grab_B', 'pypylon.pylon.Grab_B'),
    ('from psychopy.blocks import State\nassert State.RUNNING == State.RUNNING and State["RUNNING"]',
     'psychopy.blocks.State.RUNNING'),
    ('from psychopy.blocks import Sequence\nassert list(Sequence) == [] and Sequence', 'psychopy.blocks.Sequence'),
    ('from camstim.experiment import EObject\nEObject.from_table("x")', 'camstim.experiment.EObject.from_table'),
    ('import zmq\nclass Client(object):\n    def __init__(self):\n        self.context = zmq.Context()\n'
     '        self.socket = self.context.socket(zmq.SUB)\nClient()', 'zmq.Context.socket'),
])
def test_attributes_of_classes_that_nobody_knows_are_taken_and_named(simulate, text, name):
    run = simulate(text)
    assert passes(run) and name in run.unknown(), run


@pytest.mark.parametrize('base', ['wx.lib.plot.PlotCanvas', 'wx.Frame', 'wx.Frame.Inner'])
def test_a_script_derives_from_whatever_is_unknown(simulate, base):
    passes(simulate('''
        import abc, wx, wx.lib
        Base = abc.ABCMeta("Base", (object,), {})
        class Mine(%s):
            def __init__(self, number):
                super(Mine, self).__init__(None)
                self.number = number
        class Other(wx.Frame, Base):
            pass
        mine = Mine(3)
        assert mine.number == 3 and isinstance(mine, Mine) and not isinstance(4, wx.Frame)
        mine.Show(); Other.Show
    ''' % base))


def test_a_name_that_the_scripts_own_class_lacks_is_its_fault_though_its_base_is_unknown(simulate):
    run = simulate('''
        import wx
        class Mine(wx.Frame):
            def later(self):
                self.count = 1
        Mine.count
    ''')
    assert run.code == 1 and run.report['exception']['of'] == 'script', run


# ------------------------------------------------------------------------------------------------ unknown errors

@pytest.mark.parametrize('name', [
    'zmq.ZMQError', 'zmq.Again', 'zmq.error.Again', 'zmq.error.ZMQError', 'pywintypes.error', 'win32api.error',
    'serial.serialutil.SerialException', 'serial.PortNotOpenError', 'nidaqmx.DaqError', 'nidaqmx.errors.DaqError',
    'nidaqmx.errors.DaqReadError', 'pypylon.genicam.GenericException', 'pypylon.pylon.genicam.TimeoutException',
    'psychopy.exceptions.DependencyError', 'PyDAQmx.DAQError', 'zro.ZroError', 'aibs.Camera().Timeout'])
def test_errors_that_nobody_knows_can_be_caught_raised_and_derived_from(simulate, name):
    passes(simulate('''
        import %s
        import nidaqmx.errors, psychopy.exceptions, pypylon.genicam, pypylon.pylon, serial.serialutil
        try:
            {}["missing"]
        except %s:
            raise SystemExit(3)
        except KeyError:
            pass
        class Mine(%s):
            def __init__(self):
                self.args = ("a", "b")
        try:
            raise Mine()
        except %s as error:
            assert "a" in str(error)
    ''' % (name.partition('.')[0], name, name, name)))


def test_an_unknown_error_keeps_its_words_and_is_the_scripts_when_the_script_raises_it(simulate):
    run = simulate('import zmq\nraise zmq.ZMQError("no answer")')
    assert run.code == 1 and run.report['exception']['of'] == 'script', run
    assert run.report['exception']['type'] == 'ZMQError' and 'no answer' in run.report['exception']['message']


def test_an_error_of_the_driver_has_its_number(simulate):
    passes(simulate('''
        import warnings
        from nidaqmx.errors import DaqError, DaqReadError, DaqResourceWarning, DaqWarning
        warnings.simplefilter("ignore", DaqResourceWarning)
        warnings.simplefilter("ignore", __import__("zmq").SomeWarning)
        try:
            raise DaqReadError("late", -200284)
        except DaqError as error:
            assert error.error_code == -200284 and str(error) == "late"
    '''))


@pytest.mark.skipif(PY2, reason='Python 2 lets anything stand behind except')
def test_what_cannot_stand_behind_except_is_no_fault_of_the_script(simulate):
    run = simulate('import zmq\ntry:\n    {}["x"]\nexcept zmq.constants:\n    pass')
    assert run.code == 1 and run.report['exception']['of'] == 'simulator', run


@pytest.mark.parametrize('text, whose', [
    ('import aibs\nif not aibs.find() == 3:\n    raise RuntimeError("no camera")', 'simulator'),
    ('import aibs\nfound = list(aibs.find())\nassert found, "no camera"', 'simulator'),
    ('import aibs\nif aibs.find() == 3:\n    pass\nundefined_name', 'script'),
    ('import aibs, time\naibs.find() == 3\ntime.sleep(9)\nraise RuntimeError("mine")', 'script'),
    ('raise RuntimeError("mine")', 'script')])
def test_an_error_that_follows_at_once_from_what_something_unknown_said_is_not_blamed(simulate, text, whose):
    run = simulate(text)
    assert run.code == 1 and run.report['exception']['of'] == whose, run


# ------------------------------------------------------------------------------------------------ imports

@pytest.mark.parametrize('name', [
    'serial.serialutil', 'serial.rs485', 'psychopy.monitors.calibTools', 'psychopy.gui.wxgui', 'psychopy.data.utils',
    'psychopy.visual.grating.more', 'toolbox.IO.nidaq.more', 'PyDAQmx.DAQmxCallBack', 'win32api.more', 'zro.agent',
    'sounddevice.more', 'nidaqmx.system.storage.persisted_task', 'nidaqmx.task', 'h5py.h5f'])
def test_below_what_is_simulated_any_module_can_be_imported(simulate, name):
    passes(simulate(WITHOUT_LIBRARIES + 'import %s\nfrom %s import Something\n' % (name, name)))


def test_everything_of_an_unknown_module_is_what_the_script_uses(simulate):
    run = simulate('''
        from pyglet.gl import *
        from PyDAQmx import *
        import os
        def draw(given):
            glClear(GL_COLOR_BUFFER_BIT)
            local = [os.sep, given, len("x")]
            return DAQmxGetWhatIsNew(DAQmx_Val_WhatIsNew), local
        draw(1)
    ''')
    assert passes(run)
    assert [name for name in run.unknown() if name.startswith('pyglet.gl.')] == [
        'pyglet.gl.' + name for name in ('DAQmxGetWhatIsNew', 'DAQmx_Val_WhatIsNew', 'GL_COLOR_BUFFER_BIT', 'glClear')]


def test_a_name_that_nothing_known_brings_is_the_scripts_fault(simulate):
    run = simulate('from psychopy import *\nfrom PyDAQmx import *\nundefined_thing')
    assert run.code == 1 and run.report['exception']['of'] == 'script', run
    assert run.report['exception']['type'] == 'NameError'


@pytest.mark.skipif(WINDOWS, reason='Windows has them')
def test_what_scripts_ask_of_windows_is_taken(simulate):
    run = simulate('''
        import ctypes
        import win32api, win32con, win32gui, win32process, win32ui, win32service, winerror, wmi
        from ctypes import POINTER, WINFUNCTYPE, WinDLL, byref, windll, wintypes
        process = win32api.OpenProcess(win32con.PROCESS_ALL_ACCESS, True, win32api.GetCurrentProcessId())
        win32process.SetPriorityClass(process, win32process.REALTIME_PRIORITY_CLASS)
        rectangle = wintypes.RECT()
        WinDLL("user32").GetWindowRect(win32gui.GetForegroundWindow(), byref(rectangle))
        windll.LoadLibrary("inpout32.dll").Out32(0x378, 255)
        @WINFUNCTYPE(ctypes.c_int, ctypes.c_int)
        def callback(number):
            return wintypes.DWORD(number).value
        assert callback(3) == 3
    ''')
    assert passes(run) and 'ctypes.WinDLL().GetWindowRect' in run.unknown(), run


@pytest.mark.skipif(WINDOWS, reason='may be there')
@pytest.mark.parametrize('text', ['import ctypes\nctypes.CDLL("C:/rig/camera.dll")', 'import MySQLdb', 'import tables',
                                  'import moviepy.editor'])
def test_what_this_machine_lacks_is_told_as_that(simulate, text):
    run = simulate(WITHOUT_LIBRARIES + text)
    assert run.code == 1 and run.report['exception']['of'] == 'environment', run


@only_3
@pytest.mark.parametrize('text', [
    'import ConfigParser', 'from urllib2 import urlopen', 'import tkMessageBox', 'xrange(3)', '{}.iteritems()',
    '{"a": 1}.keys()[0]', 'from itertools import izip', 'import string\nstring.letters', '"".decode("ascii")'])
def test_a_script_of_python_2_needs_a_python_2_and_is_not_blamed(simulate, text):
    run = simulate(text)
    assert run.code == 1 and run.report['exception']['of'] == 'environment', run
    assert [lack for lack in run.report['environment'] if '--python' in lack['advice']], run


@only_3
@pytest.mark.parametrize('text', ['class Mine(object):\n    pass\nMine().clock', 'import os\nos.clocks', 'xrnge(3)'])
def test_other_names_that_are_not_there_are_the_scripts_fault(simulate, text):
    run = simulate(text)
    assert run.code == 1 and run.report['exception']['of'] == 'script', run


# ------------------------------------------------------------------------------------------------ serial ports

def test_an_arduino_is_found_and_says_nothing(simulate):
    run = simulate('''
        import time
        import serial
        from serial.tools import list_ports
        import serial.tools.list_ports
        ports = [port.device for port in serial.tools.list_ports.comports() if "Arduino" in port.description]
        assert len(list(list_ports.grep("arduino"))) == 1 and list_ports.comports()[0][0] == ports[0]
        begun = time.time()
        with serial.Serial(ports[0], 115200, serial.EIGHTBITS, serial.PARITY_EVEN, timeout=0.5) as port:
            assert port.write(b"start") == 5 and port.readline().decode() == "" and list(port) == []
        assert 0.9 < time.time() - begun < 1.1
    ''')
    assert passes(run) and run.unknown() == [], run
    assert [use['device'] for use in run.report['hardware']] == ['serial'] and 'COM3' in run.report['notes'][0]


@pytest.mark.parametrize('text', [
    'import serial\nport = serial.Serial("COM4")\nwhile port.readline() != b"READY":\n    pass',
    'import serial\nport = serial.Serial("COM4", timeout=0)\nwhile not port.inWaiting():\n    port.read()',
    'from serial.tools import list_ports\nif not list(list_ports.grep("Teensy")):\n    raise IOError("no Teensy")',
    NI + 'task.di_channels.add_di_chan("Dev1/port0/line0")\nwhile not task.read():\n    pass'])
def test_who_waits_for_an_input_that_nobody_gives_is_not_blamed(simulate, text):
    run = simulate(text, limit=600)
    assert run.code == 1 and run.report['exception']['of'] == 'simulator', run
    assert run.codes('script') == []


def test_a_thread_that_looks_at_a_port_all_the_time_does_not_drive_the_sessions_clock(simulate):
    passes(simulate('''
        import threading
        import serial
        from psychopy import core, visual
        port, window, going = serial.Serial("COM4", timeout=0), visual.Window(), [True]
        def listen():
            while going[0]:
                port.in_waiting or port.read()
        thread = threading.Thread(target=listen)
        thread.daemon = True
        thread.start()
        begun = core.getTime()
        for _ in range(600):
            window.flip()
        assert 9.9 < core.getTime() - begun < 10.1
        going[0] = False
    '''))


# ------------------------------------------------------------------------------------------------ nidaqmx

@pytest.mark.parametrize('text', [
    'ai_channels.add_ai_voltage_chan("Dev1/ai0")\nassert task.read() == 0.0 and task.read(1) == [0.0]\n'
    'assert task.read(number_of_samples_per_channel=3) == [0.0] * 3 and task.channel_names == ["Dev1/ai0"]',
    'ai_channels.add_ai_voltage_chan("Dev1/ai0:3")\nassert task.read() == [0.0] * 4\n'
    'assert task.read(2) == [[0.0] * 2] * 4\nassert task.read(1) == [[0.0]] * 4 and task.number_of_channels == 4',
    'ai_channels.add_ai_voltage_chan("Dev1/ai0, Dev1/ai5:4", min_val=-5, max_val=5)\nassert task.read() == [0.0] * 3\n'
    'assert task.channel_names == ["Dev1/ai0", "Dev1/ai5", "Dev1/ai4"]',
    'di_channels.add_di_chan("Dev1/port0/line0:3", line_grouping=LineGrouping.CHAN_PER_LINE)\n'
    'assert task.read() == [False] * 4 and task.read(2) == [[False] * 2] * 4',
    'di_channels.add_di_chan("Dev1/port0/line0:3", line_grouping=LineGrouping.CHAN_FOR_ALL_LINES)\n'
    'value = task.read()\nassert value is not False and value >> 1 == 0 and task.read(2) == [0, 0]',
    'di_channels.add_di_chan("Dev1/port0")\nassert task.read() & 1 == 0 and task.read() is not False',
    'di_channels.add_di_chan("Dev1/port0/line7")\nassert task.read() is False',
    'ci_channels.add_ci_count_edges_chan("Dev1/ctr0", edge=Edge.RISING)\nassert isinstance(task.read(), int)',
    'ci_channels.add_ci_ang_encoder_chan("Dev1/ctr0", pulses_per_rev=1024)\nassert isinstance(task.read(), float)',
    'do_channels.add_do_chan("Dev1/port0/line0:3")\nassert task.write([True] * 4) == 1\n'
    'assert task.write([[True, False]] * 4, auto_start=True) == 2',
    'do_channels.add_do_chan("Dev1/port0/line0:3", line_grouping=LineGrouping.CHAN_FOR_ALL_LINES)\n'
    'assert task.write(15) == 1 and task.write([1, 2, 3]) == 3',
    'ao_channels.add_ao_voltage_chan("/Dev1/ao0", "x", -10, 10)\nassert task.write(2.5) == 1\n'
    'assert task.write([0.0] * 9) == 9',
    'ao_channels.add_ao_voltage_chan("Dev1/ao0:1")\nassert task.write([[0.0] * 5] * 2) == 5\n'
    'assert task.write([1, 2]) == 1',
    'co_channels.add_co_pulse_chan_freq("Dev1/ctr0", freq=30.0).co_pulse_term = "/Dev1/PFI12"\n'
    'from nidaqmx.types import CtrFreq\nassert task.write(CtrFreq(10, 0.5)) == 1'])
def test_what_a_task_reads_and_takes_has_the_shape_of_its_channels(simulate, text):
    assert passes(simulate(NI + 'task.' + text))


def test_samples_of_a_task_take_their_time(simulate):
    passes(simulate(NI + '''
import time
begun = time.time()
task.ai_channels.add_ai_voltage_chan("Dev1/ai0")
task.timing.cfg_samp_clk_timing(100.0, sample_mode=AcquisitionType.CONTINUOUS, samps_per_chan=1000)
task.triggers.start_trigger.cfg_dig_edge_start_trig("/Dev1/PFI0", trigger_edge=Edge.RISING)
task.in_stream.input_buf_size = 5000
task.start()
time.sleep(1.0)
assert 98 <= task.in_stream.avail_samp_per_chan <= 101
assert 98 <= len(task.read(READ_ALL_AVAILABLE)) <= 101
task.read(400)
assert 4.9 < time.time() - begun < 5.1 and task.timing.samp_clk_rate == 100.0
task.stop()
task.timing.cfg_samp_clk_timing(100.0, samps_per_chan=200)
task.start()
assert not task.is_task_done()
task.wait_until_done(timeout=10)
assert task.is_task_done() and 6.9 < time.time() - begun < 7.1
assert len(task.read(READ_ALL_AVAILABLE)) == 200
task.close()
'''))


def test_readers_fill_the_scripts_arrays_and_writers_count(simulate):
    pytest.importorskip('numpy')
    passes(simulate('''
        import numpy as np, nidaqmx
        from nidaqmx.stream_readers import AnalogMultiChannelReader, AnalogSingleChannelReader, CounterReader
        from nidaqmx.stream_writers import AnalogSingleChannelWriter, DigitalSingleChannelWriter
        with nidaqmx.Task() as task, nidaqmx.Task("count") as counting, nidaqmx.Task() as out:
            task.ai_channels.add_ai_voltage_chan("Dev1/ai0:1")
            reader, data, one = AnalogMultiChannelReader(task.in_stream), np.ones((2, 10)), np.ones(2)
            assert reader.read_many_sample(data, 8, timeout=2) == 8 and data.sum() == 4
            reader.read_one_sample(one)
            assert one.sum() == 0
            counting.ci_channels.add_ci_count_edges_chan("Dev1/ctr0")
            assert CounterReader(counting.in_stream).read_one_sample_uint32() == 0
            out.ao_channels.add_ao_voltage_chan("Dev1/ao0")
            writer = AnalogSingleChannelWriter(out.out_stream, auto_start=True)
            writer.write_one_sample(2.5)
            assert writer.write_many_sample(np.zeros(100)) == 100
    '''))


def test_a_machine_has_cards_and_a_script_may_ask_for_any(simulate):
    run = simulate('''
        import nidaqmx.system
        from nidaqmx.system import Device, System
        from nidaqmx.utils import flatten_channel_string, unflatten_channel_string
        names = [device.name for device in nidaqmx.system.System.local().devices]
        assert "Dev1" in names and "Dev1" in System.local().devices and System.local().driver_version.major_version
        System.local().devices["cDAQ1Mod1"].reset_device()
        assert "Dev1/ao1" in Device("Dev1").ao_physical_chans.channel_names
        assert flatten_channel_string(["Dev1/ai0", "Dev1/ai1", "Dev1/ai3"]) == "Dev1/ai0:1,Dev1/ai3"
        assert unflatten_channel_string("Dev1/ai0:1,Dev1/ai3") == ["Dev1/ai0", "Dev1/ai1", "Dev1/ai3"]
    ''')
    assert passes(run) and run.unknown() == [], run
    assert [use['device'] for use in run.report['hardware']] == ['cDAQ1Mod1']


def test_choices_are_themselves_and_have_names(simulate):
    run = simulate('''
        import copy, pickle
        from nidaqmx.constants import Edge, LineGrouping, Polarity, Slope
        assert Slope.RISING == Slope.RISING != Slope.FALLING and Edge["RISING"] is Edge.RISING
        assert Polarity.ACTIVE_HIGH.name == "ACTIVE_HIGH" and LineGrouping.CHAN_PER_LINE.value == 0
        assert Edge.RISING.value == 10280 and Edge.RISING in list(Edge) and {Edge.RISING: 1}[Edge.RISING] == 1
        assert copy.deepcopy(Edge.RISING) == Edge.RISING == pickle.loads(pickle.dumps(Edge.RISING, 2))
    ''')
    assert passes(run) and run.unknown() == [], run


# ------------------------------------------------------------------------------------------------ PyDAQmx

@pytest.mark.parametrize('text', [
    't.CreateDOChan("/Dev1/port0/line0:1", "", DAQmx_Val_ChanForAllLines)\nt.StartTask()\n'
    't.WriteDigitalLines(1, 1, 10.0, DAQmx_Val_GroupByChannel, (ctypes.c_uint8 * 2)(0, 1), byref(count), None)\n'
    'assert count.value == 1\nt.StopTask()\nt.ClearTask()',
    't.CreateAIVoltageChan("Dev1/ai0", "", DAQmx_Val_RSE, -10.0, 10.0, DAQmx_Val_Volts, None)\n'
    't.CfgSampClkTiming("", 1000.0, DAQmx_Val_Rising, DAQmx_Val_FiniteSamps, 4)\ndata = (float64 * 4)(1, 1, 1, 1)\n'
    't.StartTask()\nt.ReadAnalogF64(4, 10.0, DAQmx_Val_GroupByScanNumber, data, 4, byref(count), None)\n'
    'assert count.value == 4 and list(data) == [0.0] * 4',
    't.CreateCICountEdgesChan("Dev1/ctr0", "", DAQmx_Val_Rising, 0, DAQmx_Val_CountUp)\nnumber = uInt32(7)\n'
    't.ReadCounterScalarU32(10.0, byref(number), None)\nassert number.value == 0',
    'done = bool32(0)\nt.IsTaskDone(byref(done))\nassert done.value == 1',
    'handle = TaskHandle()\nDAQmxCreateTask("", byref(handle))\nassert handle\ndata = (float64 * 2)(1, 1)\n'
    'DAQmxCreateAIVoltageChan(handle, "Dev1/ai0", "", DAQmx_Val_Diff, -1.0, 1.0, DAQmx_Val_Volts, None)\n'
    'DAQmxStartTask(handle)\nDAQmxReadAnalogF64(handle, -1, 1.0, 0, data, 2, pointer(count), None)\n'
    'assert count.value == 2 and list(data) == [0.0, 0.0]\nDAQmxClearTask(handle)'])
def test_calls_of_the_c_library_leave_what_was_read_or_written_where_it_is_looked_for(simulate, text):
    assert passes(simulate(PYDAQ + 't, count = Task(), int32()\n' + text))


def test_arrays_of_numpy_are_filled_too(simulate):
    pytest.importorskip('numpy')
    passes(simulate(PYDAQ + '''
import numpy
t, count, bytes_each, data = Task(), int32(), int32(), numpy.ones(8, dtype=numpy.uint8)
t.CreateDIChan("Dev1/port0", "", DAQmx_Val_ChanForAllLines)
t.ReadDigitalLines(1, 10.0, DAQmx_Val_GroupByChannel, data, 8, byref(count), byref(bytes_each), None)
assert count.value == 1 and data.sum() == 0
'''))


@pytest.mark.parametrize('made', ['one, other = PyDAQmx.Task(), PyDAQmx.Task()', '_, one, other = by_function(), by_function(), by_function()'])
def test_each_task_of_pydaqmx_has_a_clock_of_its_own(simulate, made):
    run = simulate('''
        import time
        import PyDAQmx
        from PyDAQmx import DAQmx_Val_FiniteSamps, DAQmx_Val_Rising, TaskHandle, byref

        def by_function():
            handle = TaskHandle()
            PyDAQmx.DAQmxCreateTask("", byref(handle))
            task = PyDAQmx.Task()
            task.taskHandle = handle
            return task
        %s
        for task, count in ((one, 1000), (other, 50000)):
            task.CfgSampClkTiming("", 1000.0, DAQmx_Val_Rising, DAQmx_Val_FiniteSamps, count)
        begun = time.time()
        one.StartTask()
        other.StartTask()
        one.WaitUntilTaskDone(10.0)
        assert 0.99 < time.time() - begun < 1.1, time.time() - begun
    ''' % made)
    assert run.code == 0, run

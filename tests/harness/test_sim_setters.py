"""Attributes and setters of psychopy's stimuli take what psychopy takes, by its names, and refuse what it refuses."""
from __future__ import absolute_import, unicode_literals

import pytest

HEAD = '''
from __future__ import print_function
from psychopy import monitors, visual
window = visual.Window([800, 600], units="pix", monitor="testMonitor")
grating = visual.GratingStim(window, size=10)
'''


# ------------------------------------------------------------------------------------------------ texts for numbers

@pytest.mark.parametrize('text', [
    'grating.ori = "left"', 'grating.setOri("90")', 'grating.setOri("90", "+")', 'grating.contrast = "0.5"',
    'grating.setContrast(u"0.5")', 'grating.opacity = "1"', 'visual.TextStim(window, ori="45")',
    'visual.DotStim(window, dir="left")', 'visual.DotStim(window).setSpeed("2")',
    'visual.DotStim(window, coherence="0.5")', 'visual.Circle(window, radius="2")'])
def test_a_text_that_psychopy_calculates_with_is_the_scripts_error(simulate, text):
    run = simulate(HEAD + text)
    assert run.code == 1, run
    found = run.report['exception']
    assert (found['type'], found['of']) == ('TypeError', 'script') and 'is a number, not' in found['message']


@pytest.mark.parametrize('text', ['grating.pos = "middle"', 'grating.setSF("low")', 'grating.phase = "half"'])
def test_a_text_that_is_no_number_where_psychopy_converts_it_is_the_scripts_error(simulate, text):
    run = simulate(HEAD + text)
    assert run.code == 1 and run.report['exception']['of'] == 'script', run
    assert run.report['exception']['type'] == 'ValueError'


def test_elements_take_arrays_of_numbers_and_names_of_colours(simulate):
    pytest.importorskip('numpy')
    run = simulate(HEAD + '''
elements = visual.ElementArrayStim(window, nElements=3)
elements.setColors("red")
elements.colors = "#ff0000"
elements.setOris("90"); assert list(elements.oris) == [90, 90, 90]
for value in ("left", ["left", "left", "right"]):
    try:
        elements.setOris(value)
    except ValueError as error:
        assert error.rig_agent_of == "script"
    else:
        raise SystemExit("a text was taken")
''')
    assert run.code == 0, run


def test_texts_are_taken_where_psychopy_makes_numbers_of_them(simulate):
    pytest.importorskip('numpy')
    run = simulate(HEAD + '''
grating.setSF("0.04")
grating.size = "1e2"
grating.setPhase("-0.25")
grating.setSize(["3", "4"])
assert list(grating.sf) == [0.04, 0.04] and list(grating.phase) == [-0.25, -0.25] and list(grating.size) == [3, 4]
grating.setColor("red")
grating.color = "#ff0000"
visual.TextStim(window, text="5", height=2).setText("6")
''')
    assert run.code == 0 and run.unknown() == [], run


def test_a_sweep_through_texts_is_the_scripts_error_where_psychopy_calculates(simulate):
    text = HEAD + '''
from camstim import Stimulus, SweepStim
SweepStim(window, stimuli=[Stimulus(grating, sweep_params={"%s": (["0", "90"], 0)})]).run()
'''
    assert simulate(text % 'SF').code == 0
    run = simulate(text % 'Ori')
    assert run.code == 1 and (run.report['exception']['type'], run.report['exception']['of']) == ('TypeError', 'script')


# ------------------------------------------------------------------------------------------------ names of values

def test_setters_take_their_value_by_any_name_that_psychopy_has_for_it(simulate):
    pytest.importorskip('numpy')
    run = simulate(HEAD + '''
grating.setPos(newPos=(1, 2)); assert list(grating.pos) == [1, 2]
grating.setPos((1, 1), "+"); assert list(grating.pos) == [2, 3]
grating.setOri(newOri=3, operation="+", log=False); grating.setOri(val=1, op="+"); assert grating.ori == 4
grating.setContrast(newContrast=0.5); grating.setOpacity(newOpacity=0.25); grating.setSize(newSize=7, units="pix")
assert (grating.contrast, grating.opacity) == (0.5, 0.25) and list(grating.size) == [7, 7]
grating.setSF(newSF=0.1); grating.setPhase(value=0.5); grating.setTex(tex="sqr")
grating.setColor(color="red", colorSpace="rgb")
assert grating.color == "red" and grating.tex == "sqr"
grating.setColor([255, 0, 0], "rgb255"); assert grating.color == [255, 0, 0] and grating.colorSpace == "rgb255"
text = visual.TextStim(window, text="x"); text.setText(text="y"); text.setText(); assert text.text == "y"
rect = visual.Rect(window, width=1, height=2, fillColor="white")
rect.setFillColor(color="black", log=False); rect.setLineColor(color=[1, 1, 1]); rect.setWidth(width=4)
assert (rect.fillColor, rect.lineColor, rect.width) == ("black", [1, 1, 1], 4)
rect.setFillColor((9, 9, 9), "rgb255"); assert rect.fillColorSpace == "rgb255"
circle = visual.Circle(window, radius=2); circle.setRadius(radius=4); circle.setRadius(1, "+")
assert circle.radius == 5
line = visual.Line(window); line.setStart(start=(1, 1)); assert list(line.start) == [1, 1]
dots = visual.DotStim(window, nDots=5); dots.setDir(val=5); dots.setFieldPos(val=(1, 2)); dots.setFieldCoherence(val=1)
dots.setPos(newPos=(3, 4)); assert dots.dir == 5 and list(dots.fieldPos) == [3, 4] and dots.coherence == 1
elements = visual.ElementArrayStim(window, nElements=2)
elements.setPos(newPos=(3, 4)); elements.setPos(); assert list(elements.fieldPos) == [3, 4]
elements.setSfs(0.1); assert elements.sfs[0][0] == 0.1
elements.setXYs(value=[(1, 1), (2, 2)]); elements.setXYs()
assert elements.xys.tolist() != [[1, 1], [2, 2]]
elements.setColors(color=[1, 0, 0]); elements.setContrs(value=0.5)
elements.setColors(colors=[1, 0, 0], colorSpace="rgb", operation="", log=False)
image = visual.ImageStim(window); image.setAutoDraw(val=True, log=False); assert image.autoDraw; image.setFlipVert()
assert image.flipVert is True; image.setImage(value=None); image.setMask(mask=None)
''')
    assert run.code == 0 and run.unknown() == [] and run.codes() == ['no-output'], run


@pytest.mark.parametrize('text, words', [
    ('grating.setOri()', 'setOri() takes at least 2 arguments (1 given)'),
    ('grating.setOri(angle=3)', "setOri() got an unexpected keyword argument 'angle'"),
    ('grating.setAutoDraw()', 'setAutoDraw() takes at least 2 arguments (1 given)'),
    ('grating.setPos((1, 2), newPos=(1, 2))', "setPos() got multiple values for argument 'newPos'"),
    ('monitors.Monitor("x").setWidth()', 'setWidth() takes at least 2 arguments (1 given)')])
def test_a_call_without_its_value_is_the_scripts_error_and_names_the_method(simulate, text, words):
    run = simulate(HEAD + text)
    assert run.code == 1 and run.report['exception']['of'] == 'script', run
    assert (run.report['exception']['type'], run.report['exception']['message']) == ('TypeError', words)


def test_an_operation_that_psychopy_does_not_know_is_the_scripts_error(simulate):
    run = simulate(HEAD + 'grating.setOri(5, "add")')
    assert run.code == 1 and run.report['exception']['of'] == 'script', run
    assert run.report['exception']['message'] == 'Unsupported value "add" for operation when setting ori'
    run = simulate(HEAD + 'text = visual.TextStim(window)\ntext.setHeight(2, False)\nassert text.height == 2')
    assert run.code == 0, run


def test_methods_carry_their_own_names(simulate):
    run = simulate(HEAD + '''
for function in (visual.GratingStim.setOri, visual.Rect.setFillColor, monitors.Monitor.setWidth):
    print(getattr(function, "__qualname__", function.__name__))
''')
    assert run.out.split() == ['setOri', 'setFillColor', 'setWidth'], run


def test_a_keyword_of_a_setter_that_is_not_known_is_a_gap(simulate):
    run = simulate(HEAD + 'grating.setOri(90, stealth=True)\nassert grating.ori == 90')
    assert run.code == 0 and run.unknown() == ['psychopy.visual.GratingStim.setOri(stealth=)'], run


def test_a_monitor_takes_what_psychopy_calls_its_values(simulate):
    run = simulate(HEAD + '''
monitor = monitors.Monitor("mine")
monitor.setSizePix(pixels=(10, 20)); monitor.setDistance(distance=15); monitor.setWidth(width=5); monitor.setWidth(6)
assert (monitor.getSizePix(), monitor.getDistance(), monitor.getWidth()) == ((10, 20), 15, 6)
monitor.setLineariseMethod(method=2); assert monitor.getLinearizeMethod() == 2
monitor.setCalibDate(); assert monitor.getCalibDate() > 1e9
monitor.setCalibDate(5.0); assert monitor.getCalibDate() == 5.0
assert monitor.getSpectra() == (None, None)
monitor.setSpectra([400, 410], rgb=[[1, 2]] * 3); assert monitor.getSpectra() == ([400, 410], [[1, 2]] * 3)
monitor.setLevelsPre(levels=[1, 2]); monitor.setLumsPost(lums=[3]); monitor.setMeanLum(50); monitor.saveMon()
assert (monitor.getLevelsPre(), monitor.getLumsPost(), monitor.getMeanLum()) == ([1, 2], [3], 50)
''')
    assert run.code == 0 and run.unknown() == [], run


# ------------------------------------------------------------------------------------------------ filters, keys, sound

def test_masks_may_have_two_radii(simulate):
    pytest.importorskip('numpy')
    run = simulate(HEAD + '''
import numpy as np
from psychopy.visual import filters
distance = filters.makeRadialMatrix(65, (0, 0), [1.0, 2.0])
assert distance[32][64] == 1.0 and distance[64][32] == 0.5 and distance[32][32] == 0.0
assert (filters.makeRadialMatrix(65) == filters.makeRadialMatrix(65, radius=(1, 1))).all()
mask = filters.makeMask(65, shape="circle", radius=[0.5, 1])
assert mask[32][60] == -1 and mask[60][32] == 1 and mask.shape == (65, 65)
''')
    assert run.code == 0 and run.unknown() == [], run


def test_keys_come_with_modifiers_and_moments_as_asked_for(simulate):
    run = simulate(HEAD + '''
from psychopy import core, event
core.wait(5)
clock = core.Clock()
name, held = event.waitKeys(modifiers=True)[0]
assert name == "space" and held["ctrl"] is False
name, held, moment = event.waitKeys(keyList=["5"], modifiers=True, timeStamped=clock)[0]
assert name == "5" and not held["shift"] and abs(moment - 2.0) < 0.1, moment
assert event.waitKeys() == ["space"] and event.waitKeys(timeStamped=True)[0][1] > 8
''')
    assert run.code == 0, run
    run = simulate(HEAD + '''
from psychopy import core, event
core.wait(5)
clock = core.Clock()
(name, held, moment), = event.waitKeys(modifiers=True, timeStamped=clock)
assert name == "a" and held["shift"] and not held["ctrl"] and abs(moment - 10.0) < 0.1, moment
core.wait(5)
assert event.getKeys() == ["b"]
''', keys=[(15, 'shift+a'), (17, 'ctrl+b')])
    assert run.code == 0, run


def test_a_stream_of_sound_plays_within_its_block(simulate):
    run = simulate('''
        import sounddevice
        with sounddevice.OutputStream(samplerate=48000, channels=2) as stream:
            assert stream.active and stream.samplerate == 48000
            stream.write([[0.0, 0.0]])
        assert not stream.active
    ''')
    assert run.code == 0 and run.unknown() == [], run

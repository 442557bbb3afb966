import sys, json
from psychopy import visual
from camstim import Window, Stimulus, SweepStim

params = json.load(file(sys.argv[1]))
print "stage", params['stage']
for name, value in sorted(params.iteritems()):
    print >>sys.stderr, name, value

window = Window(fullscr=True, monitor='Gamma1.Luminance50', screen=0)
grating = visual.GratingStim(window, units='deg', size=(300, 300), sf=0.04)
stim = Stimulus(grating, sweep_params={'Ori': (range(0, 360, 90), 0), 'Contrast': ([1 / 2.0], 1)}, sweep_length=0.5,
                start_time=0.0, blank_length=0.5, runs=params['runs'], shuffle=True)
ss = SweepStim(window, stimuli=[stim], pre_blank_sec=1, post_blank_sec=1, params={})
print "now", len(stim.sweep_frames if hasattr(stim, 'sweep_frames') else [])
ss.run()

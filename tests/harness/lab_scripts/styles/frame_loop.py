"""No task of camstim: a loop over frames with psychopy's clock and keys, which saves its own pickle."""
import json
import os
import pickle
import sys
import time

from psychopy import core, event, logging, visual
from camstim.misc import wecanpicklethat
from camstim.zro.agent import OUTPUT_DIR

logging.console.setLevel(logging.WARNING)


def main(path):
    with open(path) as f:
        params = json.load(f)
    win = visual.Window(size=(800, 600), fullscr=True, monitor='testMonitor', units='deg', color=0)
    win.setRecordFrameIntervals(True)
    image = visual.ImageStim(win, image=None, size=(20, 20))
    gabor = visual.GratingStim(win, mask='gauss', sf=0.05, size=40, ori=0)
    clock, started = core.Clock(), time.time()
    intervals, escaped = [], False
    while clock.getTime() < params['session_dur'] and not escaped:
        gabor.ori = (gabor.ori + 1) % 360
        gabor.phase += 0.01
        gabor.setContrast(0.5)
        gabor.draw()
        image.draw()
        win.flip()
        intervals.append(clock.getTime())
        escaped = 'escape' in event.getKeys(['escape', 'q'])
    core.wait(1.0)
    assert abs((time.time() - started) - clock.getTime()) < 0.5
    data = {'params': params, 'intervals': intervals, 'escaped': escaped, 'rate': win.getMsPerFrame()}
    if not wecanpicklethat(data):
        data['rate'] = None
    stamp = time.strftime('%y%m%d%H%M%S')
    with open(os.path.join(OUTPUT_DIR, stamp + '.pkl'), 'wb') as f:
        pickle.dump(data, f, 2)
    win.close()
    core.quit()


if __name__ == '__main__':
    main(sys.argv[1])

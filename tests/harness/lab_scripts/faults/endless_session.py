from psychopy import core, visual

window = visual.Window(fullscr=True)
while True:
    window.flip()
    core.wait(0.5)

from psychopy import core, visual

window = visual.Window(fullscr=True)
clock = core.Clock()
while True:
    window.flip()
    if clock.getTime() > 3600:
        raise ValueError("the hour is over")

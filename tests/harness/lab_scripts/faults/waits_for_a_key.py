from psychopy import event, visual

window = visual.Window(fullscr=True)
while not event.getKeys(["space"]):
    window.flip()

"""A camstim machine without one: this folder stands in front of the path of a simulated script, and of no other.

The packages in it take the names that a script imports on a rig (`camstim`, `psychopy`, `toolbox`, `zro`, `PyDAQmx`,
`win32api`); `rig_simulation` is what they stand on: clock, report, recorder, files, network. All of it runs inside
the script's interpreter, so it needs nothing but the standard library, and numpy only where it is there. Text in it
is `str`, as in the packages it stands for, so that a script sees on either Python the types that it would see on a rig.
"""

"""What a person types: one module a command group, imported when called."""
import click

# click 7 warns on Python 2 about unicode_literals, which every module here uses and handles.
click.disable_unicode_literals_warning = True

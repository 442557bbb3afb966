"""The rig-side agent and test harness for camstim machines."""
__version__ = '0.1.0'

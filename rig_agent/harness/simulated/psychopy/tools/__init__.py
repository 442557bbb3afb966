"""psychopy.tools."""

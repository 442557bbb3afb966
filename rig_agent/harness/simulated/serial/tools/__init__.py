"""serial.tools: see list_ports."""

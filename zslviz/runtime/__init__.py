"""Devices, processes, memory and places: what the package runs on."""

"""Histories of writes by many hands: whatever happens, each client ends with what REST lists."""

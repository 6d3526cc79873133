"""Fan-out of live messages to sockets: topics in sequence, one frame for all who want the same, nobody waited for."""

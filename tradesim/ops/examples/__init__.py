"""Bots that come with the desk: whole programs to copy, read and change. No part of the house; nothing imports them."""

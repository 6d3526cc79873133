"""The desk in Alpaca's words, so that programs written for Alpaca trade here unchanged. It translates."""

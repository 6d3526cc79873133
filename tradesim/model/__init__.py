"""The words of the trade, as frozen values. Everyone may import them; they import only the kernel."""

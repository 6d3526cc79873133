"""How far an account may go: checks before an order is sent, limits after it traded, and the guard against loops."""

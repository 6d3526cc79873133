"""What trading does to orders, positions, accounts and the ledger. Pure: values in, values out, money in Decimal."""

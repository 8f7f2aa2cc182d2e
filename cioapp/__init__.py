"""The project: settings, addresses and the server, no rules of the product."""

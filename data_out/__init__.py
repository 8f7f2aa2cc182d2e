"""What leaves the product: destinations, and the outbox that reads the activity log for them."""

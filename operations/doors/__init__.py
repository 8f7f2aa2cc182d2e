"""What doors share: the caller and the clock, forms, resources and views over the engine."""

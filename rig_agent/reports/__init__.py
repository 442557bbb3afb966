"""What happened, told: outbox, session page, log bundle."""

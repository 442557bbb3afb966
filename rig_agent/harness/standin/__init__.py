"""A stand-in for the services behind a rig, for desks and tests: mtrain, and a receiver of outcomes."""

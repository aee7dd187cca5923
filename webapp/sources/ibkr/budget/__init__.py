"""The pacing budget of a gateway login: rules, turns and their grants in Redis, and how a refusal is said."""

"""What TWS says: errors on the wire, codes, system messages, and what they mean for a job."""

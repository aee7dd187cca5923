-- Counts a request as open for another lease, from now on.
--
-- ARGV[2]: the id of the request.
-- Reply: 1.

budget.drop_expired()
redis.call('ZADD', budget.open, budget.now + budget.rules.lease, ARGV[2])
redis.call('PEXPIRE', budget.open, 3 * budget.memory_span() + budget.rules.lease)
return 1

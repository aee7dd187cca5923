-- Frees a request's place among the open ones, and gives its turn back if it was not sent.
--
-- ARGV[2]: the id of the request. ARGV[3]: its member among the strict turns if that is given back; '' if not.
-- Reply: 1.

budget.drop_expired()
redis.call('ZREM', budget.open, ARGV[2])
if ARGV[3] ~= '' then
  redis.call('ZREM', budget.turns, ARGV[3])
  local last = redis.call('ZRANGE', budget.turns, -1, -1, 'WITHSCORES')
  redis.call('HSET', budget.facts, 'newest', last[2] or 0)
end
return 1

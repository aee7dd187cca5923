-- Begins a memory of the login, unless there is a whole one by now.
--
-- ARGV[2]: the token of the new memory.
-- ARGV[3]: how many milliseconds ago the last request may have been sent; '' for never.
-- Reply: 1 when it was begun, 0 when there is one.

local rules, now = budget.rules, budget.now
local token, age = ARGV[2], tonumber(ARGV[3])
budget.drop_expired()
if budget.is_whole() then return 0 end
redis.call('HSET', budget.facts, 'server', budget.server(), 'token', token, 'rules', ARGV[1])
redis.call('HDEL', budget.facts, 'newest')
if age then
  budget.note_spent(age)
  -- What was asked before the loss may be open still: together with new ones it must not exceed what TWS allows.
  if age < rules.lease then
    redis.call('HSET', budget.facts, 'soft', now + rules.soft_burst * rules.soft_interval)
    for i = 1, 2 * rules.max_open - rules.most_open do
      redis.call('ZADD', budget.open, now - age + rules.lease, 'lost ' .. i)
    end
  end
end
budget.extend_life()
return 1

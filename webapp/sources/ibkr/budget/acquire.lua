-- Reserves a turn and a place among the open requests.
--
-- ARGV[2]: the request as JSON: `kind` ('strict' or 'soft'), `id`, `member`, `cost`, `login`, `contract`, `identity`;
--   and, when the process remembers a strict turn of its own, `token` (of the memory that it knows) and `age` (ms).
-- Reply: outcome, wait (ms), rule, token.
--   'granted': the turn is in so many milliseconds. 'refused': it would be, and that is too long for the rules.
--   'full': too many requests are open. 'unknown': there is no memory of the login; begin.lua makes one.

local rules, now = budget.rules, budget.now
local request = cjson.decode(ARGV[2])
budget.drop_expired()
if not budget.is_whole() then return {'unknown', 0, '', ''} end
local token = redis.call('HGET', budget.facts, 'token')
if request.token and request.token ~= token and request.age then budget.note_spent(request.age) end
local interval = rules.soft_interval * (budget.stretch() > 1 and 2 or 1)

local at, rule
if request.kind == 'strict' then
  at, rule = budget.earliest_strict(request)
else
  at, rule = math.max(now, budget.fact('soft') - (rules.soft_burst - 1) * interval), 'soft'
  if budget.fact('soft_until') > at then at, rule = budget.fact('soft_until'), 'cooling' end
end
if at - now > rules.patience then return {'refused', at - now, rule, token} end
if redis.call('ZCARD', budget.open) >= rules.max_open then return {'full', 0, 'open', token} end

if request.kind == 'strict' then
  redis.call('ZADD', budget.turns, at, request.member)
  redis.call('HSET', budget.facts, 'newest', math.max(at, budget.fact('newest')))
else
  redis.call('HSET', budget.facts, 'soft', math.max(budget.fact('soft'), at) + interval)
end
redis.call('ZADD', budget.open, at + rules.lease, request.id)
redis.call('HSET', budget.facts, 'rules', ARGV[1])
redis.call('ZADD', budget.index, now, request.login)
budget.extend_life()
return {'granted', at - now, rule, token}

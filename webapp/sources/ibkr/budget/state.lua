-- Reads how the login's budget stands; it changes nothing.
--
-- Reply: used, limit, window (ms), open, limit of open ones, in how many milliseconds a strict request is possible, how
--   many a cool-down lasts still, and 1 while the rules are stricter than usual. Nil when no rules are known.

local rules, now = budget.rules, budget.now
if type(rules) ~= 'table' then return false end
local used, window = 0, budget.stretched(rules.window)
local rows = redis.call('ZRANGE', budget.turns, 0, -1, 'WITHSCORES')
for i = 1, #rows, 2 do
  if tonumber(rows[i + 1]) > now - window then used = used + tonumber(string.match(rows[i], '^[^|]*|(%d+)|')) end
end
if budget.lost_until() > now then used = rules.window_requests end
local open = redis.call('ZCOUNT', budget.open, '(' .. string.format('%d', now), '+inf')
local free = budget.earliest_strict({contract = '', identity = '', cost = 1}) - now
local cooling = math.max(0, budget.fact('until') - now)
return {used, rules.window_requests, rules.window, open, rules.max_open, free, cooling, budget.stretch() > 1 and 1 or 0}

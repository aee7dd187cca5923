-- Stops the login for a window, and makes its rules stricter for another; a violation during a cool-down is the same.
--
-- Reply: how long the cool-down lasts still (ms).

local rules, now = budget.rules, budget.now
budget.drop_expired()
if budget.fact('until') > now then return budget.fact('until') - now end
local level = budget.fact('wide') > now and budget.fact('level') + 1 or 1
local pause = budget.stretched(rules.window, budget.stretch_of(level))
redis.call('HSET', budget.facts, 'level', level, 'until', now + pause, 'wide', now + 2 * pause,
  'soft_until', now + math.min(pause, rules.identical))
budget.extend_life()
return pause

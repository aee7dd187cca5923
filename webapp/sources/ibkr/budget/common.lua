-- The beginning of every operation's script: store.py puts an operation's own file behind it. It changes nothing.
--
-- KEYS, in milliseconds of Redis's own clock:
--   1 facts, a hash: `server` (the Redis that has seen all: the sentinel) and `token` (of this memory), `rules`,
--     `newest` (the latest strict turn), `spent` (all was used up then, as far as is known), `until` and `soft_until`
--     (cool-downs), `wide` and `level` (until when and how much the rules are stricter), `soft` (when the soft rule's
--     burst is whole again);
--   2 turns, a sorted set by the turn's time: `id|cost|contract|identity` of each strict request;
--   3 open, a sorted set by expiry: the ids of requests that wait for an answer;
--   4 the index, a sorted set of all logins by when each was last used.
-- ARGV[1]: the rules as JSON (PacingRules.as_milliseconds), or '' for those that are stored with the login.
--
-- Turns need not be handed out in the order of their times: one contract's burst may be over while another one's is
-- not. So a turn is tried against every window that would hold it, those that begin before it and those that begin
-- after.

local budget = {facts = KEYS[1], turns = KEYS[2], open = KEYS[3], index = KEYS[4]}

local clock = redis.call('TIME')
budget.now = clock[1] * 1000 + math.floor(clock[2] / 1000)

-- A table, or something else when no rules are known.
budget.rules = cjson.decode(ARGV[1] ~= '' and ARGV[1] or redis.call('HGET', budget.facts, 'rules') or 'null')

-- Returns a number among the facts, 0 when there is none.
function budget.fact(name)
  return tonumber(redis.call('HGET', budget.facts, name) or '0')
end

-- Returns by how much spans are longer after so many violations in a row.
function budget.stretch_of(level)
  return 1 + math.min(level, 5) / 10
end

-- Returns by how much spans are longer now: 1 unless a violation was reported lately.
function budget.stretch()
  return budget.fact('wide') > budget.now and budget.stretch_of(budget.fact('level')) or 1
end

-- Returns the length of a rule's span as turns are given: longer by a factor, and by the slack.
function budget.stretched(span, factor)
  return math.ceil(span * (factor or budget.stretch())) + budget.rules.slack
end

-- Returns for how long a turn may matter to any rule, however long spans become.
function budget.memory_span()
  local rules = budget.rules
  return math.ceil(math.max(rules.window, rules.burst, rules.identical) * 1.5) + rules.slack
end

-- Drops turns that no rule looks at any more, and open requests whose lease has ended.
function budget.drop_expired()
  redis.call('ZREMRANGEBYSCORE', budget.turns, '-inf', budget.now - budget.memory_span())
  redis.call('ZREMRANGEBYSCORE', budget.open, '-inf', budget.now)
end

-- Lets all keys of the login live until nothing of them matters any more.
function budget.extend_life()
  for _, key in ipairs({budget.facts, budget.turns, budget.open}) do
    redis.call('PEXPIRE', key, 3 * budget.memory_span() + budget.rules.lease)
  end
end

-- Returns a name of this run of Redis.
function budget.server()
  local info = redis.pcall('INFO', 'server')
  return type(info) == 'string' and string.match(info, 'run_id:(%w+)') or 'unknown'
end

-- Tells whether the memory of the login is whole; needs `drop_expired`.
-- A Redis that was restarted may have come back with an old copy, and one that is full may have dropped a key.
function budget.is_whole()
  if redis.call('HGET', budget.facts, 'server') ~= budget.server() then return false end
  return budget.fact('newest') < budget.now - budget.memory_span() or redis.call('ZCARD', budget.turns) > 0
end

-- Returns until when everything counts as used up because a memory was lost, 0 for not at all.
function budget.lost_until()
  local spent = budget.fact('spent')
  return spent > 0 and spent + budget.stretched(budget.rules.window) or 0
end

-- Notes that everything counts as used up so many milliseconds ago.
function budget.note_spent(age)
  if age >= budget.stretched(budget.rules.window) then return end
  redis.call('HSET', budget.facts, 'spent', math.max(budget.fact('spent'), budget.now - age + budget.rules.slack))
end

-- Returns where the window that holds `at` and is too full with it begins, or nil; `times` are ascending.
local function clash(times, at, limit, span, cost)
  local spare = limit - math.min(cost, limit)
  for i = #times, 1, -1 do
    if times[i] <= at and at < times[i] + span and times[i + spare] and times[i + spare] < times[i] + span then
      return times[i]
    end
  end
  for i, time in ipairs(times) do
    if time > at then
      return times[i + spare] and times[i + spare] < at + span and time or nil
    end
  end
end

-- Returns the first moment from `at` on at which no window of the rule is too full.
local function pushed(times, at, limit, span, cost)
  local begin = clash(times, at, limit, span, cost)
  while begin do
    at = begin + span
    begin = clash(times, at, limit, span, cost)
  end
  return at
end

-- Returns the times of all strict turns, of those of the contract, and of those of the identical request, ascending;
-- a turn that costs two stands in the first two twice.
local function turns_like(request)
  local all, contract, identity = {}, {}, {}
  local rows = redis.call('ZRANGE', budget.turns, 0, -1, 'WITHSCORES')
  for i = 1, #rows, 2 do
    local cost, its_contract, its_identity = string.match(rows[i], '^[^|]*|(%d+)|([^|]*)|(.*)$')
    local time = tonumber(rows[i + 1])
    for _ = 1, tonumber(cost) do
      all[#all + 1] = time
      if its_contract == request.contract then contract[#contract + 1] = time end
    end
    if its_identity == request.identity then identity[#identity + 1] = time end
  end
  return all, contract, identity
end

-- Returns the earliest moment of a strict request, and the rule that makes it so late.
-- `request` has `cost`, `contract` and `identity`.
function budget.earliest_strict(request)
  local rules, now = budget.rules, budget.now
  local all, contract, identity = turns_like(request)
  local limits = {
    {'window', all, rules.window_requests, budget.stretched(rules.window), request.cost},
    {'burst', contract, rules.burst_requests, budget.stretched(rules.burst), request.cost},
    {'identical', identity, 1, budget.stretched(rules.identical), 1},
  }
  local at, rule = now, 'window'
  if budget.lost_until() > at then at, rule = budget.lost_until(), 'lost' end
  if budget.fact('until') > at then at, rule = budget.fact('until'), 'cooling' end
  local before
  repeat
    before = at
    for _, limit in ipairs(limits) do
      local moved = pushed(limit[2], at, limit[3], limit[4], limit[5])
      if moved > at then at, rule = moved, limit[1] end
    end
  until at == before
  return at, rule
end

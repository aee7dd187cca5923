"""The budget's scripts: each operation is one, so that it happens whole or not at all.

A login has three keys, in milliseconds of Redis's own clock:

* ``facts``, a hash: ``server`` (the Redis that has seen all: the sentinel) and ``token`` (of this memory), ``rules``,
  ``newest`` (the latest strict turn), ``spent`` (all was used up then, as far as is known), ``until`` and
  ``soft_until`` (cool-downs), ``wide`` and ``level`` (until when and how much the rules are stricter), ``soft`` (when
  the soft rule's burst is whole again);
* ``turns``, a sorted set by the turn's time: ``id|cost|contract|identity`` of each strict request;
* ``open``, a sorted set by expiry: the ids of requests that wait for an answer.

Turns need not be handed out in the order of their times: one contract's burst may be over while another one's is not.
So a turn is tried against every window that would hold it, those that begin before it and those that begin after.
"""

REDIS_CLOCK = "redis.call('TIME')"
"""The Lua expression of the clock: seconds and microseconds."""

COMMON = """
local facts, turns, open = KEYS[1], KEYS[2], KEYS[3]
local clock = CLOCK
local now = clock[1] * 1000 + math.floor(clock[2] / 1000)
local function fact(name) return tonumber(redis.call('HGET', facts, name) or '0') end
local rules = cjson.decode(ARGV[1] ~= '' and ARGV[1] or redis.call('HGET', facts, 'rules') or 'null')
if type(rules) ~= 'table' then return false end
local stretch = fact('wide') > now and 1 + math.min(fact('level'), 5) / 10 or 1
local function stretched(span) return math.ceil(span * stretch) + rules.slack end
local window = stretched(rules.window)
local kept = math.ceil(math.max(rules.window, rules.burst, rules.identical) * 1.5) + rules.slack
redis.call('ZREMRANGEBYSCORE', turns, '-inf', now - kept)
redis.call('ZREMRANGEBYSCORE', open, '-inf', now)

local function server()
  local told = redis.pcall('INFO', 'server')
  return type(told) == 'string' and string.match(told, 'run_id:(%w+)') or 'unknown'
end

-- A Redis that was restarted may have come back with an old copy, and one that is full may have dropped a key.
local function is_whole()
  if redis.call('HGET', facts, 'server') ~= server() then return false end
  return fact('newest') < now - kept or redis.call('ZCARD', turns) > 0
end

local function lost_until()
  local spent = fact('spent')
  return spent > 0 and spent + window or 0
end

local function note_spent(age)
  if age >= window then return end
  redis.call('HSET', facts, 'spent', math.max(fact('spent'), now - age + rules.slack))
end

local function keep()
  for _, key in ipairs({facts, turns, open}) do redis.call('PEXPIRE', key, 3 * kept + rules.lease) end
end

-- Where the window that holds `at` and is too full with it begins, or nil; `times` are ascending.
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

local function pushed(times, at, limit, span, cost)
  local begin = clash(times, at, limit, span, cost)
  while begin do
    at = begin + span
    begin = clash(times, at, limit, span, cost)
  end
  return at
end

local function turns_like(ask)
  local all, contract, identity = {}, {}, {}
  local told = redis.call('ZRANGE', turns, 0, -1, 'WITHSCORES')
  for i = 1, #told, 2 do
    local cost, its_contract, its_identity = string.match(told[i], '^[^|]*|(%d+)|([^|]*)|(.*)$')
    local time = tonumber(told[i + 1])
    for _ = 1, tonumber(cost) do
      all[#all + 1] = time
      if its_contract == ask.contract then contract[#contract + 1] = time end
    end
    if its_identity == ask.identity then identity[#identity + 1] = time end
  end
  return all, contract, identity
end

local function earliest_strict(ask)
  local all, contract, identity = turns_like(ask)
  local limits = {
    {'window', all, rules.window_requests, window, ask.cost},
    {'burst', contract, rules.burst_requests, stretched(rules.burst), ask.cost},
    {'identical', identity, 1, stretched(rules.identical), 1},
  }
  local at, rule = now, 'window'
  if lost_until() > at then at, rule = lost_until(), 'lost' end
  if fact('until') > at then at, rule = fact('until'), 'cooling' end
  local before
  repeat
    before = at
    for _, each in ipairs(limits) do
      local moved = pushed(each[2], at, each[3], each[4], each[5])
      if moved > at then at, rule = moved, each[1] end
    end
  until at == before
  return at, rule
end
"""

ACQUIRE = """
local ask = cjson.decode(ARGV[2])
if not is_whole() then return {'unknown', 0, '', ''} end
local token = redis.call('HGET', facts, 'token')
if ask.token and ask.token ~= token and ask.age then note_spent(ask.age) end
local interval = rules.soft_interval * (stretch > 1 and 2 or 1)

local at, rule
if ask.kind == 'strict' then
  at, rule = earliest_strict(ask)
else
  at, rule = math.max(now, fact('soft') - (rules.soft_burst - 1) * interval), 'soft'
  if fact('soft_until') > at then at, rule = fact('soft_until'), 'cooling' end
end
if at - now > rules.patience then return {'refused', at - now, rule, token} end
if redis.call('ZCARD', open) >= rules.max_open then return {'full', 0, 'open', token} end

if ask.kind == 'strict' then
  redis.call('ZADD', turns, at, ask.member)
  redis.call('HSET', facts, 'newest', math.max(at, fact('newest')))
else
  redis.call('HSET', facts, 'soft', math.max(fact('soft'), at) + interval)
end
redis.call('ZADD', open, at + rules.lease, ask.id)
redis.call('HSET', facts, 'rules', ARGV[1])
redis.call('ZADD', KEYS[4], now, ask.login)
keep()
return {'granted', at - now, rule, token}
"""

# What was asked before the loss may be open still: together with new ones it must not exceed what TWS allows.
BEGIN = """
local token, age = ARGV[2], tonumber(ARGV[3])
if is_whole() then return 0 end
redis.call('HSET', facts, 'server', server(), 'token', token, 'rules', ARGV[1])
redis.call('HDEL', facts, 'newest')
if age then
  note_spent(age)
  if age < rules.lease then
    redis.call('HSET', facts, 'soft', now + rules.soft_burst * rules.soft_interval)
    for i = 1, 2 * rules.max_open - rules.most_open do
      redis.call('ZADD', open, now - age + rules.lease, 'lost ' .. i)
    end
  end
end
keep()
return 1
"""

CONFIRM = """
if not redis.call('ZSCORE', open, ARGV[2]) then return 0 end
if ARGV[3] == '' then return fact('soft_until') > now and 0 or 1 end
if not redis.call('ZSCORE', turns, ARGV[3]) then return 0 end
return math.max(fact('until'), lost_until()) > now and 0 or 1
"""

RELEASE = """
redis.call('ZREM', open, ARGV[2])
if ARGV[3] ~= '' then
  redis.call('ZREM', turns, ARGV[3])
  local last = redis.call('ZRANGE', turns, -1, -1, 'WITHSCORES')
  redis.call('HSET', facts, 'newest', last[2] or 0)
end
return 1
"""

RENEW = """
redis.call('ZADD', open, now + rules.lease, ARGV[2])
redis.call('PEXPIRE', open, 3 * kept + rules.lease)
return 1
"""

REPORT_VIOLATION = """
if fact('until') > now then return fact('until') - now end
local level = fact('wide') > now and fact('level') + 1 or 1
stretch = 1 + math.min(level, 5) / 10
local pause = stretched(rules.window)
local soft_pause = math.min(pause, rules.identical)
redis.call('HSET', facts, 'level', level, 'until', now + pause, 'wide', now + 2 * pause, 'soft_until', now + soft_pause)
keep()
return pause
"""

STATE = """
local used = 0
local told = redis.call('ZRANGE', turns, 0, -1, 'WITHSCORES')
for i = 1, #told, 2 do
  if tonumber(told[i + 1]) > now - window then used = used + tonumber(string.match(told[i], '^[^|]*|(%d+)|')) end
end
if lost_until() > now then used = rules.window_requests end
local free = earliest_strict({contract = '', identity = '', cost = 1}) - now
local cooling = math.max(0, fact('until') - now)
return {used, rules.window_requests, rules.window, redis.call('ZCARD', open), rules.max_open, free, cooling,
  stretch > 1 and 1 or 0}
"""

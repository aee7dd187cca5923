-- Tells whether a reserved turn is remembered, and nothing has happened since that forbids it.
--
-- ARGV[2]: the id of the request. ARGV[3]: its member among the strict turns; '' for a soft request.
-- Reply: 1 or 0.

budget.drop_expired()
if not redis.call('ZSCORE', budget.open, ARGV[2]) then return 0 end
if ARGV[3] == '' then return budget.fact('soft_until') > budget.now and 0 or 1 end
if not redis.call('ZSCORE', budget.turns, ARGV[3]) then return 0 end
return math.max(budget.fact('until'), budget.lost_until()) > budget.now and 0 or 1

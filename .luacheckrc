-- Scripts that run inside Redis. Each stands behind common.lua, whose only name for the others is `budget`.
std = 'lua51'
read_globals = {'redis', 'cjson', 'KEYS', 'ARGV', 'budget'}
files['**/common.lua'] = {ignore = {'211/budget', '241/budget'}}

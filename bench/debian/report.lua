-- Counts words, sorts, multiplies matrices, runs closures and coroutines: tables, strings, numbers.
local counts, words = {}, {}
for line in io.lines(arg[1]) do
  for word in line:gmatch('%a+') do
    if not counts[word] then
      words[#words + 1] = word
      counts[word] = 0
    end
    counts[word] = counts[word] + 1
  end
end
table.sort(words, function(a, b)
  if counts[a] ~= counts[b] then return counts[a] > counts[b] end
  return a < b
end)
for i = 1, 5 do print(words[i], counts[words[i]]) end

local n = 90
local function matrix(seed)
  local rows = {}
  for i = 1, n do
    rows[i] = {}
    for j = 1, n do rows[i][j] = (i * seed + j * 3) % 11 - 5.5 end
  end
  return rows
end
local a, b, trace = matrix(7), matrix(5), 0
for i = 1, n do
  for j = 1, n do
    local sum = 0
    for k = 1, n do sum = sum + a[i][k] * b[k][j] end
    if i == j then trace = trace + sum end
  end
end
print(string.format('%.2f', trace))

local Counter = {}
Counter.__index = Counter
function Counter.new(step) return setmetatable({ step = step, value = 0 }, Counter) end
function Counter:next()
  self.value = (self.value * 31 + self.step) % 1000003
  return self.value
end
local counters, total = {}, 0
for i = 1, 10 do counters[i] = Counter.new(i) end
for i = 1, 1500000 do total = total + counters[i % 10 + 1]:next() end
print(total)

local producer = coroutine.wrap(function()
  for i = 1, 300000 do coroutine.yield(i * i % 97) end
end)
local sum = 0
for _ = 1, 300000 do sum = sum + producer() end
print(sum)

local pieces = {}
for i = 1, 120000 do pieces[#pieces + 1] = ('%d:%s'):format(i, words[i % #words + 1]):upper() end
print(#table.concat(pieces, ','))

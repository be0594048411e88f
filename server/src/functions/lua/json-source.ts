/**
 * Module `json` of Lua, in Lua. Both functions give value and error; keys are sorted. An empty table is an array, unless it was decoded from
 * an object; null is nil, and so leaves no trace in a table.
 */
export const LUA_JSON_SOURCE = String.raw`
local type, tostring, tonumber, pairs, next, error, pcall = type, tostring, tonumber, pairs, next, error, pcall
local setmetatable, getmetatable, mtype, huge = setmetatable, getmetatable, math.type, math.huge
local find, sub, byte, gsub, format, char = string.find, string.sub, string.byte, string.gsub, string.format, string.char
local concat, sort, utf8char, floor = table.concat, table.sort, utf8.char, math.floor
local empty = {}
local function byText(left, right) return tostring(left) < tostring(right) end
local names = { ['"'] = '\\"', ["\\"] = "\\\\", ["\b"] = "\\b", ["\f"] = "\\f", ["\n"] = "\\n", ["\r"] = "\\r", ["\t"] = "\\t" }
local function name(c) return names[c] or format("\\u%04x", byte(c)) end
local function quote(s) return '"' .. gsub(s, '[%c"\\\127]', name) .. '"' end
local function number(n)
  if mtype(n) == "integer" then return format("%d", n) end
  if n ~= n or n == huge or n == -huge then error("a number that is not finite has no JSON", 0) end
  if n == floor(n) and n > -1e15 and n < 1e15 then return format("%d", n) end
  local short = format("%.14g", n)
  if tonumber(short) == n then return short end
  return format("%.17g", n)
end
local encode
local function encodeTable(t, depth)
  if depth > 128 then error("tables are nested too deep, or contain themselves", 0) end
  local parts, count = {}, #t
  if next(t) == nil then return getmetatable(t) == empty and "{}" or "[]" end
  if count > 0 then
    local keys = 0
    for _ in next, t do keys = keys + 1 end
    if keys == count then
      for at = 1, count do parts[at] = encode(t[at], depth + 1) end
      return "[" .. concat(parts, ",") .. "]"
    end
  end
  local keys, count = {}, 0
  for key in next, t do
    local kind = type(key)
    if kind ~= "string" and kind ~= "number" then error("a key of type " .. kind .. " has no JSON", 0) end
    count = count + 1
    keys[count] = key
  end
  sort(keys, byText)
  for at = 1, count do
    local key = keys[at]
    parts[at] = quote(tostring(key)) .. ":" .. encode(t[key], depth + 1)
  end
  return "{" .. concat(parts, ",") .. "}"
end
encode = function(value, depth)
  local kind = type(value)
  if kind == "string" then return quote(value) end
  if kind == "number" then return number(value) end
  if kind == "table" then return encodeTable(value, depth) end
  if kind == "boolean" then return value and "true" or "false" end
  if kind == "nil" then return "null" end
  error("a value of type " .. kind .. " has no JSON", 0)
end
local function bad(text, at)
  error(at > #text and "the text ends too early" or "unexpected " .. format("%q", sub(text, at, at)) .. " at character " .. at, 0)
end
local plain = { ['"'] = '"', ["\\"] = "\\", ["/"] = "/", b = "\b", f = "\f", n = "\n", r = "\r", t = "\t" }
local function decodeString(text, at)
  local from, parts = at + 1, nil
  while true do
    local stop = find(text, '[%c"\\]', from)
    if not stop then bad(text, #text + 1) end
    local c = sub(text, stop, stop)
    if c == '"' then
      local last = sub(text, at + 1, stop - 1)
      if not parts then return last, stop + 1 end
      parts[#parts + 1] = last
      return concat(parts), stop + 1
    end
    if c == "\127" then
      from = stop + 1
    elseif c ~= "\\" then
      bad(text, stop)
    else
      parts = parts or {}
      parts[#parts + 1] = sub(text, at + 1, stop - 1)
      local escape = sub(text, stop + 1, stop + 1)
      if escape == "u" then
        local _, last, hex = find(text, "^(%x%x%x%x)", stop + 2)
        if not last then bad(text, stop) end
        local code = tonumber(hex, 16)
        if code >= 0xD800 and code < 0xDC00 then
          local _, lowLast, low = find(text, "^\\u([dD][c-fC-F]%x%x)", last + 1)
          if lowLast then
            code = 0x10000 + (code - 0xD800) * 0x400 + (tonumber(low, 16) - 0xDC00)
            last = lowLast
          else
            code = 0xFFFD
          end
        elseif code >= 0xDC00 and code < 0xE000 then
          code = 0xFFFD
        end
        parts[#parts + 1] = utf8char(code)
        at = last
      else
        local known = plain[escape]
        if not known then bad(text, stop) end
        parts[#parts + 1] = known
        at = stop + 1
      end
      from = at + 1
    end
  end
end
local decodeValue
local function skip(text, at) return (find(text, "[^ \t\r\n]", at)) or #text + 1 end
local function decodeArray(text, at, depth)
  local list, count = {}, 0
  at = skip(text, at + 1)
  if byte(text, at) == 93 then return list, at + 1 end
  while true do
    local value
    value, at = decodeValue(text, at, depth)
    count = count + 1
    list[count] = value
    at = skip(text, at)
    local c = byte(text, at)
    if c == 93 then return list, at + 1 end
    if c ~= 44 then bad(text, at) end
    at = skip(text, at + 1)
  end
end
local function decodeObject(text, at, depth)
  local map = {}
  at = skip(text, at + 1)
  if byte(text, at) == 125 then return setmetatable(map, empty), at + 1 end
  while true do
    if byte(text, at) ~= 34 then bad(text, at) end
    local key, value
    key, at = decodeString(text, at)
    at = skip(text, at)
    if byte(text, at) ~= 58 then bad(text, at) end
    value, at = decodeValue(text, skip(text, at + 1), depth)
    map[key] = value
    at = skip(text, at)
    local c = byte(text, at)
    if c == 125 then return map, at + 1 end
    if c ~= 44 then bad(text, at) end
    at = skip(text, at + 1)
  end
end
decodeValue = function(text, at, depth)
  local c = byte(text, at)
  if c == 34 then return decodeString(text, at) end
  if c == 123 or c == 91 then
    if depth > 128 then error("the text is nested too deep", 0) end
    if c == 123 then return decodeObject(text, at, depth + 1) end
    return decodeArray(text, at, depth + 1)
  end
  local _, last, word = find(text, "^([a-z]+)", at)
  if word == "true" then return true, last + 1 end
  if word == "false" then return false, last + 1 end
  if word == "null" then return nil, last + 1 end
  local _, stop = find(text, "^-?%d+%.?%d*[eE]?[+-]?%d*", at)
  local digits = stop and sub(text, at, stop)
  local value = digits and not find(digits, "^-?0%d") and not find(digits, "%.[^%d]") and not find(digits, "%.$") and tonumber(digits)
  if not value then bad(text, at) end
  return value, stop + 1
end
local function encodeAll(value) return encode(value, 0) end
local function decodeAll(text)
  if type(text) ~= "string" then error("takes a string, not " .. type(text), 0) end
  local value, at = decodeValue(text, skip(text, 1), 0)
  at = skip(text, at)
  if at <= #text then bad(text, at) end
  return value
end
local function attempt(f, value)
  local ok, result = pcall(f, value)
  if ok then return result, nil end
  return nil, "json: " .. tostring(result)
end
return {
  encode = function(value) return attempt(encodeAll, value) end,
  decode = function(text) return attempt(decodeAll, text) end,
}`;

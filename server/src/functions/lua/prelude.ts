/**
 * What a Lua function finds: `r`, `cfg`, `print`, `require`. The chunk gets the one function of the host, which answers
 * true and a value, or false and the message of a mistake, behind the module json. It gives a function that finds what a
 * function declares, and one that begins a run.
 */
export const LUA_PRELUDE = String.raw`
local json, host = ...
local error, type, tostring, rawequal, rawget = error, type, tostring, rawequal, rawget
local setmetatable, select = setmetatable, select
local concat, gmatch, next = table.concat, string.gmatch, next
local function call(word, ...)
  local ok, value = host(word, ...)
  if ok then return value end
  error(value, 3)
end
local decode = json.decode
local function list(word, ...)
  return (decode(call(word, ...)))
end
local function headers(_, name)
  if type(name) ~= "string" then return nil end
  local value = call("header", name)
  return value
end
local headerMap = setmetatable({}, {
  __index = headers,
  __newindex = function(_, name, value)
    if value == nil then call("deleteHeader", name) else call("setHeader", name, value) end
  end,
  __pairs = function()
    local names, at = {}, 0
    for name in gmatch(call("headerNames"), "[^\n]+") do names[#names + 1] = name end
    return function()
      at = at + 1
      if names[at] then return names[at], (call("header", names[at])) end
    end
  end,
  __metatable = false,
})
local lower = string.lower
local ignoringCase = { __index = function(values, name) return type(name) == "string" and rawget(values, lower(name)) or nil end }
local function headersOf(lines)
  local headers = {}
  for at = 1, #lines do
    local name, line = lower(lines[at][1]), lines[at][2]
    headers[name] = headers[name] and headers[name] .. ", " .. line or line
  end
  return setmetatable(headers, ignoringCase)
end
local ended = {
  Outcome = "outcome", Attempts = "attempts", DurationMs = "durationMs", Error = "error", ResponseStatusCode = "responseStatus",
}
local read = {
  ResponseBody = "responseBody",
  RequestMethod = "method", RequestPath = "path", RequestRawQuery = "rawQuery", RequestBody = "bodyBytes",
}
local lists = { RequestQuery = "query", RequestFormData = "formData", Metadata = "metadata" }
local written = {
  RequestMethod = "setMethod", RequestPath = "setPath", RequestRawQuery = "setRawQuery", RequestBody = "setBody",
}
local kept, r, over = {}, {}, nil
local function method(word)
  return function(self, ...)
    if rawequal(self, r) then call(word, ...) else call(word, self, ...) end
  end
end
local methods = {
  SetRequestMethod = method("setMethod"), SetRequestPath = method("setPath"), SetRequestRawQuery = method("setRawQuery"),
  SetRequestBody = method("setBody"), SetRequestHeader = method("setHeader"), DeleteRequestHeader = method("deleteHeader"),
  SetResponseStatusCode = method("setResponseStatus"), SetResponseStatus = method("setResponseStatus"),
  SetResponseBody = method("setResponseBody"), SetResponseHeader = method("setResponseHeader"),
  StopForwarding = method("stopForwarding"),
  RequestHeaderValues = function(self, name)
    return list("headerValues", rawequal(self, r) and name or self)
  end,
  RequestHeader = headerMap,
}
setmetatable(r, {
  __index = function(_, name)
    local word = read[name]
    if word then
      local value = call(word)
      return value
    end
    word = ended[name]
    if word then
      over = over or list("outcome")
      return over[word]
    end
    if name == "ResponseHeader" then
      kept[name] = kept[name] or headersOf(list("responseHeaders"))
      return kept[name]
    end
    word = lists[name]
    if word then
      kept[name] = kept[name] or list(word)
      return kept[name]
    end
    return methods[name]
  end,
  __newindex = function(_, name, value)
    local word = written[name]
    if not word then error("r has no field " .. tostring(name) .. " that can be set", 2) end
    call(word, value)
  end,
  __metatable = false,
})
local function variable(self, name)
  if name == nil then name = self end
  local value = call("variable", name)
  return value
end
local function hash(name)
  return function(data, raw)
    local value = call("hash", name, data, raw)
    return value
  end
end
local function asked(word)
  return function(...)
    local value = call(word, ...)
    return value
  end
end
local floor = math.floor
local function request(method, url, options)
  options = options or {}
  local given, wrong = json.encode({ query = options.query, headers = options.headers, timeout = options.timeout })
  if wrong then return nil, wrong end
  local ok, value = host("httpRequest", method, url, given, options.body)
  if not ok then return nil, value end
  local answer = decode(value)
  return { status_code = answer.status, headers = headersOf(answer.headers), body = call("httpBody", answer.at) }
end
local http = { request = request }
for method in gmatch("get post put patch delete", "%a+") do
  http[method] = function(url, options) return request(method, url, options) end
end
local modules = {
  json = json, http = http,
  crypto = {
    md5 = hash("md5"), sha1 = hash("sha1"), sha256 = hash("sha256"), sha384 = hash("sha384"), sha512 = hash("sha512"),
    crc32 = asked("crc32"), hmac = asked("hmac"), equal = asked("equal"),
    encrypt = asked("encrypt"), decrypt = asked("decrypt"),
    base64_encode = asked("base64Encode"), base64_decode = asked("base64Decode"),
    hex_encode = asked("hexEncode"), hex_decode = asked("hexDecode"),
  },
  time = {
    unix = function() return floor(call("now")) end,
    unix_milli = function() return floor(call("now") * 1000) end,
    format = asked("formatTime"), parse = asked("parseTime"),
  },
}
local function shown(...)
  local parts = {}
  for at = 1, select("#", ...) do parts[at] = tostring((select(at, ...))) end
  return concat(parts, "\t")
end
_G.r = r
_G.cfg = { GetValue = variable, get = variable, Get = variable }
_G.print = function(...) call("log", "info", shown(...)) end
_G.log = {
  debug = function(...) call("log", "debug", shown(...)) end, info = _G.print,
  warn = function(...) call("log", "warn", shown(...)) end, error = function(...) call("log", "error", shown(...)) end,
}
_G.require = function(name)
  local found = modules[name]
  if found then return found end
  error("there is no module " .. tostring(name) .. "; there are crypto, http, json and time", 2)
end
_G.unpack = table.unpack
string.dump = nil
local randomseed = math.randomseed
return function() return transform, r end, function() randomseed(floor(call("random") * 0x7fffffffffff)) end`;

-- Health of an object of managed.systems for Argo CD, after kstatus. Never Suspended: a VM that is ordered to be off is as ordered.
local health = { status = "Progressing" }
local status = obj.status or {}

if obj.metadata.deletionTimestamp ~= nil then
  health.message = "Being deleted"
  for _, waiting in ipairs(status.waitingFor or {}) do
    health.message = "Being deleted, waits for " .. waiting.object .. ": " .. waiting.reason
  end
  return health
end

-- Older conditions answer for an older spec.
if status.observedGeneration == nil or status.observedGeneration ~= obj.metadata.generation then
  health.message = "Steward has not yet seen this change"
  return health
end

local conditions = {}
for _, condition in ipairs(status.conditions or {}) do
  conditions[condition.type] = condition
end

local function is(type, expected)
  local condition = conditions[type]
  if condition == nil or condition.status ~= expected then
    return false
  end
  health.message = condition.reason .. ": " .. condition.message
  return true
end

if is("Stalled", "True") then
  health.status = "Degraded"
elseif is("Reconciling", "True") then
  health.status = "Progressing"
elseif is("Ready", "False") then
  health.status = "Degraded"
elseif is("Ready", "True") then
  health.status = "Healthy"
else
  health.message = "Steward does not know yet whether this is ready"
end
return health

# The order in which a set is gone through.
variable "servers" {
  type = set(object({ name = string, days = number, tags = optional(map(string)) }))
  default = [
    { name = "z", days = 3 },
    { name = "a", days = 30 },
    { name = "m", days = 3, tags = { b = "1", a = "2" } },
    { name = "m", days = 3, tags = { a = "1" } },
  ]
}

variable "lists" {
  type    = set(list(string))
  default = [["b"], ["a", "c"], [], ["a"]]
}

variable "nested" {
  type    = set(object({ on = bool, ranges = list(number) }))
  default = [{ on = true, ranges = [10, 2] }, { on = false, ranges = [3] }, { on = true, ranges = [9] }]
}

output "objects" {
  value = [for server in var.servers : server]
}

output "first" {
  value = tolist(var.servers)[0].days
}

output "lists" {
  value = tolist(var.lists)
}

output "nested" {
  value = [for each in var.nested : each.ranges]
}

output "numbers" {
  value = [for n in toset([10, 9, 1.5]) : n]
}

output "default_of_a_map" {
  value = [lookup(tomap({ a = "1" }), "b", 5), lookup({ a = "1" }, "b", 5)]
}

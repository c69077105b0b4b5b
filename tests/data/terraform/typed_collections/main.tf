# `[]` is a tuple and `{}` an object: no list and no map equals them.
variable "list" {
  type    = list(string)
  default = []
}

variable "map" {
  type    = map(string)
  default = {}
}

variable "any" {
  default = {}
}

variable "object" {
  type    = object({ ranges = optional(list(string), []), labels = optional(map(string)) })
  default = {}
}

locals {
  list = var.list
}

output "typed" {
  value = [var.list == [], [] == var.list, var.map == {}, local.list != [], var.object.ranges == [], var.object.labels == {}]
}

output "converted" {
  value = [tolist([]) == [], tomap({}) == {}, tolist(["a"]) == ["a"], try(var.list, []) == [], toset([]) == []]
}

output "alike" {
  value = [var.any == {}, [] == [], {} == {}, var.list == compact([""]), tolist(["a"]) == tolist(["a"])]
}

output "chosen" {
  value = var.list == [] ? "none" : "some"
}

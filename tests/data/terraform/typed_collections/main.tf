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

# What functions make, beside what a tuple or an object is equal to.
output "made" {
  value = [
    split(",", "a") == ["a"],
    distinct(["a"]) == ["a"],
    sort(["a"]) == ["a"],
    keys({ a = 1 }) == ["a"],
    values({ a = 1 }) == [1],
    keys(tomap({ a = 1 })) == ["a"],
    values(tomap({ a = 1 })) == [1],
    range(1) == [0],
    regexall("a", "a") == ["a"],
    setproduct(["a"], ["b"]) == [["a", "b"]],
    concat(["a"], ["b"]) == ["a", "b"],
    concat(tolist(["a"]), tolist(["b"])) == ["a", "b"],
    concat(tolist(["a"]), ["b"]) == ["a", "b"],
    chunklist(["a"], 1) == [["a"]],
    chunklist(["a"], 1)[0] == ["a"],
    reverse(["a"]) == ["a"],
    reverse(tolist(["a"])) == ["a"],
    slice(["a"], 0, 1) == ["a"],
    slice(tolist(["a"]), 0, 1) == ["a"],
    matchkeys(["a"], ["b"], ["b"]) == ["a"],
    coalescelist([], ["a"]) == ["a"],
    coalescelist(tolist([]), ["a"]) == ["a"],
    flatten([["a"]]) == ["a"],
    flatten([tolist(["a"])]) == ["a"],
    formatlist("%s", ["a"]) == ["a"],
    transpose({ a = ["b"] }) == { b = ["a"] },
    merge({ a = 1 }, { b = 2 }) == { a = 1, b = 2 },
    merge(tomap({ a = 1 }), { b = 2 }) == { a = 1, b = 2 },
    merge(tomap({ a = 1 }), tomap({ b = 2 })) == { a = 1, b = 2 },
    zipmap(["a"], ["b"]) == { a = "b" },
    zipmap(["a"], tolist(["b"])) == { a = "b" },
    csvdecode("a\nb") == [{ a = "b" }],
    jsondecode("[1]") == [1],
    jsondecode("{\"a\":1}") == { a = 1 },
    yamldecode("[1]") == [1],
    cidrsubnets("10.0.0.0/8", 8) == ["10.0.0.0/16"],
    [for x in ["a"] : x] == ["a"],
    [for x in tolist(["a"]) : x] == ["a"],
    { for x in ["a"] : x => x } == { a = "a" },
    tolist(["a"])[*] == ["a"],
    ["a"][*] == ["a"],
    toset(["a"]) == ["a"],
    tolist(toset(["a"])) == ["a"],
    element([["a"]], 0) == ["a"],
    lookup({ a = ["b"] }, "a", []) == ["b"],
    try(["a"]) == ["a"],
  ]
}

# Both results of a conditional become one type.
variable "yes" {
  default = true
}

locals {
  none    = []
  numbers = tolist([1])
}

output "chosen" {
  value = jsonencode([
    var.yes ? ["a"] : [],
    (var.yes ? ["a"] : []) == ["a"],
    (var.yes ? ["a"] : ["b"]) == ["a"],
    (var.yes ? [1] : ["b"]) == [1],
    (var.yes ? [1] : ["b"]) == ["1"],
    (var.yes ? { a = 1 } : {}) == { a = 1 },
    (var.yes ? { a = 1 } : { a = 2 }) == { a = 1 },
    (var.yes ? { a = 1, b = "x" } : {}).a,
    (var.yes ? { a = 1 } : { a = "x" }).a,
    var.yes ? 35 : "7",
    var.yes ? true : "7",
    var.yes ? null : "7",
    var.yes ? 1 : null,
    var.yes ? toset(["a"]) : [],
    var.yes ? tolist(["a"]) : toset(["b"]),
    var.yes ? ["a", "a"] : toset(["b"]),
    (var.yes ? tolist(["a"]) : ["b"]) == ["a"],
    var.yes ? tomap({ a = 1 }) : { b = "x" },
    var.yes ? { a = 1 } : tomap({ b = "x" }),
    var.yes ? [[1]] : [["a", "b"]],
    var.yes ? [] : [1, "a"],
    var.yes ? local.none : local.numbers,
    (var.yes ? local.none : local.numbers) == [],
    var.yes ? { a = { b = 1 } } : { a = { b = "x" } },
    var.yes ? [{ a = 1 }, { a = 1, b = "x" }] : [],
    (var.yes ? 1 : 2) == 1,
    (var.yes ? 1 : "2") == 1,
    !var.yes ? "7" : 35,
    [for n in [1, 2] : n == 1 ? n : "other"],
    concat(var.yes ? [1] : [], ["a"]),
    0.1 + 0.2 == 0.3,
    "${0.1 + 0.2}",
    0.1 * 3,
    "${1e16}",
    3 / 0.1,
  ])
}

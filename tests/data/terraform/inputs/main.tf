variable "from_default" { default = "default" }
variable "from_tfvars" { default = "default" }
variable "from_auto" { default = "default" }
variable "list" { type = list(string) }
variable "set" { type = set(string) }
variable "number" { type = number }
variable "flag" { type = bool }
variable "tuple" { type = tuple([string, number]) }
variable "object" { type = object({ a = string, b = optional(bool, true) }) }
variable "any" { type = any }
variable "map" { type = map(any) }
variable "null_allowed" {
  type    = string
  default = "default"
}
variable "null_refused" {
  type     = string
  default  = "default"
  nullable = false
}
output "all" {
  value = [
    var.from_default, var.from_tfvars, var.from_auto, var.list, var.set, var.number, var.flag, var.tuple, var.object,
    var.any, var.map, var.null_allowed, var.null_refused,
  ]
}

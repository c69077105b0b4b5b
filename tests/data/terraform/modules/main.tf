variable "environments" {
  type = map(object({
    days    = optional(number, 7)
    enabled = optional(bool)
    tags    = optional(map(string), {})
    inner   = optional(object({ a = optional(string, "x"), b = optional(number) }), {})
  }))
  default = {
    dev  = {}
    prod = { days = 30, enabled = true, tags = { a = 1 }, inner = { a = null } }
  }
}
module "tree" {
  source   = "./modules/tree"
  for_each = var.environments
  name     = each.key
  settings = each.value
  sizes    = [for s in ["1", "2"] : s]
}
module "leaf" {
  source = "./modules/leaf"
  count  = 2
  label  = "leaf-${count.index}"
}
module "none" {
  source = "./modules/leaf"
  count  = 0
  label  = "never"
}
resource "terraform_data" "a" {
  count = length(module.leaf)
  input = module.leaf[count.index].label
}
resource "terraform_data" "b" {
  for_each = toset(["x", "y"])
  input    = "${each.key}-${each.value}"
}
output "environments" { value = var.environments }
output "trees" { value = { for k, t in module.tree : k => t.summary } }
output "one_tree" { value = module.tree["prod"].summary.days }
output "leaves" { value = module.leaf[*].label }
output "none" { value = [one(module.none[*].label), length(module.none)] }
output "inputs" { value = terraform_data.a[*].input }
output "keys" { value = { for k, d in terraform_data.b : k => d.input } }
output "paths" { value = [path.module, path.root, module.leaf[0].path] }

variable "name" {}
variable "settings" { type = any }
variable "sizes" { type = list(number) }
module "leaf" {
  source = "../leaf"
  label  = null
}
locals { days = try(var.settings.days, 1) }
output "summary" {
  value = { name = var.name, days = local.days, leaf = module.leaf.label, sum = sum(var.sizes), path = module.leaf.path }
}
